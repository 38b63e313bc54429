// SPDX-License-Identifier: GPL-2.0
/*
 * Reproducer: MADV_PAGEOUT leaks the folios that it has isolated if another thread's
 * MADV_DONTNEED frees their page table meanwhile. See pageout_leak.txt.
 *
 *   pageout_leak [SECONDS [keep]]
 *
 * With "keep", the last page stays, and so does the page table: nothing is lost. Needs
 * root to count pages; no swap, no THPs, no module. Status 1 if pages were lost.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../guest/memory.h"
#include "sys/thp.h"
#include "util/util.h"

static unsigned char *range;
static size_t size, dropped;
static atomic_bool stop;
static atomic_ulong pageouts, drops;

static void *page_out(void *unused)
{
	while (!stop) {
		madvise(range, size, MADV_POPULATE_WRITE);
		madvise(range, size, MADV_PAGEOUT);
		pageouts++;
	}
	return unused;
}

/*
 * Runs on the same CPU with a higher priority: waking up sets need_resched(), at which
 * MADV_PAGEOUT drops the lock of the page table and lets us run. There is no event to wait
 * for in the middle of its scan: the timer of the sleep is what interrupts it.
 */
static void *drop(void *unused)
{
	struct sched_param param = { .sched_priority = 1 };
	unsigned int seed = 1;

	pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
	while (!stop) {
		usleep(100 + rand_r(&seed) % 5000);
		madvise(range, dropped, MADV_DONTNEED);
		drops++;
	}
	return unused;
}

int main(int argc, char **argv)
{
	unsigned int seconds = argc > 1 ? parse_u64("SECONDS", argv[1], 1, 86400) : 10;
	bool keep = argc > 2 && !strcmp(argv[2], "keep");
	long before = memory_lost_pages(false), lost;
	pthread_t threads[2];
	unsigned char *map;
	cpu_set_t cpus;

	if (before < 0)
		die(EXIT_SKIP, "/proc/kpageflags cannot be read: run it as root");
	size = thp_size();
	dropped = size - (keep ? sysconf(_SC_PAGESIZE) : 0);
	map = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		die(EXIT_SKIP, "out of memory");
	range = (unsigned char *)(((uintptr_t)map + size - 1) & ~(size - 1));
	madvise(range, size, MADV_NOHUGEPAGE);
	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	if (pthread_create(&threads[0], NULL, page_out, NULL) ||
	    pthread_create(&threads[1], NULL, drop, NULL))
		die(EXIT_HARNESS, "no threads");
	sleep(seconds);
	stop = true;
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	munmap(map, 2 * size);
	lost = memory_lost_pages(false) - before;
	printf("%lu times MADV_PAGEOUT, %lu times MADV_DONTNEED%s: %ld pages lost\n",
	       pageouts, drops, keep ? " but for a page" : "", lost);
	return lost ? EXIT_DIFFERS : EXIT_DONE;
}
