/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SPLITBENCH_FSB_MODULE_H
#define SPLITBENCH_FSB_MODULE_H

#include "../bench/folio_split_bench.h"
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

/* Open it; does not return but says what to do if that is not possible. */
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
