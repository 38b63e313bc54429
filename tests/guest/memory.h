/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SPLITBENCH_TESTS_MEMORY_H
#define SPLITBENCH_TESTS_MEMORY_H

#include <fcntl.h>
#include <linux/kernel-page-flags.h>
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

/**
 * memory_lost_pages() - pages that somebody has taken and not given back
 *
 * Anonymous pages that nobody has mapped and the swapcache does not have, and
 * such as are locked. What waits in a CPU's batch to be freed is first freed.
 *
 * Return: how many; -1 if the kernel does not tell.
 */
static inline long memory_lost_pages(void)
{
	const uint64_t bad = 1ULL << KPF_ANON | 1ULL << KPF_LOCKED;
	const uint64_t good = 1ULL << KPF_MMAP | 1ULL << KPF_SWAPCACHE |
			      1ULL << KPF_KSM;
	int fd = open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC);
	uint64_t flags[1024];
	long lost = 0;
	ssize_t got;

	/* Drains the batches of all CPUs. */
	if (fd < 0 || write(fd, "1", 1) != 1)
		return -1;
	close(fd);
	fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while ((got = read(fd, flags, sizeof(flags))) > 0) {
		for (size_t i = 0; i < got / sizeof(*flags); i++)
			lost += (flags[i] & bad) && !(flags[i] & good);
	}
	close(fd);
	return got < 0 ? -1 : lost;
}

#endif /* SPLITBENCH_TESTS_MEMORY_H */
