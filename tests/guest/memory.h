/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel says of memory, for tests in the guest */
#ifndef SPLITBENCH_TESTS_MEMORY_H
#define SPLITBENCH_TESTS_MEMORY_H

#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A counter of /proc/vmstat; -1 if there is none of that name. */
static inline long memory_vmstat(const char *name)
{
	char line[128], key[96];
	FILE *file = fopen("/proc/vmstat", "re");
	long value, found = -1;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%95s %ld", key, &value) == 2 &&
		    !strcmp(key, name))
			found = value;
	}
	if (file)
		fclose(file);
	return found;
}

/* Where /proc/kpage* of that name has the page's number */
static inline uint64_t memory_of_page(const char *name, uint64_t pfn)
{
	uint64_t value = 0;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/kpage%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, &value, sizeof(value), pfn * sizeof(value)) != sizeof(value))
		value = UINT64_MAX;
	if (fd >= 0)
		close(fd);
	return value;
}

/* A run of lost pages, in a line: what the kernel says of the first */
static inline void memory_print_run(uint64_t pfn, long nr, uint64_t flags)
{
	printf("# lost: %ld pages from pfn 0x%llx: flags 0x%llx, mapped %lld times, cgroup's inode %lld\n",
	       nr, (unsigned long long)pfn, (unsigned long long)flags,
	       (long long)memory_of_page("count", pfn),
	       (long long)memory_of_page("cgroup", pfn));
}

/**
 * memory_lost_pages() - pages that somebody has taken and not given back
 * @print: say which
 *
 * Anonymous pages that nobody has mapped and the swapcache does not have, and
 * such as are locked. What waits in a CPU's batch to be freed is first freed.
 *
 * Return: how many; -1 if the kernel does not say.
 */
static inline long memory_lost_pages(bool print)
{
	const uint64_t bad = 1ULL << KPF_ANON | 1ULL << KPF_LOCKED;
	const uint64_t good = 1ULL << KPF_MMAP | 1ULL << KPF_SWAPCACHE |
			      1ULL << KPF_KSM;
	int fd = open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC);
	uint64_t flags[1024], pfn = 0, first = 0, of_first = 0;
	long lost = 0, run = 0;
	ssize_t got;

	/* Drains the batches of all CPUs. */
	if (fd < 0 || write(fd, "1", 1) != 1)
		return -1;
	close(fd);
	fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while ((got = read(fd, flags, sizeof(flags))) > 0) {
		for (size_t i = 0; i < got / sizeof(*flags); i++, pfn++) {
			bool is_lost = (flags[i] & bad) && !(flags[i] & good);

			lost += is_lost;
			if (run && (!is_lost || flags[i] != of_first)) {
				if (print)
					memory_print_run(first, run, of_first);
				run = 0;
			}
			if (is_lost && !run) {
				first = pfn;
				of_first = flags[i];
			}
			run += is_lost;
		}
	}
	if (run && print)
		memory_print_run(first, run, of_first);
	close(fd);
	return got < 0 ? -1 : lost;
}

#endif /* SPLITBENCH_TESTS_MEMORY_H */
