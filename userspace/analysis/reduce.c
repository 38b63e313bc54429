// SPDX-License-Identifier: GPL-2.0
/* Calls to a median per arm and block, blocks to a median per boot */
#include "analysis/reduce.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/util.h"

/* Of a boot's calls of an arm, these are looked at for the least. */
#define MAX_LEAST_CALLS	(1U << 20)

/* What a call of a block is to the analysis */
enum call_use { CALL_NOT, CALL_FIRST, CALL_USED };

/* The native split: new, or old in a kernel from before the change */
static unsigned int own_of(const struct record_block *block, const unsigned int *map)
{
	for (unsigned int i = 0; i < block->nr; i++) {
		if (map[block->arm[i]] == ARM_NEW)
			return ARM_NEW;
	}
	return ARM_OLD;
}

/* Of calls made back to back, one that follows a call of other code is apart. */
static enum call_use use_of(const struct record_block *block, unsigned int i,
			    const unsigned int *map, const struct arm_defs *defs,
			    bool back_to_back, unsigned int own)
{
	unsigned int arm = map[block->arm[i]];

	if (i < block->lead)
		return CALL_NOT;
	if (back_to_back && i && arm != ARM_EMPTY &&
	    !arm_same_code(defs, arm, map[block->arm[i - 1]], own))
		return CALL_FIRST;
	return CALL_USED;
}

/* A block's median per arm of calls of that use, less that of the empty one; NAN
 * without calls
 */
static void block_medians(const struct record_block *block, const uint8_t *use,
			  enum call_use wanted, const unsigned int *map, double *median)
{
	static double ticks[ARM_MAX][RECORD_MAX_CALLS];
	size_t n[ARM_MAX] = { 0 };

	for (unsigned int i = 0; i < block->nr; i++) {
		unsigned int arm = map[block->arm[i]];

		if (use[i] == wanted || (arm == ARM_EMPTY && use[i] == CALL_USED))
			ticks[arm][n[arm]++] = block->sample[i].ticks;
	}
	for (int arm = 0; arm < ARM_MAX; arm++)
		median[arm] = n[arm] ? stats_median(ticks[arm], n[arm]) : NAN;
	for (int arm = ARM_OLD; arm < ARM_MAX; arm++)
		median[arm] -= n[ARM_EMPTY] ? median[ARM_EMPTY] : 0;
}

/* The A/A control that a block has; ARM_EMPTY: none */
static unsigned int control_of(const double *median, const struct arm_defs *defs)
{
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		if (defs->def[arm].control && !isnan(median[arm]))
			return arm;
	}
	return ARM_EMPTY;
}

static void add_log(double **list, size_t *n, size_t room, double value)
{
	if (isfinite(value) && *n < room)
		(*list)[(*n)++] = value;
}

static void count_calls(struct cell_result *r, const struct record_block *block,
			const uint8_t *use, const unsigned int *map)
{
	for (unsigned int i = 0; i < block->nr; i++) {
		unsigned int arm = map[block->arm[i]];
		struct stats_hist **hist = use[i] == CALL_FIRST ? r->first : r->hist;

		r->faults += block->sample[i].fault != 0;
		if (use[i] == CALL_NOT)
			continue;
		r->disturbed += block->sample[i].disturbed != 0;
		if (!hist[arm])
			hist[arm] = stats_hist_new();
		stats_hist_add(hist[arm], block->sample[i].ticks);
		if (use[i] == CALL_FIRST)
			continue;
		r->calls[arm].ticks += block->sample[i].ticks;
		r->calls[arm].n++;
		if (block->round && i % block->round == 0) {
			r->busy[arm].ticks += block->busy[i / block->round];
			r->busy[arm].rounds++;
		}
	}
}

static void count_block(struct cell_result *r, const struct record_block *block)
{
	for (int i = 0; i < NR_PHASES; i++)
		r->phases[i] += block->phases[i];
	r->retries += block->retries;
	r->rejected += block->nr_rejected;
	if (block->nr_rejected && !*r->why)
		strcpy(r->why, block->rejected[0]);
	r->block_ms += (block->to_ms - block->from_ms - r->block_ms) /
		       (r->blocks + 1.0);
	r->blocks++;
}

static void keep_calls(struct boot_logs *boot, const struct record_block *block,
		       const uint8_t *use, const unsigned int *map)
{
	for (unsigned int i = 0; i < block->nr; i++) {
		struct calls *c = &boot->calls[map[block->arm[i]]];

		if (use[i] != CALL_USED || c->n == MAX_LEAST_CALLS)
			continue;
		if (c->n == c->room) {
			c->room = c->room ? 2 * c->room : 64;
			c->ticks = grow(c->ticks, c->room, sizeof(double));
		}
		c->ticks[c->n++] = block->sample[i].ticks;
	}
}

/* The least of @n calls from all over the boot, less the median empty one */
static double least_call(const struct calls *c, size_t n, const struct calls *empty)
{
	double least = INFINITY;

	for (size_t i = 0; i < n; i++)
		least = fmin(least, c->ticks[i * c->n / n]);
	return least - (empty->n ? stats_median(empty->ticks, empty->n) : 0);
}

/*
 * Of a boot's calls. The least of more calls is less, so of the arm that has more, every
 * second, say, is left out. NAN where one has none.
 */
static double least_log_ratio(const struct boot_logs *boot, unsigned int arm, unsigned int against)
{
	const struct calls *c = boot->calls, *empty = &c[ARM_EMPTY];
	size_t n = c[arm].n < c[against].n ? c[arm].n : c[against].n;

	return n ? log(least_call(&c[arm], n, empty) / least_call(&c[against], n, empty)) : NAN;
}

static void make_room(struct boot_logs *boot)
{
	if (boot->blocks <= boot->room)
		return;
	boot->room = boot->room ? 2 * boot->room : 64;
	for (int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		boot->log[arm] = grow(boot->log[arm], boot->room, sizeof(double));
		boot->level[arm] = grow(boot->level[arm], boot->room, sizeof(double));
		boot->first[arm] = grow(boot->first[arm], boot->room, sizeof(double));
	}
}

void reduce_block(struct cell_result *r, struct boot_logs *boot,
		  const struct record_block *block, const unsigned int *map,
		  const struct arm_defs *defs, bool one_text)
{
	bool back_to_back = r->cell->warmth == WARMTH_BACK_TO_BACK;
	double median[ARM_MAX], first[ARM_MAX];
	unsigned int own = own_of(block, map), control;
	static uint8_t use[RECORD_MAX_CALLS];

	for (unsigned int i = 0; i < block->nr; i++)
		use[i] = use_of(block, i, map, defs, back_to_back, own);
	count_calls(r, block, use, map);
	if (block->threads && !r->rounds)
		r->rounds = rounds_new();
	if (block->threads)
		rounds_add(r->rounds, block, map);
	count_block(r, block);
	boot->blocks++;
	make_room(boot);
	keep_calls(boot, block, use, map);

	block_medians(block, use, CALL_USED, map, median);
	control = control_of(median, defs);
	if (control != ARM_EMPTY) {
		unsigned int against = arm_against(defs, control, own);

		r->control = control;
		r->one_text = one_text || (against != ARM_NONE &&
					   arm_same_code(defs, control, against, own));
	}
	block_medians(block, use, CALL_FIRST, map, first);
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		unsigned int against = arm_against(defs, arm, own);

		if (against != ARM_NONE && !isnan(median[arm])) {
			r->against[arm] = against;
			add_log(&boot->log[arm], &boot->n[arm], boot->room,
				log(median[arm] / median[against]));
		}
		add_log(&boot->level[arm], &boot->levels[arm], boot->room,
			log(median[arm]));
		add_log(&boot->first[arm], &boot->firsts[arm], boot->room,
			log(first[arm] / median[arm]));
	}
}

void reduce_trace(struct traced *t, const struct record_trace *trace)
{
	for (int part = 0; part <= NR_PARTS; part++)
		t->v[part] = grow(t->v[part], t->n + trace->nr, sizeof(double));
	for (unsigned int i = 0; i < trace->nr; i++, t->n++) {
		for (int part = 0; part < NR_PARTS; part++)
			t->v[part][t->n] = trace->part[i][part];
		t->v[NR_PARTS][t->n] = trace->whole[i];
	}
}

static double median_or_nan(double *list, size_t n)
{
	return n ? stats_median(list, n) : NAN;
}

static double least_log(const struct cell_result *r, const struct boot_logs *boot,
			unsigned int arm)
{
	if (r->against[arm] == ARM_EMPTY)
		return NAN;
	return least_log_ratio(boot, arm, r->against[arm]);
}

static void end_boot(struct cell_result *r, struct boot_logs *boot,
		     unsigned int number)
{
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		r->logs[arm] = grow(r->logs[arm], r->boots + 1, sizeof(double));
		r->logs[arm][r->boots] = median_or_nan(boot->log[arm], boot->n[arm]);
		r->least_logs[arm] = grow(r->least_logs[arm], r->boots + 1, sizeof(double));
		r->least_logs[arm][r->boots] = least_log(r, boot, arm);
		r->level[arm] = grow(r->level[arm], r->boots + 1,
				     sizeof(double));
		r->level[arm][r->boots] = median_or_nan(boot->level[arm],
							boot->levels[arm]);
		r->first_logs[arm] = grow(r->first_logs[arm], r->boots + 1,
					  sizeof(double));
		r->first_logs[arm][r->boots] = median_or_nan(boot->first[arm],
							     boot->firsts[arm]);
	}
	if (r->rounds)
		rounds_end_boot(r->rounds, r->boots);
	r->boot = grow(r->boot, r->boots + 1, sizeof(*r->boot));
	r->boot[r->boots++] = number;
}

/* How far apart are a boot's blocks, in what the cell is judged by? */
static void add_within(struct reading *reading, size_t cell,
		       const struct boot_logs *boot)
{
	const struct cell_result *r = &reading->a->cell[cell];
	unsigned int own = analysis_own(r);
	const double *logs = boot->log[ARM_OLD];
	size_t n = boot->n[ARM_OLD];

	if (!n) {
		logs = boot->level[own];
		n = boot->levels[own];
	}
	if (n < 2)
		return;
	reading->within[cell].squares += (n - 1) * gsl_stats_variance(logs, 1, n);
	reading->within[cell].df += n - 1;
}

void reduce_boot(struct reading *reading, unsigned int number,
		 const char *path)
{
	struct analysis *a = reading->a;

	for (size_t i = 0; i < a->plan.nr_cells; i++) {
		struct boot_logs *boot = &reading->boot[i];

		if (boot->blocks != a->plan.cells[i].blocks && !boot->skipped)
			analysis_note_incomplete(a, "%s: cell %s: %llu blocks, %u were planned",
						 path, a->plan.cells[i].name,
					(unsigned long long)boot->blocks,
					a->plan.cells[i].blocks);
		add_within(reading, i, boot);
		if (boot->blocks)
			end_boot(&a->cell[i], boot, number);
		for (int arm = 0; arm < ARM_MAX; arm++) {
			free(boot->log[arm]);
			free(boot->level[arm]);
			free(boot->first[arm]);
			free(boot->calls[arm].ticks);
		}
		*boot = (struct boot_logs){ 0 };
	}
	if (reading->last_ms)
		a->boot_ms += (reading->last_ms - a->boot_ms) / ++reading->boots;
	reading->last_ms = 0;
}

void reduce_traces(struct cell_result *r, struct traced traced[ARM_MAX])
{
	for (int arm = 0; arm < ARM_MAX; arm++) {
		struct traced *t = &traced[arm];

		for (int part = 0; t->n && part < NR_PARTS; part++)
			r->part[arm][part] = stats_median(t->v[part], t->n);
		if (t->n)
			r->whole[arm] = stats_median(t->v[NR_PARTS], t->n);
		for (int part = 0; part <= NR_PARTS; part++)
			free(t->v[part]);
	}
}
