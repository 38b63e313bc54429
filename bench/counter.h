/* SPDX-License-Identifier: GPL-2.0 */
/* The counter that calls are timed with, and what disturbed them meanwhile */
#ifndef FOLIO_SPLIT_BENCH_COUNTER_H
#define FOLIO_SPLIT_BENCH_COUNTER_H

#include <linux/hardirq.h>
#include <linux/kernel_stat.h>
#include <linux/sched.h>
#include <linux/timex.h>

#ifdef CONFIG_X86
#include <asm/tsc.h>
#endif

#include "folio_split_bench.h"

#ifdef CONFIG_X86
#include <asm/barrier.h>

/* Earlier instructions have completed. LFENCE, not CPUID: no VM exit. */
#define fsb_ticks()	rdtsc_ordered()
/* Later instructions have not begun: reading the TSC does not order them. */
#define fsb_fence()	barrier_nospec()
#else
static __always_inline u64 fsb_ticks(void)
{
	mb(); /* earlier accesses have completed */
	return get_cycles();
}

#define fsb_fence()	mb() /* later accesses have not begun */
#endif

/**
 * fsb_start() - read the CPU's counter at the start of a timed call
 *
 * Return: ticks; always the same where the architecture has no counter.
 */
static __always_inline u64 fsb_start(void)
{
	u64 ticks = fsb_ticks();

	fsb_fence();
	barrier();
	return ticks;
}

/**
 * fsb_end() - read the CPU's counter at the end of a timed call
 *
 * Return: ticks
 */
static __always_inline u64 fsb_end(void)
{
	barrier();
	return fsb_ticks();
}

static inline u64 fsb_counter_khz(void)
{
#ifdef CONFIG_X86
	return tsc_khz;
#else
	return 0;
#endif
}

/**
 * struct fsb_noise - counts of events that could disturb a call
 * @irqs: interrupts of this CPU so far; on x86 also of the local APIC, and NMIs
 * @switches: times this task was switched out so far
 * @cpu: this CPU
 */
struct fsb_noise {
	unsigned long irqs;
	unsigned long switches;
	unsigned int cpu;
};

#ifdef CONFIG_X86
/* Interrupts of the architecture's own, which are in no descriptor */
static inline unsigned long fsb_arch_irqs(const irq_cpustat_t *stat)
{
#ifdef FSB_HAS_IRQ_COUNTS
	unsigned long irqs = 0;

	for (int i = 0; i < IRQ_COUNT_MAX; i++)
		irqs += stat->counts[i];
	return irqs;
#else
	/* Before 7.2 each had a field; of those that only some machines have, none. */
	return stat->__nmi_count + stat->apic_timer_irqs + stat->irq_spurious_count +
	       stat->x86_platform_ipis + stat->apic_perf_irqs + stat->apic_irq_work_irqs +
	       stat->irq_resched_count + stat->irq_call_count + stat->irq_tlb_count;
#endif
}
#endif

static inline void fsb_noise_read(struct fsb_noise *n)
{
	unsigned int cpu = raw_smp_processor_id();

	n->cpu = cpu;
	n->switches = current->nvcsw + current->nivcsw;
	n->irqs = kstat_cpu_irqs_sum(cpu);
#ifdef CONFIG_X86
	n->irqs += fsb_arch_irqs(&per_cpu(irq_stat, cpu));
#endif
}

/* Return: enum fsb_disturbed bits of what happened since @n was read */
static inline u32 fsb_noise_since(const struct fsb_noise *n)
{
	struct fsb_noise now;
	u32 bits = 0;

	fsb_noise_read(&now);
	if (now.cpu != n->cpu)
		bits |= FSB_DISTURBED_MOVED;
	else if (now.irqs != n->irqs)
		bits |= FSB_DISTURBED_IRQ;
	if (now.switches != n->switches)
		bits |= FSB_DISTURBED_PREEMPT;
	return bits;
}

#endif /* FOLIO_SPLIT_BENCH_COUNTER_H */
