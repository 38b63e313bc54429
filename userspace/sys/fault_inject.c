// SPDX-License-Identifier: GPL-2.0
/* fail_page_alloc, which makes large allocations of ours fail */
#include "sys/fault_inject.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machine/guard.h"
#include "util/util.h"

#define DIR	"/sys/kernel/debug/fail_page_alloc/"

bool inject_there(void)
{
	return !access(DIR, F_OK);
}

void inject_prepare(unsigned int order)
{
	char min_order[16];
	const char *const settings[][2] = {
		/* First whom it is for, last that it is on. */
		{ DIR "task-filter", "1" },
		{ DIR "verbose", "0" },
		{ DIR "min-order", min_order },
		{ DIR "ignore-gfp-wait", "0" },
		{ DIR "ignore-gfp-highmem", "0" },
		{ DIR "interval", "1" },
		{ DIR "space", "0" },
		{ DIR "times", "-1" },
		{ DIR "probability", "100" },
	};

	snprintf(min_order, sizeof(min_order), "%u", order);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		if (guard_set(settings[i][0], settings[i][1]))
			die(EXIT_SKIP, "%s: %s: it needs root and a kernel with CONFIG_FAIL_PAGE_ALLOC and CONFIG_FAULT_INJECTION_DEBUG_FS",
			    settings[i][0], strerror(errno));
	}
}

void inject_here(bool fail)
{
	static const char path[] = "/proc/thread-self/make-it-fail";

	if (write_text(path, 0, fail ? "1" : "0"))
		die(EXIT_SKIP, "%s: %s: it needs root and a kernel with CONFIG_FAULT_INJECTION",
		    path, strerror(errno));
}
