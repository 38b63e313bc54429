/* SPDX-License-Identifier: GPL-2.0 */
/* Units and counts of ticks, in words */
#ifndef SPLITBENCH_UNITS_H
#define SPLITBENCH_UNITS_H

/* What a unit of ticks means, in words: none of them passes for another. */
const char *units_text(const char *unit);

/* A count of ticks in 8 columns at most: 43958, 3498.7k, 711.9M, 3.1G */
const char *units_ticks(double ticks, char text[16]);

#endif /* SPLITBENCH_UNITS_H */
