// SPDX-License-Identifier: GPL-2.0
/* That every byte is right, and that the THPs took the path that they were to take */
#include "workload/migrate_verify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sys/pattern.h"
#include "sys/test_hmm.h"
#include "sys/thp_region.h"
#include "util/util.h"
#include "workload/migrate_state.h"
#include "workload/migrate_verify.h"

/* A byte that is not what it has to be is the end of it all. */
void verify_bytes(const struct migrate *s, size_t wrong,
		  const char *who)
{
	if (wrong)
		die(EXIT_DIFFERS, "%s: %zu pages are not what was written, as seen by the %s",
		    s->cell->name, wrong, who);
}

/* On the way back, the driver counts a THP that goes whole as one page. */
bool verify_is_all(const struct migrate *s, long pages)
{
	return pages == (long)s->pages ||
	       (pages == 1 && s->cell->kind != KIND_PAGES);
}

/* What does not depend on the path: a call that fails, outside of the clock. */
void verify_pages(const struct migrate *s, long pages, const char *what)
{
	if (!verify_is_all(s, pages))
		die(EXIT_HARNESS, "%s: %s: %ld of %zu pages migrated (%s)",
		    s->cell->name, what, pages, s->pages,
		    pages < 0 ? strerror(errno) : "busy");
}

/* Is the page back, as it was touched, and with it what was migrated as one? */
static bool is_back(const struct migrate *s, size_t page)
{
	return s->toucher && (s->cell->kind == KIND_NONE || page == s->touched);
}

/* The page tables have to say the same as the counters. */
int verify_places(struct migrate *s, struct migrate_worker *w, char *why,
		  size_t size)
{
	bool whole = s->cell->kind == KIND_NONE;

	if (s->cell->direction == TO_SYS) {
		int thps = region_thps(&w->region);

		if (thps == (whole ? (int)s->cell->thps : 0))
			return 0;
		snprintf(why, size, "%d THPs came back whole", thps);
		return 1;
	}
	for (unsigned int i = 0; i < s->cell->thps; i++) {
		if (hmm_snapshot(w->fd, migrate_thp(&w->region, i), s->pages, s->seen))
			die(EXIT_HARNESS, "HMM_DMIRROR_SNAPSHOT: %s",
			    strerror(errno));
		for (size_t page = 0; page < s->pages; page++) {
			bool on_device = HMM_SEEN_ON_DEVICE(s->seen[page]);

			if (is_back(s, page) ? !on_device :
			    on_device && !HMM_SEEN_HUGE(s->seen[page]) == !whole)
				continue;
			snprintf(why, size, "THP %u, page %zu: seen by the device as 0x%x",
				 i, page, s->seen[page]);
			return 1;
		}
	}
	return 0;
}

/* Every byte, wherever it is: what is on the device comes by page faults. */
void verify_all(const struct migrate *s)
{
	size_t wrong = 0;

	for (unsigned int i = 0; i < s->cell->threads; i++) {
		for (unsigned int j = 0; j < s->cell->thps; j++)
			wrong += pattern_wrong(&s->pattern,
					       migrate_thp(&s->worker[i].region, j),
					       migrate_stamp_of(s, i, j));
	}
	verify_bytes(s, wrong, "CPU");
}
