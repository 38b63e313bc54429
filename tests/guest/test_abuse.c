// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the module while others do their worst to the memory, to the
 * process or to the machine; on two CPUs. Whoever wins, a request is done as
 * it should be or refused for a reason, and afterwards nothing is missing.
 *
 *   test_abuse [SECONDS OF EACH [KILLS [WHICH TESTS]]]
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "../wanted.h"
#include "memory.h"
#include "sys/fsb_module.h"
#include "sys/test_hmm_uapi.h"
#include "sys/thp_region.h"
#include "util/util.h"

#define NR		4
/* Checks for missing pages, one each 200 ms; after SOON of them, the pages are printed. */
#define LOOKS		300
#define SOON		20
#define SWAP		"/dev/ram0"
#define CPU1		"/sys/devices/system/cpu/cpu1/online"

/* Of a newer kernel than the C library's headers */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

static unsigned int seconds = 3, kills = 1000;

/**
 * struct tally - what was asked and what came of it, in memory that children
 *		  share; only the runner's own thread may fail a test
 * @begun: requests and migrations begun
 * @ended: those of them that returned
 * @done: those that did what was asked
 * @migrated: pages migrated to the device
 * @acts: hostile acts
 * @failed: acts that had to succeed and did not, or the other way round
 * @error: errno of a refusal that is not due
 * @fault: faults of a folio
 */
struct tally {
	atomic_ulong begun, ended, done, migrated, acts, failed;
	atomic_int error;
	atomic_uint fault;
};

static struct tally *tally;
static struct module module;
static struct region region;
static atomic_bool stop;

static unsigned char *thp_of(unsigned int i)
{
	return region.addr + i % NR * region.thp_size;
}

static bool refusal_is_due(int error)
{
	return error == ENODATA || error == EBUSY || error == EACCES ||
	       error == ENOMEM || error == EAGAIN;
}

/* One request, by turns for each arm and state; counted in the tally. */
static void ask(struct module *m, unsigned char *thp, unsigned int i)
{
	static const char *const names[] = { "new", "old", "again" };
	static const char *const mapped[] = { "new", "old", "same" };
	struct fsb_sample sample = { 0 };
	uint8_t arm;
	struct fsb_run run = {
		.version = FSB_VERSION, .nr = 1, .addr = (uintptr_t)thp,
		.arms = (uintptr_t)&arm, .samples = (uintptr_t)&sample,
		.order = 9, .new_order = i % 2 ? 0 : 4,
		.flags = i % 5 ? 0 : FSB_RUN_MAPPED,
	};

	/* The second copy of the split is of unmapped folios alone. */
	arm = run.flags ? module_arm(m, mapped[i % 3], STATE_MAPPED) :
			  module_arm(m, names[i % 3], STATE_UNMAPPED);
	tally->begun++;
	if (module_run(m, &run)) {
		if (!refusal_is_due(errno))
			tally->error = errno;
	} else if (sample.ret == -EAGAIN) {
		/* A reference of somebody who looks at pages by their numbers */
	} else if (sample.fault && !(run.flags && sample.fault == FSB_FAULT_MAPPED)) {
		/* A mapped page of zeros becomes the zero page; else it is a fault. */
		tally->fault = sample.fault;
	} else {
		tally->done++;
	}
	tally->ended++;
}

/*
 * MADV_PAGEOUT leaks the folios that it has isolated if MADV_DONTNEED frees their page
 * table at the same time (Linux 7.2 and 7.3): see tests/experiments/pageout_leak.txt. That is not
 * what is tested here, so the two take turns. Requests do not wait for either.
 */
static pthread_mutex_t pageout_lock = PTHREAD_MUTEX_INITIALIZER;

static void madvise_in_turn(unsigned char *thp, int advice)
{
	pthread_mutex_lock(&pageout_lock);
	madvise(thp, region.thp_size, advice);
	pthread_mutex_unlock(&pageout_lock);
}

/* A THP there if that can be: the other may have unmapped or protected it. */
static void populate(unsigned char *thp)
{
	madvise_in_turn(thp, MADV_DONTNEED);
	madvise(thp, region.thp_size, MADV_POPULATE_WRITE);
}

/*
 * Pages may still be on their way to be freed, so check again for a while. If it takes
 * longer, print which pages they are, and whether they were freed in the end.
 */
static void nothing_is_missing(void)
{
	/* Of tests before: those have failed for it. */
	static long known;
	long lost = 1;
	int i;

	for (i = 0; i < LOOKS && lost; i++) {
		lost = memory_lost_pages(i == SOON || i == LOOKS - 1) - known;
		if (lost)
			usleep(200000);
	}
	if (i > SOON)
		printf("# %ld pages were on their way after %d looks\n", lost, i);
	known += lost;
	if (lost)
		fail_msg("%ld pages are lost or locked", lost);
}

static void assert_tally(void)
{
	if (tally->fault)
		fail_msg("faults 0x%x", tally->fault);
	if (tally->error)
		fail_msg("refused with %s", strerrorname_np(tally->error));
	assert_true(tally->done > 0);
	assert_int_equal(tally->failed, 0);
}

/* Requests for some seconds, while a thread runs @hostile. */
static void ask_beside(void *(*hostile)(void *))
{
	time_t end = time(NULL) + seconds;
	pthread_t thread;

	assert_int_equal(region_map(&region, NR, module_thp_size(&module), 0, true), 0);
	region_fill(&region, 1);
	memset(tally, 0, sizeof(*tally));
	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, hostile, NULL), 0);
	/* However slow the machine is: something of both has to be done. */
	for (unsigned int i = 0; time(NULL) < end ||
	     ((!tally->done || !tally->acts) && time(NULL) < end + 300); i++) {
		populate(thp_of(i));
		ask(&module, thp_of(i), i);
	}
	stop = true;
	pthread_join(thread, NULL);
	region_unmap(&region);
	printf("# %lu requests, %lu done; %lu acts\n", tally->begun,
	       tally->done, tally->acts);
	assert_true(tally->acts > 0);
	assert_tally();
}

static void beside(void *(*hostile)(void *))
{
	ask_beside(hostile);
	nothing_is_missing();
}

/* The look at what is missing can find something: a page in a pipe. */
static void page_that_somebody_keeps_is_found(void **state)
{
	struct iovec iov = { .iov_len = 4096 };
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	iov.iov_base = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	assert_ptr_not_equal(iov.iov_base, MAP_FAILED);
	assert_int_equal(vmsplice(pipes[1], &iov, 1, SPLICE_F_GIFT), 4096);
	munmap(iov.iov_base, 4096);
	assert_true(memory_lost_pages(false) >= 1);
	close(pipes[0]);
	close(pipes[1]);
	nothing_is_missing();
}

#define HOSTILE(_name, _act)						\
static void *_name##_thread(void *unused)				\
{									\
	(void)unused;							\
	for (unsigned int i = 0; !stop; i++) {				\
		_act(thp_of(i));					\
		tally->acts++;						\
	}								\
	return NULL;							\
}									\
static void beside_##_name(void **state)				\
{									\
	(void)state;							\
	beside(_name##_thread);						\
}

static void do_munmap(unsigned char *thp)
{
	munmap(thp, region.thp_size);
	mmap(thp, region.thp_size, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void do_mremap(unsigned char *thp)
{
	static unsigned char *aside;
	void *moved;

	if (!aside)
		aside = mmap(NULL, 2 * region.thp_size, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* To where it is not aligned, and back */
	moved = mremap(thp, region.thp_size, region.thp_size,
		       MREMAP_MAYMOVE | MREMAP_FIXED, aside + 4096);
	if (moved == MAP_FAILED ||
	    mremap(moved, region.thp_size, region.thp_size,
		   MREMAP_MAYMOVE | MREMAP_FIXED, thp) == MAP_FAILED)
		mmap(thp, region.thp_size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void do_mprotect(unsigned char *thp)
{
	mprotect(thp, region.thp_size, PROT_NONE);
	mprotect(thp, region.thp_size / 2, PROT_READ);
	mprotect(thp, region.thp_size, PROT_READ | PROT_WRITE);
}

static void do_fork(unsigned char *thp)
{
	pid_t pid = fork();

	if (!pid) {
		*thp = 1;
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void do_dontneed(unsigned char *thp)
{
	madvise(thp, region.thp_size, MADV_DONTNEED);
}

static void do_touch(unsigned char *thp)
{
	madvise(thp, region.thp_size, MADV_DONTNEED);
	*thp = 1;
}

static void do_free(unsigned char *thp)
{
	madvise(thp, region.thp_size, MADV_FREE);
	madvise(thp + 4096, 4096, MADV_COLD);
}

static void do_pageout(unsigned char *thp)
{
	madvise_in_turn(thp, MADV_PAGEOUT);
}

static void do_swapoff(unsigned char *thp)
{
	madvise_in_turn(thp, MADV_PAGEOUT);
	tally->failed += swapoff(SWAP) != 0;
	tally->failed += swapon(SWAP, 0) != 0;
}

static void do_merge(unsigned char *thp)
{
	madvise(thp, region.thp_size, MADV_MERGEABLE);
	usleep(1000);
	madvise(thp, region.thp_size, MADV_UNMERGEABLE);
}

static void do_collapse(unsigned char *thp)
{
	madvise(thp, region.thp_size, MADV_COLLAPSE);
}

static void do_compact(unsigned char *thp)
{
	(void)thp;
	write_text("/proc/sys/vm/compact_memory", 0, "1");
}

static void do_unload(unsigned char *thp)
{
	(void)thp;
	tally->failed += !syscall(SYS_delete_module, "folio_split_bench", O_NONBLOCK) ||
			 errno != EAGAIN;
}

static void do_offline(unsigned char *thp)
{
	(void)thp;
	tally->failed += write_text(CPU1, 0, "0") != 0;
	usleep(10000);
	tally->failed += write_text(CPU1, 0, "1") != 0;
	usleep(10000);
}

HOSTILE(munmap, do_munmap)
HOSTILE(mremap, do_mremap)
HOSTILE(mprotect, do_mprotect)
HOSTILE(fork, do_fork)
HOSTILE(dontneed, do_dontneed)
HOSTILE(dontneed_and_touch, do_touch)
HOSTILE(free_and_cold, do_free)
HOSTILE(pageout, do_pageout)
HOSTILE(swapoff, do_swapoff)
HOSTILE(merge, do_merge)
HOSTILE(collapse, do_collapse)
HOSTILE(compaction, do_compact)
HOSTILE(unloading, do_unload)
HOSTILE(cpu_offline, do_offline)

static int ksm(const char *run)
{
	return write_text("/sys/kernel/mm/ksm/pages_to_scan", 0, "4096") ||
	       write_text("/sys/kernel/mm/ksm/sleep_millisecs", 0, "0") ||
	       write_text("/sys/kernel/mm/ksm/run", 0, run);
}

static int start_ksm(void **state)
{
	(void)state;
	return ksm("1");
}

static int stop_ksm(void **state)
{
	(void)state;
	return ksm("2");
}

/*
 * A process that takes requests, and migrations if there is a device, as fast
 * as it can, with a module of its own: another's would not be for it.
 */
static void *work(void *what)
{
	unsigned int i = *(unsigned int *)what;
	struct module own = module_open();
	struct region mine;
	int device = i % 4 == 3 ? open("/dev/hmm_dmirror0", O_RDWR | O_CLOEXEC) : -1;
	char *mirror = malloc(module_thp_size(&own));

	for (;; i++) {
		struct hmm_cmd fail = { .npages = HMM_FLAG_FAIL_ALLOC };
		struct hmm_cmd move = { .ptr = (uintptr_t)mirror };

		if (region_map(&mine, 1, module_thp_size(&own), 0, true))
			_exit(1);
		mine.addr[0] = 1;
		move.addr = (uintptr_t)mine.addr;
		move.npages = mine.thp_size / 4096;
		if (device >= 0) {
			tally->begun++;
			if (!ioctl(device, HMM_FLAGS, &fail) &&
			    !ioctl(device, HMM_TO_DEV, &move))
				tally->migrated += move.cpages;
			tally->ended++;
		} else {
			ask(&own, mine.addr, i);
		}
		region_unmap(&mine);
	}
	return NULL;
}

static pid_t start_work(unsigned int what)
{
	pid_t pid = fork();

	if (!pid)
		work(&what);
	assert_true(pid > 0);
	return pid;
}

static void kill_work(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* Not by itself, and not for a crash of its own */
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void beside_a_second_opener(void **state)
{
	pid_t pid = start_work(0);

	(void)state;
	ask_beside(dontneed_thread);
	kill_work(pid);
	nothing_is_missing();
}

/* Its threads leave in the middle: all at once, by themselves. */
static void exit_in_the_middle_loses_nothing(void **state)
{
	time_t end = time(NULL) + seconds;
	unsigned int i;

	(void)state;
	memset(tally, 0, sizeof(*tally));
	for (i = 0; time(NULL) < end || !tally->done; i++) {
		pid_t pid = fork();
		int status;

		if (!pid) {
			pthread_t thread;

			pthread_create(&thread, NULL, work, &i);
			usleep(1000 + rand() % 60000);
			_exit(0);
		}
		assert_true(pid > 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	}
	printf("# %u exits, %lu in mid request\n", i, tally->begun - tally->ended);
	assert_true(tally->begun > tally->ended);
	assert_tally();
	nothing_is_missing();
}

static void kills_lose_nothing(void **state)
{
	unsigned long span = 20000;

	(void)state;
	memset(tally, 0, sizeof(*tally));
	for (unsigned int i = 0; i < kills; i++) {
		unsigned long begun = tally->begun;
		pid_t pid = start_work(i);

		usleep(rand() % span);
		kill_work(pid);
		/* Long enough, on this machine, for some to have begun. */
		if (tally->begun == begun)
			span += span / 16;
		else if (tally->begun > begun + 2)
			span -= span / 16;
	}
	printf("# %u kills, %lu in mid request; %lu done, %lu pages migrated\n",
	       kills, tally->begun - tally->ended, tally->done, tally->migrated);
	assert_true(tally->begun - tally->ended > kills / 20);
	assert_true(tally->migrated > 0);
	assert_tally();
	nothing_is_missing();
}

/* A process that takes all the memory there is, until it is killed for it. */
static pid_t hog(void)
{
	pid_t pid = fork();
	char *all;

	if (pid)
		return pid;
	write_text("/proc/self/oom_score_adj", 0, "1000");
	for (;;) {
		all = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (all == MAP_FAILED)
			_exit(1);
		memset(all, 1, 64 << 20);
	}
}

static void *starve_thread(void *unused)
{
	(void)unused;
	while (!stop) {
		pid_t pid = hog();
		int status = 0;

		waitpid(pid, &status, 0);
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			tally->acts++;
	}
	return NULL;
}

static void beside_oom(void **state)
{
	(void)state;
	write_text("/proc/self/oom_score_adj", 0, "-1000");
	beside(starve_thread);
	write_text("/proc/self/oom_score_adj", 0, "0");
}

static int open_module(void **state)
{
	(void)state;
	module = module_open();
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return tally == MAP_FAILED;
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_that_somebody_keeps_is_found),
		cmocka_unit_test(beside_munmap),
		cmocka_unit_test(beside_mremap),
		cmocka_unit_test(beside_mprotect),
		cmocka_unit_test(beside_fork),
		cmocka_unit_test(beside_dontneed),
		cmocka_unit_test(beside_dontneed_and_touch),
		cmocka_unit_test(beside_free_and_cold),
		cmocka_unit_test(beside_pageout),
		cmocka_unit_test(beside_swapoff),
		cmocka_unit_test_setup_teardown(beside_merge, start_ksm, stop_ksm),
		cmocka_unit_test(beside_collapse),
		cmocka_unit_test(beside_compaction),
		cmocka_unit_test(beside_unloading),
		cmocka_unit_test(beside_cpu_offline),
		cmocka_unit_test(beside_a_second_opener),
		cmocka_unit_test(exit_in_the_middle_loses_nothing),
		cmocka_unit_test(kills_lose_nothing),
		cmocka_unit_test(beside_oom),
	};

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1)
		seconds = strtoul(argv[1], NULL, 0);
	if (argc > 2)
		kills = strtoul(argv[2], NULL, 0);
	run_only(argc > 3 ? argv[3] : NULL);
	return cmocka_run_group_tests_name("abuse", tests, open_module, NULL);
}
