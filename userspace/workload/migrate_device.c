// SPDX-License-Identifier: GPL-2.0
/* Memory on the test device, and enough of it */
#include "workload/migrate_device.h"

#include <errno.h>
#include <numa.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/cgroup_room.h"
#include "sys/fragment.h"
#include "sys/pattern.h"
#include "sys/test_hmm.h"
#include "sys/thp_counters.h"
#include "sys/thp_region.h"
#include "util/util.h"
#include "workload/migrate_device.h"
#include "workload/migrate_state.h"
#include "workload/migrate_verify.h"

/* Above this, the device's memory is given back before the next round. */
#define MAX_CHUNKS	8
/* What a round needs beside its THPs and their copies. */
#define SPARE_BYTES	(64UL << 20)

void device_put(struct migrate *s, int fd, const struct region *r,
		unsigned char *copy, uint64_t stamp)
{
	for (unsigned int i = 0; i < r->nr; i++) {
		verify_pages(s, hmm_to_dev(fd, migrate_thp(r, i), s->pages, copy),
			     "to the device");
		verify_bytes(s, pattern_wrong(&s->pattern, copy, stamp + i),
			     "device");
	}
}

void device_take(struct migrate *s, int fd, const struct region *r)
{
	for (unsigned int i = 0; i < r->nr; i++)
		verify_pages(s, hmm_to_sys(fd, migrate_thp(r, i), s->pages),
			     "back to the system");
}

void device_map(struct migrate *s, struct region *r, unsigned int nr,
		int node, uint64_t stamp)
{
	bool huge = s->cell->kind != KIND_PAGES;

	if (region_map(r, nr, s->m->thp_size, node, huge))
		die(EXIT_SKIP, "cannot map %u THPs: %s", nr, strerror(errno));
	for (unsigned int i = 0; i < nr; i++)
		pattern_fill(&s->pattern, migrate_thp(r, i), stamp + i);
	/* Small pages are there as none; a THP too few will not do. */
	if (region_thps(r) != (huge ? (int)nr : 0))
		die(EXIT_SKIP, "%s: not %u THPs but %d: free memory, or write 1 to /proc/sys/vm/compact_memory",
		    s->cell->name, nr, region_thps(r));
}

void device_prime(struct migrate *s)
{
	for (unsigned int i = 0; i < s->cell->devices; i++) {
		struct migrate_worker *w = &s->worker[i];
		struct region r;

		device_map(s, &r, 1, w->node, 0);
		device_put(s, w->fd, &r, w->copy, 0);
		device_take(s, w->fd, &r);
		if (s->cell->kind != KIND_PAGES) {
			if (hmm_flag(w->fd, true))
				die(EXIT_HARNESS, "HMM_DMIRROR_FLAGS: %s",
				    strerror(errno));
			device_put(s, w->fd, &r, w->copy, 0);
			device_take(s, w->fd, &r);
		}
		region_unmap(&r);
	}
}

void device_limit(struct migrate *s)
{
	if (s->fragment || hmm_chunks() <= MAX_CHUNKS)
		return;
	for (unsigned int i = 0; i < s->cell->devices; i++) {
		if (hmm_release(s->worker[i].fd))
			die(EXIT_HARNESS, "HMM_DMIRROR_RELEASE: %s",
			    strerror(errno));
	}
	device_prime(s);
}

/*
 * The driver has nothing to say if memory runs out, and the THPs are bound to
 * a node: see that it has enough for all threads that are on it.
 */
void device_require_memory(const struct migrate *s, unsigned int number,
			   uint64_t bytes)
{
	int node = s->worker[number].node;
	uint64_t available = node_available(node), room = cgroup_room(read_text);
	uint64_t need = SPARE_BYTES;

	for (unsigned int i = 0; i < s->cell->threads; i++) {
		if (s->worker[i].node == node)
			need += bytes;
	}
	/* Of what its limit does not leave, the first use is the end of us. */
	if (room < need)
		die(EXIT_SKIP,
		    "%s needs %llu MiB of memory for the THPs and the device's copies; the limit of this cgroup leaves %llu MiB: raise its memory.max, or start this in another one",
		    s->cell->name, (unsigned long long)need >> 20,
		    (unsigned long long)room >> 20);
	if (available < need)
		die(EXIT_SKIP,
		    "%s needs %llu MiB of memory for the THPs and the device's copies; %llu are available on node %d",
		    s->cell->name, (unsigned long long)need >> 20,
		    (unsigned long long)available >> 20, node);
}

void device_make_pool(struct migrate *s, unsigned int rounds)
{
	struct migrate_worker *w = &s->worker[0];
	struct bitmask *node = numa_allocate_nodemask();
	unsigned int nr = s->cell->thps * (rounds + MIGRATE_MAX_REJECTED) + 16;

	/* One node is as good as all of them, and sooner fragmented. */
	numa_bitmask_setbit(node, w->node);
	numa_set_membind(node);
	numa_free_nodemask(node);
	/* Each is in one place or the other, but for the one under way. */
	device_require_memory(s, 0, (nr + 2) * s->m->thp_size);
	device_map(s, &s->pool, nr, w->node, s->stamp);
	if (s->cell->direction == TO_SYS)
		device_put(s, w->fd, &s->pool, w->copy, s->stamp);
	s->fragment = fragment_new(s->m->thp_size, w->node);
}
