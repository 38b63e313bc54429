// SPDX-License-Identifier: GPL-2.0
/* The machine's files, or those of a tree that stands for one */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/affinity.h"
#include "machine/doctor_checks.h"
#include "util/util.h"

static struct doctor_where at = { .root = "" };

void doctor_at(const struct doctor_where *where)
{
	at = *where;
}

bool doctor_is_here(void)
{
	return !*at.root;
}

/* To be freed; names and patterns may be longer than join() takes. */
static char *path_of(const char *path)
{
	char *where;

	if (asprintf(&where, "%s%s", at.root, path) < 0)
		die(EXIT_HARNESS, "out of memory");
	return where;
}

char *doctor_text(const char *path)
{
	char *where = path_of(path), *text = read_text(where);

	free(where);
	return text;
}

bool doctor_is(const char *path, const char *value)
{
	char *text = doctor_text(path);
	bool same = text && !strcmp(text, value);

	free(text);
	return same;
}

bool doctor_has(const char *path, const char *part)
{
	char *text = doctor_text(path);
	bool found = text && strstr(text, part);

	free(text);
	return found;
}

long long doctor_number(const char *path, const char *key)
{
	char *text = doctor_text(path), *found = text ? strstr(text, key) : NULL;
	long long value = -1;

	if (found)
		sscanf(found + strlen(key), "%lld", &value);
	free(text);
	return value;
}

size_t doctor_files(const char *pattern, glob_t *list)
{
	char *where = path_of(pattern);
	int ret = glob(where, 0, NULL, list);

	free(where);
	return ret ? 0 : list->gl_pathc;
}

char *doctor_build(void)
{
	char *release, *path, *build;

	if (at.build && *at.build)
		return strdup(at.build);
	release = doctor_text("/proc/sys/kernel/osrelease");
	path = join("/lib/modules", "%s/build", release ? release : "unknown");
	build = path_of(path);
	free(path);
	free(release);
	return build;
}

char *doctor_build_text(const char *name)
{
	char *build = doctor_build(), *path = join(build, "%s", name);
	char *text = read_text(path);

	free(path);
	free(build);
	return text;
}

bool doctor_in_list(const char *list, int cpu)
{
	int first, last, len;

	for (; sscanf(list, "%d%n", &first, &len) == 1; list += *list == ',') {
		list += len;
		last = first;
		if (sscanf(list, "-%d%n", &last, &len) == 1)
			list += len;
		if (cpu >= first && cpu <= last)
			return true;
	}
	return false;
}

int doctor_cpu(void)
{
	char *online;
	int cpu;

	if (doctor_is_here())
		return affinity_cpu(0);
	online = doctor_text(CPUS "online");
	for (cpu = 4095; cpu > 0; cpu--) {
		if (online && doctor_in_list(online, cpu))
			break;
	}
	free(online);
	return cpu;
}

/* Names of files may be anything; what is recorded is text. */
static void say(char *text, size_t size, const char *fmt, va_list args)
{
	vsnprintf(text, size, fmt, args);
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

bool doctor_found(struct finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(f->what, sizeof(f->what), fmt, args);
	va_end(args);
	return true;
}

void doctor_set_fix(struct finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(f->fix, sizeof(f->fix), fmt, args);
	va_end(args);
}
