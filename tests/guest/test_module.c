// SPDX-License-Identifier: GPL-2.0
/*
 * The module, on a booted kernel and as root: what it refuses, that its check
 * finds each broken promise, that data survives, that nothing leaks. Wants
 * the module built with FSB_TESTS=y.
 *
 *   test_module [WHICH TESTS]
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../wanted.h"
#include "memory.h"
#include "sys/fsb_module.h"
#include "sys/thp_region.h"
#include "util/util.h"

#define NR	4

static struct module module;
static size_t thp_size;
static uint8_t arms[FSB_MAX_FOLIOS];
static struct fsb_sample samples[FSB_MAX_FOLIOS];

/* A request that is all right, for tests to spoil one thing of. */
static struct fsb_run good_run(const struct region *region, const char *arm)
{
	int index = module_arm(&module, arm, STATE_UNMAPPED);

	assert_true(index >= 0);
	memset(arms, index, sizeof(arms));
	memset(samples, 0, sizeof(samples));
	return (struct fsb_run){
		.version = FSB_VERSION, .nr = region->nr,
		.addr = (uintptr_t)region->addr, .arms = (uintptr_t)arms,
		.samples = (uintptr_t)samples, .order = 9,
	};
}

static void map_thps(struct region *region)
{
	assert_int_equal(region_map(region, NR, thp_size, 0, true), 0);
	region_fill(region, 42);
	assert_int_equal(region_thps(region), NR);
}

static void assert_refused(struct fsb_run *run, int error)
{
	errno = 0;
	assert_int_equal(module_run(&module, run), -1);
	if (errno != error)
		fail_msg("refused with %s, not with %s", strerror(errno),
			 strerror(error));
}

static void assert_runs(struct fsb_run *run)
{
	if (module_run(&module, run))
		fail_msg("refused: %s", module_refusal(errno));
}

static void each_bad_field_has_its_own_errno(void **state)
{
	struct region region;
	struct fsb_run good, run;

	(void)state;
	map_thps(&region);
	good = good_run(&region, "new");
#define SPOIL(change, error)						\
	do {								\
		run = good;						\
		change;							\
		assert_refused(&run, error);				\
		assert_int_equal(region_thps(&region), NR);		\
	} while (0)
	SPOIL(run.version++, EPROTONOSUPPORT);
	SPOIL(run.nr = 0, E2BIG);
	SPOIL(run.nr = FSB_MAX_FOLIOS + 1, E2BIG);
	SPOIL(run.nr = UINT32_MAX, E2BIG);
	SPOIL(run.new_order = 1, ERANGE);
	SPOIL(run.new_order = 9, ERANGE);
	SPOIL(run.new_order = UINT32_MAX, ERANGE);
	SPOIL(run.slow_loops = FSB_MAX_SLOW + 1, EDOM);
	SPOIL(run.order = 0, ECHRNG);
	SPOIL(run.order = 1, ECHRNG);
	SPOIL(run.order = 10, ECHRNG);
	SPOIL((run.order = 8, run.flags = FSB_RUN_MAPPED), ECHRNG);
	SPOIL((run.order = 4, run.new_order = 4), ERANGE);
	SPOIL(run.nr_events = FSB_MAX_EVENTS + 1, ENOBUFS);
	SPOIL((run.nr_events = 1, run.events[0].type = 999), ENOPROTOOPT);
	SPOIL((run.nr_events = 1, run.events[0].type = 2,
	       run.events[0].config = UINT32_MAX), ENOPROTOOPT);
	SPOIL((run.nr_events = 1, run.events[0].type = 5), ENOPROTOOPT);
	SPOIL((run.nr_events = 1, run.events[0].type = 1,
	       run.events[0].reserved = 1), ENOPROTOOPT);
	SPOIL((run.barrier.token = 1, run.barrier.wait_ms = 1), EUSERS);
	SPOIL((run.barrier.token = 1, run.barrier.wait_ms = 1,
	       run.barrier.nr = FSB_MAX_PARTICIPANTS + 1), EUSERS);
	SPOIL((run.barrier.token = 1, run.barrier.nr = 1), ETIME);
	SPOIL((run.barrier.token = 1, run.barrier.nr = 1,
	       run.barrier.wait_ms = FSB_MAX_WAIT_MS + 1), ETIME);
	SPOIL(run.flags = FSB_RUN_COLD | FSB_RUN_WARM, EBADRQC);
	SPOIL((run.flags = FSB_RUN_SWAPCACHE, run.new_order = 2), ERANGE);
	SPOIL(run.flags = FSB_RUN_MAPPED | FSB_RUN_SWAPCACHE, EBADRQC);
	SPOIL(run.flags = ~FSB_RUN_MAPPED, EBADRQC);
	SPOIL(run.flags = 1U << 31, EBADRQC);
	SPOIL(run.spoil_kib = FSB_MAX_SPOIL_KIB + 1, EFBIG);
	SPOIL(run.spoil_kib = UINT32_MAX, EFBIG);
	SPOIL(run.addr += sysconf(_SC_PAGESIZE), EINVAL);
	SPOIL(run.addr = 1, EINVAL);
	SPOIL(run.arms = 0, EFAULT);
	SPOIL(run.arms = UINT64_MAX, EFAULT);
	SPOIL(run.samples = 0, EFAULT);
	SPOIL(run.addr = 0, ENOMEM);
	SPOIL(run.addr = -(uint64_t)thp_size, ENOMEM);
	SPOIL(run.addr = 0xffffffff80000000, ENOMEM);
	SPOIL(run.nr = FSB_MAX_FOLIOS, ENOMEM);
	arms[NR - 1] = 255;
	SPOIL(, ENXIO);
#undef SPOIL
	assert_int_equal(ioctl(module.fd, FSB_IOC_RUN, NULL), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(ioctl(module.fd, _IO('F', 0x7f), NULL), -1);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(region_wrong_pages(&region), 0);
	region_unmap(&region);
}

static void pages_are_no_thp(void **state)
{
	struct region region;
	struct fsb_run run;

	(void)state;
	map_thps(&region);
	assert_int_equal(madvise(region.addr + (NR - 1) * thp_size, thp_size,
				 MADV_DONTNEED), 0);
	run = good_run(&region, "new");
	assert_refused(&run, ENODATA);
	assert_int_equal(region_thps(&region), NR - 1);
	assert_int_equal(madvise(region.addr + (NR - 1) * thp_size, thp_size,
				 MADV_NOHUGEPAGE), 0);
	memset(region.addr + (NR - 1) * thp_size, 1, thp_size);
	run.addr += (NR - 1) * thp_size;
	run.nr = 1;
	assert_refused(&run, ENODATA);
	region_unmap(&region);
}

static void other_mappings_are_refused(void **state)
{
	struct region region;
	struct fsb_run run;
	void *shared;

	(void)state;
	map_thps(&region);
	run = good_run(&region, "new");
	shared = mmap(region.addr, thp_size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	assert_ptr_equal(shared, region.addr);
	run.nr = 1;
	assert_refused(&run, EMEDIUMTYPE);
	run.nr = NR;
	assert_refused(&run, ENOMEM);
	region_unmap(&region);
}

static void file_mapping_is_refused(void **state)
{
	struct region region;
	struct fsb_run run;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	map_thps(&region);
	run = good_run(&region, "new");
	run.nr = 1;
	assert_true(fd >= 0);
	assert_ptr_equal(mmap(region.addr, thp_size, PROT_READ,
			      MAP_PRIVATE | MAP_FIXED, fd, 0), region.addr);
	assert_refused(&run, EMEDIUMTYPE);
	close(fd);
	region_unmap(&region);
}

static void write_protected_is_refused(void **state)
{
	struct region region;
	struct fsb_run run;

	(void)state;
	map_thps(&region);
	run = good_run(&region, "new");
	assert_int_equal(mprotect(region.addr, NR * thp_size, PROT_READ), 0);
	assert_refused(&run, EACCES);
	assert_int_equal(region_thps(&region), NR);
	assert_int_equal(region_wrong_pages(&region), 0);
	region_unmap(&region);
}

static void shared_with_a_fork_is_refused(void **state)
{
	struct region region;
	struct fsb_run run;
	int status;
	pid_t pid;

	(void)state;
	map_thps(&region);
	run = good_run(&region, "new");
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	assert_refused(&run, EACCES);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(region_wrong_pages(&region), 0);
	region_unmap(&region);
}

static void inherited_file_is_refused(void **state)
{
	struct region region;
	struct fsb_run run;
	int status;
	pid_t pid;

	(void)state;
	map_thps(&region);
	run = good_run(&region, "new");
	pid = fork();
	if (!pid)
		_exit(module_run(&module, &run) ? errno : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), EPERM);
	region_unmap(&region);
}

/* A page in a pipe has a reference more: what a pin is to the migration. */
static void pinned_is_refused_and_left_whole(void **state)
{
	struct region region;
	struct fsb_run run;
	struct iovec page;
	int fds[2];

	(void)state;
	map_thps(&region);
	run = good_run(&region, "new");
	/* The last one: those before it are taken by then, and put back. */
	page = (struct iovec){ region.addr + (NR - 1) * thp_size, 4096 };
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(vmsplice(fds[1], &page, 1, 0), 4096);
	assert_refused(&run, EBUSY);
	assert_int_equal(region_thps(&region), NR);
	close(fds[0]);
	close(fds[1]);
	assert_runs(&run);
	assert_int_equal(region_wrong_pages(&region), 0);
	region_unmap(&region);
}

/* Each arm, to each order: the check passes and the data is there. */
static void splits_keep_promises_and_data(void **state)
{
	static const char *const names[] = { "new", "again", "same", "same_old", "old" };
	struct region region;
	struct fsb_run run;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		for (unsigned int order = 0; order < 9; order++) {
			if (order == 1)
				continue;
			map_thps(&region);
			run = good_run(&region, names[i]);
			run.new_order = order;
			assert_runs(&run);
			for (int call = 0; call < NR; call++) {
				assert_int_equal(samples[call].ret, 0);
				assert_int_equal(samples[call].fault, 0);
				assert_true(samples[call].ticks > 100);
			}
			assert_int_equal(region_thps(&region), 0);
			assert_int_equal(region_wrong_pages(&region), 0);
			region_unmap(&region);
		}
	}
}

static void empty_leaves_the_folio_whole(void **state)
{
	struct region region;
	struct fsb_run run;

	(void)state;
	map_thps(&region);
	run = good_run(&region, "empty");
	assert_runs(&run);
	for (int call = 0; call < NR; call++)
		assert_int_equal(samples[call].fault, 0);
	assert_int_equal(region_wrong_pages(&region), 0);
	region_unmap(&region);
}

/* The check can fail: each mutant breaks one promise, and just that is reported. */
static void mutants_are_found(void **state)
{
	static const struct {
		const char *arm;
		unsigned int fault;
	} mutants[] = {
		{ "mutant-order", FSB_FAULT_ORDER },
		{ "mutant-lock", FSB_FAULT_LOCK },
		{ "mutant-refs", FSB_FAULT_REFS },
		{ "mutant-lru", FSB_FAULT_LRU },
		/* A mapping without a reference to go with it is both. */
		{ "mutant-mapped", FSB_FAULT_MAPPED | FSB_FAULT_REFS },
		{ "mutant-mapping", FSB_FAULT_MAPPING },
		{ "mutant-return", FSB_FAULT_RETURN },
	};
	struct region region;
	struct fsb_run run;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mutants); i++) {
		map_thps(&region);
		run = good_run(&region, "new");
		arms[1] = module_arm(&module, mutants[i].arm, STATE_UNMAPPED);
		assert_int_not_equal(arms[1], 255);
		assert_runs(&run);
		if (samples[1].fault != mutants[i].fault)
			fail_msg("%s: faults 0x%x, not 0x%x", mutants[i].arm,
				 samples[1].fault, mutants[i].fault);
		assert_int_equal(samples[0].fault, 0);
		assert_int_equal(samples[2].fault, 0);
		assert_int_equal(region_wrong_pages(&region), 0);
		region_unmap(&region);
	}
}

/* One arm on one of four folios that stay mapped; the others stay whole. */
static struct fsb_run mapped_run(const struct region *region, const char *arm)
{
	struct fsb_run run = good_run(region, "new");

	run.flags = FSB_RUN_MAPPED;
	memset(arms, module_arm(&module, "empty", STATE_MAPPED), sizeof(arms));
	arms[1] = module_arm(&module, arm, STATE_MAPPED);
	assert_int_not_equal(arms[1], 255);
	return run;
}

static void mapped_folios_are_split_and_stay_mapped(void **state)
{
	static const char *const names[] = { "old", "new", "same", "same_old", "slow" };
	long split = memory_vmstat("thp_split_page");
	struct region region;
	struct fsb_run run;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		map_thps(&region);
		run = mapped_run(&region, names[i]);
		run.new_order = i == 1 ? 4 : 0;
		assert_runs(&run);
		assert_int_equal(samples[1].ret, 0);
		assert_int_equal(samples[1].fault, 0);
		assert_int_equal(samples[0].fault, 0);
		assert_true(samples[1].ticks > 10 * samples[0].ticks);
		assert_int_equal(region_thps(&region), NR - 1);
		assert_int_equal(region_wrong_pages(&region), 0);
		assert_int_equal(memory_vmstat("thp_split_page"), ++split);
		region_unmap(&region);
	}
}

static void mutants_of_the_mapped_split_are_found(void **state)
{
	static const struct {
		const char *arm;
		unsigned int fault;
	} mutants[] = {
		{ "mutant-order", FSB_FAULT_ORDER },
		{ "head-lock", FSB_FAULT_LOCK },
		{ "head-mapped", FSB_FAULT_MAPPED },
		{ "head-mapping", FSB_FAULT_MAPPING },
	};
	struct region region;
	struct fsb_run run;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mutants); i++) {
		map_thps(&region);
		run = mapped_run(&region, mutants[i].arm);
		assert_runs(&run);
		if (samples[1].fault != mutants[i].fault)
			fail_msg("%s: faults 0x%x, not 0x%x", mutants[i].arm,
				 samples[1].fault, mutants[i].fault);
		assert_int_equal(samples[0].fault, 0);
		assert_int_equal(region_wrong_pages(&region), 0);
		region_unmap(&region);
	}
	/* EAGAIN is what somebody else's reference comes to: another try. */
	map_thps(&region);
	run = mapped_run(&region, "mutant-return");
	assert_refused(&run, EBUSY);
	assert_int_equal(region_thps(&region), NR);
	region_unmap(&region);
}

/* Who has a reference for a moment makes a call refuse, and is gone then. */
static void a_passing_reference_is_no_broken_promise(void **state)
{
	struct region region;
	struct fsb_run run;

	(void)state;
	map_thps(&region);
	run = good_run(&region, "visited");
	assert_refused(&run, EBUSY);
	assert_int_equal(region_wrong_pages(&region), 0);
	region_unmap(&region);
	assert_int_equal(memory_lost_pages(false), 0);
}

static void slow_is_slower_by_its_loops(void **state)
{
	struct region region;
	struct fsb_run run;
	uint64_t fast;

	(void)state;
	map_thps(&region);
	run = good_run(&region, "slow");
	assert_runs(&run);
	fast = samples[1].ticks;
	region_unmap(&region);
	map_thps(&region);
	run = good_run(&region, "slow");
	run.slow_loops = 100000;
	assert_runs(&run);
	assert_true(samples[1].ticks > fast + 100000);
	region_unmap(&region);
}

/* Killed at any moment: the memory comes back, and nothing stays isolated. */
static void killed_callers_leak_nothing(void **state)
{
	unsigned long *runs = mmap(NULL, sizeof(*runs), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_ptr_not_equal(runs, MAP_FAILED);
	/* Killed at work, not while being refused, however slow this machine is. */
	for (int i = 0; i < 50 || (*runs <= 50 && i < 5000); i++) {
		pid_t pid = fork();
		int status;

		if (!pid) {
			struct module own = module_open();
			struct region region;

			module.fd = own.fd;
			for (;;) {
				struct fsb_run run;

				if (region_map(&region, NR, thp_size, 0, true))
					_exit(1);
				region_fill(&region, i);
				run = good_run(&region, i % 2 ? "old" : "new");
				*runs += !module_run(&module, &run);
				region_unmap(&region);
			}
		}
		usleep(20000 + i % 50 * 1733);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGKILL);
	}
	assert_true(*runs > 50);
	munmap(runs, sizeof(*runs));
	assert_int_equal(memory_lost_pages(false), 0);
}

static void module_in_use_cannot_be_removed(void **state)
{
	(void)state;
	assert_int_equal(syscall(SYS_delete_module, "folio_split_bench",
				 O_NONBLOCK), -1);
	assert_int_equal(errno, EAGAIN);
}

static void ordinary_users_are_kept_out(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (!pid) {
		if (setuid(65534))
			_exit(0);
		_exit(open("/sys/kernel/debug/" FSB_FILE, O_RDWR) < 0 ?
		      errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), EACCES);
}

static void reading_lists_the_arms(void **state)
{
	char *text = read_text("/sys/kernel/debug/" FSB_FILE), version[32];

	(void)state;
	assert_non_null(text);
	snprintf(version, sizeof(version), "version %d\narms ", FSB_VERSION);
	assert_ptr_equal(strstr(text, version), text);
	assert_non_null(strstr(text, "arms empty old new again same same_old slow slow_again"));
	free(text);
}

static int open_module(void **state)
{
	(void)state;
	module = module_open();
	thp_size = module_thp_size(&module);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_bad_field_has_its_own_errno),
		cmocka_unit_test(pages_are_no_thp),
		cmocka_unit_test(other_mappings_are_refused),
		cmocka_unit_test(file_mapping_is_refused),
		cmocka_unit_test(write_protected_is_refused),
		cmocka_unit_test(shared_with_a_fork_is_refused),
		cmocka_unit_test(inherited_file_is_refused),
		cmocka_unit_test(pinned_is_refused_and_left_whole),
		cmocka_unit_test(splits_keep_promises_and_data),
		cmocka_unit_test(empty_leaves_the_folio_whole),
		cmocka_unit_test(mutants_are_found),
		cmocka_unit_test(mapped_folios_are_split_and_stay_mapped),
		cmocka_unit_test(mutants_of_the_mapped_split_are_found),
		cmocka_unit_test(a_passing_reference_is_no_broken_promise),
		cmocka_unit_test(slow_is_slower_by_its_loops),
		cmocka_unit_test(killed_callers_leak_nothing),
		cmocka_unit_test(module_in_use_cannot_be_removed),
		cmocka_unit_test(ordinary_users_are_kept_out),
		cmocka_unit_test(reading_lists_the_arms),
	};

	run_only(argc > 1 ? argv[1] : NULL);
	return cmocka_run_group_tests_name("module", tests, open_module, NULL);
}
