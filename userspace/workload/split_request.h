/* SPDX-License-Identifier: GPL-2.0 */
/* One request to the module, and all that is around it */
#ifndef SPLITBENCH_SPLIT_REQUEST_H
#define SPLITBENCH_SPLIT_REQUEST_H

#include "record/arm.h"
#include "record/record.h"
#include "sys/fsb_module.h"
#include "workload/job.h"

/**
 * struct splitting - THPs of ours that are split
 * @cell: what is measured
 * @module: by whom
 * @thp_size: bytes
 * @node: where their memory is to be
 * @plant: iterations that arm "slow" adds
 * @spoil_kib: memory that is read before each call to make caches cold; 0: none is
 * @device: the test device's file, if that is where they are to be; else -1
 * @copy: what it read back
 * @broken: what turned out to be wrong, in words; empty if nothing
 */
struct splitting {
	const struct cell *cell;
	struct module module;
	size_t thp_size;
	int node;
	unsigned int plant;
	unsigned int spoil_kib;
	int device;
	void *copy;
	char broken[160];
};

/**
 * splitting_begin() - open what is needed; to be called by who makes requests
 * @s: with its cell, thp_size, node and plant
 */
void splitting_begin(struct splitting *s);
void splitting_end(struct splitting *s);

/**
 * splitting_try() - map THPs, have them split, see that they are sound
 * @s: where
 * @run: the request; its arms, samples, nr, barrier and events are set
 * @seed: of what is in the THPs
 * @whole: how many of its calls leave a THP whole
 * @phases: gets where the ticks around the calls went
 *
 * Return: 0; an errno: the module's refusals, ENODATA if there were too few THPs,
 * EXDEV if they are on another node; EILSEQ if a promise was broken, which is described
 * in @broken, and for what this machine lacks EOPNOTSUPP, described there too.
 */
int splitting_try(struct splitting *s, struct fsb_run *run, uint64_t seed,
		  unsigned int whole, uint64_t *phases);

/**
 * splitting_trial() - is such a request taken at all?
 * @s: where
 * @run: the request, of one THP that stays whole; its events are set
 * @empty: the module's index of arm "empty"
 * @seed: of what is in the THP
 *
 * Return: as splitting_try(), after some tries where that helps.
 */
int splitting_trial(struct splitting *s, struct fsb_run *run,
		    unsigned int empty, uint64_t seed);

/* Does this error mean that this machine cannot split such folios? */
bool splitting_refused(int error);

/* Let others get done with what was in the way of try number @tries. */
void splitting_pause(unsigned int tries);

/* What the kernel does by itself: new, or old if it is from before that */
unsigned int splitting_own(const struct splitting *s);

/**
 * splitting_arms() - the arms that there are for such folios
 * @s: where
 * @index: gets the module's index of each
 *
 * Return: them, as bits.
 */
unsigned int splitting_arms(const struct splitting *s, uint8_t index[ARM_MAX]);

/* Might another try not get this error? */
bool splitting_again(int error);

/* The exit code of who gives up for this error */
enum exit_code splitting_exit_code(const struct splitting *s, int error);

/* Does not return if a call broke a promise. */
void splitting_judge(const struct measure *m, const struct record_block *block);

/* What it says, in words */
const char *splitting_error(const struct splitting *s, int error);

#endif /* SPLITBENCH_SPLIT_REQUEST_H */
