/* SPDX-License-Identifier: GPL-2.0 */
/* A cell: one thing that is measured, with all that tells it from others. */
#ifndef SPLITBENCH_CELL_H
#define SPLITBENCH_CELL_H

#include <jansson.h>
#include <stddef.h>

#define CELL_NAME_LEN		48
#define CELL_MAX_BLOCKS		10000000
#define CELL_MAX_WARMUP		1000
#define CELL_MAX_REPS		1024
#define CELL_MAX_THPS		128
#define CELL_MAX_THREADS	64

enum cell_job { JOB_SPLIT, JOB_MIGRATE, NR_JOBS };

/* Where a migration goes: to the device, or from it back to the system */
enum migrate_direction { TO_DEV, TO_SYS, NR_DIRECTIONS };

/**
 * enum migrate_kind - why a migration falls back to small pages
 * @KIND_NONE: it does not: the THP migrates whole
 * @KIND_PAGES: it need not: there are small pages only
 * @KIND_FLAG: the test device is told to fail the allocation
 * @KIND_INJECT: the page allocator is made to fail it (fail_page_alloc)
 * @KIND_FRAGMENT: memory is fragmented until it fails of itself
 */
enum migrate_kind {
	KIND_NONE, KIND_PAGES, KIND_FLAG, KIND_INJECT, KIND_FRAGMENT, NR_KINDS
};

/* What is split: a folio that is unmapped already, or one that is mapped */
enum split_state { STATE_UNMAPPED, STATE_MAPPED, NR_STATES };

extern const char *const cell_jobs[NR_JOBS];
extern const char *const cell_states[NR_STATES];
extern const char *const cell_directions[NR_DIRECTIONS];
extern const char *const cell_kinds[NR_KINDS];

/**
 * struct cell - what is measured in one place of the table
 * @name: made of what follows: "anon-9-0", "mapped-9-0", "to-dev-flag-8"
 * @job: what is timed
 * @blocks: recorded blocks of each boot
 * @warmup: blocks before them that are recorded but not analysed
 * @reps: calls (split) or rounds (migrate) of each arm in a block
 * @new_order: split: the order that THPs are split to
 * @state: split: of the folio, when it is split
 * @direction: migrate: where to
 * @kind: migrate: how it is made to fall back
 * @thps: migrate: THPs of a round and thread
 * @threads: migrate: that migrate at the same time, each its own THPs
 * @devices: migrate: that they take turns on
 */
struct cell {
	char name[CELL_NAME_LEN];
	enum cell_job job;
	unsigned int blocks;
	unsigned int warmup;
	unsigned int reps;
	unsigned int new_order;
	enum split_state state;
	enum migrate_direction direction;
	enum migrate_kind kind;
	unsigned int thps;
	unsigned int threads;
	unsigned int devices;
};

/* A cell of the unmapped split of one THP to @new_order, with the usual size */
struct cell cell_split(unsigned int new_order);

/* Put together the name from the rest. */
void cell_set_name(struct cell *cell);

/**
 * cell_check() - can this cell be measured at all?
 *
 * Return: NULL; or what is wrong with it, in words.
 */
const char *cell_check(const struct cell *cell);

/* All but the name and the sizes, as summary.json has it */
json_t *cell_params(const struct cell *cell);

json_t *cell_to_json(const struct cell *cell);

/**
 * cell_from_json() - one cell of a plan
 * @doc: as cell_to_json() made it
 * @cell: gets it
 *
 * Return: NULL; or what is wrong with it, in words.
 */
const char *cell_from_json(json_t *doc, struct cell *cell);

/**
 * cells_expand() - the cells that a line of a plan file stands for
 * @line: an object; where a value is a list, there is a cell for each of its
 *	  values, and for each combination of lists
 * @cells: the list that they are added to; reallocated
 * @nr: how many are in it
 *
 * Return: NULL; or what is wrong, in words.
 */
const char *cells_expand(json_t *line, struct cell **cells, size_t *nr);

/* Index of @name among @n @names; @n if it is none of them */
unsigned int name_index(const char *const *names, unsigned int n,
			const char *name);

#endif /* SPLITBENCH_CELL_H */
