/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When the threads of a round were in their calls: each has a first and a last
 * tick, both since the first thread began.
 */
#ifndef SPLITBENCH_SPAN_H
#define SPLITBENCH_SPAN_H

#include <stdint.h>

/* The part of a round's time in which all threads were in their calls, 0 to 1 */
double span_overlap(const uint64_t span[][2], unsigned int threads);

/* By how much the last thread began after the first, ticks */
uint64_t span_skew(const uint64_t span[][2], unsigned int threads);

#endif /* SPLITBENCH_SPAN_H */
