/* SPDX-License-Identifier: GPL-2.0 */
/* Calls between two timer ticks: what a tick costs is none of theirs. */
#ifndef SPLITBENCH_TICK_H
#define SPLITBENCH_TICK_H

#include <stdint.h>

/**
 * tick_avoid() - return when there is time enough until the next tick
 * @ns: what follows takes so long; 0: not known
 *
 * Spins until just after a tick if there is not, and whenever @ns is not known or
 * is longer than a tick: then what follows meets the same number of ticks each time.
 */
void tick_avoid(uint64_t ns);

/* The time in nanoseconds, to find out @ns */
uint64_t tick_now(void);

#endif /* SPLITBENCH_TICK_H */
