// SPDX-License-Identifier: GPL-2.0
/* A comparison for machines: JSON, CSV, KTAP. */
#include <errno.h>
#include <string.h>

#include "analysis/compare.h"
#include "util/output.h"
#include "util/util.h"

/* What is not known is null, and no number. */
static json_t *number(double value, bool known)
{
	return known ? json_real(value) : json_null();
}

static json_t *side_json(const struct compare_row *row, enum side side)
{
	const struct stats_hist *hist = row->cell[side]->hist[row->arm[side]];

	return json_pack("{s:s,s:I,s:f,s:f,s:f,s:I,s:i,s:o}",
			 "arm", arm_name(row->arm[side]),
			 "n", (json_int_t)stats_hist_n(hist),
			 "median", compare_quantile(row, side, 0.5),
			 "p90", compare_quantile(row, side, 0.9),
			 "p99", compare_quantile(row, side, 0.99),
			 "max", (json_int_t)stats_hist_max(hist),
			 "boots", (int)row->boots[side],
			 "spread", number(row->spread[side], row->boots[side] > 1));
}

static json_t *row_json(const struct compare_row *row, double margin)
{
	const struct stats_ratio *r = &row->ratio;

	return json_pack("{s:s,s:o,s:b,s:o,s:o,s:{s:o,s:o,s:o,s:o},s:f,s:f,s:s,s:b,s:i}",
			 "name", row->cell[SIDE_A]->cell->name,
			 "params", cell_params(row->cell[SIDE_A]->cell),
			 "control", row->control,
			 "A", side_json(row, SIDE_A), "B", side_json(row, SIDE_B),
			 "B/A", "estimate", number(r->estimate, r->boots),
			 "low", number(r->low, r->boots),
			 "high", number(r->high, r->boots),
			 "p", number(r->p, r->inference),
			 "floor", 1 + row->floor, "margin", margin,
			 "verdict", compare_verdict(row),
			 "differs", row->differs,
			 "boots_needed", (int)row->needed);
}

static json_t *run_json(const struct comparison *c, enum side side)
{
	const struct analysis *run = &c->run[side];

	return json_pack("{s:s,s:s,s:s*,s:s,s:O*,s:O*}", "run", c->name[side],
			 "kernel", run->release, "compiler", run->compiler, "cpu", run->cpu,
			 "label", json_object_get(run->plan.target, "label"),
			 "title", json_object_get(run->plan.target, "title"));
}

static json_t *compare_json(const struct comparison *c)
{
	double margin = c->run[SIDE_A].plan.margin;
	json_t *rows = json_array();

	for (size_t i = 0; i < c->nr_rows; i++)
		json_array_append_new(rows, row_json(&c->row[i], margin));
	return json_pack("{s:s,s:s,s:f,s:o,s:o,s:i,s:i,s:i,s:I,s:b,s:O,s:o}",
			 "schema", COMPARE_SCHEMA, "unit", c->run[SIDE_A].unit,
			 "confidence", c->run[SIDE_A].plan.confidence,
			 "A", run_json(c, SIDE_A), "B", run_json(c, SIDE_B),
			 "regressions", c->regressions,
			 "improvements", c->improvements,
			 "inconclusive", c->inconclusive,
			 "faults", (json_int_t)c->faults,
			 "complete", !c->incomplete,
			 "warnings", c->warnings, "cells", rows);
}

void compare_write_json(const struct comparison *c, size_t nr, const char *path)
{
	json_t *list, *doc;

	if (nr == 1) {
		doc = compare_json(c);
	} else {
		list = json_array();
		for (size_t i = 0; i < nr; i++)
			json_array_append_new(list, compare_json(&c[i]));
		doc = json_pack("{s:s,s:o}", "schema", COMPARISONS_SCHEMA,
				"comparisons", list);
	}
	if (!doc || write_json(path, doc))
		die(EXIT_HARNESS, "writing %s: %s",
		    strcmp(path, "-") ? path : "standard output", strerror(errno));
	json_decref(doc);
}

/* A word of the user's, which may have a comma, a quote or a line's end in it (RFC 4180) */
static void write_csv_word(const char *word, FILE *file)
{
	if (!strpbrk(word, ",\"\r\n")) {
		fprintf(file, "%s,", word);
		return;
	}
	fputc('"', file);
	for (; *word; word++) {
		if (*word == '"')
			fputc('"', file);
		fputc(*word, file);
	}
	fputs("\",", file);
}

static void write_csv_rows(const struct comparison *c, bool named, FILE *file)
{
	for (size_t i = 0; i < c->nr_rows; i++) {
		const struct compare_row *row = &c->row[i];
		const struct stats_ratio *r = &row->ratio;

		if (named) {
			write_csv_word(compare_label(c, SIDE_A), file);
			write_csv_word(compare_label(c, SIDE_B), file);
		}
		fprintf(file, "%s,%s,%s,%d,%s,%.10g,%.10g,%.10g,%.10g,",
			row->cell[SIDE_A]->cell->name,
			arm_name(row->arm[SIDE_A]), arm_name(row->arm[SIDE_B]),
			row->control, c->run[SIDE_A].unit,
			compare_quantile(row, SIDE_A, 0.5), compare_quantile(row, SIDE_B, 0.5),
			compare_quantile(row, SIDE_A, 0.99), compare_quantile(row, SIDE_B, 0.99));
		if (r->boots)
			fprintf(file, "%.10g,%.10g,%.10g,", r->estimate, r->low,
				r->high);
		else
			fputs(",,,", file);
		if (r->inference)
			fprintf(file, "%.10g", r->p);
		fprintf(file, ",%zu,%zu,%.10g,%.10g,%.10g,%.10g,%s\n",
			row->boots[SIDE_A], row->boots[SIDE_B],
			row->spread[SIDE_A], row->spread[SIDE_B], row->floor,
			c->run[SIDE_A].plan.margin, compare_verdict(row));
	}
}

void compare_write_csv(const struct comparison *c, size_t nr, const char *path)
{
	struct output o;
	FILE *file = output_open(&o, path);

	fprintf(file, "%scell,arm_a,arm_b,control,unit,a_median,b_median,a_p99,b_p99,ratio,low,high,p,a_boots,b_boots,a_spread,b_spread,floor,margin,verdict\n",
		nr > 1 ? "a,b," : "");
	for (size_t i = 0; i < nr; i++)
		write_csv_rows(&c[i], nr > 1, file);
	output_close(&o);
}

/* @first: the number of its first row, from 1; @named: with the names of the kernels */
static void write_ktap_rows(const struct comparison *c, size_t first, bool named, FILE *file)
{
	for (size_t i = 0; i < json_array_size(c->warnings); i++)
		fprintf(file, "# %s\n",
			json_string_value(json_array_get(c->warnings, i)));
	for (size_t i = 0; i < c->nr_rows; i++) {
		const struct compare_row *row = &c->row[i];
		bool bad = !row->control && (row->verdict == STATS_REGRESSION ||
					     row->cell[SIDE_A]->faults ||
					     row->cell[SIDE_B]->faults ||
					     c->incomplete);
		char arms[16];

		if (row->ratio.boots)
			fprintf(file, "# B/A %.5f [%.5f, %.5f] of %s, margin %.3g %%\n",
				row->ratio.estimate, row->ratio.low, row->ratio.high,
				c->run[SIDE_A].unit,
				100 * c->run[SIDE_A].plan.margin);
		fprintf(file, "%s %zu ", bad ? "not ok" : "ok", first + i);
		if (named)
			fprintf(file, "%s/%s ", compare_label(c, SIDE_B),
				compare_label(c, SIDE_A));
		fprintf(file, "%s %s",
			row->cell[SIDE_A]->cell->name, compare_arms(row, arms));
		if (row->control || (!bad && !stats_verdict_good(row->verdict)))
			fprintf(file, " # SKIP %s", compare_verdict(row));
		fputc('\n', file);
	}
}

void compare_write_ktap(const struct comparison *c, size_t nr, const char *path)
{
	struct output o;
	FILE *file = output_open(&o, path);
	size_t n = 0;

	for (size_t i = 0; i < nr; i++)
		n += c[i].nr_rows;
	fprintf(file, "KTAP version 1\n1..%zu\n", n);
	n = 1;
	for (size_t i = 0; i < nr; n += c[i++].nr_rows)
		write_ktap_rows(&c[i], n, nr > 1, file);
	output_close(&o);
}
