// SPDX-License-Identifier: GPL-2.0
/* The splits of an unmapped folio that this kernel has for migrations */
#include "sys/split_path.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/split_functions.h"
#include "sys/split_switch.h"
#include "util/util.h"

static bool has_switch(void)
{
	return !access(SPLIT_SWITCH, F_OK);
}

unsigned int split_path_native(void)
{
	static unsigned int native = ARM_NONE;
	char *symbols;

	/* Only a kernel that has both has the switch; to read all symbols takes long. */
	if (native == ARM_NONE && has_switch())
		native = ARM_NEW;
	if (native != ARM_NONE)
		return native;
	symbols = read_text("/proc/kallsyms");
	native = symbols && !strstr(symbols, " " SPLIT_NEW_FUNCTION "\n") ? ARM_OLD : ARM_NEW;
	free(symbols);
	return native;
}

unsigned int split_path_arms(void)
{
	if (has_switch())
		return ARM_BIT(ARM_OLD) | ARM_BIT(ARM_NEW);
	return ARM_BIT(split_path_native());
}

const char *split_path_function(unsigned int arm)
{
	if (arm == ARM_NEW)
		return SPLIT_NEW_FUNCTION;
	return split_path_native() == ARM_OLD ? SPLIT_BEFORE_FUNCTION : SPLIT_OLD_FUNCTION;
}
