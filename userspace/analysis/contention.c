// SPDX-License-Identifier: GPL-2.0
/* What rounds of several processes say beyond their calls */
#include "analysis/contention.h"

#include <math.h>
#include <stdlib.h>

#include "record/span.h"
#include "util/util.h"

static void append(struct rounds_list *list, double value)
{
	if (list->n == list->room) {
		list->room = list->room ? 2 * list->room : 64;
		list->v = grow(list->v, list->room, sizeof(double));
	}
	list->v[list->n++] = value;
}

struct rounds *rounds_new(void)
{
	struct rounds *r = calloc(1, sizeof(*r));

	if (!r)
		die(EXIT_HARNESS, "out of memory");
	r->overlap = stats_hist_new();
	r->skew = stats_hist_new();
	return r;
}

void rounds_free(struct rounds *r)
{
	if (!r)
		return;
	stats_hist_free(r->overlap);
	stats_hist_free(r->skew);
	for (int arm = 0; arm < ARM_MAX; arm++) {
		stats_hist_free(r->beside[arm]);
		free(r->rate[arm]);
		free(r->beside_rate[arm]);
		free(r->boot_rate[arm].v);
	}
	free(r);
}

/* Were all of them at it at the same time, and from the same time on? */
static void add_spans(struct rounds *r, const struct record_block *block,
		      unsigned int round, bool calls)
{
	const uint64_t (*span)[2] = &block->span[round * block->threads];

	/* Empty calls are over before the last one has begun. */
	if (!calls)
		return;
	stats_hist_add(r->skew, span_skew(span, block->threads));
	stats_hist_add(r->overlap,
		       span_overlap(span, block->threads) * 1e6 + 0.5);
}

static void add_beside(struct rounds *r, const struct record_block *block,
		       unsigned int round, const uint64_t *ticks,
		       unsigned int arm)
{
	unsigned int n = block->nr_beside[round];

	if (!r->beside[arm])
		r->beside[arm] = stats_hist_new();
	for (unsigned int i = 0; i < n; i++)
		stats_hist_add(r->beside[arm], ticks[i]);
	r->boot_beside[arm].ops += n;
	r->boot_beside[arm].ticks += block->window[round];
}

static void add_events(struct rounds *r, const struct record_block *block,
		       unsigned int round, unsigned int arm)
{
	for (int event = 0; event < NR_EVENTS; event++) {
		if (block->events[event][round] == RECORD_NOT_COUNTED)
			continue;
		r->events[arm][event].count += block->events[event][round];
		r->events[arm][event].calls += block->round;
	}
}

void rounds_add(struct rounds *r, const struct record_block *block,
		const unsigned int *map)
{
	const uint64_t *beside = block->beside;

	for (unsigned int i = 0; i < record_rounds(block); i++) {
		unsigned int arm = map[block->arm[i * block->round]];

		/* What was before the lead-in is not known. */
		if (i * block->round < block->lead) {
			if (block->has_beside)
				beside += block->nr_beside[i];
			continue;
		}
		append(&r->boot_rate[arm],
		       block->round / (double)block->busy[i]);
		add_spans(r, block, i, arm != ARM_EMPTY);
		if (block->has_beside) {
			add_beside(r, block, i, beside, arm);
			beside += block->nr_beside[i];
		}
		if (block->has_events)
			add_events(r, block, i, arm);
	}
}

/* Rates of rounds: their median, for the odd one that was disturbed */
static double end_list(struct rounds_list *list)
{
	double rate = list->n ? log(stats_median(list->v, list->n)) : NAN;

	list->n = 0;
	return isfinite(rate) ? rate : NAN;
}

void rounds_end_boot(struct rounds *r, size_t boots)
{
	for (int arm = 0; arm < ARM_MAX; arm++) {
		r->rate[arm] = grow(r->rate[arm], boots + 1, sizeof(double));
		r->rate[arm][boots] = end_list(&r->boot_rate[arm]);
		r->beside_rate[arm] = grow(r->beside_rate[arm], boots + 1,
					   sizeof(double));
		r->beside_rate[arm][boots] = r->boot_beside[arm].ops > 0 ?
			log(r->boot_beside[arm].ops / r->boot_beside[arm].ticks) :
			NAN;
		r->boot_beside[arm].ops = 0;
		r->boot_beside[arm].ticks = 0;
	}
}

double rounds_events(const struct rounds *r, unsigned int arm,
		     enum record_event event)
{
	double calls = r->events[arm][event].calls;

	return calls > 0 ? r->events[arm][event].count / calls : NAN;
}

double rounds_overlap(const struct rounds *r)
{
	return stats_hist_quantile(r->overlap, 0.5) / 1e6;
}
