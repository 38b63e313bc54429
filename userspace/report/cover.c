// SPDX-License-Identifier: GPL-2.0
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

/* The make variable that chose the kernel; @key is as scripts/targets.sh has it */
static const char *target(const struct plan *plan, const char *key)
{
	return json_string_value(json_object_get(plan->target, key));
}

static char *kernel_text(const struct analysis *run)
{
	const char *kind = target(&run->plan, "kernel");
	const char *rev = target(&run->plan, "revision");

	return text("Linux %s%s%s%s%.12s", run->release, kind ? ", " : "",
		    kind ? kind : "", rev ? " " : "", rev ? rev : "");
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
	const char *command = target(plan, "command");

	return text("%s SEED=%llu", command ? command : "make bench",
		    (unsigned long long)plan->seed);
}

struct report report_of_run(const struct analysis *run, const char *dir)
{
	struct report r = {
		.what = text("the old unmapped split against folio_split_unmapped()"),
		.kernel = { kernel_text(run), NULL },
		.unit = run->unit, .side = { "old", "new" },
		.level = analysis_level(run), .tested = run->tested,
		.margin = run->plan.margin,
		.confidence = run->plan.confidence,
		.warnings = json_array(),
		.reproduce = reproduce(&run->plan),
	};
	json_t *spoiled;

	describe_machine(&r, dir);
	for (size_t i = 0; i < run->nr_cells; i++) {
		const struct cell_result *cell = &run->cell[i];
		const struct stats_ratio *ab = &cell->ratio[PAIR_OLD_NEW];
		struct report_row *row;

		if (!ab->boots) {
			r.skipped++;
			continue;
		}
		row = add_row(&r, cell->cell->name, cell->hist[ARM_OLD],
			      cell->hist[ARM_NEW]);
		row->cost = stats_inverse(ab);
		row->floor = cell->floor;
		row->verdict = cell->aa_failed ? "A/A FAILED" :
			       stats_verdict_name(cell->verdict);
		row->known = !cell->aa_failed;
		row->claimed = cell->differs && row->known;
		if (cell->boots > r.boots[REPORT_BASE])
			r.boots[REPORT_BASE] = cell->boots;
	}
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
	const char *first = target(a, "command"), *second = target(b, "command");

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
			     c->name[SIDE_B], c->name[SIDE_A]),
		.kernel = { kernel_text(a), kernel_text(b) },
		.unit = a->unit, .side = { "base", "patched" },
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
	struct output o;
	FILE *file;

	if (mkdir(dir, 0777) && errno != EEXIST)
		die(EXIT_HARNESS, "%s: %s", dir, strerror(errno));
	file = output_open(&o, data);
	for (size_t i = 0; i < r->nr_rows; i++) {
		const struct report_row *row = &r->row[i];

		low = fmin(low, report_change(row->cost.low));
		high = fmax(high, report_change(row->cost.high));

		fprintf(file, "%zu \"%s\" %.8g %.8g %.8g\n", i + 1, row->name,
			report_change(row->cost.estimate),
			report_change(row->cost.low),
			report_change(row->cost.high));
	}
	output_close(&o);
	file = output_open(&o, labels);
	fprintf(file, "unit = '%s'\nrows = %zu\nmargin = %.8g\nlow = %.8g\nhigh = %.8g\nbase = '%s'\npatched = '%s'\n",
		r->unit, r->nr_rows, 100 * r->margin,
		low - 0.05 * (high - low), high + 0.05 * (high - low), r->side[REPORT_BASE],
		r->side[REPORT_PATCHED]);
	output_close(&o);
	free(data);
	free(labels);
}
