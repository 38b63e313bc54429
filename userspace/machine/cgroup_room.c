// SPDX-License-Identifier: GPL-2.0
/* Limits of memory: of our cgroup, and of those that it is in */
#include "machine/cgroup_room.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/util.h"

#define ROOT	"/sys/fs/cgroup"

/* A number in a file of a cgroup. Return: is there one? "max" is none. */
static bool read_number(char *(*text)(const char *path), const char *dir, const char *name,
			uint64_t *value)
{
	char *path = join(dir, "%s", name), *number = text(path);
	bool found = false;
	char *end;

	if (number) {
		*value = strtoull(number, &end, 10);
		found = end != number;
	}
	free(number);
	free(path);
	return found;
}

static uint64_t room_in(char *(*text)(const char *path), const char *dir)
{
	uint64_t most, now;

	if (!read_number(text, dir, "memory.max", &most) ||
	    !read_number(text, dir, "memory.current", &now))
		return CGROUP_NO_LIMIT;
	return most > now ? most - now : 0;
}

uint64_t cgroup_room(char *(*text)(const char *path))
{
	char *list = text("/proc/self/cgroup"), *line, *dir;
	uint64_t room = CGROUP_NO_LIMIT;

	/* Of version 2: "0::/path", below what we see as the root */
	line = list;
	while (line && strncmp(line, "0::/", 4))
		line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
	if (!line) {
		free(list);
		return room;
	}
	line[strcspn(line, "\n")] = '\0';
	if (asprintf(&dir, ROOT "%s", line + 3) < 0)
		die(EXIT_HARNESS, "out of memory");
	for (size_t len = strlen(dir); len >= strlen(ROOT); len = strrchr(dir, '/') - dir) {
		uint64_t here;

		dir[len] = '\0';
		here = room_in(text, dir);
		room = here < room ? here : room;
	}
	free(dir);
	free(list);
	return room;
}
