/* SPDX-License-Identifier: GPL-2.0 */
/* The arms: what can be timed, what code each executes, what it is held against */
#ifndef SPLITBENCH_ARM_H
#define SPLITBENCH_ARM_H

#include <stdbool.h>

/**
 * enum arm - by the numbers that a record of this version gives them
 * @ARM_EMPTY: no call: the clock's own cost
 * @ARM_OLD: the split as it was, with an argument for unmapped folios
 * @ARM_NEW: folio_split_unmapped()
 * @ARM_AGAIN: A/A control: folio_split_unmapped() compiled a second time; in
 *	       records without a design, ARM_SAME
 * @ARM_SAME: A/A control of one text: what the kernel itself calls, under a
 *	      second label
 * @ARM_SAME_OLD: A/A control of one text: the old split, under a second label
 * @NR_ARMS: how many there are
 */
enum arm {
	ARM_EMPTY, ARM_OLD, ARM_NEW, ARM_AGAIN, ARM_SAME, ARM_SAME_OLD, NR_ARMS
};

extern const char *const arm_names[NR_ARMS];

/* A bit each, in sets of arms */
#define ARM_BIT(arm)	(1U << (arm))
#define ARM_CONTROLS	(ARM_BIT(ARM_AGAIN) | ARM_BIT(ARM_SAME) | \
			 ARM_BIT(ARM_SAME_OLD))

/* Is it an A/A control? */
bool arm_is_control(enum arm arm);

/**
 * arm_code() - what an arm executes
 * @arm: the arm
 * @own: what the kernel itself calls: ARM_NEW, or ARM_OLD before the change
 *
 * Return: the arm that the code is named after.
 */
enum arm arm_code(enum arm arm, enum arm own);

/* The arm that a control is held against, where the kernel itself calls @own */
enum arm arm_against(enum arm control, enum arm own);

#endif /* SPLITBENCH_ARM_H */
