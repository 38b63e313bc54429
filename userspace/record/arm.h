/* SPDX-License-Identifier: GPL-2.0 */
/* The arms, by name; and what a kernel says of each that it has */
#ifndef SPLITBENCH_ARM_H
#define SPLITBENCH_ARM_H

#include <stdbool.h>

#include "../bench/folio_split_bench.h"

#define ARM_NAME_LEN	FSB_NAME_LEN
/* Arms that one process can know */
#define ARM_MAX		16
/* The number of no arm */
#define ARM_NONE	ARM_MAX

/*
 * Numbers of the arms that the question is about: the timer overhead, the split
 * before the change, and the split after it. All others are the module's to define,
 * in bench/arms.c, and get their number when their name is first met.
 */
#define ARM_EMPTY	0
#define ARM_OLD		1
#define ARM_NEW		2

/* A bit each, in sets of arms */
#define ARM_BIT(arm)	(1U << (arm))

/**
 * struct arm_def - what a kernel says of an arm
 * @code: the machine code that it executes; empty: that of the native split
 * @against: the arm that it is compared with; empty: the native split
 * @control: it is an A/A control: it is what it is compared with
 */
struct arm_def {
	char code[ARM_NAME_LEN];
	char against[ARM_NAME_LEN];
	bool control;
};

/**
 * struct arm_defs - what a kernel says of its arms
 * @def: of each arm, by number
 */
struct arm_defs {
	struct arm_def def[ARM_MAX];
};

/* How many arms are known; their numbers are below that. */
unsigned int arms_known(void);

/* The name of an arm that is known */
const char *arm_name(unsigned int arm);

/* The number of an arm; ARM_NONE if there is none of that name */
unsigned int arm_number(const char *name);

/* Can an arm be called so? A letter, then letters, digits, dashes and underscores */
bool arm_is_name(const char *name);

/**
 * arm_add() - make an arm known
 * @name: its name, which arm_is_name()
 *
 * Return: its number, the same for the same name; ARM_NONE if there are ARM_MAX.
 */
unsigned int arm_add(const char *name);

/**
 * arm_defs_usual() - what is said of arms where no module says it: in records that
 * have no definitions, and for migrations, which take the kernel's own splits
 *
 * Return: the definitions; an arm that is not among them has a code of its own.
 */
struct arm_defs arm_defs_usual(void);

/* Is an arm defined where no module says what it is? */
bool arm_is_usual(unsigned int arm);

/**
 * arm_code() - what an arm executes
 * @defs: the kernel's definitions
 * @arm: the arm
 * @own: the native split: ARM_NEW, or ARM_OLD before the change
 *
 * Return: the name of the code.
 */
const char *arm_code(const struct arm_defs *defs, unsigned int arm, unsigned int own);

/* The arm that @arm is compared with; ARM_NONE for the native split and the empty arm */
unsigned int arm_against(const struct arm_defs *defs, unsigned int arm, unsigned int own);

/* Do both arms execute the same code? */
bool arm_same_code(const struct arm_defs *defs, unsigned int a, unsigned int b,
		   unsigned int own);

/* The A/A controls of a kernel, as bits */
unsigned int arm_controls(const struct arm_defs *defs);

#endif /* SPLITBENCH_ARM_H */
