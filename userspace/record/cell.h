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

/**
 * enum cell_job - what is timed
 * @JOB_SPLIT: splits, one by one, of which all arms take turns
 * @JOB_CONTEND: splits of several processes at the same time, all of one arm
 * @JOB_MIGRATE: migrations
 * @NR_JOBS: how many there are
 */
enum cell_job { JOB_SPLIT, JOB_CONTEND, JOB_MIGRATE, NR_JOBS };

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

extern const char *const cell_jobs[NR_JOBS];
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
 * @jobs: that have it, a bit each
 * @usual: what it is by default
 * @usual_of: what it is of another job by default; NR_JOBS: of none
 * @usual_there: and that default
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
	enum cell_job usual_of;
	unsigned int usual_there;
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

/* Does a cell of that job have the parameter? */
bool cell_param_is_of(const struct cell_param *p, enum cell_job job);

/* What the parameter is by default */
unsigned int cell_param_usual(const struct cell_param *p, enum cell_job job);

/* What it is in that cell */
unsigned int cell_param_value(const struct cell_param *p, const struct cell *cell);

/* In a set of parameters, a bit each */
#define CELL_BUT(name)		(UINT64_C(1) << PARAM_##name)

/**
 * cell_is_usual() - is all of a cell as by default?
 * @cell: the cell
 * @but: parameters that may be anything, CELL_BUT(name) each
 *
 * For fits and curves, which must not join cells that differ in what they do not know
 * of. Sizes do not matter.
 *
 * Return: are all parameters that its job has and that @but does not name?
 */
bool cell_is_usual(const struct cell *cell, uint64_t but);

/* A cell of that job, all as by default; its name is not set. */
struct cell cell_usual(enum cell_job job);

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

/* How many CPUs it takes */
unsigned int cell_cpus(const struct cell *cell);

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
