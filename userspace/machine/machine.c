// SPDX-License-Identifier: GPL-2.0
/* The state of the machine that can change the answer. */
#include "machine/machine.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <jansson.h>
#include <numa.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../bench/folio_split_bench.h"
#include "machine/kconfig.h"
#include "util/output.h"
#include "util/util.h"

/* Of a machine that does not say how large its caches are */
#define UNKNOWN_SPOIL_KIB	(64 * 1024)

const char *machine_unit(void)
{
	static char unit[16] = "tsc";
	char *cmdline = read_text("/proc/cmdline");
	char *found = cmdline ? strstr(cmdline, "splitbench.unit=") : NULL;

	if (found && sscanf(found, "splitbench.unit=%15s", unit) != 1)
		die(EXIT_HARNESS, "splitbench.unit= on the command line is empty");
	free(cmdline);
	if (strcmp(unit, "tsc") && strcmp(unit, "instructions") &&
	    strcmp(unit, "emulated"))
		die(EXIT_HARNESS, "unknown unit '%s' on the command line", unit);
	return unit;
}

unsigned int machine_spoil_kib(void)
{
	unsigned int most = 0, kib;

	for (int i = 0; ; i++) {
		char path[80], *text;

		snprintf(path, sizeof(path),
			 "/sys/devices/system/cpu/cpu0/cache/index%d/size", i);
		text = read_text(path);
		if (!text)
			break;
		if (sscanf(text, "%uK", &kib) == 1 && kib > most)
			most = kib;
		free(text);
	}
	if (!most)
		return UNKNOWN_SPOIL_KIB;
	return most > FSB_MAX_SPOIL_KIB / 2 ? FSB_MAX_SPOIL_KIB : 2 * most;
}

/* The text of a file, or null where the machine does not have it. */
static json_t *file_text(const char *path)
{
	char *text = read_text(path);
	json_t *json = text ? json_string(text) : json_null();

	free(text);
	return json;
}

/* "flags" and the like of the first CPU in /proc/cpuinfo, or null */
static json_t *cpuinfo(const char *key)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	json_t *json = NULL;
	char *line = NULL;
	size_t size = 0;

	while (file && !json && getline(&line, &size, file) > 0) {
		char *colon = strchr(line, ':');

		if (!colon || strncmp(line, key, strlen(key)) ||
		    !strchr("\t ", line[strlen(key)]))
			continue;
		line[strcspn(line, "\n")] = '\0';
		json = json_string(colon + strspn(colon, ": \t"));
	}
	free(line);
	if (file)
		fclose(file);
	return json ? json : json_null();
}

/* The next note's owner and content. Return: false if there is none, or it is too large. */
static bool read_note(FILE *file, Elf64_Nhdr *note, char owner[16], unsigned char content[64])
{
	while (fread(note, sizeof(*note), 1, file) == 1) {
		size_t owner_size = (note->n_namesz + 3) & ~3UL;
		size_t size = (note->n_descsz + 3) & ~3UL;

		if (owner_size < 16 && size <= 64) {
			memset(owner, 0, 16);
			return fread(owner, 1, owner_size, file) == owner_size &&
			       fread(content, 1, size, file) == size;
		}
		if (fseek(file, owner_size + size, SEEK_CUR))
			return false;
	}
	return false;
}

json_t *machine_build_id(const char *notes)
{
	FILE *file = fopen(notes, "re");
	unsigned char id[64];
	char hex[2 * sizeof(id) + 1] = "", owner[16];
	Elf64_Nhdr note;

	/* Others number their notes as they like: Xen's number 3 is an address. */
	while (file && !*hex && read_note(file, &note, owner, id)) {
		if (note.n_type != NT_GNU_BUILD_ID || strcmp(owner, "GNU"))
			continue;
		for (unsigned int i = 0; i < note.n_descsz; i++)
			sprintf(hex + 2 * i, "%02x", id[i]);
	}
	if (file)
		fclose(file);
	return *hex ? json_string(hex) : json_null();
}

json_t *machine_cmdline(const char *text)
{
	static const char ours[] = "/vm/init.sh";
	const char *word, *end;

	if (!text)
		return json_null();
	for (word = text; *word; word = end + strspn(end, " ")) {
		end = word + strcspn(word, " ");
		if (!strncmp(word, "init=/", 6) && end - word > (long)strlen(ours) &&
		    !strncmp(end - strlen(ours), ours, strlen(ours)))
			return json_sprintf("%.*sinit=...%s%s", (int)(word - text), text,
					    ours, end);
	}
	return json_string(text);
}

static json_t *kernel_cmdline(void)
{
	char *text = read_text("/proc/cmdline");
	json_t *json = machine_cmdline(text);

	free(text);
	return json;
}

static json_t *mitigations(void)
{
	static const char path[] = "/sys/devices/system/cpu/vulnerabilities";
	json_t *json = json_object();
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char *file;

		if (entry->d_name[0] == '.')
			continue;
		file = join(path, "%s", entry->d_name);
		json_object_set_new(json, entry->d_name, file_text(file));
		free(file);
	}
	if (dir)
		closedir(dir);
	return json;
}

static json_t *numa_nodes(void)
{
	struct bitmask *cpus = numa_allocate_cpumask();
	json_t *nodes = json_array();

	for (int node = 0; node <= numa_max_node(); node++) {
		json_t *list = json_array();

		if (!numa_node_to_cpus(node, cpus)) {
			for (unsigned int cpu = 0; cpu < cpus->size; cpu++) {
				if (numa_bitmask_isbitset(cpus, cpu))
					json_array_append_new(list,
							      json_integer(cpu));
			}
		}
		json_array_append_new(nodes,
				      json_pack("{s:i,s:o,s:I}", "node", node,
						"cpus", list, "memory_bytes",
						(json_int_t)numa_node_size64(node, NULL)));
	}
	numa_free_cpumask(cpus);
	return nodes;
}

/* Linux version RELEASE (USER@HOST) (COMPILER, LINKER) #1 SMP ... */
json_t *machine_compiler(const char *version)
{
	const char *from = version ? strstr(version, ") (") : NULL, *to;
	int depth = 1;

	if (!from)
		return json_null();
	from += strlen(") (");
	for (to = from; *to; to++) {
		depth += (*to == '(') - (*to == ')');
		if (!depth)
			return json_stringn(from, to - from);
	}
	return json_null();
}

static json_t *kernel_compiler(void)
{
	char *version = read_text("/proc/version");
	json_t *json = machine_compiler(version);

	free(version);
	return json;
}

static json_t *kernel_state(void)
{
	struct utsname uts;

	if (uname(&uts))
		die(EXIT_HARNESS, "uname: %s", strerror(errno));
	return json_pack("{s:s,s:o,s:s,s:s,s:o,s:o,s:o,s:o,s:o}",
			 "release", uts.release, "compiler", kernel_compiler(),
			 "version", uts.version,
			 "machine", uts.machine, "build_id", machine_build_id("/sys/kernel/notes"),
			 "config_sha256", kconfig_sha256(),
			 "debug_options", kconfig_debug_options(),
			 "cmdline", kernel_cmdline(),
			 "tainted", file_text("/proc/sys/kernel/tainted"));
}

#define CPU	"/sys/devices/system/cpu/"
#define CLOCK	"/sys/devices/system/clocksource/clocksource0/"
#define THP	"/sys/kernel/mm/transparent_hugepage/"

static json_t *cpu_state(void)
{
	return json_pack("{s:o,s:o,s:i,s:o,s:o,s:o,s:o,s:o}",
			 "model", cpuinfo("model name"),
			 "microcode", cpuinfo("microcode"),
			 "online", (int)sysconf(_SC_NPROCESSORS_ONLN),
			 "smt_active", file_text(CPU "smt/active"),
			 "governor", file_text(CPU "cpu0/cpufreq/scaling_governor"),
			 "no_turbo", file_text(CPU "intel_pstate/no_turbo"),
			 "boost", file_text(CPU "cpufreq/boost"),
			 "mitigations", mitigations());
}

static json_t *memory_state(void)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o}",
			 "thp_enabled", file_text(THP "enabled"),
			 "thp_defrag", file_text(THP "defrag"),
			 "thp_pmd_enabled", file_text(THP "hugepages-2048kB/enabled"),
			 "numa_balancing", file_text("/proc/sys/kernel/numa_balancing"),
			 "nodes", numa_nodes());
}

static json_t *machine_state(uint64_t counter_khz)
{
	char now[21];

	now_utc(now);
	return json_pack("{s:s,s:s,s:s,s:s,s:I,s:o,s:o,s:o,s:o,s:o}",
			 "schema", MACHINE_SCHEMA, "recorded", now,
			 "tool_version", SPLITBENCH_VERSION,
			 "unit", machine_unit(),
			 "counter_khz", (json_int_t)counter_khz,
			 "kernel", kernel_state(), "cpu", cpu_state(),
			 "memory", memory_state(),
			 "clocksource", file_text(CLOCK "current_clocksource"),
			 "loadavg", file_text("/proc/loadavg"));
}

/* What makes a boot another machine's, and the run not one any more */
static void require_same(const char *path, const json_t *was, const json_t *is,
			 const char *group, const char *key)
{
	const json_t *a = json_object_get(group ? json_object_get(was, group) : was, key);
	const json_t *b = json_object_get(group ? json_object_get(is, group) : is, key);

	if (!json_equal(a, b))
		die(EXIT_HARNESS,
		    "%s: the run was begun with %s%s%s '%s', this is '%s': begin a new run",
		    path, group ? group : "", group ? " " : "", key,
		    json_string_value(a), json_string_value(b));
}

/* The same machine and tool, whichever build of the kernel it is? */
static void require_same_machine(const char *path, const json_t *was, const json_t *is)
{
	require_same(path, was, is, NULL, "unit");
	require_same(path, was, is, NULL, "tool_version");
	require_same(path, was, is, "kernel", "release");
	require_same(path, was, is, "cpu", "model");
}

static void record(const char *path, json_t *is, bool same_build)
{
	json_t *was;

	if (access(path, F_OK)) {
		if (write_json(path, is))
			die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
		return;
	}
	was = load_json(path, MACHINE_SCHEMA);
	require_same_machine(path, was, is);
	if (same_build)
		require_same(path, was, is, "kernel", "build_id");
	json_decref(was);
}

void machine_record(const char *run_dir, unsigned int build, uint64_t counter_khz)
{
	char *path = join(run_dir, "machine.json");
	char *own = join(run_dir, "machine-%u.json", build);
	json_t *is = machine_state(counter_khz);

	if (!is)
		die(EXIT_HARNESS, "out of memory");
	record(path, is, build == 1);
	if (build > 1)
		record(own, is, true);
	json_decref(is);
	free(path);
	free(own);
}
