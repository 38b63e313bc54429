// SPDX-License-Identifier: GPL-2.0
/*
 * A million requests to the module that nobody would make: random ones, and
 * good ones with something changed. None may do more than be refused, or be
 * what it says. From a seed, so that what happened can happen again:
 *
 *   test_fuzz [REQUESTS [SEED]]
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"
#include "module.h"
#include "region.h"
#include "util.h"

#define NR		2
/* To split takes its time: so often the memory is there, in vain or not. */
#define THP_ONE_IN	2048

static struct module module;
static struct region region, small;
static uint64_t state;
static unsigned long told[256];

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

static void change(struct fsb_run *run, void *scratch)
{
	switch (draw() % 9) {
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
	default:
		run->reserved = odd_number();
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
		.new_order = draw() % 10, .flags = draw() % 2,
	};
	for (int i = 0; i < NR; i++)
		arms[i] = draw() % 16 ? draw() % module.info.nr_arms : draw();
	if (!(draw() % 8)) {
		for (size_t i = 0; i < sizeof(*run) / 8; i++)
			((uint64_t *)run)[i] = odd_number();
		run->samples = odd_target(scratch);
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

/* One request; errno, or 0 */
static int request(void *scratch)
{
	static const unsigned long commands[] = {
		FSB_IOC_INFO, FSB_IOC_ARM, FSB_IOC_RUN,
	};
	union {
		struct fsb_run run;
		struct fsb_info info;
		struct fsb_arm arm;
		uint64_t words[16];
	} arg;
	unsigned long command = FSB_IOC_RUN;

	for (size_t i = 0; i < ARRAY_SIZE(arg.words); i++)
		arg.words[i] = odd_number();
	switch (draw() % 16) {
	case 0:
		command = commands[draw() % 2];
		break;
	case 1:
		command = draw();
		/* As it will be understood, whatever is above. */
		if ((uint32_t)command == FSB_IOC_RUN)
			command = 0;
		break;
	case 2:
		return ioctl(module.fd, commands[draw() % 3], odd_number() | 1ULL << 63) ?
		       errno : 0;
	default:
		make_run(&arg.run, scratch);
	}
	return ioctl(module.fd, command, &arg) ? errno : 0;
}

/* What was split, or written to at random, is made anew. */
static void renew(void)
{
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
	unsigned long done = 0, kinds = 0;
	void *scratch;

	state = argc > 2 ? strtoull(argv[2], NULL, 0) : 20261122;
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
		int error = request(scratch);

		told[error & 255]++;
		if (!error)
			renew();
	}
	for (int error = 0; error < 256; error++) {
		if (!told[error])
			continue;
		kinds++;
		printf("# %8lu %s\n", told[error],
		       error ? strerrorname_np(error) : "done");
	}
	printf("%s - %lu mutated requests: %lu kinds of answers\n",
	       kinds >= 14 && told[0] ? "ok" : "not ok", done, kinds);
	return kinds >= 14 && told[0] ? 0 : 1;
}
