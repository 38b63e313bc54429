/* SPDX-License-Identifier: GPL-2.0 */
/* The CPU's cycle counter, which times all calls, and the time since boot */
#ifndef SPLITBENCH_CLOCK_H
#define SPLITBENCH_CLOCK_H

#include <stdint.h>

/* The CPU's cycle counter, the same that the module reads; 0: there is none */
uint64_t clock_ticks(void);

/* Its rate, ticks per millisecond, measured against the time */
uint64_t clock_khz(void);

/* Milliseconds since the machine booted */
uint64_t clock_since_boot_ms(void);

#endif /* SPLITBENCH_CLOCK_H */
