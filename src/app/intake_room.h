/* Whether the office's disk has room to take in more: bulk stops before the disk is full, so
 * that what people record, and the check of it, still fits. */
#ifndef AFORO_APP_INTAKE_ROOM_H
#define AFORO_APP_INTAKE_ROOM_H

#include "app/office.h"

/* Intake stops when less than this part of the disk is free. */
#define INTAKE_FREE_PERCENT 5

/* Before each batch of an import, and of whatever else comes in bulk. ERR_LIMIT names the room
 * that is left and the way out. */
enum err_code intake_room(const struct office *o, struct err *e) MUST_CHECK;

#endif
