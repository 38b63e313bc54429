/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SPLITBENCH_TESTS_MEMORY_H
#define SPLITBENCH_TESTS_MEMORY_H

#include <stdio.h>
#include <string.h>

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

/* Free pages, those in the per-CPU lists among them. */
static inline long memory_free_pages(void)
{
	FILE *file = fopen("/proc/zoneinfo", "re");
	long count, sum = memory_vmstat("nr_free_pages");
	char line[128];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " count: %ld", &count) == 1)
			sum += count;
	}
	if (file)
		fclose(file);
	return sum;
}

#endif /* SPLITBENCH_TESTS_MEMORY_H */
