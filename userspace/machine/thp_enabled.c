// SPDX-License-Identifier: GPL-2.0
/* Settings that withhold THPs: sysfs, the kernel's command line, and prctl() */
#include "machine/thp_enabled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define THP	"/sys/kernel/mm/transparent_hugepage/"

void thp_allow(void)
{
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
}

/* Does the file say that, somewhere? No, if it cannot be read. */
static bool says(char *(*text)(const char *path), const char *path, const char *part)
{
	char *all = text(path);
	bool found = all && strstr(all, part);

	free(all);
	return found;
}

/* Each size has a setting of its own since Linux 6.8: "inherit" is the general one. */
static void path_of_size(char *(*text)(const char *path), char *path, size_t size)
{
	char *bytes = text(THP "hpage_pmd_size");

	snprintf(path, size, THP "hugepages-%lukB/enabled",
		 bytes ? strtoul(bytes, NULL, 10) >> 10 : 0);
	free(bytes);
}

bool thp_disabled(char *(*text)(const char *path), struct finding *f)
{
	char path[96];

	path_of_size(text, path, sizeof(path));
	if (says(text, path, "[never]")) {
		snprintf(f->what, sizeof(f->what),
			 "THPs of the PMD's size are disabled, as thp_anon= on the kernel's command line leaves them");
		snprintf(f->fix, sizeof(f->fix), "echo inherit > %s", path);
	} else if (says(text, THP "enabled", "[never]") &&
		   !says(text, path, "[always]") && !says(text, path, "[madvise]")) {
		snprintf(f->what, sizeof(f->what), "THP is disabled");
		snprintf(f->fix, sizeof(f->fix), "echo madvise > " THP "enabled");
	} else if (says(text, "/proc/self/status", "\nTHP_enabled:\t0")) {
		snprintf(f->what, sizeof(f->what),
			 "THP is disabled for this process by PR_SET_THP_DISABLE, which cannot be undone here");
		snprintf(f->fix, sizeof(f->fix),
			 "start it from where prctl() is not filtered, such as a login shell");
	} else {
		return false;
	}
	return true;
}
