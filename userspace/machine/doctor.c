// SPDX-License-Identifier: GPL-2.0
/* The checks, what fixes what they find, and for how long */
#include "machine/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/doctor_checks.h"
#include "machine/guard.h"
#include "util/util.h"

#define INSTALL	"make install-kernel installs one that has it"

const char *const doctor_levels[NR_DOCTOR_LEVELS] = {
	[DOCTOR_NOTE] = "note", [DOCTOR_SPOILS] = "SPOILS",
	[DOCTOR_PREVENTS] = "PREVENTS",
};

/**
 * struct check - something to look at
 * @name: what it is called
 * @level: how much it matters
 * @of: only for kernels of that sort
 * @look: is it not as it should be? Fills in what.
 * @fix: what fixes it; NULL: @look fills that in
 * @files: pattern of the files that fix it, if that is safe for a while
 * @value: to be written to each
 * @apply: fixes it instead
 */
struct check {
	const char *name;
	enum doctor_level level;
	bool (*look)(struct finding *f);
	enum { ANY, PATCHED, STOCK } of;
	const char *fix;
	const char *files;
	const char *value;
	bool (*apply)(void);
};

static const struct check checks[] = {
	/* The worst first, and what has to be there before the next can be checked */
	{ "headers", DOCTOR_PREVENTS, check_headers, .fix = NULL },
	{ "build", DOCTOR_PREVENTS, check_build,
	  .fix = "boot that one, or set KBUILD=DIR" },
	{ "exports", DOCTOR_PREVENTS, check_exports, .of = PATCHED, .fix = INSTALL },
	{ "split", DOCTOR_PREVENTS, check_split, .of = STOCK, .fix = INSTALL },
	{ "kernel", DOCTOR_PREVENTS, check_kernel, .fix = INSTALL },
	{ "root", DOCTOR_PREVENTS, check_root,
	  .fix = "run this as root, or let sudo do without a password" },
	{ "lockdown", DOCTOR_PREVENTS, check_lockdown,
	  .fix = "switch Secure Boot off, or boot without lockdown=" },
	{ "signing", DOCTOR_PREVENTS, check_signing,
	  .fix = "boot without module.sig_enforce" },
	{ "debugfs", DOCTOR_PREVENTS, check_debugfs,
	  .fix = "mount -t debugfs none /sys/kernel/debug" },
	{ "thp", DOCTOR_PREVENTS, check_thp, .fix = NULL },
	{ "governor", DOCTOR_SPOILS, check_governor,
	  .fix = "cpupower frequency-set -g performance",
	  .files = GOVERNORS, .value = "performance" },
	{ "turbo", DOCTOR_SPOILS, check_turbo,
	  .fix = "echo 1 > " CPUS "intel_pstate/no_turbo",
	  .files = CPUS "intel_pstate/no_turbo", .value = "1" },
	{ "boost", DOCTOR_SPOILS, check_boost,
	  .fix = "echo 0 > " CPUS "cpufreq/boost",
	  .files = CPUS "cpufreq/boost", .value = "0" },
	{ "irqs", DOCTOR_SPOILS, check_irqs,
	  .fix = "give /proc/irq/N/smp_affinity_list the other CPUs", .apply = fix_irqs },
	{ "ksm", DOCTOR_SPOILS, check_ksm, .fix = "echo 0 > /sys/kernel/mm/ksm/run",
	  .files = "/sys/kernel/mm/ksm/run", .value = "0" },
	{ "khugepaged", DOCTOR_SPOILS, check_khugepaged,
	  .fix = "echo 4000000000 > " KHUGEPAGED_SLEEP,
	  .files = KHUGEPAGED_SLEEP, .value = "4000000000" },
	{ "numa-balancing", DOCTOR_SPOILS, check_numa_balancing,
	  .fix = "sysctl kernel.numa_balancing=0",
	  .files = "/proc/sys/kernel/numa_balancing", .value = "0" },
	{ "swap", DOCTOR_SPOILS, check_swap, .fix = "swapoff -a && swapon -a" },
	{ "load", DOCTOR_SPOILS, check_load, .fix = "stop it; top shows what it is" },
	{ "throttling", DOCTOR_SPOILS, check_throttling,
	  .fix = "cool it; let it rest before a run" },
	{ "clocksource", DOCTOR_SPOILS, check_clocksource,
	  .fix = "see why: dmesg | grep -i tsc" },
	{ "virtual", DOCTOR_SPOILS, check_virtual,
	  .fix = "measure on the machine itself" },
	{ "memory", DOCTOR_SPOILS, check_memory, .fix = NULL },
	{ "fragments", DOCTOR_SPOILS, check_fragments,
	  .fix = "echo 1 > /proc/sys/vm/compact_memory" },
	{ "test-hmm", DOCTOR_NOTE, check_test_hmm, .of = PATCHED, .fix = INSTALL },
	{ "options", DOCTOR_NOTE, check_debug_options,
	  .fix = "compare kernels that have the same options" },
	{ "ibt", DOCTOR_NOTE, check_ibt,
	  .fix = "compare kernels that have it, or boot with ibt=off" },
	{ "nmi-watchdog", DOCTOR_NOTE, check_watchdog,
	  .fix = "sysctl kernel.nmi_watchdog=0",
	  .files = "/proc/sys/kernel/nmi_watchdog", .value = "0" },
	{ "smt", DOCTOR_NOTE, check_smt, .fix = NULL },
	{ "isolation", DOCTOR_NOTE, check_isolation,
	  .fix = "boot with isolcpus= and nohz_full= for some, and taskset -c them" },
	{ "irqbalance", DOCTOR_NOTE, check_irqbalance,
	  .fix = "systemctl stop irqbalance" },
	{ "nodes", DOCTOR_NOTE, check_nodes,
	  .fix = "none, if the question is not about NUMA" },
};

size_t doctor_look(const struct doctor_where *where, struct finding **findings)
{
	size_t nr = 0;

	doctor_at(where);
	*findings = calloc(ARRAY_SIZE(checks), sizeof(**findings));
	if (!*findings)
		die(EXIT_HARNESS, "out of memory");
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		struct finding *f = &(*findings)[nr];

		if (checks[i].of == (where->stock ? PATCHED : STOCK) || !checks[i].look(f))
			continue;
		f->name = checks[i].name;
		f->level = checks[i].level;
		f->safe = checks[i].files || checks[i].apply;
		if (checks[i].fix)
			doctor_set_fix(f, "%s", checks[i].fix);
		nr++;
	}
	return nr;
}

/* Each file that is not as wanted is put back by the guard, whatever happens. */
static bool write_files(const struct check *check)
{
	glob_t list;
	size_t n = doctor_files(check->files, &list);
	bool all = n > 0;

	for (size_t i = 0; i < n; i++) {
		if (guard_set(list.gl_pathv[i], check->value)) {
			fprintf(stderr, "splitbench: %s could not be fixed: %s: %s\n",
				check->name, list.gl_pathv[i], strerror(errno));
			all = false;
		}
	}
	if (n)
		globfree(&list);
	return all;
}

static const struct check *check_named(const char *name)
{
	size_t i = 0;

	while (strcmp(checks[i].name, name))
		i++;
	return &checks[i];
}

void doctor_fix(struct finding *findings, size_t nr)
{
	doctor_at(&(struct doctor_where){ .root = "" });
	for (size_t i = 0; i < nr; i++) {
		const struct check *check = check_named(findings[i].name);

		if (findings[i].safe)
			findings[i].fixed = check->apply ? check->apply() : write_files(check);
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
					      "fixed", findings[i].fixed));
	return doc;
}
