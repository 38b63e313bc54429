// SPDX-License-Identifier: GPL-2.0
#include "units.h"

#include <stddef.h>
#include <string.h>

#include "util.h"

const char *units_text(const char *unit)
{
	static const char *const meaning[][2] = {
		{ "instructions", "instructions executed (emulated CPU, exact; not time)" },
		{ "emulated", "ticks of an emulated CPU (not the time of hardware)" },
		{ "tsc", "TSC ticks" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(meaning); i++) {
		if (!strcmp(meaning[i][0], unit))
			return meaning[i][1];
	}
	return unit;
}
