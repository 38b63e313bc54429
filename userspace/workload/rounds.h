/* SPDX-License-Identifier: GPL-2.0 */
/* The rounds of a block, and what a repeated one follows */
#ifndef SPLITBENCH_ROUNDS_H
#define SPLITBENCH_ROUNDS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct round_ops - how a job runs its rounds
 * @run: run a round of an arm and record it. Returns false if it is to be repeated;
 *	 does not return if it was repeated too often
 * @precede: run a round of that arm, in place of the one given, and record nothing
 */
struct round_ops {
	bool (*run)(void *data, unsigned int round, unsigned int arm);
	void (*precede)(void *data, unsigned int round, unsigned int arm);
};

/**
 * rounds_run() - run the rounds of a block in their order
 * @order: the arm of each
 * @nr: how many
 * @ops: how
 * @data: for @ops
 *
 * The order is balanced for what the round before leaves in caches and predictors. A
 * round that is repeated would follow itself, so the arm before it is run once more
 * first. Nothing depends on what is before empty rounds and the first one.
 */
void rounds_run(const uint8_t *order, unsigned int nr, const struct round_ops *ops,
		void *data);

#endif /* SPLITBENCH_ROUNDS_H */
