// SPDX-License-Identifier: GPL-2.0
/*
 * A million requests to the module that nobody would make: random ones, and
 * good ones with something changed. None may do more than be refused, or be
 * what it says. From a seed, so that what happened can happen again:
 *
 *   test_fuzz [REQUESTS [SEED]]
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"
#include "sys/fsb_module.h"
#include "sys/thp_region.h"
#include "util/util.h"

#define NR		2
/* To split takes its time: so often the memory is there, in vain or not. */
#define THP_ONE_IN	2048

static struct module module;
static struct region region, small;
static uint64_t state;
static unsigned long returned[256], splits;

/* splitmix64 */
static uint64_t draw(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* A number of the kind that is at the edge of something */
static uint64_t odd_number(void)
{
	switch (draw() % 6) {
	case 0:
		return draw();
	case 1:
		return draw() % 128;
	case 2:
		return 1ULL << draw() % 64;
	case 3:
		return (1ULL << draw() % 64) - 1;
	case 4:
		return -(draw() % 4096);
	default:
		return 0xffffffff80000000 + draw() % 0x80000000;
	}
}

/* An address: ours, in a hole, the kernel's, or across an end of something */
static uint64_t odd_address(void *scratch)
{
	switch (draw() % 5) {
	case 0:
		return (uintptr_t)scratch;
	case 1:
		return (uintptr_t)scratch + draw() % 8192;
	case 2:
		return (uintptr_t)region.addr + draw() % (2 * region.thp_size);
	default:
		return odd_number();
	}
}

/* Where samples may be written: to memory that nothing else is in. */
static uint64_t odd_target(void *scratch)
{
	uint64_t address = odd_address(scratch);

	if (address >= (uintptr_t)scratch &&
	    address < (uintptr_t)scratch + 8192)
		return address;
	return address | 1ULL << 63;
}

/* Nobody else comes, so let there be no time to wait for anybody. */
static void limit_wait(struct fsb_barrier *barrier)
{
	if (barrier->wait_ms <= FSB_MAX_WAIT_MS)
		barrier->wait_ms %= 3;
}

static void change_barrier(struct fsb_barrier *barrier)
{
	barrier->token = odd_number();
	barrier->nr = draw() % 4 ? draw() % 3 : odd_number();
	barrier->wait_ms = odd_number();
	limit_wait(barrier);
}

static void make_ping(struct fsb_ping *ping, void *scratch)
{
	*ping = (struct fsb_ping){
		.version = FSB_VERSION, .cpu = draw() % 4 ? 0 : odd_number(),
		.nr = draw() % 8 ? draw() % 3 : odd_number(),
		.reserved = draw() % 8 ? 0 : odd_number(),
		.samples = odd_target(scratch),
	};
	/* Not as many as are allowed: these take time, and find nothing. */
	if (ping->nr <= FSB_MAX_PINGS)
		ping->nr %= 16;
	if (draw() % 2)
		change_barrier(&ping->barrier);
}

static void change(struct fsb_run *run, void *scratch)
{
	switch (draw() % 13) {
	case 0:
		run->version = odd_number();
		break;
	case 1:
		run->nr = odd_number();
		break;
	case 2:
		run->addr = odd_address(scratch);
		break;
	case 3:
		run->arms = odd_address(scratch);
		break;
	case 4:
		run->samples = odd_target(scratch);
		break;
	case 5:
		run->new_order = odd_number();
		break;
	case 6:
		run->slow_loops = odd_number();
		break;
	case 7:
		run->flags = odd_number();
		break;
	case 8:
		run->order = odd_number();
		break;
	case 9:
		run->nr_events = odd_number();
		break;
	case 10:
		run->nr_events = 1 + draw() % FSB_MAX_EVENTS;
		run->events[draw() % FSB_MAX_EVENTS].type = odd_number();
		run->events[draw() % FSB_MAX_EVENTS].config = odd_number();
		break;
	case 11:
		change_barrier(&run->barrier);
		break;
	default:
		run->spoil_kib = odd_number();
		/* Not as much as is allowed: to read it takes time, and finds nothing. */
		if (run->spoil_kib <= FSB_MAX_SPOIL_KIB)
			run->spoil_kib %= 64;
		break;
	}
}

static void make_run(struct fsb_run *run, void *scratch)
{
	uint8_t *arms = scratch;

	memset(arms, 0, 64);
	*run = (struct fsb_run){
		.version = FSB_VERSION, .nr = 1 + draw() % NR,
		.addr = (uintptr_t)region.addr, .arms = (uintptr_t)arms,
		.samples = (uintptr_t)scratch + 4096,
		.order = draw() % 4 ? 9 : draw() % 11,
		.new_order = draw() % 10, .flags = draw() % 2,
	};
	for (int i = 0; i < NR; i++)
		arms[i] = draw() % 16 ? draw() % module.info.nr_arms : draw();
	if (!(draw() % 8)) {
		for (size_t i = 0; i < sizeof(*run) / 8; i++)
			((uint64_t *)run)[i] = odd_number();
		run->samples = odd_target(scratch);
		limit_wait(&run->barrier);
		return;
	}
	if (draw() % THP_ONE_IN)
		run->addr = (uintptr_t)small.addr;
	else if (draw() % 2)
		return;
	do {
		change(run, scratch);
	} while (draw() % 2);
}

/* One request; errno, or 0, and what was asked if folios were to be split */
static int request(void *scratch, struct fsb_run *asked)
{
	static const unsigned long commands[] = {
		FSB_IOC_INFO, FSB_IOC_ARM, FSB_IOC_RUN, FSB_IOC_PING,
	};
	union {
		struct fsb_run run;
		struct fsb_info info;
		struct fsb_arm arm;
		struct fsb_ping ping;
		uint64_t words[sizeof(struct fsb_run) / 8];
	} arg;
	unsigned long command = FSB_IOC_RUN;
	int error;

	for (size_t i = 0; i < ARRAY_SIZE(arg.words); i++)
		arg.words[i] = odd_number();
	switch (draw() % 16) {
	case 0:
		command = commands[draw() % 2];
		break;
	case 1:
		command = draw();
		/* As it will be understood, whatever is above. */
		if ((uint32_t)command == FSB_IOC_RUN ||
		    (uint32_t)command == FSB_IOC_PING)
			command = 0;
		break;
	case 2:
		return ioctl(module.fd, commands[draw() % 4], odd_number() | 1ULL << 63) ?
		       errno : 0;
	case 3:
		command = FSB_IOC_PING;
		make_ping(&arg.ping, scratch);
		break;
	default:
		make_run(&arg.run, scratch);
	}
	error = ioctl(module.fd, command, &arg) ? errno : 0;
	if (command == FSB_IOC_RUN)
		*asked = arg.run;
	return error;
}

/* May a request that was done be done? */
static bool was_good(const struct fsb_run *run, const uint8_t *arms)
{
	if (run->version != FSB_VERSION || !run->nr || run->nr > FSB_MAX_FOLIOS ||
	    run->order < 2 || run->order > module.info.pmd_order ||
	    run->new_order == 1 || run->new_order >= run->order ||
	    (run->flags & FSB_RUN_SWAPCACHE && run->new_order) ||
	    run->slow_loops > FSB_MAX_SLOW || run->nr_events > FSB_MAX_EVENTS ||
	    run->flags & ~(FSB_RUN_MAPPED | FSB_RUN_SWAPCACHE | FSB_RUN_COLD | FSB_RUN_WARM) ||
	    (run->barrier.token && (run->barrier.nr != 1 || !run->barrier.wait_ms)) ||
	    run->spoil_kib > FSB_MAX_SPOIL_KIB || run->addr % region.thp_size)
		return false;
	for (uint32_t i = 0; i < run->nr && run->arms == (uintptr_t)arms; i++) {
		if (arms[i] >= module.info.nr_arms)
			return false;
	}
	return true;
}

/* Is it one of the refusals that the interface documents? */
static bool is_documented(int error)
{
	static const int documented[] = {
		EPROTONOSUPPORT, E2BIG, ERANGE, EDOM, EBADRQC, EINVAL, EFAULT,
		ENXIO, EOPNOTSUPP, EPERM, ENOMEM, EMEDIUMTYPE, ENODATA, EACCES,
		EBUSY, ENOTTY, ECHRNG, ENOSPC, EUSERS, ETIME, ETIMEDOUT,
		ENOBUFS, ENOPROTOOPT, ENODEV,
	};

	for (size_t i = 0; i < ARRAY_SIZE(documented); i++) {
		if (error == documented[i])
			return true;
	}
	return false;
}

/* What was split, by us or by reclaim, is made anew. */
static void renew(void)
{
	if (region_wrong_pages(&region))
		die(EXIT_DIFFERS, "not ok - what was in the memory is lost");
	if (region_thps(&region) == NR)
		return;
	region_unmap(&region);
	if (region_map(&region, NR, module_thp_size(&module), 0, true))
		die(EXIT_HARNESS, "cannot map: %s", strerror(errno));
	region_fill(&region, draw());
}

int main(int argc, char **argv)
{
	unsigned long requests = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000000;
	unsigned long done = 0, kinds = 0, wrong = 0;
	void *scratch;

	state = argc > 2 ? strtoull(argv[2], NULL, 0) : 20261122;
	setvbuf(stdout, NULL, _IOLBF, 0);
	module = module_open();
	scratch = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (scratch == MAP_FAILED ||
	    region_map(&region, NR, module_thp_size(&module), 0, true) ||
	    region_map(&small, NR, module_thp_size(&module), 0, false))
		die(EXIT_HARNESS, "cannot map: %s", strerror(errno));
	printf("# %lu requests, seed %llu\n", requests, (unsigned long long)state);
	region_fill(&region, 1);
	*small.addr = 1;
	for (; done < requests; done++) {
		struct fsb_run run = { 0 };
		int error = request(scratch, &run);

		returned[error & 255]++;
		if (error ? !is_documented(error) :
			    run.version && !was_good(&run, scratch)) {
			printf("# request %lu: %s\n", done,
			       error ? strerror(error) : "done, and should not be");
			wrong++;
		}
		splits += !error && run.version;
		if ((!error && run.version) || !(done % THP_ONE_IN))
			renew();
	}
	for (int error = 0; error < 256; error++) {
		if (!returned[error])
			continue;
		kinds++;
		printf("# %8lu %s\n", returned[error],
		       error ? strerrorname_np(error) : "done");
	}
	region_unmap(&region);
	region_unmap(&small);
	wrong += memory_lost_pages(false) != 0;
	wrong += splits < requests / (16 * THP_ONE_IN);
	printf("%s - %lu mutated requests, %lu of them split folios: %lu kinds of answers\n",
	       wrong || kinds < 13 ? "not ok" : "ok", done, splits, kinds);
	return wrong || kinds < 13;
}
