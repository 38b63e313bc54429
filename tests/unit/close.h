/* SPDX-License-Identifier: GPL-2.0 */
/* Comparison of floating-point numbers, for the unit tests */
#ifndef SPLITBENCH_TESTS_CLOSE_H
#define SPLITBENCH_TESTS_CLOSE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static inline void assert_close(double is, double want, double tolerance)
{
	if (!(fabs(is - want) <= tolerance))
		fail_msg("%.12g is not %.12g within %g", is, want, tolerance);
}

#endif /* SPLITBENCH_TESTS_CLOSE_H */
