/* SPDX-License-Identifier: GPL-2.0 */
/* Memory on the test device, and enough of it */
#ifndef SPLITBENCH_MIGRATE_DEVICE_H
#define SPLITBENCH_MIGRATE_DEVICE_H

#include "workload/migrate_state.h"

/* All to the device, not timed, and seen to be there as written */
void device_put(struct migrate *s, int fd, const struct region *r,
		unsigned char *copy, uint64_t stamp);

/* All back to the system, not timed */
void device_take(struct migrate *s, int fd, const struct region *r);

/* Map so many THPs, or what small pages they have, and fill them; dies if there are fewer. */
void device_map(struct migrate *s, struct region *r, unsigned int nr,
		int node, uint64_t stamp);

/*
 * The device's memory comes in chunks, by a call that takes longer than all
 * else: have one of large and one of small pages before anything is timed.
 */
void device_prime(struct migrate *s);

/* Fallbacks leave large pieces of the device's memory in small ones for good: renew it. */
void device_limit(struct migrate *s);

/* Dies unless the nodes of all threads have so many bytes for each. */
void device_require_memory(const struct migrate *s, unsigned int number,
			   uint64_t bytes);

/* THPs for so many rounds, and all other memory fragmented */
void device_make_pool(struct migrate *s, unsigned int rounds);

#endif /* SPLITBENCH_MIGRATE_DEVICE_H */
