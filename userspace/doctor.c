// SPDX-License-Identifier: GPL-2.0
/* The checks, each of which knows what is normal, and what to do if it is not */
#include "doctor.h"

#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"
#include "kconfig.h"
#include "util.h"

/* What a run's largest requests take, with room for what the rest does */
#define WANTED_MIB	1024
/* Free blocks of a THP's size, so that none has to be compacted */
#define WANTED_BLOCKS	128

const char *const doctor_levels[NR_DOCTOR_LEVELS] = {
	[DOCTOR_NOTE] = "note", [DOCTOR_SPOILS] = "SPOILS",
	[DOCTOR_PREVENTS] = "PREVENTS",
};

static const char *root = "";

/* A file of the machine's as text, to be freed; NULL if it does not have it */
static char *text_of(const char *path)
{
	char *where = join(root, "%s", path + 1), *text;

	text = read_text(*root ? where : path);
	free(where);
	return text;
}

static bool is(const char *path, const char *value)
{
	char *text = text_of(path);
	bool same = text && !strcmp(text, value);

	free(text);
	return same;
}

static bool has(const char *path, const char *part)
{
	char *text = text_of(path);
	bool found = text && strstr(text, part);

	free(text);
	return found;
}

/* A number after @key in a file of "key: number" lines; -1: there is none */
static long long number_after(const char *path, const char *key)
{
	char *text = text_of(path), *at = text ? strstr(text, key) : NULL;
	long long value = -1;

	if (at)
		sscanf(at + strlen(key), "%lld", &value);
	free(text);
	return value;
}

/* Files that a pattern stands for. Return: how many; to be freed by globfree(). */
static size_t files_of(const char *pattern, glob_t *list)
{
	char *where = join(root, "%s", pattern + 1);
	int ret = glob(*root ? where : pattern, 0, NULL, list);

	free(where);
	return ret ? 0 : list->gl_pathc;
}

__attribute__((format(printf, 2, 3)))
static bool found(struct finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->what, sizeof(f->what), fmt, args);
	va_end(args);
	return true;
}

#define THP	"/sys/kernel/mm/transparent_hugepage/"
#define CPUS	"/sys/devices/system/cpu/"
#define GOVERNORS CPUS "cpu[0-9]*/cpufreq/scaling_governor"

static bool check_thp(struct finding *f)
{
	return has(THP "enabled", "[never]") && found(f, "THP is disabled");
}

static bool check_debug_options(struct finding *f)
{
	json_t *options = *root ? json_null() : kconfig_debug_options(), *name;
	char list[96] = "";
	size_t i;

	json_array_foreach(options, i, name) {
		if (strlen(list) + strlen(json_string_value(name)) + 2 < sizeof(list))
			sprintf(list + strlen(list), " %s", json_string_value(name));
	}
	json_decref(options);
	return *list && found(f, "the kernel checks itself:%s", list);
}

static bool check_governor(struct finding *f)
{
	glob_t list;
	size_t n = files_of(GOVERNORS, &list), other = 0;
	char first[32] = "";

	for (size_t i = 0; i < n; i++) {
		char *governor = read_text(list.gl_pathv[i]);

		if (governor && strcmp(governor, "performance")) {
			snprintf(first, sizeof(first), "%s", governor);
			other++;
		}
		free(governor);
	}
	if (n)
		globfree(&list);
	return other && found(f, "governor %s on %zu CPUs: the clock follows the load",
			      first, other);
}

static bool check_turbo(struct finding *f)
{
	return is(CPUS "intel_pstate/no_turbo", "0") &&
	       found(f, "turbo is on: the clock follows temperature and neighbours");
}

static bool check_boost(struct finding *f)
{
	return is(CPUS "cpufreq/boost", "1") &&
	       found(f, "boost is on: the clock follows temperature and neighbours");
}

static bool check_smt(struct finding *f)
{
	return is(CPUS "smt/active", "1") &&
	       found(f, "SMT: whoever runs on a sibling takes half of a core");
}

static bool check_isolation(struct finding *f)
{
	return !has("/proc/cmdline", "isolcpus=") &&
	       !has("/proc/cmdline", "nohz_full=") &&
	       found(f, "no CPU is kept for the benchmark");
}

/* Is there a process of that name? */
static bool runs(const char *name)
{
	glob_t list;
	size_t n = files_of("/proc/[0-9]*/comm", &list);
	bool there = false;

	for (size_t i = 0; i < n && !there; i++) {
		char *comm = read_text(list.gl_pathv[i]);

		there = comm && !strcmp(comm, name);
		free(comm);
	}
	if (n)
		globfree(&list);
	return there;
}

static bool check_irqbalance(struct finding *f)
{
	return runs("irqbalance") &&
	       found(f, "irqbalance moves interrupts to CPUs that look idle");
}

static bool check_swap(struct finding *f)
{
	long long all = number_after("/proc/meminfo", "SwapTotal:");
	long long left = number_after("/proc/meminfo", "SwapFree:");

	return all > left && found(f, "%lld MiB are swapped out", (all - left) >> 10);
}

static bool check_ksm(struct finding *f)
{
	return is("/sys/kernel/mm/ksm/run", "1") &&
	       found(f, "KSM scans memory, and merges what is alike");
}

static bool check_khugepaged(struct finding *f)
{
	return !has(THP "enabled", "[never]") && is(THP "khugepaged/defrag", "1") &&
	       found(f, "khugepaged looks for pages to collapse");
}

static bool check_numa_balancing(struct finding *f)
{
	char *text = text_of("/proc/sys/kernel/numa_balancing");
	bool on = text && strcmp(text, "0");

	free(text);
	return on && found(f, "NUMA balancing unmaps pages to see who uses them");
}

static bool check_watchdog(struct finding *f)
{
	return is("/proc/sys/kernel/nmi_watchdog", "1") &&
	       found(f, "the NMI watchdog interrupts, and has one of the counters");
}

static bool check_load(struct finding *f)
{
	char *text = text_of("/proc/loadavg");
	double load = text ? strtod(text, NULL) : 0;

	free(text);
	return load > 0.5 && found(f, "something else runs here: load %.1f", load);
}

static bool check_throttling(struct finding *f)
{
	glob_t list;
	size_t n = files_of(CPUS "cpu[0-9]*/thermal_throttle/core_throttle_count",
			    &list);
	unsigned long long all = 0;

	for (size_t i = 0; i < n; i++) {
		char *count = read_text(list.gl_pathv[i]);

		all += count ? strtoull(count, NULL, 10) : 0;
		free(count);
	}
	if (n)
		globfree(&list);
	return all && found(f, "CPUs were slowed down %llu times for heat", all);
}

static bool check_clocksource(struct finding *f)
{
	char *text = text_of("/sys/devices/system/clocksource/clocksource0/current_clocksource");
	bool other = text && strcmp(text, "tsc");

	if (other)
		found(f, "the clock is %s: the kernel does not trust the TSC", text);
	free(text);
	return other;
}

static bool check_virtual(struct finding *f)
{
	return has("/proc/cpuinfo", " hypervisor") &&
	       found(f, "a virtual machine: others may take its CPUs");
}

static bool check_memory(struct finding *f)
{
	long long left = number_after("/proc/meminfo", "MemAvailable:") >> 10;

	return left >= 0 && left < WANTED_MIB &&
	       found(f, "%lld MiB of memory are available, %d would be good", left,
		     WANTED_MIB);
}

/* Of /proc/buddyinfo: blocks of a THP's order and the next one up */
static bool check_fragments(struct finding *f)
{
	char *text = text_of("/proc/buddyinfo"), *line, *save = NULL;
	unsigned long blocks = 0;
	bool told = text;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *zone = strstr(line, "zone");
		unsigned long n[11] = { 0 };

		if (!zone || sscanf(zone, "zone %*s %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu",
				    &n[0], &n[1], &n[2], &n[3], &n[4], &n[5],
				    &n[6], &n[7], &n[8], &n[9], &n[10]) < 10)
			continue;
		blocks += n[9] + 2 * n[10];
	}
	free(text);
	return told && blocks < WANTED_BLOCKS &&
	       found(f, "memory is in pieces: %lu blocks of 2 MiB are free", blocks);
}

static bool check_nodes(struct finding *f)
{
	glob_t list;
	size_t n = files_of("/sys/devices/system/node/node[0-9]*", &list);

	if (n)
		globfree(&list);
	return n == 1 && found(f, "one NUMA node: cells of others are skipped");
}

/**
 * struct check - something to look at
 * @name: what it is called
 * @level: how much it matters
 * @look: is it not as it should be? Fills in what.
 * @fix: what mends it
 * @files: pattern of the files that mend it; NULL: it is not safe, or not ours
 * @value: to be written to each
 */
static const struct check {
	const char *name;
	enum doctor_level level;
	bool (*look)(struct finding *f);
	const char *fix;
	const char *files;
	const char *value;
} checks[] = {
	{ "thp", DOCTOR_PREVENTS, check_thp,
	  "echo madvise > " THP "enabled", NULL, NULL },
	{ "options", DOCTOR_NOTE, check_debug_options,
	  "compare kernels that have the same options", NULL, NULL },
	{ "governor", DOCTOR_SPOILS, check_governor,
	  "cpupower frequency-set -g performance", GOVERNORS, "performance" },
	{ "turbo", DOCTOR_SPOILS, check_turbo,
	  "echo 1 > " CPUS "intel_pstate/no_turbo",
	  CPUS "intel_pstate/no_turbo", "1" },
	{ "boost", DOCTOR_SPOILS, check_boost,
	  "echo 0 > " CPUS "cpufreq/boost", CPUS "cpufreq/boost", "0" },
	{ "smt", DOCTOR_NOTE, check_smt,
	  "echo off > " CPUS "smt/control", NULL, NULL },
	{ "isolation", DOCTOR_NOTE, check_isolation,
	  "boot with isolcpus= and nohz_full= for some, and taskset -c them",
	  NULL, NULL },
	{ "irqbalance", DOCTOR_NOTE, check_irqbalance,
	  "systemctl stop irqbalance", NULL, NULL },
	{ "swap", DOCTOR_SPOILS, check_swap, "swapoff -a && swapon -a", NULL, NULL },
	{ "ksm", DOCTOR_SPOILS, check_ksm, "echo 0 > /sys/kernel/mm/ksm/run",
	  "/sys/kernel/mm/ksm/run", "0" },
	{ "khugepaged", DOCTOR_SPOILS, check_khugepaged,
	  "echo 0 > " THP "khugepaged/defrag", THP "khugepaged/defrag", "0" },
	{ "numa-balancing", DOCTOR_SPOILS, check_numa_balancing,
	  "sysctl kernel.numa_balancing=0",
	  "/proc/sys/kernel/numa_balancing", "0" },
	{ "nmi-watchdog", DOCTOR_NOTE, check_watchdog,
	  "sysctl kernel.nmi_watchdog=0", "/proc/sys/kernel/nmi_watchdog", "0" },
	{ "load", DOCTOR_SPOILS, check_load, "stop it; top shows what it is",
	  NULL, NULL },
	{ "throttling", DOCTOR_SPOILS, check_throttling,
	  "cool it; let it rest before a run", NULL, NULL },
	{ "clocksource", DOCTOR_SPOILS, check_clocksource,
	  "see why: dmesg | grep -i tsc", NULL, NULL },
	{ "virtual", DOCTOR_SPOILS, check_virtual,
	  "measure on the machine itself", NULL, NULL },
	{ "memory", DOCTOR_SPOILS, check_memory, "free some", NULL, NULL },
	{ "fragments", DOCTOR_SPOILS, check_fragments,
	  "echo 1 > /proc/sys/vm/compact_memory", NULL, NULL },
	{ "nodes", DOCTOR_NOTE, check_nodes,
	  "none, if the question is not about NUMA", NULL, NULL },
};

size_t doctor_look(const char *where, struct finding **findings)
{
	size_t nr = 0;

	root = where;
	*findings = calloc(ARRAY_SIZE(checks), sizeof(**findings));
	if (!*findings)
		die(EXIT_HARNESS, "out of memory");
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		struct finding *f = &(*findings)[nr];

		if (!checks[i].look(f))
			continue;
		f->name = checks[i].name;
		f->level = checks[i].level;
		f->safe = checks[i].files;
		snprintf(f->fix, sizeof(f->fix), "%s", checks[i].fix);
		nr++;
	}
	return nr;
}

/* Each file that is not as wanted is put back by the guard, whatever happens. */
static bool mend(const struct check *check)
{
	glob_t list;
	size_t n = files_of(check->files, &list);
	bool all = n > 0;

	for (size_t i = 0; i < n; i++) {
		if (guard_set(list.gl_pathv[i], check->value)) {
			fprintf(stderr, "splitbench: %s could not be mended: %s: %s\n",
				check->name, list.gl_pathv[i], strerror(errno));
			all = false;
		}
	}
	if (n)
		globfree(&list);
	return all;
}

void doctor_fix(struct finding *findings, size_t nr)
{
	root = "";
	for (size_t i = 0; i < nr; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(checks); j++) {
			if (checks[j].files && !strcmp(checks[j].name, findings[i].name))
				findings[i].mended |= mend(&checks[j]);
		}
	}
}

json_t *doctor_json(const struct finding *findings, size_t nr)
{
	json_t *doc = json_object();

	for (size_t i = 0; i < nr; i++)
		json_object_set_new(doc, findings[i].name,
				    json_pack("{s:s,s:s,s:s,s:b}",
					      "level", doctor_levels[findings[i].level],
					      "what", findings[i].what,
					      "fix", findings[i].fix,
					      "mended", findings[i].mended));
	return doc;
}
