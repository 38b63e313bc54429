// SPDX-License-Identifier: GPL-2.0
/* Transparent huge pages of this kernel: are they enabled, and how large? */
#include "sys/thp.h"

#include <stdlib.h>
#include <string.h>

#include "util/util.h"

void thp_require(void)
{
	static const char path[] = "/sys/kernel/mm/transparent_hugepage/enabled";
	char *text = read_text(path);

	if (!text)
		die(EXIT_SKIP, "no %s: this kernel has no THP", path);
	if (strstr(text, "[never]"))
		die(EXIT_SKIP, "THP is disabled: echo madvise > %s", path);
	free(text);
}

size_t thp_size(void)
{
	char *text = read_text("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
	size_t size = text ? strtoul(text, NULL, 10) : 0;

	free(text);
	if (!size)
		die(EXIT_SKIP, "this kernel does not report the size of its THPs");
	return size;
}
