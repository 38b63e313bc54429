// SPDX-License-Identifier: GPL-2.0
/* The facts that a cover letter has of a run or a comparison */
#include "report/cover.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "machine/machine.h"
#include "util/output.h"
#include "util/util.h"

double report_change(double cost)
{
	return 100 * (cost - 1);
}

char *report_ascii(char *s)
{
	for (char *c = s; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	return s;
}

__attribute__((format(printf, 1, 2)))
static char *text(const char *fmt, ...)
{
	va_list args;
	char *s;

	va_start(args, fmt);
	if (vasprintf(&s, fmt, args) < 0)
		die(EXIT_HARNESS, "out of memory");
	va_end(args);
	return report_ascii(s);
}

bool report_begins_table(const struct report *r, size_t i)
{
	return !i || strcmp(r->row[i].side[REPORT_BASE], r->row[i - 1].side[REPORT_BASE]) ||
	       strcmp(r->row[i].side[REPORT_PATCHED], r->row[i - 1].side[REPORT_PATCHED]);
}

bool report_has_tables(const struct report *r)
{
	for (size_t i = 1; i < r->nr_rows; i++) {
		if (report_begins_table(r, i))
			return true;
	}
	return false;
}

const char *report_label(const struct report *r, const struct report_row *row,
			 char text[REPORT_NAME_LEN + 2 * ARM_NAME_LEN])
{
	if (!report_has_tables(r))
		return row->name;
	sprintf(text, "%s %s/%s", row->name, row->side[REPORT_PATCHED],
		row->side[REPORT_BASE]);
	return text;
}

static struct report_row *add_row(struct report *r, const char *name,
				  const struct stats_hist *base,
				  const struct stats_hist *patched)
{
	struct report_row *row;

	r->row = reallocarray(r->row, r->nr_rows + 1, sizeof(*r->row));
	if (!r->row)
		die(EXIT_HARNESS, "out of memory");
	row = &r->row[r->nr_rows++];
	*row = (struct report_row){ .hist = { base, patched } };
	snprintf(row->name, sizeof(row->name), "%s", name);
	return row;
}

static char *kernel_text(const struct analysis *run)
{
	const char *kind = plan_target(&run->plan, "kernel");
	const char *rev = plan_target(&run->plan, "revision");
	/* One that is the only one needs none, unless it is of somebody's tree. */
	const char *title = plan_target(&run->plan, "label") ||
		plan_target(&run->plan, "source") ? plan_target(&run->plan, "title") : NULL;

	return text("Linux %s%s%s%s%.12s%s%s%s%s", run->release, kind ? ", " : "",
		    kind ? kind : "", rev ? " " : "", rev ? rev : "",
		    title ? ", " : "", title ? title : "",
		    run->compiler ? "; " : "", run->compiler ? run->compiler : "");
}

/* What of a machine a reader wants to know first */
static void describe_machine(struct report *r, const char *dir)
{
	char *path = join(dir, "machine.json");
	json_t *doc = load_json(path, MACHINE_SCHEMA);
	const json_t *cpu = json_object_get(doc, "cpu");
	const json_t *nodes = json_object_get(json_object_get(doc, "memory"),
					      "nodes");
	const char *model = json_string_value(json_object_get(cpu, "model"));
	const char *tool = json_string_value(json_object_get(doc, "tool_version"));

	r->machine = text("%s, %d CPU(s), %zu node(s)",
			  model ? model : "unknown CPU",
			  (int)json_integer_value(json_object_get(cpu, "online")),
			  json_array_size(nodes));
	r->tool = text("%s", tool ? tool : "unknown");
	json_decref(doc);
	free(path);
}

/* The variables of make bench; nothing of a run of a version that did not record them */
static char *reproduce(const struct plan *plan)
{
	const char *command = plan_target(plan, "command");

	return text("%s SEED=%llu", command ? command : "make bench",
		    (unsigned long long)plan->seed);
}

/* The change, or a variant against what it is compared with, in each cell that has it */
static void add_rows(struct report *r, const struct analysis *run, unsigned int arm)
{
	for (size_t i = 0; i < run->nr_cells; i++) {
		const struct cell_result *cell = &run->cell[i];
		unsigned int base = ratio_base(cell, arm);
		unsigned int candidate = ratio_candidate(cell, arm);
		const struct claim *claim = &cell->claim[arm];
		struct report_row *row;

		if (!cell->ratio[arm].boots)
			continue;
		row = add_row(r, cell->cell->name, cell->hist[base], cell->hist[candidate]);
		row->side[REPORT_BASE] = arm_name(base);
		row->side[REPORT_PATCHED] = arm_name(candidate);
		row->cost = ratio_cost(cell, arm);
		row->floor = cell->floor;
		row->verdict = cell->aa_failed ? "A/A FAILED" :
			       stats_verdict_name(claim->verdict);
		row->known = !cell->aa_failed;
		row->claimed = claim->differs && row->known;
		if (cell->boots > r->boots[REPORT_BASE])
			r->boots[REPORT_BASE] = cell->boots;
	}
}

static bool has_row(const struct report *r, const struct cell_result *cell)
{
	for (size_t i = 0; i < r->nr_rows; i++) {
		if (!strcmp(r->row[i].name, cell->cell->name))
			return true;
	}
	return false;
}

/* "the old split against the new; mine against new" */
static char *what_of(const struct report *r)
{
	char *what = NULL;

	for (size_t i = 0; i < r->nr_rows; i++) {
		const char *const *side = r->row[i].side;
		char *one;

		if (!report_begins_table(r, i))
			continue;
		if (!strcmp(side[REPORT_BASE], arm_name(ARM_OLD)) &&
		    !strcmp(side[REPORT_PATCHED], arm_name(ARM_NEW)))
			one = text("the old unmapped split against folio_split_unmapped()");
		else
			one = text("%s%s%s against %s", what ? what : "",
				   what ? "; " : "arm ", side[REPORT_PATCHED],
				   side[REPORT_BASE]);
		free(what);
		what = one;
	}
	return what;
}

struct report report_of_run(const struct analysis *run, const char *dir)
{
	struct report r = {
		.kernel = { kernel_text(run), NULL },
		.unit = run->unit,
		.level = analysis_level(run), .tested = run->tested,
		.margin = run->plan.margin,
		.confidence = run->plan.confidence,
		.warnings = json_array(),
		.reproduce = reproduce(&run->plan),
	};
	json_t *spoiled;

	describe_machine(&r, dir);
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		if (analysis_is_subject(run, arm))
			add_rows(&r, run, arm);
	}
	r.what = what_of(&r);
	for (size_t i = 0; i < run->nr_cells; i++)
		r.skipped += !has_row(&r, &run->cell[i]);
	if (!r.nr_rows)
		die(EXIT_USAGE, "%s: no cell has both the old and the new split: compare it with another run",
		    dir);
	if (run->plan.plant)
		json_array_append_new(r.warnings,
				      json_sprintf("PLANTED: new was slowed down by %u iterations",
						   run->plan.plant));
	if (run->incomplete)
		json_array_append_new(r.warnings,
				      json_string("the run is incomplete, the rest was used"));
	if (run->faults)
		json_array_append_new(r.warnings, json_string("calls broke the contract"));
	spoiled = analysis_spoiled(run);
	for (size_t i = 0; i < json_array_size(spoiled); i++)
		json_array_append_new(r.warnings,
				      json_sprintf("spoiled by %s",
						   json_string_value(json_array_get(spoiled, i))));
	json_decref(spoiled);
	for (size_t i = 0; i < run->plan.nr_grown; i++)
		json_array_append_new(r.warnings,
				      json_sprintf(PLAN_GROWN_TEXT,
						   run->plan.grown[i]));
	return r;
}

static char *reproduce_both(const struct plan *a, const struct plan *b)
{
	const char *first = plan_target(a, "command"), *second = plan_target(b, "command");

	if (first && second && strcmp(first, second))
		return text("%s; %s", first, second);
	if (a->seed == b->seed)
		return reproduce(b);
	return text("%s", second ? second : "make bench");
}

struct report report_of_comparison(const struct comparison *c)
{
	const struct analysis *a = &c->run[SIDE_A], *b = &c->run[SIDE_B];
	struct report r = {
		.what = text("kernel %s (patched) against kernel %s (base)",
			     compare_label(c, SIDE_B), compare_label(c, SIDE_A)),
		.kernel = { kernel_text(a), kernel_text(b) },
		.unit = a->unit,
		.level = analysis_level(a), .tested = c->tested,
		.margin = a->plan.margin, .confidence = a->plan.confidence,
		.warnings = json_incref(c->warnings),
		.reproduce = reproduce_both(&a->plan, &b->plan),
	};

	describe_machine(&r, c->dir[SIDE_B]);
	for (size_t i = 0; i < c->nr_rows; i++) {
		const struct compare_row *in = &c->row[i];
		struct report_row *row;

		if (in->control)
			continue;
		if (!in->ratio.boots) {
			r.skipped++;
			continue;
		}
		row = add_row(&r, in->cell[SIDE_A]->cell->name,
			      in->cell[SIDE_A]->hist[in->arm[SIDE_A]],
			      in->cell[SIDE_B]->hist[in->arm[SIDE_B]]);
		if (in->variant)
			snprintf(row->name, sizeof(row->name), "%s %s",
				 in->cell[SIDE_A]->cell->name, arm_name(in->arm[SIDE_A]));
		row->side[REPORT_BASE] = "base";
		row->side[REPORT_PATCHED] = "patched";
		row->cost = in->ratio;
		row->floor = in->floor;
		row->verdict = compare_verdict(in);
		row->known = !in->aa_failed;
		row->claimed = in->differs && row->known;
		for (int side = 0; side < NR_SIDES; side++) {
			if (in->boots[side] > r.boots[side])
				r.boots[side] = in->boots[side];
		}
	}
	if (!r.nr_rows)
		die(EXIT_USAGE, "the runs have no cell in common that was measured");
	return r;
}

void report_free(struct report *r)
{
	free(r->what);
	free(r->machine);
	for (int side = 0; side < NR_REPORT_SIDES; side++)
		free(r->kernel[side]);
	free(r->row);
	free(r->reproduce);
	free(r->tool);
	json_decref(r->warnings);
}

void report_plotdata(const struct report *r, const char *dir)
{
	char *data = join(dir, "change.dat"), *labels = join(dir, "change-labels.gp");
	/* The margin and 0 are in the picture, whatever was measured. */
	double low = -10 * r->margin, high = 110 * r->margin;
	char label[REPORT_NAME_LEN + 2 * ARM_NAME_LEN];
	struct output o;
	FILE *file;

	if (mkdir(dir, 0777) && errno != EEXIST)
		die(EXIT_HARNESS, "%s: %s", dir, strerror(errno));
	file = output_open(&o, data);
	for (size_t i = 0; i < r->nr_rows; i++) {
		const struct report_row *row = &r->row[i];

		low = fmin(low, report_change(row->cost.low));
		high = fmax(high, report_change(row->cost.high));

		fprintf(file, "%zu \"%s\" %.8g %.8g %.8g\n", i + 1,
			report_label(r, row, label),
			report_change(row->cost.estimate),
			report_change(row->cost.low),
			report_change(row->cost.high));
	}
	output_close(&o);
	file = output_open(&o, labels);
	fprintf(file, "unit = '%s'\nrows = %zu\nmargin = %.8g\nlow = %.8g\nhigh = %.8g\nbase = '%s'\npatched = '%s'\n",
		r->unit, r->nr_rows, 100 * r->margin,
		low - 0.05 * (high - low), high + 0.05 * (high - low),
		report_has_tables(r) ? "each base" : r->row[0].side[REPORT_BASE],
		report_has_tables(r) ? "each arm" : r->row[0].side[REPORT_PATCHED]);
	output_close(&o);
	free(data);
	free(labels);
}
