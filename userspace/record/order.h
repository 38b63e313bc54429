/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The order of a block's calls: a race on equal terms. Each code is executed
 * equally often, and follows each other code equally often, so that no arm
 * finds its code warmer, or caches and predictors in a better state, than
 * another one does.
 */
#ifndef SPLITBENCH_ORDER_H
#define SPLITBENCH_ORDER_H

#include <gsl/gsl_rng.h>
#include <stdbool.h>
#include <stdint.h>

#include "record/arm.h"

#define ORDER_MAX_ARMS	ARM_MAX
/* Of a record whose blocks are ordered so; older ones shuffled their arms. */
#define ORDER_DESIGN	"carryover-balanced/1"

/**
 * struct order_arms - what is to be ordered
 * @nr: how many arms that execute something
 * @arm: them, by numbers of the caller's
 * @code: of each, which code it executes: 0 to @codes - 1. Arms of one code share
 *	  its executions.
 * @codes: how many codes there are
 */
struct order_arms {
	unsigned int nr;
	uint8_t arm[ORDER_MAX_ARMS];
	uint8_t code[ORDER_MAX_ARMS];
	unsigned int codes;
};

/**
 * order_arms() - what has to be ordered for a set of arms
 * @set: them, as bits; the empty one executes nothing and is left out
 * @defs: what each executes
 * @own: what the kernel itself calls
 *
 * Return: them, with the code that each executes.
 */
struct order_arms order_arms(unsigned int set, const struct arm_defs *defs,
			     unsigned int own);

/**
 * order_reps() - how often each arm has to be called for a balance
 * @arms: what is ordered
 * @reps: how often it is wanted at least
 *
 * Return: @reps, or the next number that allows one. Of codes that fewer arms share
 * than another code's, each arm is called more often than that.
 */
unsigned int order_reps(const struct order_arms *arms, unsigned int reps);

/**
 * order_length() - how many calls an order is of
 * @arms: what is ordered
 * @reps: how often each arm is called, as order_reps() returned it
 * @back_to_back: calls of one code are made one after the other
 *
 * Return: calls, the lead-in among them, which is the first one.
 */
unsigned int order_length(const struct order_arms *arms, unsigned int reps,
			  bool back_to_back);

/**
 * order_draw() - draw an order
 * @arms: what is ordered
 * @reps: how often each arm is called, as order_reps() returned it
 * @back_to_back: the calls of a code are made in runs, and the first call of a
 *		  run comes on top of @reps
 * @rng: to draw it by
 * @order: gets order_length() arms. The first is the lead-in: what is before it
 *	   is not a call, so it is not to be analysed, and what follows it
 *	   then is. It is of the same code as the last.
 *
 * A random Eulerian circuit of the directed graph in which each code has an
 * edge to each other one: walked backwards from a random spanning tree
 * (Aldous-Broder), the other edges of each code in random order. Each circuit
 * is equally likely. Source: van Aardenne-Ehrenfest and de Bruijn, Circuits
 * and trees in oriented linear graphs, Simon Stevin 28, 1951; that orders
 * which are balanced for first-order carryover are such circuits: Finney and
 * Outhwaite, Serially balanced sequences, Nature 176, 1955.
 */
void order_draw(const struct order_arms *arms, unsigned int reps,
		bool back_to_back, gsl_rng *rng, uint8_t *order);

#endif /* SPLITBENCH_ORDER_H */
