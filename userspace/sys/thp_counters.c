// SPDX-License-Identifier: GPL-2.0
/* The kernel's counters of THPs, before a round and after it */
#include "sys/thp_counters.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/test_hmm.h"
#include "util/util.h"

#define MTHP	"/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/"

/* The number behind @key, a line's first word less a colon. */
static bool find(const char *path, const char *key, uint64_t *value)
{
	unsigned long long number;
	size_t len = strlen(key);
	char *text = read_text(path);
	bool found = false;

	for (char *line = text; line && !found;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (strncmp(line, key, len) || !strchr(" :", line[len]))
			continue;
		found = sscanf(line + len + 1, "%llu", &number) == 1;
		*value = number;
	}
	free(text);
	return found;
}

uint64_t meminfo(const char *key)
{
	uint64_t kib = 0;

	return find("/proc/meminfo", key, &kib) ? kib << 10 : 0;
}

uint64_t node_available(int node)
{
	static const char *const keys[] = {
		"MemFree", "Active(file)", "Inactive(file)"
	};
	uint64_t kib, sum = 0;
	char path[64], key[64];

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/meminfo",
		 node);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		snprintf(key, sizeof(key), "Node %d %s", node, keys[i]);
		if (find(path, key, &kib))
			sum += kib << 10;
	}
	return sum;
}

uint64_t vmstat(const char *key)
{
	uint64_t value;

	if (!find("/proc/vmstat", key, &value))
		die(EXIT_SKIP, "no %s in /proc/vmstat: this kernel has no THP, or does not count events (CONFIG_VM_EVENT_COUNTERS)",
		    key);
	return value;
}

struct counters counters_read(void)
{
	char *splits = read_text(MTHP "split");
	struct counters c = {
		.pmd_splits = vmstat("thp_split_pmd"),
		.page_splits = vmstat("thp_split_page"),
	};
	int chunks = hmm_chunks();

	if (!splits)
		die(EXIT_SKIP, "no " MTHP "split: it needs Linux 6.10");
	if (chunks < 0)
		die(EXIT_SKIP, "/proc/iomem cannot be read");
	c.mthp_splits = strtoull(splits, NULL, 10);
	c.device_chunks = chunks;
	free(splits);
	return c;
}

void counters_add(struct counters *sum, const struct counters *before)
{
	struct counters now = counters_read();

	sum->pmd_splits += now.pmd_splits - before->pmd_splits;
	sum->page_splits += now.page_splits - before->page_splits;
	sum->mthp_splits += now.mthp_splits - before->mthp_splits;
	sum->device_chunks += now.device_chunks - before->device_chunks;
}

int counters_wrong(const struct counters *before, const struct counters *after,
		   const struct counters *own, unsigned int fallbacks,
		   char *why, size_t size)
{
	uint64_t pmd = after->pmd_splits - before->pmd_splits - own->pmd_splits;
	uint64_t page = after->page_splits - before->page_splits -
			own->page_splits;
	uint64_t mthp = after->mthp_splits - before->mthp_splits -
			own->mthp_splits;

	if (pmd != fallbacks)
		snprintf(why, size, "thp_split_pmd +%llu, not +%u",
			 (unsigned long long)pmd, fallbacks);
	else if (page)
		snprintf(why, size, "thp_split_page +%llu, not +0",
			 (unsigned long long)page);
	else if (mthp)
		snprintf(why, size, "hugepages-2048kB/stats/split +%llu, not +0",
			 (unsigned long long)mthp);
	else if (after->device_chunks != before->device_chunks)
		snprintf(why, size, "the device got another chunk of memory");
	else
		return 0;
	return 1;
}
