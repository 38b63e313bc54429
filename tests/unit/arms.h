/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers of the controls that are known from the start, for tables in tests */
#ifndef SPLITBENCH_TESTS_ARMS_H
#define SPLITBENCH_TESTS_ARMS_H

#include "record/arm.h"

#define AGAIN		3
#define SAME		4
#define SAME_OLD	5
#define NR_USUAL	6

/* They are what their names say. */
static inline void require_numbers(void)
{
	assert_int_equal(arm_number("again"), AGAIN);
	assert_int_equal(arm_number("same"), SAME);
	assert_int_equal(arm_number("same_old"), SAME_OLD);
}

#endif /* SPLITBENCH_TESTS_ARMS_H */
