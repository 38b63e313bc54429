// SPDX-License-Identifier: GPL-2.0
/* Checks of what makes numbers vary, or biases them */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/cgroup_room.h"
#include "machine/doctor_checks.h"
#include "machine/guard.h"
#include "util/util.h"

/* What a run's largest requests take, with room for what the rest does */
#define WANTED_MIB	1024
/* Free blocks of a THP's size, so that none has to be compacted */
#define WANTED_BLOCKS	128

bool check_governor(struct finding *f)
{
	glob_t list;
	size_t n = doctor_files(GOVERNORS, &list), other = 0;
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
	return other && doctor_found(f, "governor %s on %zu CPUs: the clock follows the load",
				     first, other);
}

bool check_turbo(struct finding *f)
{
	return doctor_is(CPUS "intel_pstate/no_turbo", "0") &&
	       doctor_found(f, "turbo is on: the clock follows temperature and neighbours");
}

bool check_boost(struct finding *f)
{
	return doctor_is(CPUS "cpufreq/boost", "1") &&
	       doctor_found(f, "boost is on: the clock follows temperature and neighbours");
}

/* Of the CPU that measures: whoever runs on the other thread of its core */
bool check_smt(struct finding *f)
{
	char path[96], *siblings;
	int cpu = doctor_cpu();
	bool shared = false;

	snprintf(path, sizeof(path), CPUS "cpu%d/topology/thread_siblings_list", cpu);
	siblings = doctor_text(path);
	for (int other = 0; siblings && !shared && other < 4096; other++) {
		shared = other != cpu && doctor_in_list(siblings, other);
		if (shared) {
			doctor_found(f, "SMT: CPU %d, which measures, shares its core with CPU %d",
				     cpu, other);
			doctor_set_fix(f, "echo 0 > " CPUS "cpu%d/online, and 1 afterwards",
				       other);
		}
	}
	free(siblings);
	return shared;
}

bool check_isolation(struct finding *f)
{
	return !doctor_has("/proc/cmdline", "isolcpus=") &&
	       !doctor_has("/proc/cmdline", "nohz_full=") &&
	       doctor_found(f, "no CPU is kept for the benchmark");
}

/*
 * Interrupts of devices that somebody handles, and that come to @cpu: their
 * folders, as a folder in one is named after who handles it. To be freed.
 */
static size_t irqs_of(int cpu, char ***list)
{
	glob_t handlers;
	size_t n = doctor_files("/proc/irq/[0-9]*/*/", &handlers), nr = 0;

	*list = NULL;
	for (size_t i = 0; i < n; i++) {
		char *dir = dirname(handlers.gl_pathv[i]), *path, *cpus;

		if (nr && !strcmp((*list)[nr - 1], dir))
			continue;
		path = join(dir, "effective_affinity_list");
		cpus = read_text(path);
		if (cpus && doctor_in_list(cpus, cpu)) {
			*list = grow(*list, nr + 1, sizeof(**list));
			(*list)[nr++] = strdup(dir);
		}
		free(cpus);
		free(path);
	}
	if (n)
		globfree(&handlers);
	return nr;
}

static void free_list(char **list, size_t nr)
{
	while (nr--)
		free(list[nr]);
	free(list);
}

/* With one CPU there is no other that could have them. */
bool check_irqs(struct finding *f)
{
	int cpu = doctor_cpu();
	char **list;
	size_t nr = cpu ? irqs_of(cpu, &list) : 0;

	if (nr)
		free_list(list, nr);
	return nr && doctor_found(f, "interrupts of %zu devices come to CPU %d, which measures",
				  nr, cpu);
}

/* Those that have a CPU of their own, by their driver's choice, cannot be moved. */
bool fix_irqs(void)
{
	char **list, others[32];
	int cpu = doctor_cpu();
	size_t nr = irqs_of(cpu, &list), left = 0;

	snprintf(others, sizeof(others), cpu > 1 ? "0-%d" : "0", cpu - 1);
	for (size_t i = 0; i < nr; i++) {
		char *path = join(list[i], "smp_affinity_list");

		if (guard_set(path, others)) {
			fprintf(stderr, "splitbench: irqs: %s: %s: it stays on CPU %d\n",
				path, strerror(errno), cpu);
			left++;
		}
		free(path);
	}
	free_list(list, nr);
	return nr && !left;
}

/* Is there a process of that name? */
static bool runs(const char *name)
{
	glob_t list;
	size_t n = doctor_files("/proc/[0-9]*/comm", &list);
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

bool check_irqbalance(struct finding *f)
{
	return runs("irqbalance") &&
	       doctor_found(f, "irqbalance moves interrupts to CPUs that look idle");
}

bool check_swap(struct finding *f)
{
	long long all = doctor_number("/proc/meminfo", "SwapTotal:");
	long long left = doctor_number("/proc/meminfo", "SwapFree:");

	return all > left && doctor_found(f, "%lld MiB are swapped out", (all - left) >> 10);
}

bool check_ksm(struct finding *f)
{
	return doctor_is("/sys/kernel/mm/ksm/run", "1") &&
	       doctor_found(f, "KSM scans memory, and merges what is alike");
}

/*
 * Its "defrag" is not enough: it collapses into THPs that are free, also what was just split. Once
 * a day is never, for a boot.
 */
bool check_khugepaged(struct finding *f)
{
	char *text = doctor_text(KHUGEPAGED_SLEEP);
	bool often = text && strtoull(text, NULL, 10) < 24 * 3600 * 1000;

	free(text);
	return often && !doctor_has(THP "enabled", "[never]") &&
	       doctor_found(f, "khugepaged looks for pages to collapse");
}

bool check_numa_balancing(struct finding *f)
{
	char *text = doctor_text("/proc/sys/kernel/numa_balancing");
	bool on = text && strcmp(text, "0");

	free(text);
	return on && doctor_found(f, "NUMA balancing unmaps pages to see who uses them");
}

bool check_watchdog(struct finding *f)
{
	return doctor_is("/proc/sys/kernel/nmi_watchdog", "1") &&
	       doctor_found(f, "the NMI watchdog interrupts, and has one of the counters");
}

/* What runs now, not what was built a minute ago: of some looks, us excepted */
bool check_load(struct finding *f)
{
	const unsigned int looks = doctor_is_here() ? 8 : 1;
	double others = 0;

	for (unsigned int i = 0; i < looks; i++) {
		char *text = doctor_text("/proc/loadavg");
		unsigned int running = 1;

		if (text)
			sscanf(text, "%*f %*f %*f %u/", &running);
		free(text);
		others += running ? running - 1.0 : 0;
		if (looks > 1)
			usleep(50000);
	}
	others /= looks;
	return others > 0.5 && doctor_found(f, "something else runs here: %.1f tasks", others);
}

bool check_throttling(struct finding *f)
{
	glob_t list;
	size_t n = doctor_files(CPUS "cpu[0-9]*/thermal_throttle/core_throttle_count",
			    &list);
	unsigned long long all = 0;

	for (size_t i = 0; i < n; i++) {
		char *count = read_text(list.gl_pathv[i]);

		all += count ? strtoull(count, NULL, 10) : 0;
		free(count);
	}
	if (n)
		globfree(&list);
	return all && doctor_found(f, "CPUs were slowed down %llu times for heat", all);
}

bool check_clocksource(struct finding *f)
{
	char *text = doctor_text("/sys/devices/system/clocksource/clocksource0/current_clocksource");
	/* That one is the TSC, too, before it has been calibrated. */
	bool other = text && strcmp(text, "tsc") && strcmp(text, "tsc-early");

	if (other)
		doctor_found(f, "the clock is %s: the kernel does not trust the TSC", text);
	free(text);
	return other;
}

bool check_virtual(struct finding *f)
{
	return doctor_has("/proc/cpuinfo", " hypervisor") &&
	       doctor_found(f, "a virtual machine: its CPUs may be preempted by the host");
}

bool check_memory(struct finding *f)
{
	long long left = doctor_number("/proc/meminfo", "MemAvailable:") >> 10;
	uint64_t room = cgroup_room(doctor_text) >> 20;

	doctor_set_fix(f, "free some");
	if (room < WANTED_MIB && (left < 0 || room < (uint64_t)left)) {
		doctor_set_fix(f, "raise its memory.max, and those above, or start this in another cgroup");
		return doctor_found(f, "the limit of this cgroup leaves %llu MiB of memory, %d would be good",
				    (unsigned long long)room, WANTED_MIB);
	}
	return left >= 0 && left < WANTED_MIB &&
	       doctor_found(f, "%lld MiB of memory are available, %d would be good", left,
			    WANTED_MIB);
}

/* Of /proc/buddyinfo: blocks of a THP's order and the next one up */
bool check_fragments(struct finding *f)
{
	char *text = doctor_text("/proc/buddyinfo"), *line, *save = NULL;
	unsigned long blocks = 0;
	bool known = text;

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
	return known && blocks < WANTED_BLOCKS &&
	       doctor_found(f, "memory is in pieces: %lu blocks of 2 MiB are free", blocks);
}

bool check_nodes(struct finding *f)
{
	glob_t list;
	size_t n = doctor_files("/sys/devices/system/node/node[0-9]*", &list);

	if (n)
		globfree(&list);
	return n == 1 && doctor_found(f, "one NUMA node: cells of other nodes are skipped");
}

