// SPDX-License-Identifier: GPL-2.0
/* The order of a block's calls, balanced for what the call before leaves behind */
#include "record/order.h"

#include <gsl/gsl_randist.h>
#include <stdlib.h>
#include <string.h>

#include "util/util.h"

struct order_arms order_arms(unsigned int set, const struct arm_defs *defs,
			     unsigned int own)
{
	struct order_arms arms = { 0 };

	for (unsigned int arm = ARM_EMPTY + 1; arm < ARM_MAX; arm++) {
		unsigned int i = 0;

		if (!(set >> arm & 1))
			continue;
		while (i < arms.nr && !arm_same_code(defs, arms.arm[i], arm, own))
			i++;
		arms.code[arms.nr] = i < arms.nr ? arms.code[i] : arms.codes++;
		arms.arm[arms.nr++] = arm;
	}
	return arms;
}

/* The most arms that share a code */
static unsigned int most_of_a_code(const struct order_arms *arms)
{
	unsigned int nr[ORDER_MAX_ARMS] = { 0 }, most = 1;

	for (unsigned int i = 0; i < arms->nr; i++) {
		if (++nr[arms->code[i]] > most)
			most = nr[arms->code[i]];
	}
	return most;
}

static unsigned int arms_of(const struct order_arms *arms, unsigned int code)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < arms->nr; i++)
		nr += arms->code[i] == code;
	return nr;
}

/* How often each code is executed, but for first calls of runs and the lead-in */
static unsigned int executions(const struct order_arms *arms, unsigned int reps)
{
	return reps * most_of_a_code(arms);
}

/* Are so many executions of each code shared evenly by its arms, and its turns? */
static bool is_even(const struct order_arms *arms, unsigned int n)
{
	if (arms->codes > 1 && n % (arms->codes - 1))
		return false;
	for (unsigned int code = 0; code < arms->codes; code++) {
		if (n % arms_of(arms, code))
			return false;
	}
	return true;
}

unsigned int order_reps(const struct order_arms *arms, unsigned int reps)
{
	while (arms->nr && !is_even(arms, executions(arms, reps)))
		reps++;
	return reps;
}

/* How often a code has its turn: once for each call, or for each run of them */
static unsigned int turns_of(const struct order_arms *arms, unsigned int reps,
			     bool back_to_back)
{
	if (arms->codes < 2)
		return 1;
	return back_to_back ? arms->codes - 1 : executions(arms, reps);
}

/* Calls of a turn */
static unsigned int run_of(const struct order_arms *arms, unsigned int reps,
			   bool back_to_back)
{
	unsigned int n = executions(arms, reps);

	if (arms->codes < 2)
		return n;
	return back_to_back ? 1 + n / (arms->codes - 1) : 1;
}

unsigned int order_length(const struct order_arms *arms, unsigned int reps,
			  bool back_to_back)
{
	if (!arms->nr)
		return 0;
	return 1 + arms->codes * turns_of(arms, reps, back_to_back) *
	       run_of(arms, reps, back_to_back);
}

/* GSL takes a list of nothing for an error. */
static void shuffle(gsl_rng *rng, uint8_t *list, unsigned int n)
{
	if (n > 1)
		gsl_ran_shuffle(rng, list, n, sizeof(*list));
}

/*
 * From each code but @root, the edge that a random walk left it by last before it came
 * to the root is the last one that the circuit leaves it by.
 */
static void draw_tree(unsigned int codes, unsigned int root, gsl_rng *rng,
		      unsigned int *last)
{
	bool seen[ORDER_MAX_ARMS] = { false };
	unsigned int at = root, left = codes - 1;

	seen[root] = true;
	while (left) {
		unsigned int next = gsl_rng_uniform_int(rng, codes - 1);

		next += next >= at;
		/* The first entry into a code is its edge to the root's side. */
		if (!seen[next]) {
			seen[next] = true;
			last[next] = at;
			left--;
		}
		at = next;
	}
}

/* The codes' turns: @turns of each, and at the end the first once more */
static void draw_turns(unsigned int codes, unsigned int turns, gsl_rng *rng,
		       uint8_t *turn)
{
	unsigned int each = codes > 1 ? turns / (codes - 1) : 0;
	unsigned int root = gsl_rng_uniform_int(rng, codes);
	unsigned int last[ORDER_MAX_ARMS], used[ORDER_MAX_ARMS] = { 0 };
	uint8_t *edge[ORDER_MAX_ARMS], at = root;

	draw_tree(codes, root, rng, last);
	for (unsigned int code = 0; code < codes; code++) {
		unsigned int n = 0;

		edge[code] = malloc(turns + 1);
		if (!edge[code])
			die(EXIT_HARNESS, "out of memory");
		for (unsigned int to = 0; to < codes; to++) {
			unsigned int left = to == code ? 0 : each;

			if (code != root && to == last[code])
				left--;
			while (left--)
				edge[code][n++] = to;
		}
		shuffle(rng, edge[code], n);
		if (code != root)
			edge[code][n] = last[code];
	}
	for (unsigned int i = 0; i <= codes * turns; i++) {
		turn[i] = at;
		if (codes > 1 && i < codes * turns)
			at = edge[at][used[at]++];
	}
	for (unsigned int code = 0; code < codes; code++)
		free(edge[code]);
}

/* Calls of a code are its arms' in random order, of each equally many. */
static void deal(const struct order_arms *arms, unsigned int code,
		 gsl_rng *rng, uint8_t *call, unsigned int n)
{
	uint8_t of_code[ORDER_MAX_ARMS];
	unsigned int nr = 0;

	for (unsigned int i = 0; i < arms->nr; i++) {
		if (arms->code[i] == code)
			of_code[nr++] = arms->arm[i];
	}
	for (unsigned int i = 0; i < n; i++)
		call[i] = of_code[i % nr];
	shuffle(rng, call, n);
}

/* @first calls of runs and @n others of each code, put where its turns are */
static void place(const struct order_arms *arms, const uint8_t *turn,
		  unsigned int turns, unsigned int run, gsl_rng *rng,
		  uint8_t *order)
{
	unsigned int firsts = run > 1 ? turns : 0, others = turns * run - firsts;
	uint8_t *first[ORDER_MAX_ARMS], *other[ORDER_MAX_ARMS];
	unsigned int begun[ORDER_MAX_ARMS] = { 0 }, done[ORDER_MAX_ARMS] = { 0 };

	for (unsigned int code = 0; code < arms->codes; code++) {
		first[code] = malloc(firsts + 1);
		other[code] = malloc(others + 1);
		if (!first[code] || !other[code])
			die(EXIT_HARNESS, "out of memory");
		deal(arms, code, rng, first[code], firsts);
		deal(arms, code, rng, other[code], others);
	}
	for (unsigned int i = 0; i < arms->codes * turns; i++) {
		unsigned int code = turn[i];

		for (unsigned int j = 0; j < run; j++)
			*order++ = firsts && !j ? first[code][begun[code]++] :
						  other[code][done[code]++];
	}
	for (unsigned int code = 0; code < arms->codes; code++) {
		free(first[code]);
		free(other[code]);
	}
}

void order_draw(const struct order_arms *arms, unsigned int reps,
		bool back_to_back, gsl_rng *rng, uint8_t *order)
{
	unsigned int turns = turns_of(arms, reps, back_to_back);
	unsigned int run = run_of(arms, reps, back_to_back);
	unsigned int length = order_length(arms, reps, back_to_back);
	uint8_t *turn;

	if (!arms->nr)
		return;
	turn = malloc(arms->codes * turns + 1);
	if (!turn)
		die(EXIT_HARNESS, "out of memory");
	draw_turns(arms->codes, turns, rng, turn);
	/* One code has one run of which no call is the first after a switch. */
	if (arms->codes < 2)
		deal(arms, 0, rng, order + 1, run);
	else
		place(arms, turn, turns, run, rng, order + 1);
	order[0] = order[length - 1];
	free(turn);
}
