/* SPDX-License-Identifier: GPL-2.0 */
/* How large a run has to be, by the variance that was seen in another */
#ifndef SPLITBENCH_SAMPLE_SIZE_H
#define SPLITBENCH_SAMPLE_SIZE_H

#include "analysis/analysis.h"

/**
 * struct advice - boots for a run, and what they will come to
 * @boots: how many
 * @enough: they are expected to do for a verdict on every cell
 * @boot_seconds: what a boot is expected to take
 */
struct advice {
	unsigned int boots;
	bool enough;
	double boot_seconds;
};

/**
 * advise_blocks() - blocks of a cell in a boot, for the least variance of the
 * run's estimates in a given time
 * @within: variance of one block
 * @block_cost: time of a block
 * @between: variance between boots, of all cells together
 * @boot_cost: time of a boot without any block, in the same unit
 *
 * Source: two-stage sampling, W. G. Cochran, Sampling Techniques, 3rd ed.
 * 1977, section 10.6; of benchmarks: T. Kalibera and R. Jones, Rigorous
 * benchmarking in reasonable time, ISMM 2013. The boot's statistic is the
 * median of the blocks, whose variance is pi/2 times that of a mean.
 *
 * Return: 2 to 64.
 */
unsigned int advise_blocks(double within, double block_cost, double between,
			   double boot_cost);

/**
 * advise_boots() - boots that a verdict takes
 * @variance: of the estimate, times the number of boots: of what one boot
 *	      says, or the sum of both runs'
 * @runs: 1, or 2 that are compared, with as many boots each
 * @target: the log that the upper bound of the interval is to be below if there
 *	    is no difference, in ADVISE_POWER of all cases
 * @confidence: of the interval
 * @least: boots without which there is no inference
 *
 * Source: the usual size of a sample for one-sided equivalence, (t + t')^2
 * variance / target^2, solved by trying as both t depend on it.
 *
 * Return: @least to PLAN_MAX_BOOTS, which stands for more as well.
 */
unsigned int advise_boots(double variance, unsigned int runs, double target,
			  double confidence, unsigned int least);
#define ADVISE_POWER	0.8

/**
 * advise() - choose a run's size
 * @pilot: a run of the same cells
 * @seconds: that the run may take
 * @boot_seconds: that a boot of the pilot took
 * @compare: the run is to be compared with another of its size: unpaired
 * @plan: gets the boots, and the blocks of each cell
 *
 * As many boots as a verdict on each cell takes, or as many as there is time
 * for; of these, rather six with fewer blocks than fewer with more.
 *
 * Return: what was chosen, and by what it is limited.
 */
struct advice advise(const struct analysis *pilot, double seconds,
		     double boot_seconds, bool compare, struct plan *plan);

/* Boots that the ab question of this cell needs for the plan's margin; 0: not
 * known from one boot
 */
unsigned int advise_needed(const struct analysis *a, const struct cell_result *r);

#endif /* SPLITBENCH_SAMPLE_SIZE_H */
