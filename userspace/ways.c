// SPDX-License-Identifier: GPL-2.0
#include "ways.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ways_has_new(void)
{
	static enum { UNKNOWN, OLD, NEW } known;
	bool found = false, any = false;
	FILE *file;
	char *line = NULL;
	size_t size = 0;

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
