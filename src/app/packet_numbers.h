/* The numbers of packets: each is used once by a device, whatever key it has and wherever it is
 * placed. */
#ifndef AFORO_APP_PACKET_NUMBERS_H
#define AFORO_APP_PACKET_NUMBERS_H

#include "app/packet_check.h"

/*
 * Find out which packets of a checked set are new.
 *
 * What was stored before, byte for byte, gets `known`, whatever key the device has now; a
 * number used with other contents is refused. set->order begins with the new ones, `count` of
 * them, by device and time; each knows the register of the packet before it.
 */
enum err_code packet_numbers(struct office *o, struct packet_set *set, size_t *count,
                             struct err *e) MUST_CHECK;
/* It is durable now. */
void packet_number_used(const struct checked *x);

#endif
