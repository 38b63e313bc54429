// SPDX-License-Identifier: GPL-2.0
/* The table of migrations, and where their time goes */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "record/job_facts.h"
#include "report/json_parts.h"
#include "report/table_parts.h"
#include "report/units.h"

static int part_width(int part)
{
	int width = strlen(record_part_names[part]);

	return width < 5 ? 5 : width;
}

static void print_migration(const struct analysis *a, const struct cell_result *r)
{
	printf("  %-19s", r->cell->name);
	table_median(r->hist[ARM_OLD]);
	table_median(r->hist[ARM_NEW]);
	table_ratio(a, r, ARM_OLD);
	if (r->over_base.boots)
		printf(" %7.3f", r->over_base.estimate);
	else
		printf(" %7s", r->cell->kind == KIND_NONE ? "1" : "-");
	putchar('\n');
}

static void print_breakdown(const struct analysis *a)
{
	bool any = false;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		if (!r->whole[r->own] || !r->hist[r->own])
			continue;
		if (!any) {
			printf("\n  where it goes, with %s: percent of the traced call; sum: of all parts, as\n"
			       "  percent of the median call that was not traced\n\n  %-19s",
			       arm_name(r->own), "cell");
			for (int part = 0; part < NR_PARTS; part++)
				printf(" %*s", part_width(part),
				       record_part_names[part]);
			printf("    sum\n");
		}
		any = true;
		printf("  %-19s", r->cell->name);
		for (int part = 0; part < NR_PARTS; part++)
			printf(" %*.1f", part_width(part),
			       100 * r->part[r->own][part] / r->whole[r->own]);
		printf(" %6.1f\n", 100 * analysis_parts(r, r->own));
	}
}

static void print_migrations(const struct analysis *a, enum cell_job job)
{
	bool inference = table_inference(a, job);
	size_t boots = 0;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		if (r->cell->job != job)
			continue;
		boots = r->boots > boots ? r->boots : boots;
	}

	printf("\nmigrations to and from the test device: direction, why it falls back, THPs\n");
	printf("median per THP, in thousands of %s\n\n", units_text(a->unit));
	printf("  %-19s %9s %9s  %-23s %7s %7s\n", "cell", "old", "new",
	       "old/new", "floor", "x whole");
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].cell->job == job)
			print_migration(a, &a->cell[i]);
	}
	printf("\n  %.0f %% interval over %zu %s%s%s; x whole: %s, over %s\n",
	       100 * a->plan.confidence, boots, analysis_level(a), boots == 1 ? "" : "s",
	       inference ? "" : ", no inference",
	       arm_name(table_first_of(a, job)->own), job_facts[job].base_help);
	if (inference)
		table_family(a);
	table_least(a, job);
	table_remarks(a, job, inference);
	print_breakdown(a);
}

const struct job_report migrate_report = {
	.print = print_migrations, .add_json = json_add_migrate,
};
