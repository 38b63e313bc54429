/* SPDX-License-Identifier: GPL-2.0 */
/* That every byte is right, and that the THPs took the path that they were to take */
#ifndef SPLITBENCH_MIGRATE_VERIFY_H
#define SPLITBENCH_MIGRATE_VERIFY_H

#include "workload/migrate_state.h"

/* Dies if any of so many pages is not what was written, as seen by @who. */
void verify_bytes(const struct migrate *s, size_t wrong, const char *who);

/* Dies unless all bytes of all threads are what was written. */
void verify_all(const struct migrate *s);

/* Is what the driver has counted a whole THP? */
bool verify_is_all(const struct migrate *s, long pages);

/* Dies unless a call, @what, has migrated a whole THP. */
void verify_pages(const struct migrate *s, long pages, const char *what);

/**
 * verify_places() - do the page tables say the same as the counters?
 * @s: the cell
 * @w: the thread whose THPs are looked at
 * @why: gets what they say, if not
 * @size: of @why
 *
 * Return: 0; 1 if not.
 */
int verify_places(struct migrate *s, struct migrate_worker *w, char *why, size_t size);

#endif /* SPLITBENCH_MIGRATE_VERIFY_H */
