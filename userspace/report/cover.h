/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is published of a run, or of two that were compared: the same facts
 * as text for a cover letter and as a page.
 */
#ifndef SPLITBENCH_COVER_H
#define SPLITBENCH_COVER_H

#include <stdio.h>

#include "analysis/compare.h"

/* Who gets it by mail sees 72 columns of ASCII. */
#define REPORT_COLUMNS	72

/* What a cell is measured for: before the change, and after it */
enum report_side { REPORT_BASE, REPORT_PATCHED, NR_REPORT_SIDES };

/* Room for a cell's name and two arms */
#define REPORT_NAME_LEN	(CELL_NAME_LEN + 2 * ARM_NAME_LEN)

/**
 * struct report_row - a line of the table
 * @name: the cell's; of a variant in two kernels, with the arm's
 * @side: what each side is called; rows of the same sides are next to each other
 * @hist: ticks of each side's calls
 * @cost: of patched over base, less the empty call
 * @floor: the noise floor, as a share
 * @verdict: in words
 * @known: it can be judged: the same is the same in it
 * @claimed: a difference is shown: its interval lies to one side of 1, it is not below
 *	     the floor, and by Holm's rule not one that chance finds among many cells
 */
struct report_row {
	char name[REPORT_NAME_LEN];
	const char *side[NR_REPORT_SIDES];
	const struct stats_hist *hist[NR_REPORT_SIDES];
	struct stats_ratio cost;
	double floor;
	const char *verdict;
	bool known;
	bool claimed;
};

/**
 * struct report - all of it
 * @what: what was measured, in a line
 * @machine: where
 * @kernel: of each run; the second is NULL if there is one run
 * @unit: of all ticks
 * @level: what intervals are over: "boot" or "build"
 * @boots: how many of each run; the second is 0 if there is one run
 * @tested: cells that it was asked of whether they differ: the family that claims are of
 * @margin: the plan's
 * @confidence: of the intervals
 * @row: the table
 * @nr_rows: its lines
 * @skipped: cells that have one side only
 * @warnings: array of strings
 * @reproduce: the command
 * @tool: version of what measured
 */
struct report {
	char *what;
	char *machine;
	char *kernel[NR_REPORT_SIDES];
	const char *unit;
	const char *level;
	size_t boots[NR_REPORT_SIDES];
	unsigned int tested;
	double margin;
	double confidence;
	struct report_row *row;
	size_t nr_rows;
	size_t skipped;
	json_t *warnings;
	char *reproduce;
	char *tool;
};

/**
 * report_of_run() - old against new in one kernel
 * @run: the run
 * @dir: its folder
 *
 * Dies if no cell has both.
 *
 * Return: the report; to be given to report_free().
 */
struct report report_of_run(const struct analysis *run, const char *dir);

/* B against A */
struct report report_of_comparison(const struct comparison *c);

void report_free(struct report *r);

/*
 * In place: mail programs and checkpatch take ASCII, and a CPU's name, a folder
 * or a warning may have more. Return: @s.
 */
char *report_ascii(char *s);

/* Does row @i begin a table of its own: has it other sides than the one before? */
bool report_begins_table(const struct report *r, size_t i);

/* Do rows have other sides than others? */
bool report_has_tables(const struct report *r);

/* A row's name; with its sides, "anon-9-0 new/old", if not all rows have the same */
const char *report_label(const struct report *r, const struct report_row *row,
			 char text[REPORT_NAME_LEN + 2 * ARM_NAME_LEN]);

/* By how much patched costs more than base, in percent; less is negative */
double report_change(double cost);

/**
 * report_text() - ASCII for a cover letter, no line wider than REPORT_COLUMNS
 * @r: the report
 * @plot: file of a figure as text, to be taken in; NULL: none
 * @file: where
 */
void report_text(const struct report *r, const char *plot, FILE *file);

/**
 * report_html() - a page that needs no other file
 * @r: the report
 * @figures: SVG files, to be taken in
 * @nr: how many
 * @file: where
 */
void report_html(const struct report *r, const char *const *figures,
		 size_t nr, FILE *file);

/* Columns for plots/change.gp, and its labels, into folder @dir */
void report_plotdata(const struct report *r, const char *dir);

#endif /* SPLITBENCH_COVER_H */
