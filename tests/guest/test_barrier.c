// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that wait for each other, on a booted kernel and as root: that they
 * begin together and end together, that nobody is left waiting, that nothing
 * leaks; and what else a request can ask for: interrupts, and counters.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "../wanted.h"
#include "machine/clock.h"
#include "memory.h"
#include "sys/fsb_module.h"
#include "sys/thp_region.h"
#include "task.h"
#include "util/util.h"
#include "workload/job.h"

#define NR	4
#define MANY	32
#define MAX_TRIES	10
#define LONG_MS	FSB_MAX_WAIT_MS

/* What came of the request of a child, in shared memory */
struct outcome {
	int error;
	uint64_t comes;
	uint64_t released;
	uint64_t first;
	uint64_t last;
	uint64_t back;
};

static struct module module;
static struct outcome *outcome;

static uint64_t ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* The thread of ours that made the last request, and what came of the last one */
static _Atomic pid_t runner;
static _Atomic int runner_error;

/* THPs of each request */
static unsigned int thps = NR;

/*
 * One request of a process of its own; @slow iterations are added to each call. It is
 * made when @gate is opened; NULL: at once.
 */
static pid_t splitter_at(const int *gate, int number, struct fsb_barrier barrier, unsigned int slow)
{
	pid_t pid = fork();
	struct fsb_sample sample[MANY] = { 0 };
	struct fsb_run run = {
		.version = FSB_VERSION, .nr = thps, .order = 9,
		.samples = (uintptr_t)sample, .slow_loops = slow, .barrier = barrier,
	};
	struct region region;
	struct module own;
	uint8_t arm[MANY];
	char opened;

	if (pid)
		return pid;
	own = module_open();
	memset(arm, module_arm(&own, "slow", STATE_UNMAPPED), sizeof(arm));
	run.arms = (uintptr_t)arm;
	if (region_map(&region, thps, module_thp_size(&own), 0, true))
		_exit(1);
	region_fill(&region, number);
	run.addr = (uintptr_t)region.addr;
	if (gate) {
		/* Ours closed, a test that fails and ends does not leave us waiting. */
		close(gate[1]);
		if (read(gate[0], &opened, 1) != 1)
			_exit(4);
	}
	outcome[number].comes = clock_ticks();
	outcome[number].error = module_run(&own, &run) ? errno : 0;
	outcome[number].back = clock_ticks();
	outcome[number].released = run.barrier.released;
	outcome[number].first = sample[0].start;
	outcome[number].last = sample[thps - 1].start + sample[thps - 1].ticks;
	for (unsigned int i = 0; i < thps && !outcome[number].error; i++) {
		if (sample[i].fault)
			_exit(2);
	}
	_exit(region_wrong_pages(&region) ? 3 : 0);
}

static pid_t splitter(int number, struct fsb_barrier barrier, unsigned int slow)
{
	return splitter_at(NULL, number, barrier, slow);
}

/* Where a process that is to come late waits for its signal to begin */
static const int *make_gate(int gate[2])
{
	assert_int_equal(pipe(gate), 0);
	return gate;
}

static void open_gate(const int gate[2])
{
	assert_int_equal(write(gate[1], "", 1), 1);
	close(gate[0]);
	close(gate[1]);
}

/* Until that process, or thread of ours, sleeps in the module: it waits for its barrier. */
static void let_it_wait(pid_t pid)
{
	char seen[192];
	bool waits = task_comes_to_sleep_in(pid, "fsb_barrier_", seen, sizeof(seen));

	/* cmocka says where a test failed, not what fail_msg() was given. */
	if (!waits)
		printf("# %d does not wait for its barrier: %s; errors so far: %d %d %d, of ours %d\n",
		       pid, seen, outcome[0].error, outcome[1].error, outcome[2].error,
		       runner_error);
	assert_true(waits);
}

static void assert_ends_well(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static struct fsb_barrier barrier_of(unsigned int nr, unsigned int wait_ms)
{
	static uint64_t token;

	return (struct fsb_barrier){ ++token << 32 | getpid(), nr, wait_ms, 0 };
}

static void all_begin_together_and_end_together(void **state)
{
	struct fsb_barrier barrier = barrier_of(3, LONG_MS);
	pid_t pid[3];
	int gate[2];

	(void)state;
	/* One comes when the others wait for it, and one is done much later. */
	pid[2] = splitter_at(make_gate(gate), 2, barrier, 0);
	pid[0] = splitter(0, barrier, 0);
	pid[1] = splitter(1, barrier, 500000);
	let_it_wait(pid[0]);
	let_it_wait(pid[1]);
	open_gate(gate);
	for (int i = 0; i < 3; i++)
		assert_ends_well(pid[i]);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(outcome[i].error, 0);
		assert_true(outcome[i].released > outcome[2].comes);
		assert_true(outcome[i].first >= outcome[i].released);
		assert_true(outcome[i].back > outcome[1].last);
	}
}

static void one_who_is_alone_gives_up(void **state)
{
	uint64_t from = ms();

	(void)state;
	assert_ends_well(splitter(0, barrier_of(2, 300), 0));
	assert_int_equal(outcome[0].error, ETIMEDOUT);
	assert_true(ms() - from < LONG_MS);
	assert_int_equal(memory_lost_pages(false), 0);
}

static void a_barrier_of_one_need_not_wait(void **state)
{
	(void)state;
	assert_ends_well(splitter(0, barrier_of(1, LONG_MS), 0));
	assert_int_equal(outcome[0].error, 0);
}

static void full_barriers_and_other_sizes_are_refused(void **state)
{
	struct fsb_barrier barrier = barrier_of(2, LONG_MS), other = barrier;
	pid_t first = splitter(0, barrier, 0);

	(void)state;
	let_it_wait(first);
	other.nr = 3;
	assert_ends_well(splitter(1, other, 0));
	assert_int_equal(outcome[1].error, EALREADY);
	assert_ends_well(splitter(1, barrier, 0));
	assert_ends_well(first);
	assert_int_equal(outcome[0].error, 0);
	assert_int_equal(outcome[1].error, 0);
}

/* One who is there, and at it for long, is all of a barrier of one. */
static void a_full_barrier_takes_no_more(void **state)
{
	struct fsb_barrier barrier = barrier_of(1, LONG_MS);
	struct fsb_ping ping = { .version = FSB_VERSION, .barrier = barrier };
	volatile uint64_t *back = &outcome->back;
	int ret, tries = 0;
	pid_t pid;
	long was;

	(void)state;
	/* However fast he was: then another one. */
	do {
		memset(outcome, 0, sizeof(*outcome));
		was = memory_vmstat("thp_split_pmd");
		thps = MANY;
		pid = splitter(0, barrier, FSB_MAX_SLOW);
		thps = NR;
		/* Sooner than him, it would be a barrier of its own: he joins, then splits. */
		while (memory_vmstat("thp_split_pmd") == was && !*back)
			sched_yield();
		ret = module_ping(&module, &ping) ? errno : 0;
		assert_ends_well(pid);
		assert_int_equal(outcome[0].error, 0);
	} while (!ret && ++tries < MAX_TRIES);
	assert_int_equal(ret, EALREADY);
}

/*
 * Who does not wait until all have made their calls is in their way: they are outcome
 * so, and the last one, too. He comes last and finds the other one ready.
 */
static void who_leaves_early_spoils_the_calls_of_others(void **state)
{
	struct fsb_barrier barrier = barrier_of(2, LONG_MS);
	int tries = 0;

	(void)state;
	/* Both may be done at once, if somebody keeps the hasty one from its CPU. */
	do {
		pid_t slow, hasty;

		barrier.wait_ms = LONG_MS;
		thps = MANY;
		slow = splitter(0, barrier, FSB_MAX_SLOW);
		thps = NR;
		let_it_wait(slow);
		barrier.wait_ms = 1;
		hasty = splitter(1, barrier, 0);
		assert_ends_well(hasty);
		assert_ends_well(slow);
	} while (!outcome[0].error && !outcome[1].error && ++tries < MAX_TRIES);
	assert_int_equal(outcome[1].error, ETIMEDOUT);
	assert_int_equal(outcome[0].error, ECANCELED);
	assert_int_equal(memory_lost_pages(false), 0);
}

static void *run_of_this_process(void *run)
{
	runner = gettid();
	/* Somebody's passing reference to the THP: the interface says to try again. */
	for (int tries = 0; tries < MAX_TRIES; tries++) {
		runner_error = module_run(&module, run) ? errno : 0;
		if (runner_error != EBUSY)
			break;
		sched_yield();
	}
	return (void *)(intptr_t)runner_error;
}

/* The second one would wait for the first one's mmap lock, the first for it. */
static void two_of_one_process_are_refused(void **state)
{
	struct fsb_barrier barrier = barrier_of(2, LONG_MS);
	struct fsb_sample sample[2];
	uint8_t arm = 0;
	struct fsb_run run[2];
	struct region region;
	int gate[2];
	/* Not later: a fork waits for the mmap lock, too. */
	pid_t late = splitter_at(make_gate(gate), 0, barrier, 0);
	pthread_t waits;
	uint64_t from;
	void *error;

	(void)state;
	runner = 0;
	assert_int_equal(region_map(&region, 1, module_thp_size(&module), 0, true), 0);
	region_fill(&region, 1);
	for (int i = 0; i < 2; i++)
		run[i] = (struct fsb_run){
			.version = FSB_VERSION, .nr = 1, .order = 9,
			.arms = (uintptr_t)&arm, .barrier = barrier,
			.samples = (uintptr_t)&sample[i],
			.addr = (uintptr_t)region.addr,
		};
	assert_int_equal(pthread_create(&waits, NULL, run_of_this_process, &run[0]), 0);
	while (!runner)
		sched_yield();
	let_it_wait(runner);
	from = ms();
	assert_ptr_equal(run_of_this_process(&run[1]), (void *)EDEADLK);
	assert_true(ms() - from < LONG_MS / 2);
	open_gate(gate);
	assert_ends_well(late);
	assert_int_equal(outcome[0].error, 0);
	assert_int_equal(pthread_join(waits, &error), 0);
	assert_int_equal((intptr_t)error, 0);
	region_unmap(&region);
}

/* Who fails, is killed or gets a signal takes nobody with him for long. */
static void nobody_waits_for_one_who_failed(void **state)
{
	struct fsb_barrier barrier = barrier_of(2, LONG_MS);
	pid_t waits = splitter(0, barrier, 0);
	struct fsb_sample sample;
	uint8_t arm = 0;
	struct fsb_run bad = {
		.version = FSB_VERSION, .nr = 1, .order = 9, .barrier = barrier,
		.arms = (uintptr_t)&arm, .samples = (uintptr_t)&sample,
	};
	uint64_t from;

	(void)state;
	let_it_wait(waits);
	from = ms();
	assert_int_equal(module_run(&module, &bad), -1);
	assert_int_equal(errno, ENOMEM);
	assert_ends_well(waits);
	assert_int_equal(outcome[0].error, ECANCELED);
	assert_true(ms() - from < LONG_MS / 2);
}

static void nobody_waits_for_one_who_was_killed(void **state)
{
	struct fsb_barrier barrier = barrier_of(3, LONG_MS);
	pid_t waits = splitter(0, barrier, 0), dies = splitter(1, barrier, 0);
	uint64_t from;
	int status;

	(void)state;
	let_it_wait(waits);
	let_it_wait(dies);
	from = ms();
	kill(dies, SIGKILL);
	assert_int_equal(waitpid(dies, &status, 0), dies);
	assert_ends_well(waits);
	assert_int_equal(outcome[0].error, ECANCELED);
	assert_true(ms() - from < LONG_MS / 2);
	assert_int_equal(memory_lost_pages(false), 0);
}

static void nothing(int number)
{
	(void)number;
}

static void a_signal_ends_the_wait(void **state)
{
	struct sigaction action = { .sa_handler = nothing }, was;
	pid_t waits;

	(void)state;
	assert_int_equal(sigaction(SIGUSR1, &action, &was), 0);
	waits = splitter(0, barrier_of(2, LONG_MS), 0);
	let_it_wait(waits);
	kill(waits, SIGUSR1);
	assert_ends_well(waits);
	sigaction(SIGUSR1, &was, NULL);
	assert_int_equal(outcome[0].error, EINTR);
	assert_int_equal(memory_lost_pages(false), 0);
}

static void interrupts_are_answered(void **state)
{
	struct fsb_sample sample[64] = { 0 };
	struct fsb_ping ping = {
		.version = FSB_VERSION, .nr = 64,
		.samples = (uintptr_t)sample,
	};

	(void)state;
	assert_int_equal(module_ping(&module, &ping), 0);
	for (int i = 0; i < 64; i++) {
		assert_int_equal(sample[i].ret, 0);
		assert_true(sample[i].ticks > 0);
		assert_true(!i || sample[i].start >=
			    sample[i - 1].start + sample[i - 1].ticks);
	}
}

static void each_bad_ping_has_its_own_errno(void **state)
{
	struct fsb_sample sample[4];
	const struct fsb_ping good = {
		.version = FSB_VERSION, .nr = 4, .samples = (uintptr_t)sample,
	};
	struct fsb_ping ping;

	(void)state;
#define SPOIL(change, error)						\
	do {								\
		ping = good;						\
		change;							\
		assert_int_equal(module_ping(&module, &ping), -1);	\
		assert_int_equal(errno, error);				\
	} while (0)
	SPOIL(ping.version--, EPROTONOSUPPORT);
	SPOIL(ping.nr = FSB_MAX_PINGS + 1, E2BIG);
	SPOIL(ping.reserved = 1, EBADRQC);
	SPOIL(ping.cpu = 63, ENODEV);
	SPOIL(ping.cpu = UINT32_MAX, ENODEV);
	SPOIL(ping.samples = 1, EFAULT);
	SPOIL((ping.barrier.token = 1, ping.barrier.wait_ms = 1), EUSERS);
	SPOIL((ping.barrier.token = 1, ping.barrier.nr = 1), ETIME);
	SPOIL((ping.barrier = barrier_of(2, 1)), ETIMEDOUT);
#undef SPOIL
}

/* Calls with these events counted over them */
static void count(struct fsb_event *event, unsigned int nr, unsigned int slow)
{
	struct fsb_sample sample[NR];
	uint8_t arm[NR];
	struct fsb_run run = {
		.version = FSB_VERSION, .nr = NR, .order = 9,
		.arms = (uintptr_t)arm, .samples = (uintptr_t)sample,
		.slow_loops = slow, .nr_events = nr,
	};
	struct region region;

	memcpy(run.events, event, nr * sizeof(*event));
	memset(arm, module_arm(&module, "slow", STATE_UNMAPPED), sizeof(arm));
	assert_int_equal(region_map(&region, NR, module_thp_size(&module), 0, true), 0);
	region_fill(&region, 1);
	run.addr = (uintptr_t)region.addr;
	assert_int_equal(module_run(&module, &run), 0);
	memcpy(event, run.events, nr * sizeof(*event));
	region_unmap(&region);
}

/* A clock is something that every machine counts, with or without a PMU. */
static void events_are_counted_over_the_calls(void **state)
{
	struct fsb_event few[] = { { .type = 1, .config = 0 },
				   { .type = 1, .config = 2 } };
	struct fsb_event many[] = { { .type = 1, .config = 0 } };
	uint64_t least = UINT64_MAX;

	(void)state;
	/* Its clock goes on while the host has taken the CPU away: the least counts. */
	for (int i = 0; i < MAX_TRIES; i++) {
		count(few, 2, 20000);
		if (few[0].count < least)
			least = few[0].count;
	}
	count(many, 1, 1000000);
	/*
	 * Nanoseconds of its clock, which can be as coarse as the timer of a guest whose
	 * TSC could not be calibrated, so that few are none; and no page faults.
	 */
	assert_true(many[0].count > 0);
	assert_int_equal(few[0].counted, 1);
	assert_int_equal(few[1].count, 0);
	assert_int_equal(few[1].counted, 1);
	/* Of the calls, not of what is around them, which is the same. */
	assert_true(many[0].count > 2 * least);
}

/* Return: its number; 0 if this kernel does not have it. */
static uint64_t tracepoint(const char *name)
{
	char path[128], *text;
	uint64_t id;

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/lock/%s/id", name);
	text = read_text(path);
	id = text ? strtoull(text, NULL, 10) : 0;
	free(text);
	return id;
}

/* Nobody is in the way, so nobody waits; but locks are taken. */
static void tracepoints_are_counted(void **state)
{
	struct fsb_event event[] = {
		{ .type = 2, .config = tracepoint("contention_begin") },
		{ .type = 2, .config = tracepoint("lock_acquire") },
	};

	(void)state;
	assert_true(event[0].config);
	count(event, event[1].config ? 2 : 1, 0);
	assert_int_equal(event[0].count, 0);
	assert_int_equal(event[0].counted, 1);
	/* Only a kernel with lockdep has that one. */
	assert_int_equal(event[1].count >= NR, !!event[1].config);
}

static int open_all(void **state)
{
	(void)state;
	module = module_open();
	outcome = mmap(NULL, 16 * sizeof(*outcome), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (outcome == MAP_FAILED)
		return -1;
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_begin_together_and_end_together),
		cmocka_unit_test(one_who_is_alone_gives_up),
		cmocka_unit_test(a_barrier_of_one_need_not_wait),
		cmocka_unit_test(full_barriers_and_other_sizes_are_refused),
		cmocka_unit_test(a_full_barrier_takes_no_more),
		cmocka_unit_test(two_of_one_process_are_refused),
		cmocka_unit_test(who_leaves_early_spoils_the_calls_of_others),
		cmocka_unit_test(nobody_waits_for_one_who_failed),
		cmocka_unit_test(nobody_waits_for_one_who_was_killed),
		cmocka_unit_test(a_signal_ends_the_wait),
		cmocka_unit_test(interrupts_are_answered),
		cmocka_unit_test(each_bad_ping_has_its_own_errno),
		cmocka_unit_test(events_are_counted_over_the_calls),
		cmocka_unit_test(tracepoints_are_counted),
	};

	/* If a guest hangs, it is known in which test. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	run_only(NULL);
	return cmocka_run_group_tests_name("barrier", tests, open_all, NULL);
}
