// SPDX-License-Identifier: GPL-2.0
/* Limits of memory: of our cgroup, and of those that it is in */
#include "machine/cgroup_room.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/util.h"

#define ROOT	"/sys/fs/cgroup"

/*
 * A number in a file of a cgroup, after @key at the start of a line; without a key, the first
 * one. Return: is there one? "max" is none.
 */
static bool read_number(char *(*text)(const char *path), const char *dir, const char *name,
			const char *key, uint64_t *value)
{
	char *path = join(dir, "%s", name), *content = text(path), *at = content;
	bool found = false;
	char *end;

	while (key && at && (strncmp(at, key, strlen(key)) || at[strlen(key)] != ' '))
		at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL;
	if (at) {
		at += key ? strlen(key) : 0;
		*value = strtoull(at, &end, 10);
		found = end != at;
	}
	free(content);
	free(path);
	return found;
}

/* What is cached of files is given back before anything is killed. */
static uint64_t cached_in(char *(*text)(const char *path), const char *dir)
{
	/* Version 1 has what is in the cgroups below under names of its own. */
	static const char *const keys[][2] = {
		{ "total_inactive_file", "total_active_file" },
		{ "inactive_file", "active_file" },
	};
	uint64_t inactive, active;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (read_number(text, dir, "memory.stat", keys[i][0], &inactive) &&
		    read_number(text, dir, "memory.stat", keys[i][1], &active))
			return inactive + active;
	}
	return 0;
}

static uint64_t room_in(char *(*text)(const char *path), const char *dir)
{
	uint64_t most, now, cached;

	if (!(read_number(text, dir, "memory.max", NULL, &most) &&
	      read_number(text, dir, "memory.current", NULL, &now)) &&
	    !(read_number(text, dir, "memory.limit_in_bytes", NULL, &most) &&
	      read_number(text, dir, "memory.usage_in_bytes", NULL, &now)))
		return CGROUP_NO_LIMIT;
	cached = cached_in(text, dir);
	now -= cached < now ? cached : now;
	return most > now ? most - now : 0;
}

/* Below @root, which is where cgroups of that version are mounted */
static uint64_t room_below(char *(*text)(const char *path), const char *root, const char *path)
{
	uint64_t room = CGROUP_NO_LIMIT;
	char *dir;

	if (asprintf(&dir, "%s%s", root, path) < 0)
		die(EXIT_HARNESS, "out of memory");
	for (size_t len = strlen(dir); len >= strlen(root); len = strrchr(dir, '/') - dir) {
		uint64_t here;

		dir[len] = '\0';
		here = room_in(text, dir);
		room = here < room ? here : room;
	}
	free(dir);
	return room;
}

uint64_t cgroup_room(char *(*text)(const char *path))
{
	char *list = text("/proc/self/cgroup"), *rest = list, *line;
	uint64_t room = CGROUP_NO_LIMIT;

	/* "NUMBER:CONTROLLERS:/PATH"; of version 2, all controllers, which are not named */
	while ((line = strsep(&rest, "\n"))) {
		char *controllers = strchr(line, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL;
		uint64_t here;

		if (!path || path[1] != '/')
			continue;
		*path++ = '\0';
		if (!controllers[1])
			here = room_below(text, ROOT, path);
		else if (!strcmp(controllers + 1, "memory"))
			here = room_below(text, ROOT "/memory", path);
		else
			continue;
		room = here < room ? here : room;
	}
	free(list);
	return room;
}
