/* SPDX-License-Identifier: GPL-2.0 */
/* What the doctor's checks share: the machine's files, and what they found */
#ifndef SPLITBENCH_DOCTOR_CHECKS_H
#define SPLITBENCH_DOCTOR_CHECKS_H

#include <glob.h>

#include "machine/finding.h"

#define THP	"/sys/kernel/mm/transparent_hugepage/"
#define KHUGEPAGED_SLEEP THP "khugepaged/scan_sleep_millisecs"
#define CPUS	"/sys/devices/system/cpu/"
#define GOVERNORS CPUS "cpu[0-9]*/cpufreq/scaling_governor"

/* Where the machine's files are, and what a module is built against */
void doctor_at(const struct doctor_where *where);

/* Is it this machine, not a tree that stands for one? */
bool doctor_is_here(void);

/* A file of the machine's as text, to be freed; NULL if it does not have it */
char *doctor_text(const char *path);

/* Does the file say that, as a whole, or somewhere? No, if it is not there. */
bool doctor_is(const char *path, const char *value);
bool doctor_has(const char *path, const char *part);

/* A number after @key in a file of "key: number" lines; -1: there is none */
long long doctor_number(const char *path, const char *key);

/* Files that a pattern stands for. Return: how many; to be freed by globfree(). */
size_t doctor_files(const char *pattern, glob_t *list);

/* The folder a module is built against; to be freed */
char *doctor_build(void);

/* The file @name in it as text, to be freed; NULL if it is not there */
char *doctor_build_text(const char *name);

/* The CPU that splits with one process: the last one that may be used */
int doctor_cpu(void);

/* Is @cpu in a list such as "0-3,8"? */
bool doctor_in_list(const char *list, int cpu);

/* Put it into words. Return: true. */
bool doctor_found(struct finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for what fixes it, where that depends on the machine */
void doctor_set_fix(struct finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Checks: is it not as it should be? Fills in what, or also what fixes it. */
bool check_headers(struct finding *f);
bool check_build(struct finding *f);
bool check_exports(struct finding *f);
bool check_split(struct finding *f);
bool check_kernel(struct finding *f);
bool check_root(struct finding *f);
bool check_lockdown(struct finding *f);
bool check_signing(struct finding *f);
bool check_debugfs(struct finding *f);
bool check_thp(struct finding *f);
bool check_test_hmm(struct finding *f);
bool check_ibt(struct finding *f);
bool check_debug_options(struct finding *f);
bool check_governor(struct finding *f);
bool check_turbo(struct finding *f);
bool check_boost(struct finding *f);
bool check_smt(struct finding *f);
bool check_isolation(struct finding *f);
bool check_irqs(struct finding *f);
bool check_irqbalance(struct finding *f);
bool check_swap(struct finding *f);
bool check_ksm(struct finding *f);
bool check_khugepaged(struct finding *f);
bool check_numa_balancing(struct finding *f);
bool check_watchdog(struct finding *f);
bool check_load(struct finding *f);
bool check_throttling(struct finding *f);
bool check_clocksource(struct finding *f);
bool check_virtual(struct finding *f);
bool check_memory(struct finding *f);
bool check_fragments(struct finding *f);
bool check_nodes(struct finding *f);

/* Let other CPUs have the interrupts. Return: could it be done for all? */
bool fix_irqs(void);

#endif /* SPLITBENCH_DOCTOR_CHECKS_H */
