/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SPLITBENCH_UNITS_H
#define SPLITBENCH_UNITS_H

/* What a unit of ticks means, in words: none of them passes for another. */
const char *units_text(const char *unit);

#endif /* SPLITBENCH_UNITS_H */
