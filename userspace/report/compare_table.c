// SPDX-License-Identifier: GPL-2.0
/* Comparisons of kernels, for people */
#include "report/compare_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/units.h"

void compare_table_kernel(const char *head, const struct comparison *c, enum side side)
{
	const struct analysis *run = &c->run[side];
	const char *label = compare_label(c, side), *title = plan_target(&run->plan, "title");

	printf("%s: %s  %s%sLinux %s", head, label, title ? title : "", title ? "; " : "",
	       run->release);
	if (label != c->name[side])
		printf(", run %s", c->name[side]);
	putchar('\n');
}

/* The comparison that has run @i, from 0, and the side that it is there */
static const struct comparison *with_run(const struct comparison *c, size_t i, enum side *side)
{
	*side = i ? SIDE_B : SIDE_A;
	return &c[i ? compare_first(i) : 0];
}

/* The row of a cell, of what the kernels do by themselves; NULL: not in this comparison */
static const struct compare_row *row_of(const struct comparison *c, const char *cell)
{
	for (size_t i = 0; i < c->nr_rows; i++) {
		if (!c->row[i].control && !strcmp(c->row[i].cell[SIDE_A]->cell->name, cell))
			return &c->row[i];
	}
	return NULL;
}

static void print_against(const struct comparison *c, const char *cell, bool last)
{
	const struct compare_row *row = row_of(c, cell);
	const char *verdict = "nothing to compare";

	if (row && row->ratio.boots) {
		verdict = compare_verdict(row);
		printf("  %.4f [%.4f, %.4f]%s", row->ratio.estimate, row->ratio.low,
		       row->ratio.high, row->differs ? "*" : " ");
	} else {
		printf("  %-24s", "");
	}
	if (last)
		printf(" %s\n", verdict);
	else
		printf(" %-13s", verdict);
}

/* Names that begin alike differ at their ends: of a long one, this is what is left. */
#define MAX_LABEL	32

static const char *end_of(const char *label)
{
	size_t len = strlen(label);

	return len > MAX_LABEL ? label + len - MAX_LABEL : label;
}

/* How wide the kernels' column is */
static int label_width(const struct comparison *c, size_t n)
{
	size_t width = strlen("kernel      ");

	for (size_t i = 0; i < n; i++) {
		enum side side;
		const struct comparison *of = with_run(c, i, &side);
		size_t len = strlen(end_of(compare_label(of, side)));

		width = len > width ? len : width;
	}
	return width;
}

static void print_cell(const struct comparison *c, size_t n, const char *cell, int width)
{
	for (size_t i = 0; i < n; i++) {
		enum side side;
		const struct comparison *of = with_run(c, i, &side);
		const struct compare_row *row = row_of(of, cell);
		char ticks[16] = "-";

		if (row)
			units_ticks(compare_quantile(row, side, 0.5), ticks);
		printf("  %-19s %-*s %9s", i ? "" : cell, width, end_of(compare_label(of, side)),
		       ticks);
		if (i)
			print_against(&c[compare_first(i)], cell, i == 1);
		if (i > 1)
			print_against(&c[compare_before(i)], cell, true);
		if (!i)
			putchar('\n');
	}
}

static void print_warnings(const struct comparison *c)
{
	for (size_t i = 0; i < json_array_size(c->warnings); i++) {
		if (!i)
			printf("\nWARNING: these differ between A, %s, and B, %s, or are noise sources:\n",
			       compare_label(c, SIDE_A), compare_label(c, SIDE_B));
		printf("  %s\n", json_string_value(json_array_get(c->warnings, i)));
	}
}

void compare_table_in_turn(const struct comparison *c, size_t n)
{
	unsigned int regressions = 0, improvements = 0, inconclusive = 0;
	const struct analysis *first = &c->run[SIDE_A];
	int width = label_width(c, n);

	for (size_t i = 0; i < n; i++) {
		enum side side;
		const struct comparison *of = with_run(c, i, &side);
		char head[24];

		snprintf(head, sizeof(head), "%zu", i + 1);
		compare_table_kernel(head, of, side);
	}
	for (size_t i = 0; i <= compare_before(n - 1); i++) {
		regressions += c[i].regressions;
		improvements += c[i].improvements;
		inconclusive += c[i].inconclusive;
	}
	printf("%s\n\n", first->cpu);
	if (c->row[0].ratio.inference)
		printf("of %u comparisons tested: %u regressions, %u improvements, %u inconclusive\n",
		       c->tested, regressions, improvements, inconclusive);
	printf("each kernel against the first, and against the one before it; median of a call or of\n"
	       "the migration of a THP, in %s; lower is better\n\n", units_text(first->unit));
	printf("  %-19s %-*s %9s  %-38s  %s\n", "cell", width, "kernel", "median",
	       "against the first", "against the one before");
	for (size_t i = 0; i < first->nr_cells; i++)
		print_cell(c, n, first->cell[i].cell->name, width);
	printf("\n  %.0f %% interval over boots (Welch), at a margin of %.3g %%\n"
	       "  *: differs; all differences that are claimed here are wrong in %.0f %% of such tables\n"
	       "  at most (Holm, over all %u comparisons)\n",
	       100 * first->plan.confidence, 100 * first->plan.margin,
	       100 * (1 - first->plan.confidence), c->tested);
	if (!c->row[0].ratio.inference)
		printf("  too few boots: the numbers above, and no inference\n");
	for (size_t i = 1; i < n; i++)
		print_warnings(&c[compare_first(i)]);
}
