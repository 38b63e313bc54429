// SPDX-License-Identifier: GPL-2.0
/* Is this kernel from before or after the change? */
#include "sys/split_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/split_switch.h"

bool split_path_has_new(void)
{
	static enum { UNKNOWN, OLD, NEW } known;
	bool found = false, any = false;
	FILE *file;
	char *line = NULL;
	size_t size = 0;

	/* Only a kernel that has both has the switch; to read all symbols takes long. */
	if (!known && !access(SPLIT_SWITCH, F_OK))
		known = NEW;
	if (known)
		return known == NEW;
	file = fopen("/proc/kallsyms", "re");
	while (file && !found && getline(&line, &size, file) > 0) {
		any = true;
		line[strcspn(line, "\t\n")] = '\0';
		found = strstr(line, " folio_split_unmapped") &&
			!strcmp(strrchr(line, ' '), " folio_split_unmapped");
	}
	free(line);
	if (file)
		fclose(file);
	known = found || !any ? NEW : OLD;
	return known == NEW;
}
