/* SPDX-License-Identifier: GPL-2.0 */
/* Which tests of a program are run */
#ifndef SPLITBENCH_TESTS_WANTED_H
#define SPLITBENCH_TESTS_WANTED_H

#include <stdlib.h>

/* Those that match @pattern, or the environment's TEST_PATTERN; else all */
static inline void run_only(const char *pattern)
{
	if (!pattern)
		pattern = getenv("TEST_PATTERN");
	cmocka_set_test_filter(pattern && *pattern ? pattern : NULL);
}

#endif /* SPLITBENCH_TESTS_WANTED_H */
