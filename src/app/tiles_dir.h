/* A log as somebody exported it: a folder with `checkpoint` and `tile/LEVEL/NUMBER`. Every byte
 * of it may be hostile. Source: c2sp.org/tlog-tiles. */
#ifndef AFORO_APP_TILES_DIR_H
#define AFORO_APP_TILES_DIR_H

#include "ledger/tree.h"

/*
 * Its tiles as a source for tree_source_root() and the like.
 *
 * dir: borrowed for as long as the source is used. A partial tile that is not there is looked
 * for in the full one, as the standard lets it be dropped. Errors of the source: ERR_RANGE for
 * a tile that is not there, which it names; ERR_PARSE for one of another length; ERR_IO,
 * ERR_NOMEM.
 */
struct tree_source tiles_dir_source(const char *dir);

#endif
