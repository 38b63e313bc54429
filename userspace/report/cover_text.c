// SPDX-License-Identifier: GPL-2.0
/* The text for a cover letter. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/cover.h"
#include "report/units.h"
#include "util/util.h"

#define NAME_COLUMNS	15
#define INTERVAL_COLUMNS	15

/* Words after @label, and on as many lines as they take, indented like it */
static void wrap(FILE *file, const char *label, const char *words)
{
	size_t indent = strlen(label), column = indent;
	char *copy = report_ascii(strdup(words)), *at = copy, *word;
	bool first = true;

	fputs(label, file);
	while ((word = strsep(&at, " "))) {
		size_t len = strlen(word);

		/* Of two blanks one might end a line. */
		if (!len)
			continue;
		if (!first && column + 1 + len > REPORT_COLUMNS) {
			fprintf(file, "\n%*s", (int)indent, "");
			column = indent;
			first = true;
		}
		/* What has no space to break at is broken where it has to be. */
		while (column + len > REPORT_COLUMNS) {
			size_t room = REPORT_COLUMNS - column;

			fprintf(file, "%.*s\n%*s", (int)room, word, (int)indent, "");
			word += room;
			len -= room;
			column = indent;
		}
		column += fprintf(file, "%s%s", first ? "" : " ", word);
		first = false;
	}
	fputc('\n', file);
	free(copy);
}

static void print_name(FILE *file, const char *name)
{
	/* One that is too long has a line for itself. */
	if (strlen(name) > NAME_COLUMNS)
		fprintf(file, "%s\n%*s", name, NAME_COLUMNS, "");
	else
		fprintf(file, "%-*s", NAME_COLUMNS, name);
}

static double quantile(const struct report_row *row, enum report_side side,
		       double q)
{
	return stats_hist_quantile(row->hist[side], q);
}

static void print_sides(FILE *file, const struct report_row *row, double q)
{
	char text[16];

	for (int side = 0; side < NR_REPORT_SIDES; side++)
		fprintf(file, " %8s", units_ticks(quantile(row, side, q), text));
}

static const char *shown_verdict(const struct report_row *row, char text[16])
{
	size_t i;

	snprintf(text, 16, "%s", row->verdict);
	/* Only what is bad is to be loud. */
	for (i = 0; text[i] && strcmp(row->verdict, "REGRESSION") &&
	     strcmp(row->verdict, "A/A FAILED"); i++)
		text[i] = tolower(text[i]);
	return text;
}

/* As many digits as there is room for */
static void print_interval(const struct stats_ratio *cost, char text[32])
{
	double low = report_change(cost->low), high = report_change(cost->high);

	for (int digits = 2; digits >= 0; digits--) {
		int len = snprintf(text, 32, "[%+.*f,%+.*f]", digits, low, digits,
				   high);

		if (len <= INTERVAL_COLUMNS)
			return;
	}
	snprintf(text, 32, "[%.1e,%.1e]", low, high);
	if (strlen(text) > INTERVAL_COLUMNS)
		strcpy(text, "[very wide]");
}

static void print_change(double cost, char text[16])
{
	double change = report_change(cost);
	int digits = change < 1000 ? 2 : 0;

	if (change < 1e6)
		snprintf(text, 16, "%+.*f%%", digits, change);
	else
		strcpy(text, "+1e6% up");
}

static void print_medians(const struct report *r, FILE *file)
{
	char about[32] = "(no inference)";

	if (r->row[0].cost.inference)
		snprintf(about, sizeof(about), "%.3g %% interval",
			 100 * r->confidence);
	for (size_t i = 0; i < r->nr_rows; i++) {
		const struct report_row *row = &r->row[i];
		char interval[32], change[16], verdict[16];

		if (report_begins_table(r, i))
			fprintf(file, "%s%-*s %8.8s %8.8s   change %-*.*s verdict\n",
				i ? "\n" : "", NAME_COLUMNS, "median",
				row->side[REPORT_BASE], row->side[REPORT_PATCHED],
				INTERVAL_COLUMNS, INTERVAL_COLUMNS, about);
		print_name(file, row->name);
		print_sides(file, row, 0.5);
		print_change(row->cost.estimate, change);
		print_interval(&row->cost, interval);
		fprintf(file, " %8s %-*s %s\n", change, INTERVAL_COLUMNS,
			interval, shown_verdict(row, verdict));
	}
}

static void print_tails(const struct report *r, FILE *file)
{
	for (size_t i = 0; i < r->nr_rows; i++) {
		const struct report_row *row = &r->row[i];
		char change[16];

		if (report_begins_table(r, i))
			fprintf(file, "%s%-*s %8.8s %8.8s   change (no inference)\n",
				i ? "\n" : "", NAME_COLUMNS, "p99",
				row->side[REPORT_BASE], row->side[REPORT_PATCHED]);
		print_name(file, row->name);
		print_sides(file, row, 0.99);
		print_change(quantile(row, REPORT_PATCHED, 0.99) /
			     quantile(row, REPORT_BASE, 0.99), change);
		fprintf(file, " %8s\n", change);
	}
}

/* Cells of which @want holds, with by how much; "none" is said as well */
static void print_cells(const struct report *r, FILE *file, const char *label,
			bool (*want)(const struct report_row *row))
{
	char *list = NULL;
	size_t size;
	FILE *words = open_memstream(&list, &size);
	bool any = false;

	if (!words)
		die(EXIT_HARNESS, "out of memory");
	for (size_t i = 0; i < r->nr_rows; i++) {
		char text[REPORT_NAME_LEN + 2 * ARM_NAME_LEN];
		const struct report_row *row = &r->row[i];

		if (!want(row))
			continue;
		fprintf(words, "%s%s", any ? ", " : "", report_label(r, row, text));
		if (row->claimed)
			fprintf(words, " (%+.2f%%)",
				report_change(row->cost.estimate));
		any = true;
	}
	if (fclose(words))
		die(EXIT_HARNESS, "out of memory");
	wrap(file, label, any ? list : "none");
	free(list);
}

static bool costs_more(const struct report_row *row)
{
	return row->claimed && row->cost.estimate > 1;
}

static bool costs_less(const struct report_row *row)
{
	return row->claimed && row->cost.estimate < 1;
}

static bool costs_the_same(const struct report_row *row)
{
	return row->known && !row->claimed;
}

static bool cannot_tell(const struct report_row *row)
{
	return !row->known;
}

static void print_plot(const char *plot, FILE *file)
{
	FILE *from = fopen(plot, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (!from)
		die(EXIT_HARNESS, "%s: %s", plot, strerror(errno));
	while ((len = getline(&line, &size, from)) > 0) {
		/* gnuplot begins with a form feed, and pads to the right. */
		while (len && !isgraph(line[len - 1]))
			line[--len] = '\0';
		if (*line == '\f')
			line[0] = ' ';
		if (len > REPORT_COLUMNS)
			die(EXIT_HARNESS, "%s has lines of more than %d columns",
			    plot, REPORT_COLUMNS);
		if (len)
			fprintf(file, "%s\n", line);
	}
	free(line);
	if (ferror(from))
		die(EXIT_HARNESS, "%s: %s", plot, strerror(errno));
	fclose(from);
	fputc('\n', file);
}

static void print_head(const struct report *r, FILE *file)
{
	char about[64], words[512];

	wrap(file, "What:    ", r->what);
	wrap(file, "Machine: ", r->machine);
	if (r->kernel[REPORT_PATCHED]) {
		wrap(file, "Base:    ", r->kernel[REPORT_BASE]);
		wrap(file, "Patched: ", r->kernel[REPORT_PATCHED]);
	} else {
		wrap(file, "Kernel:  ", r->kernel[REPORT_BASE]);
	}
	wrap(file, "Unit:    ", units_text(r->unit));
	if (r->boots[REPORT_PATCHED])
		snprintf(about, sizeof(about), "of %zu and %zu %ss",
			 r->boots[REPORT_BASE], r->boots[REPORT_PATCHED], r->level);
	else
		snprintf(about, sizeof(about), "of %zu %s%s",
			 r->boots[REPORT_BASE], r->level,
			 r->boots[REPORT_BASE] == 1 ? "" : "s");
	fputc('\n', file);
	for (size_t i = 0; i < json_array_size(r->warnings); i++)
		wrap(file, "WARNING: ", json_string_value(json_array_get(r->warnings, i)));
	snprintf(words, sizeof(words),
		 "Per call (splits) or THP (migrations), %s. Lower is better. The change is of the median less the empty call. A regression is more than %.3g %%, and more than the noise floor (the same measured twice).",
		 about, 100 * r->margin);
	wrap(file, "", words);
	fputc('\n', file);
}

void report_text(const struct report *r, const char *plot, FILE *file)
{
	char words[160];

	print_head(r, file);
	print_medians(r, file);
	fputc('\n', file);
	print_tails(r, file);
	fputc('\n', file);
	print_cells(r, file, "Costs more:          ", costs_more);
	print_cells(r, file, "Costs less:          ", costs_less);
	print_cells(r, file, "No difference shown: ", costs_the_same);
	print_cells(r, file, "A/A failed:          ", cannot_tell);
	if (r->tested) {
		snprintf(words, sizeof(words),
			 "%u %s(s) tested: in %.0f %% of runs at most is any of these differences none (Holm)",
			 r->tested, report_has_tables(r) ? "ratio" : "cell",
			 100 * (1 - r->confidence));
		wrap(file, "Claims:              ", words);
	}
	if (r->skipped)
		fprintf(file, "Not to be compared:  %zu cell(s)\n", r->skipped);
	fputc('\n', file);
	if (plot)
		print_plot(plot, file);
	wrap(file, "Reproduce with splitbench ", r->tool);
	wrap(file, "  ", r->reproduce);
}
