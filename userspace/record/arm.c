// SPDX-License-Identifier: GPL-2.0
/* The arms: what can be timed, what code each executes, what it is held against */
#include "record/arm.h"

const char *const arm_names[NR_ARMS] = {
	[ARM_EMPTY] = "empty",
	[ARM_OLD] = "old",
	[ARM_NEW] = "new",
	[ARM_AGAIN] = "again",
	[ARM_SAME] = "same",
	[ARM_SAME_OLD] = "same_old",
};

bool arm_is_control(enum arm arm)
{
	return ARM_CONTROLS >> arm & 1;
}

enum arm arm_code(enum arm arm, enum arm own)
{
	if (arm == ARM_SAME)
		return own;
	return arm == ARM_SAME_OLD ? ARM_OLD : arm;
}

enum arm arm_against(enum arm control, enum arm own)
{
	return control == ARM_SAME_OLD ? ARM_OLD : own;
}
