/* SPDX-License-Identifier: GPL-2.0 */
/* What a check of the doctor's has found, and on which machine */
#ifndef SPLITBENCH_FINDING_H
#define SPLITBENCH_FINDING_H

#include <stdbool.h>

/**
 * enum doctor_level - how much it matters
 * @DOCTOR_NOTE: it is to be known; whether it matters depends on the question
 * @DOCTOR_SPOILS: numbers vary or are biased by it
 * @DOCTOR_PREVENTS: there is nothing to be measured as it is
 * @NR_DOCTOR_LEVELS: how many there are
 */
enum doctor_level { DOCTOR_NOTE, DOCTOR_SPOILS, DOCTOR_PREVENTS, NR_DOCTOR_LEVELS };

extern const char *const doctor_levels[NR_DOCTOR_LEVELS];

/**
 * struct doctor_where - the machine that is looked at
 * @root: where its /proc, /sys and /lib are, "" for this one's
 * @build: what a module is built against; NULL: as the machine's modules say
 * @stock: its kernel is to be measured without patches
 */
struct doctor_where {
	const char *root;
	const char *build;
	bool stock;
};

/**
 * struct finding - something that is not as it should be
 * @name: of the check
 * @level: how much it matters
 * @what: what it is, in words
 * @fix: how to fix it: a command, or what to do
 * @safe: FIX=1 fixes it for the time of a run
 * @fixed: it was fixed
 */
struct finding {
	const char *name;
	enum doctor_level level;
	char what[256];
	char fix[256];
	bool safe;
	bool fixed;
};

#endif /* SPLITBENCH_FINDING_H */
