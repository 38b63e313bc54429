/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RUN/boot-N.jsonl, JSON Lines: a header, a line for each block as soon as
 * it is measured, and an end line that says that all blocks are there.
 */
#ifndef SPLITBENCH_RECORD_H
#define SPLITBENCH_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "../bench/folio_split_bench.h"

#define RECORD_SCHEMA		"splitbench.samples/1"
#define RECORD_MAX_ARMS		8
#define RECORD_MAX_CALLS	FSB_MAX_FOLIOS

/**
 * struct record_header - what is the same for all of a boot
 * @boot: which boot of the run, from 1
 * @seed: the order of calls was drawn from it
 * @unit: of ticks: "instructions", "tsc" or "emulated"
 * @nr_arms: how many arms
 * @arms: their names; a block's calls point here
 */
struct record_header {
	unsigned int boot;
	uint64_t seed;
	char unit[16];
	unsigned int nr_arms;
	char arms[RECORD_MAX_ARMS][FSB_NAME_LEN];
};

/* Where a block's ticks went, the split itself excepted. */
enum record_phase {
	PHASE_FAULT, PHASE_VERIFY, PHASE_SETUP, PHASE_PMD_SPLIT, PHASE_CHECK,
	PHASE_FINALIZE, PHASE_UNMAP, NR_PHASES
};

extern const char *const record_phase_names[NR_PHASES];

/**
 * struct record_block - one block
 * @block: its number, from 1
 * @warmup: not to be analysed
 * @cell: name of what was measured
 * @retries: times the block was begun anew because a THP was busy
 * @nr: how many calls
 * @arm: of each call, index of the header's arms
 * @sample: of each call
 * @phases: ticks of everything around the calls
 */
struct record_block {
	unsigned int block;
	bool warmup;
	char cell[32];
	unsigned int retries;
	unsigned int nr;
	uint8_t arm[RECORD_MAX_CALLS];
	struct fsb_sample sample[RECORD_MAX_CALLS];
	uint64_t phases[NR_PHASES];
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

/* Append the end line and close. Return: 0; -1 with errno set. */
int record_finish(struct record_writer *w);

enum record_status {
	RECORD_OK,		/* a block was read */
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
 */
struct record_reader *record_open(const char *path,
				  struct record_header *header, char **error);

/**
 * record_next() - the next block
 * @r: the reader
 * @block: gets it, if RECORD_OK is returned
 * @error: gets "file:line: what", to be freed, on TRUNCATED and BAD
 */
enum record_status record_next(struct record_reader *r,
			       struct record_block *block, char **error);

void record_close(struct record_reader *r);

#endif /* SPLITBENCH_RECORD_H */
