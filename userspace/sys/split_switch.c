// SPDX-License-Identifier: GPL-2.0
/* Which split migrations take, in a kernel with several of them */
#include "sys/split_switch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/guard.h"
#include "util/util.h"

/* What is written to it for an arm */
static const char *variant_of(enum arm arm)
{
	if (arm == ARM_AGAIN)
		return "2";
	return arm == ARM_OLD || arm == ARM_SAME_OLD ? "1" : "0";
}

bool split_switch_there(void)
{
	if (!guard_remember(SPLIT_SWITCH))
		return true;
	if (errno != ENOENT)
		die(EXIT_SKIP, SPLIT_SWITCH ": %s: it is for root", strerror(errno));
	return false;
}

void split_switch_set(enum arm arm)
{
	if (write_text(SPLIT_SWITCH, 0, variant_of(arm)))
		die(EXIT_HARNESS, SPLIT_SWITCH ": %s", strerror(errno));
}

/* A kernel with the switch may still lack the second copy of the new split. */
unsigned int split_switch_arms(void)
{
	unsigned int arms = ARM_BIT(ARM_OLD) | ARM_BIT(ARM_NEW) | ARM_BIT(ARM_SAME_OLD);

	if (!write_text(SPLIT_SWITCH, 0, variant_of(ARM_AGAIN)))
		arms |= ARM_BIT(ARM_AGAIN);
	else if (errno != EINVAL)
		die(EXIT_HARNESS, SPLIT_SWITCH ": %s", strerror(errno));
	split_switch_set(ARM_NEW);
	return arms;
}

int split_switch_changed(enum arm arm, char *why, size_t size)
{
	const char *want = variant_of(arm);
	char *is = read_text(SPLIT_SWITCH);
	int ret = !is || strcmp(is, want);

	if (ret)
		snprintf(why, size, "the switch is %s, not %s",
			 is ? is : "gone", want);
	free(is);
	return ret;
}
