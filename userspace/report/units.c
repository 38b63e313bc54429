// SPDX-License-Identifier: GPL-2.0
/* Units and counts of ticks, in words */
#include "report/units.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "util/util.h"

const char *units_text(const char *unit)
{
	static const char *const meaning[][2] = {
		{ "instructions", "instructions executed (emulated CPU, exact; not time)" },
		{ "emulated", "ticks of an emulated CPU (not the time of hardware)" },
		{ "tsc", "TSC ticks" },
		{ "ns", "nanoseconds" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(meaning); i++) {
		if (!strcmp(meaning[i][0], unit))
			return meaning[i][1];
	}
	return unit;
}

const char *units_ticks(double ticks, char text[16])
{
	if (ticks < 99999.5)
		snprintf(text, 16, "%.0f", ticks);
	else if (ticks < 99999.95e3)
		snprintf(text, 16, "%.1fk", ticks / 1e3);
	else if (ticks < 99999.95e6)
		snprintf(text, 16, "%.1fM", ticks / 1e6);
	else
		snprintf(text, 16, "%.1fG", ticks / 1e9);
	return text;
}
