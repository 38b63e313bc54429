/* SPDX-License-Identifier: GPL-2.0 */
/* A cell: one thing that is measured, and its parameters. */
#ifndef SPLITBENCH_CELL_H
#define SPLITBENCH_CELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CELL_NAME_LEN		64
#define CELL_MAX_BLOCKS		10000000
#define CELL_MAX_WARMUP		1000
#define CELL_MAX_REPS		1024
#define CELL_MAX_THPS		128
#define CELL_MAX_CONTEND_THPS	64
#define CELL_MAX_THREADS	64
/* Of an arm in a block of several processes */
#define CELL_MAX_CALLS		1024
#define CELL_MAX_NODE		1023
/* No node is asked for: where the CPU or the memory happens to be */
#define CELL_ANY_NODE		UINT32_MAX

/* What is timed: JOB_SPLIT and so on, from the rows of jobs.h */
#define JOB_ROW(id, ...) JOB_##id,

enum cell_job {
#include "record/jobs.h"
	NR_JOBS
};

#undef JOB_ROW

/* Where a migration goes: to the device, or from it back to the system */
enum migrate_direction { TO_DEV, TO_SYS, NR_DIRECTIONS };

/**
 * enum migrate_kind - why a migration falls back to small pages
 * @KIND_NONE: it does not: the THP migrates whole
 * @KIND_PAGES: it need not: there are small pages only
 * @KIND_FLAG: the test device fails its allocation
 * @KIND_INJECT: the page allocator is made to fail it (fail_page_alloc)
 * @KIND_FRAGMENT: memory is fragmented until it fails of itself
 * @NR_KINDS: how many there are
 */
enum migrate_kind {
	KIND_NONE, KIND_PAGES, KIND_FLAG, KIND_INJECT, KIND_FRAGMENT, NR_KINDS
};

/* What is split: a folio that is unmapped already, or one that is mapped */
enum split_state { STATE_UNMAPPED, STATE_MAPPED, NR_STATES };

/* Where several processes have their memory: all on the node of the first one's
 * CPU, or each on its own's
 */
enum contend_placement { PLACE_TOGETHER, PLACE_APART, NR_PLACES };

/* And what folio: of the system's memory, of a device's, in the swapcache */
enum split_folio { FOLIO_ANON, FOLIO_DEVICE, FOLIO_SWAPCACHE, NR_FOLIOS };

/* On the deferred split list, as a page fault leaves it, or not */
enum split_queue { QUEUE_FAULT, QUEUE_OFF, NR_QUEUES };

/* Where its struct pages are before the call: left alone, or in no cache, or
 * in the CPU's
 */
enum split_cache { CACHE_ALONE, CACHE_COLD, CACHE_WARM, NR_CACHES };

/**
 * enum split_warmth - what went before a call
 * @WARMTH_MIXED: a call of another code, each other one equally often
 * @WARMTH_BACK_TO_BACK: calls of the same code; the first of them is kept apart
 * @WARMTH_COLD: something else that spoiled caches and branch predictors
 * @NR_WARMTHS: how many there are
 */
enum split_warmth {
	WARMTH_MIXED, WARMTH_BACK_TO_BACK, WARMTH_COLD, NR_WARMTHS
};

/**
 * enum contend_memcg - whom the folios of several processes are charged to
 * @MEMCG_SHARED: to one cgroup that all are in
 * @MEMCG_OWN: to a cgroup for each
 * @MEMCG_ROOT: to the root cgroup
 * @NR_MEMCGS: how many there are
 */
enum contend_memcg { MEMCG_SHARED, MEMCG_OWN, MEMCG_ROOT, NR_MEMCGS };

/**
 * enum contend_beside - what another process does meanwhile, which is timed
 * @BESIDE_NONE: there is none
 * @BESIDE_FAULT: fault small pages in and free them
 * @BESIDE_COLD: move them between the lists of the LRU (MADV_COLD)
 * @BESIDE_ISOLATE: have them isolated and put back (MADV_PAGEOUT)
 * @BESIDE_WAKE: sleep for a short time
 * @BESIDE_PING: interrupt the first splitter's CPU
 * @NR_BESIDES: how many there are
 */
enum contend_beside {
	BESIDE_NONE, BESIDE_FAULT, BESIDE_COLD, BESIDE_ISOLATE, BESIDE_WAKE,
	BESIDE_PING, NR_BESIDES
};

extern const char *const cell_states[NR_STATES];
extern const char *const cell_folios[NR_FOLIOS];
extern const char *const cell_queues[NR_QUEUES];
extern const char *const cell_caches[NR_CACHES];
extern const char *const cell_warmths[NR_WARMTHS];
extern const char *const cell_memcgs[NR_MEMCGS];
extern const char *const cell_besides[NR_BESIDES];
extern const char *const cell_places[NR_PLACES];
extern const char *const cell_directions[NR_DIRECTIONS];
extern const char *const cell_kinds[NR_KINDS];

#define CELL_PARAM(name, ...) PARAM_##name,

enum cell_param_id {
#include "record/cell_params.h"
	NR_PARAMS
};

#undef CELL_PARAM

/*
 * struct cell - what is measured in one place of the table: its job, and the job's
 * parameters; @name is made of them, such as "anon-9-0" or "to-dev-flag-8"
 */
#define CELL_PARAM(name, ...) unsigned int name;

struct cell {
	char name[CELL_NAME_LEN];
	enum cell_job job;
#include "record/cell_params.h"
};

#undef CELL_PARAM

/**
 * struct cell_param - a parameter of cells, from a row of cell_params.h
 * @name: its key in JSON
 * @help: what it says, and its values
 * @jobs: that it was made for, a bit each; others may take it as well
 * @usual: what it is by default, but for jobs that say otherwise
 * @words: that it may be, in which case its value is an index; NULL: it is a number
 * @nr_words: how many
 * @least: number, at least
 * @most: number, at most
 * @is_size: it says how much is measured, not what
 * @format: adds an unusual value to a cell's name; NULL: see @texts
 * @texts: what each word adds to it; NULL: cell_set_name() knows the parameter
 * @offset: of its value in struct cell
 */
struct cell_param {
	const char *name;
	const char *help;
	unsigned int jobs;
	unsigned int usual;
	const char *const *words;
	unsigned int nr_words;
	unsigned int least;
	unsigned int most;
	bool is_size;
	const char *format;
	const char *const *texts;
	size_t offset;
};

extern const struct cell_param cell_param[NR_PARAMS];

/* What it is in that cell */
unsigned int cell_param_value(const struct cell_param *p, const struct cell *cell);

/* In a set of parameters, a bit each */
#define CELL_BUT(name)		(UINT64_C(1) << PARAM_##name)

/**
 * struct cell_ops - what the cells of a job have of their own; each may be NULL
 * @set_name: begin the name with what most of its cells differ in, the BUILT_IN
 *	      parameters of their rows; NULL: the job's name, and each that is unusual
 * @check: combinations that cannot be measured. Returns NULL, or what is wrong
 * @seconds: that a boot of it may take on a slow machine that emulates; NULL: by the
 *	     number of its calls
 * @add_first: what summary.json says of a cell before its parameters
 * @add_last: what it says after them
 * @base: the cell that its cost is compared with, of @usual, where all is as by
 *	  default, or of the cell; its name need not be set
 */
struct cell_ops {
	void (*set_name)(struct cell *cell);
	const char *(*check)(const struct cell *cell);
	uint64_t (*seconds)(const struct cell *cell);
	void (*add_first)(json_t *doc, const struct cell *cell);
	void (*add_last)(json_t *doc, const struct cell *cell);
	struct cell (*base)(const struct cell *cell, const struct cell *usual);
};

extern const struct cell_ops split_cells;
extern const struct cell_ops contend_cells;
extern const struct cell_ops migrate_cells;

/* Add to a cell's name, for its @set_name. */
void cell_add_name(struct cell *cell, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Orders of a split that no anonymous folio can have. Return: NULL; or what is wrong */
const char *cell_check_orders(const struct cell *cell);

/* How many CPUs it takes */
unsigned int cell_cpus(const struct cell *cell);

/* A cell of the unmapped split of one THP to @new_order, with the usual size */
struct cell cell_split(unsigned int new_order);

/* Put together the name from the rest. */
void cell_set_name(struct cell *cell);

/**
 * cell_check() - can this cell be measured at all?
 * @cell: the cell
 *
 * Return: NULL; or what is wrong with it, in words.
 */
const char *cell_check(const struct cell *cell);

/* Seconds that a boot of it may take where it is slow: a hang is to be seen as one. */
uint64_t cell_slow_seconds(const struct cell *cell);

/**
 * cell_base() - the cell that a cell's cost is compared with
 * @cell: the cell
 * @base: gets it, with its name
 *
 * Return: is there one? Not if it is the cell itself.
 */
bool cell_base(const struct cell *cell, struct cell *base);

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
 *	  values, and for each combination of lists; "threads": "powers" is the
 *	  list 1, 2, 4, ... up to @cpus, and @cpus, with fewer THPs each than
 *	  the line says where a block would have too many calls
 * @cpus: how many there are; 0: there is no such list
 * @cells: the list that they are added to; reallocated
 * @nr: how many are in it
 *
 * Return: NULL; or what is wrong, in words.
 */
const char *cells_expand(json_t *line, unsigned int cpus, struct cell **cells,
			 size_t *nr);

#endif /* SPLITBENCH_CELL_H */
