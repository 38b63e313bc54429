/* SPDX-License-Identifier: GPL-2.0 */
/* Calls to a median per arm and block, blocks to a median per boot */
#ifndef SPLITBENCH_REDUCE_H
#define SPLITBENCH_REDUCE_H

#include "analysis/result.h"

/* Ticks of a boot's calls of an arm */
struct calls {
	double *ticks;
	size_t n;
	size_t room;
};

/**
 * struct boot_logs - what one boot's blocks of a cell say
 * @log: log-ratios of each arm over what it is compared with, @n of them
 * @n: how many blocks have both
 * @level: logs of the blocks' medians of each arm, @levels of them
 * @levels: how many
 * @first: logs of the first call of a run over the later ones, of each arm, @firsts of them
 * @firsts: how many
 * @calls: ticks of the calls of each arm
 * @blocks: blocks that are analysed
 * @room: how many fit
 * @skipped: it was not measured, on purpose
 */
struct boot_logs {
	double *log[ARM_MAX];
	size_t n[ARM_MAX];
	double *level[ARM_MAX];
	size_t levels[ARM_MAX];
	double *first[ARM_MAX];
	size_t firsts[ARM_MAX];
	struct calls calls[ARM_MAX];
	uint64_t blocks;
	size_t room;
	bool skipped;
};

/* Traced calls of a cell and arm: of each part, and of the whole at the end */
struct traced {
	double *v[NR_PARTS + 1];
	size_t n;
};

/**
 * struct reading - a run, while it is read
 * @a: what is known of it so far
 * @boot: of the boot being read, one for each of the plan's cells
 * @traced: of all boots, for each of the plan's cells and arms
 * @within: for each of the plan's cells, sum of squares about the boots' means
 *	    and degrees of freedom of it
 * @has_design: a boot has been read, and so the run's design is known
 * @defined: the arms that a boot had, as bits
 * @last_ms: of the boot being read, when its last block was done
 * @boots: how many boots have a known duration
 */
struct reading {
	struct analysis *a;
	struct { double squares, df; } *within;
	bool has_design;
	unsigned int defined;
	uint64_t last_ms;
	unsigned int boots;
	struct boot_logs *boot;
	struct traced (*traced)[ARM_MAX];
};

/**
 * reduce_block() - take in a block
 * @r: of its cell
 * @boot: of its cell, in this boot
 * @block: the block
 * @map: which arm each of the record's is
 * @defs: what they are
 * @one_text: the record's control has no code of its own, whatever its name
 */
void reduce_block(struct cell_result *r, struct boot_logs *boot,
		  const struct record_block *block, const unsigned int *map,
		  const struct arm_defs *defs, bool one_text);

/* Take in the traces of a cell and arm. */
void reduce_trace(struct traced *t, const struct record_trace *trace);

/* A boot has ended, well or not: what there is of each cell counts. */
void reduce_boot(struct reading *reading, unsigned int number, const char *path);

/* All boots have ended: medians of a cell's traces, which are given back. */
void reduce_traces(struct cell_result *r, struct traced traced[ARM_MAX]);

#endif /* SPLITBENCH_REDUCE_H */
