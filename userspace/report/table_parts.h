/* SPDX-License-Identifier: GPL-2.0 */
/* The parts that a run's table is put together from */
#ifndef SPLITBENCH_TABLE_PARTS_H
#define SPLITBENCH_TABLE_PARTS_H

#include "analysis/analysis.h"

/**
 * struct job_report - how the cells of a job are printed
 * @print: their part of the table; there is at least one that was measured
 * @add_json: what summary.json has of a cell beyond what all have; may be NULL
 * @empty_has_folio: there is a folio for each empty call, as for the others
 */
struct job_report {
	void (*print)(const struct analysis *a, enum cell_job job);
	void (*add_json)(json_t *doc, const struct analysis *a, const struct cell_result *r);
	bool empty_has_folio;
};

extern const struct job_report split_report;
extern const struct job_report contend_report;
extern const struct job_report migrate_report;
/* Of a job that has no report of its own: a line a cell */
extern const struct job_report plain_report;

/* The cells of a job, a line each: median less the empty call, old/new, variants, remarks */
void table_lines(const struct analysis *a, enum cell_job job);

/* Is there inference on any ratio in cells of @job? */
bool table_inference(const struct analysis *a, enum cell_job job);

/* What is not as it should be in cells of @job, a line each; @inference: there is */
void table_remarks(const struct analysis *a, enum cell_job job, bool inference);

/*
 * The ratio of an arm in a cell's line, of old to new or a variant's, with a star if a
 * difference is claimed, and the floor
 */
void table_ratio(const struct analysis *a, const struct cell_result *r,
		 unsigned int arm);

/* Ratios of arms other than old, new and controls; nothing if @job has none */
void table_variants(const struct analysis *a, enum cell_job job);

/* Of cells of @job: the ratios of the least calls of boots, on a clock */
void table_least(const struct analysis *a, enum cell_job job);

/* Of cells of @job whose calls are back to back: the first after a switch of code */
void table_warming(const struct analysis *a, enum cell_job job);

/* How many differences were tested together, and at what rate of false claims */
void table_family(const struct analysis *a);

/* The first cell of a job; NULL if there is none */
const struct cell_result *table_first_of(const struct analysis *a,
					 enum cell_job job);

/* A median in a column: one decimal of thousands is enough to read */
void table_median(const struct stats_hist *hist);

#endif /* SPLITBENCH_TABLE_PARTS_H */
