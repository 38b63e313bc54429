/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RUN/boot-N.jsonl, JSON Lines: a header, a line for each block as soon as
 * it is measured (and for traced migrations), and an end line that says that
 * all blocks are there.
 */
#ifndef SPLITBENCH_RECORD_H
#define SPLITBENCH_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "../bench/folio_split_bench.h"
#include "record/arm.h"
#include "record/cell.h"

#define RECORD_SCHEMA		"splitbench.samples/1"
#define RECORD_MAX_ARMS		ARM_MAX
/* What a call's arm is written as: its index in the header */
#define RECORD_ARM_DIGITS	"0123456789abcdef"
#define RECORD_MAX_CALLS	9216
#define RECORD_MAX_REJECTED	16
#define RECORD_MAX_TRACED	64
#define RECORD_MAX_SPANS	9216
#define RECORD_MAX_BESIDE	32768

/**
 * struct record_header - what is the same for all of a boot
 * @boot: which boot of the run, from 1
 * @build: which build of the kernel it is of, from 1; 1 in records that do not say
 * @seed: the order of calls was drawn from it
 * @boot_id: /proc/sys/kernel/random/boot_id of the target, which no two boots have;
 *	     empty in records of versions that did not write it
 * @started: when it began, UTC; written as of now, and empty if a file does not say
 * @unit: of ticks: "instructions", "tsc" or "emulated"
 * @design: how the order of calls was drawn; empty in records of versions
 *	    that shuffled arms, and whose arm "again" was the code of the arm it
 *	    was held against
 * @nr_arms: how many arms
 * @arms: their names; a block's calls point here
 * @has_defs: it says what each arm is; records of older versions do not
 * @def: what each arm is
 * @doctor: what was found that would spoil it, by check; NULL: nobody looked.
 *	    Of a header that was read, until record_close().
 */
struct record_header {
	unsigned int boot;
	unsigned int build;
	uint64_t seed;
	char boot_id[40];
	char started[24];
	char unit[16];
	char design[32];
	unsigned int nr_arms;
	char arms[RECORD_MAX_ARMS][ARM_NAME_LEN];
	bool has_defs;
	struct arm_def def[RECORD_MAX_ARMS];
	json_t *doctor;
};

/* Where a block's ticks went, the timed calls themselves excepted. */
enum record_phase {
	PHASE_FAULT, PHASE_VERIFY, PHASE_SETUP, PHASE_PMD_SPLIT, PHASE_CHECK,
	PHASE_FINALIZE, PHASE_UNMAP, PHASE_MOVE, PHASE_TIDY, NR_PHASES
};

extern const char *const record_phase_names[NR_PHASES];

/*
 * What can be counted over a round: by the CPU; by any kernel, waits for locks in
 * their slow paths; and by one that keeps statistics of locks (CONFIG_LOCK_STAT),
 * locks that were taken (RCU's among them), and that were not to be had at once
 */
enum record_event {
	EVENT_INSTRUCTIONS, EVENT_CYCLES, EVENT_CACHE_MISSES,
	EVENT_BRANCH_MISSES, EVENT_LOCK_WAITS, EVENT_LOCKS_TAKEN,
	EVENT_LOCKS_CONTENDED, NR_EVENTS
};

/* Of an event: it was not */
#define RECORD_NOT_COUNTED	UINT64_MAX

extern const char *const record_event_names[NR_EVENTS];

/**
 * struct record_block - one block
 * @block: its number, from 1
 * @warmup: not to be analysed
 * @cell: name of what was measured
 * @retries: times the block was begun anew because a THP was busy
 * @from_ms: when it began, milliseconds of the target's clock since its boot
 * @to_ms: when it ended; 0 in a record of a version that did not record it
 * @nr: how many calls
 * @lead: how many of the first calls are there only to be before the others,
 *	  and are not to be analysed; of blocks of rounds, whole rounds
 * @round: how many calls, one after the other, are a round, all of one arm;
 *	   0 if this job has no rounds
 * @phases: ticks of everything around the calls
 * @threads: of each round, if their spans are recorded; else 0
 * @has_beside: there is what went on beside each round
 * @has_events: there are counters of each round
 * @nr_rejected: rounds that took another path than wanted and were repeated
 * @rejected: why, for the first of them
 * @arm: of each call, index of the header's arms
 * @sample: of each call
 * @busy: of each round, ticks that the busiest thread was in its calls; if
 *	  there are spans, from the first one's beginning to the last one's end
 * @span: of each round and thread, from when to when it was in its calls,
 *	  ticks since the round's first call
 * @nr_beside: of each round, how many operations were timed beside it
 * @window: of each round, for how many ticks they were watched
 * @beside: ticks of each, one round after the other
 * @events: of each event and round, what was counted in all threads, or
 *	    RECORD_NOT_COUNTED
 */
struct record_block {
	unsigned int block;
	bool warmup;
	char cell[CELL_NAME_LEN];
	unsigned int retries;
	uint64_t from_ms;
	uint64_t to_ms;
	unsigned int nr;
	unsigned int lead;
	unsigned int round;
	unsigned int threads;
	bool has_beside;
	bool has_events;
	uint64_t phases[NR_PHASES];
	unsigned int nr_rejected;
	char rejected[RECORD_MAX_REJECTED][96];
	uint8_t arm[RECORD_MAX_CALLS];
	struct fsb_sample sample[RECORD_MAX_CALLS];
	uint64_t busy[RECORD_MAX_CALLS];
	uint64_t span[RECORD_MAX_SPANS][2];
	uint32_t nr_beside[RECORD_MAX_CALLS];
	uint64_t window[RECORD_MAX_CALLS];
	uint64_t beside[RECORD_MAX_BESIDE];
	uint64_t events[NR_EVENTS][RECORD_MAX_CALLS];
};

/* How many rounds a block that has rounds is of */
static inline unsigned int record_rounds(const struct record_block *block)
{
	return block->round ? block->nr / block->round : 0;
}

/*
 * The parts of a migration's ioctl, from its start to its end without gaps:
 * what the driver does before; migrate_vma_setup(); the driver allocating and
 * copying; split_huge_pmd_address(); the split of the folio; the rest of
 * migrate_vma_pages(); the driver's page table; migrate_vma_finalize(); what
 * the driver does after, reading the data back to userspace if it goes there.
 */
enum record_part {
	PART_ENTER, PART_COLLECT, PART_COPY, PART_PMD_SPLIT, PART_SPLIT,
	PART_MOVE, PART_MAP, PART_FINALIZE, PART_LEAVE, NR_PARTS
};

extern const char *const record_part_names[NR_PARTS];

/**
 * struct record_trace - traced migrations of one cell and arm
 * @cell: its name
 * @arm: index of the header's arms
 * @nr: how many THPs
 * @whole: ticks of each one's ioctl
 * @part: ticks of each one's parts
 */
struct record_trace {
	char cell[CELL_NAME_LEN];
	uint8_t arm;
	unsigned int nr;
	uint64_t whole[RECORD_MAX_TRACED];
	uint64_t part[RECORD_MAX_TRACED][NR_PARTS];
};

/**
 * struct record_skip - a cell that this machine cannot measure
 * @cell: its name
 * @why: in words
 */
struct record_skip {
	char cell[CELL_NAME_LEN];
	char why[256];
};

struct record_writer;

/**
 * record_create() - begin a boot's file
 * @path: must not be there yet
 * @header: its first line
 *
 * Return: the writer; NULL with errno set.
 */
struct record_writer *record_create(const char *path,
				    const struct record_header *header);

/* Append a block and see it safe. Return: 0; -1 with errno set. */
int record_append(struct record_writer *w, const struct record_block *block);

/* Append traced migrations, the same way. Return: 0; -1 with errno set. */
int record_append_trace(struct record_writer *w,
			const struct record_trace *trace);

/* Append that a cell was skipped. Return: 0; -1 with errno set. */
int record_append_skip(struct record_writer *w, const struct record_skip *skip);

/* Append the end line and close. Return: 0; -1 with errno set. */
int record_finish(struct record_writer *w);

enum record_status {
	RECORD_OK,		/* a block was read */
	RECORD_TRACE,		/* traced migrations were read */
	RECORD_SKIP,		/* a cell that was skipped was read */
	RECORD_END,		/* the end line: the boot is complete */
	RECORD_TRUNCATED,	/* the file stops without one */
	RECORD_BAD,		/* not a record; the error says where */
};

struct record_reader;

/**
 * record_open() - begin to read a boot's file
 * @path: the file
 * @header: gets what its first line says
 * @error: gets "file:line: what", to be freed, if NULL is returned
 *
 * Return: the reader; NULL with @error.
 */
struct record_reader *record_open(const char *path,
				  struct record_header *header, char **error);

/**
 * record_next() - the next block, trace or skipped cell
 * @r: the reader
 * @block: gets it, if RECORD_OK is returned
 * @trace: gets it, if RECORD_TRACE is returned
 * @skip: gets it, if RECORD_SKIP is returned
 * @error: gets "file:line: what", to be freed, on TRUNCATED and BAD
 *
 * Return: what comes next, or why nothing does.
 */
enum record_status record_next(struct record_reader *r,
			       struct record_block *block,
			       struct record_trace *trace,
			       struct record_skip *skip, char **error);

void record_close(struct record_reader *r);

#endif /* SPLITBENCH_RECORD_H */
