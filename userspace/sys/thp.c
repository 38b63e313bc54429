// SPDX-License-Identifier: GPL-2.0
/* Transparent huge pages of this kernel: are they enabled, and how large? */
#include "sys/thp.h"

#include <stdlib.h>

#include "machine/thp_enabled.h"
#include "util/util.h"

void thp_require(void)
{
	char *enabled = read_text("/sys/kernel/mm/transparent_hugepage/enabled");
	struct finding f;

	if (!enabled)
		die(EXIT_SKIP, "no /sys/kernel/mm/transparent_hugepage/enabled: this kernel has no THP");
	free(enabled);
	thp_allow();
	if (thp_disabled(read_text, &f))
		die(EXIT_SKIP, "%s: %s", f.what, f.fix);
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
