// SPDX-License-Identifier: GPL-2.0
/* What was seen of a system's migrations and splits, for people and for machines */
#include "report/watch.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/units.h"
#include "util/util.h"

#define WATCH_SCHEMA	"splitbench.watch/1"
#define BUCKETS		48

static const double quantiles[] = { 0.5, 0.9, 0.99 };
static const char *const quantile_names[] = { "median", "p90", "p99" };

/* Of the functions in the table, those that were called */
static bool was_called(const struct watched_calls *c)
{
	return stats_hist_n(c->hist) > 0;
}

static void print_calls(const struct watch_report *r, FILE *to)
{
	char text[16];

	fprintf(to, "%-39s %8s %7s", "function", "calls", "errors");
	for (size_t q = 0; q < ARRAY_SIZE(quantiles); q++)
		fprintf(to, " %8s", quantile_names[q]);
	fprintf(to, " %8s %8s\n", "max", "total");
	for (unsigned int i = 0; i < r->seen->nr; i++) {
		const struct watched_calls *c = &r->seen->calls[i];

		fprintf(to, "%-39s %8" PRIu64, c->name, stats_hist_n(c->hist));
		if (!was_called(c)) {
			fputc('\n', to);
			continue;
		}
		fprintf(to, " %7" PRIu64, c->errors);
		for (size_t q = 0; q < ARRAY_SIZE(quantiles); q++)
			fprintf(to, " %8s",
				units_ticks(stats_hist_quantile(c->hist, quantiles[q]), text));
		fprintf(to, " %8s", units_ticks(stats_hist_max(c->hist), text));
		fprintf(to, " %8s\n", units_ticks(c->total, text));
	}
}

static const char *result_name(int result)
{
	const char *name = result < 0 ? strerrorname_np(-result) : NULL;

	return name ? name : reason("%d", result);
}

static void print_results(const struct watch_report *r, FILE *to)
{
	const struct watched *w = r->seen;

	for (unsigned int i = 0; i < w->nr_results; i++) {
		const struct watched_result *is = &w->results[i];
		char orders[48] = "";

		if (is->order != WATCHED_UNKNOWN)
			snprintf(orders, sizeof(orders), "order %d to %d, ", is->order,
				 is->new_order);
		else if (w->calls[is->function].role == WATCHED_SPLIT)
			strcpy(orders, "order unknown, ");
		fprintf(to, "%s%-39s %8" PRIu64 " %sreturned %s\n", i ? "" : "\n",
			w->calls[is->function].name, is->n, orders, result_name(is->result));
	}
	if (w->more_results)
		fprintf(to, "%-39s %8" PRIu64 " with other orders or results\n", "",
			w->more_results);
}

/* Counts by the power of 2 that a time begins with */
static void count_bucket(double ticks, uint64_t count, void *arg)
{
	uint64_t *buckets = arg;
	int bucket = ticks < 1 ? 0 : ilogb(ticks);

	buckets[bucket < BUCKETS ? bucket : BUCKETS - 1] += count;
}

static void count_buckets(const struct watched_calls *c, uint64_t buckets[BUCKETS])
{
	memset(buckets, 0, BUCKETS * sizeof(*buckets));
	stats_hist_each(c->hist, count_bucket, buckets);
}

/* A column of each function that was called; the parts of a migration side by side */
static void print_histograms(const struct watch_report *r, FILE *to)
{
	uint64_t buckets[WATCHED_MAX][BUCKETS];
	int first = BUCKETS, last = -1;

	for (unsigned int i = 0; i < r->seen->nr; i++) {
		count_buckets(&r->seen->calls[i], buckets[i]);
		for (int b = 0; b < BUCKETS; b++) {
			if (!buckets[i][b])
				continue;
			first = b < first ? b : first;
			last = b > last ? b : last;
		}
	}
	if (last < 0)
		return;
	fprintf(to, "\n%21s", "calls that took");
	for (unsigned int i = 0; i < r->seen->nr; i++) {
		if (was_called(&r->seen->calls[i]))
			fprintf(to, " %9s", r->seen->calls[i].title);
	}
	for (int b = first; b <= last; b++) {
		char from[16], below[16];

		fprintf(to, "\n%9s to %8s", units_ticks(b ? exp2(b) : 0, from),
			units_ticks(exp2(b + 1), below));
		for (unsigned int i = 0; i < r->seen->nr; i++) {
			if (!was_called(&r->seen->calls[i]))
				continue;
			if (buckets[i][b])
				fprintf(to, " %9" PRIu64, buckets[i][b]);
			else
				fprintf(to, " %9s", ".");
		}
	}
	fputc('\n', to);
}

static void print_share(const struct watch_report *r, FILE *to)
{
	const struct watched *w = r->seen;
	double pages = watched_share(w, false), whole = watched_share(w, true);

	if (isnan(pages))
		fprintf(to, "\nno migration was seen whole, so the split has no share of one\n");
	else
		fprintf(to, "\nthe split is %.2f %% of the time in migrate_vma_pages(), and %.2f %% of setup, pages and finalize\n",
			100 * pages, 100 * whole);
	if (w->nr_outside)
		fprintf(to, "%" PRIu64 " splits were not within a migrate_vma_pages() that was seen, and are not in the shares\n",
			w->nr_outside);
}

/* What the probes took, over all that is measured of migrations; NAN without any */
static double cost_share(const struct watch_report *r)
{
	uint64_t all = watched_total(r->seen, WATCHED_SETUP) +
		       watched_total(r->seen, WATCHED_PAGES) +
		       watched_total(r->seen, WATCHED_FINALIZE);
	uint64_t n = 0;

	for (unsigned int i = 0; i < r->seen->nr; i++)
		n += stats_hist_n(r->seen->calls[i].hist);
	return r->cost_function && all ? n * r->cost / all : NAN;
}

static void print_cost(const struct watch_report *r, FILE *to)
{
	char whole[16], inside[16];

	if (!r->cost_function) {
		fprintf(to, "the probes' own cost is not known: no function was found to measure it with\n");
		return;
	}
	fprintf(to, "the probes' own cost, measured with %s() in a loop: %s a call, of which %s are in the times above",
		r->cost_function, units_ticks(r->cost, whole), units_ticks(r->cost_inside, inside));
	if (isnan(cost_share(r)))
		fputc('\n', to);
	else
		fprintf(to, ": %.2f %% of setup, pages and finalize\n", 100 * cost_share(r));
}

static void print_losses(const struct watch_report *r, FILE *to)
{
	uint64_t partial = 0;

	for (unsigned int i = 0; i < r->seen->nr; i++)
		partial += r->seen->calls[i].partial;
	if (r->lost)
		fprintf(to, "LOST: %" PRIu64 " events were not read in time, and their calls are missing above: %s makes room for more\n",
			r->lost, r->buffer_option);
	if (r->misses)
		fprintf(to, "MISSED: %" PRIu64 " times the kernel left out a probe, so calls are missing above\n",
			r->misses);
	if (partial)
		fprintf(to, "%" PRIu64 " calls were not seen whole, and are not in the table: they began before, did not end, or are next to what was lost\n",
			partial);
	if (!r->lost && !r->misses)
		fprintf(to, "no event was lost\n");
}

void watch_print(const struct watch_report *r, FILE *to)
{
	fprintf(to, "the whole system, for %.1f s, by %s events; times in %s\n\n", r->seconds,
		r->probes, units_text(r->unit));
	print_calls(r, to);
	print_results(r, to);
	print_histograms(r, to);
	print_share(r, to);
	print_cost(r, to);
	print_losses(r, to);
}

static json_t *number_or_null(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static json_t *calls_json(const struct watched_calls *c)
{
	json_t *doc = json_pack("{s:s,s:I,s:I,s:I,s:I}", "function", c->name,
				"calls", (json_int_t)stats_hist_n(c->hist),
				"errors", (json_int_t)c->errors,
				"partial", (json_int_t)c->partial,
				"total", (json_int_t)c->total);
	json_t *histogram = json_array();
	uint64_t buckets[BUCKETS];

	for (size_t q = 0; was_called(c) && q < ARRAY_SIZE(quantiles); q++)
		json_object_set_new(doc, quantile_names[q],
				    json_real(stats_hist_quantile(c->hist, quantiles[q])));
	if (was_called(c))
		json_object_set_new(doc, "max", json_integer(stats_hist_max(c->hist)));
	count_buckets(c, buckets);
	for (int b = 0; b < BUCKETS; b++) {
		if (buckets[b])
			json_array_append_new(histogram,
					      json_pack("{s:I,s:I,s:I}",
							"from", b ? (json_int_t)1 << b : 0,
							"below", (json_int_t)1 << (b + 1),
							"calls", (json_int_t)buckets[b]));
	}
	json_object_set_new(doc, "histogram", histogram);
	return doc;
}

static json_t *order_json(int order)
{
	return order == WATCHED_UNKNOWN ? json_null() : json_integer(order);
}

json_t *watch_json(const struct watch_report *r)
{
	const struct watched *w = r->seen;
	json_t *functions = json_array(), *results = json_array(), *cost = json_null();

	for (unsigned int i = 0; i < w->nr; i++)
		json_array_append_new(functions, calls_json(&w->calls[i]));
	for (unsigned int i = 0; i < w->nr_results; i++) {
		const struct watched_result *is = &w->results[i];

		json_array_append_new(results,
				      json_pack("{s:s,s:o,s:o,s:i,s:I}",
						"function", w->calls[is->function].name,
						"order", order_json(is->order),
						"new_order", order_json(is->new_order),
						"result", is->result,
						"calls", (json_int_t)is->n));
	}
	if (r->cost_function)
		cost = json_pack("{s:s,s:f,s:f,s:o}", "function", r->cost_function,
				 "call", r->cost, "inside", r->cost_inside,
				 "share", number_or_null(cost_share(r)));
	return json_pack("{s:s,s:f,s:s,s:s,s:o,s:o,s:I,s:{s:o,s:o,s:I,s:I},s:o,s:I,s:I}",
			 "schema", WATCH_SCHEMA, "seconds", r->seconds, "unit", r->unit,
			 "probes", r->probes, "functions", functions, "results", results,
			 "other_results", (json_int_t)w->more_results,
			 "share", "pages", number_or_null(watched_share(w, false)),
			 "whole", number_or_null(watched_share(w, true)),
			 "inside", (json_int_t)w->nr_inside, "outside", (json_int_t)w->nr_outside,
			 "cost", cost, "lost", (json_int_t)r->lost,
			 "missed", (json_int_t)r->misses);
}
