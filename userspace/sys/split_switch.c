// SPDX-License-Identifier: GPL-2.0
/* Which split migrations take, in a kernel with several of them */
#include "sys/split_switch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/guard.h"
#include "util/util.h"

/* What is written to it for the code of an arm */
static const struct {
	const char *code;
	const char *variant;
} variants[] = {
	{ "new", "0" }, { "old", "1" }, { "again", "2" },
};

static const char *variant_of(unsigned int arm)
{
	struct arm_defs defs = arm_defs_usual();
	const char *code = arm_code(&defs, arm, ARM_NEW);

	for (size_t i = 0; i < ARRAY_SIZE(variants); i++) {
		if (!strcmp(variants[i].code, code))
			return variants[i].variant;
	}
	die(EXIT_HARNESS, SPLIT_SWITCH " does not choose arm '%s'", arm_name(arm));
}

bool split_switch_there(void)
{
	if (!guard_remember(SPLIT_SWITCH))
		return true;
	if (errno != ENOENT)
		die(EXIT_SKIP, SPLIT_SWITCH ": %s: only root may use it", strerror(errno));
	return false;
}

void split_switch_set(unsigned int arm)
{
	if (write_text(SPLIT_SWITCH, 0, variant_of(arm)))
		die(EXIT_HARNESS, SPLIT_SWITCH ": %s", strerror(errno));
}

/* A kernel with the switch may still lack the second copy of the new split. */
unsigned int split_switch_arms(void)
{
	unsigned int arms = 0;

	for (unsigned int arm = ARM_OLD; arm_is_usual(arm); arm++) {
		if (!write_text(SPLIT_SWITCH, 0, variant_of(arm)))
			arms |= ARM_BIT(arm);
		else if (errno != EINVAL)
			die(EXIT_HARNESS, SPLIT_SWITCH ": %s", strerror(errno));
	}
	split_switch_set(ARM_NEW);
	return arms;
}

int split_switch_changed(unsigned int arm, char *why, size_t size)
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
