/* Headers of tar members (POSIX ustar; sizes above 8 GiB as GNU tar writes them), so that a
 * backup opens with common tools. */
#ifndef AFORO_APP_TAR_H
#define AFORO_APP_TAR_H

#include <stdbool.h>
#include <stdint.h>

#define TAR_BLOCK 512
#define TAR_NAME_MAX 99

/* A regular file of mode 0600, dated 1970. name: at most TAR_NAME_MAX bytes. */
void tar_header(const char *name, uint64_t bytes, uint8_t out[TAR_BLOCK]);
/* False when the block is no header of a regular file. The end of an archive is a block of
 * zeros: *end. */
bool tar_parse(const uint8_t block[TAR_BLOCK], char name[TAR_NAME_MAX + 1], uint64_t *bytes,
               bool *end);

#endif
