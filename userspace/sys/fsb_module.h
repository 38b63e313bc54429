/* SPDX-License-Identifier: GPL-2.0 */
/* The device of the module folio_split_bench, and its arms */
#ifndef SPLITBENCH_FSB_MODULE_H
#define SPLITBENCH_FSB_MODULE_H

#include "../bench/folio_split_bench.h"
#include "record/arm.h"
#include "record/cell.h"

/**
 * struct module - the benchmark module, opened
 * @fd: its file
 * @info: what it is
 * @arms: its arms, info.nr_arms of them
 */
struct module {
	int fd;
	struct fsb_info info;
	struct fsb_arm *arms;
};

/* Names of the arms in bench/arms.c when this program was built; last a NULL */
extern const char *const module_source_arms[];

/*
 * Open it; does not return but says what to do if that is not possible, or if its
 * table of arms is not sound.
 */
struct module module_open(void);
void module_close(struct module *m);

/* Size of a THP, bytes */
static inline size_t module_thp_size(const struct module *m)
{
	return (size_t)1 << (m->info.pmd_order + m->info.page_shift);
}

/* Index of an arm that this kernel has for folios in @state; -1 if not. */
int module_arm(const struct module *m, const char *name,
	       enum split_state state);

/**
 * module_arms_wrong() - is a table of arms sound?
 * @arms: the table
 * @nr: how many arms it has
 *
 * Return: NULL; or what is wrong with it, by reason().
 */
const char *module_arms_wrong(const struct fsb_arm *arms, unsigned int nr);

/* Names of its arms, with blanks between them; to be freed */
char *module_arm_names(const struct module *m);

/**
 * module_define() - what the module says of arms that are known, which those become
 * that they are compared with
 * @m: the module
 * @defs: gets it
 *
 * Return: the arms that are in its table, as bits, whether this kernel has them or not.
 */
unsigned int module_define(const struct module *m, struct arm_defs *defs);

/**
 * module_run() - FSB_IOC_RUN
 * @m: the module
 * @run: the request; gets the samples
 *
 * Return: 0; -1 with errno set.
 */
int module_run(const struct module *m, struct fsb_run *run);

/* module_ping() - FSB_IOC_PING. Return: 0; -1 with errno set. */
int module_ping(const struct module *m, struct fsb_ping *ping);

/* What errno says of FSB_IOC_RUN, in words. */
const char *module_refusal(int error);

#endif /* SPLITBENCH_FSB_MODULE_H */
