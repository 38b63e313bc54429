/* SPDX-License-Identifier: GPL-2.0 */
/* How much memory the limits of our cgroup leave */
#ifndef SPLITBENCH_CGROUP_ROOM_H
#define SPLITBENCH_CGROUP_ROOM_H

#include <stdint.h>

/* There is no limit, or none that can be seen */
#define CGROUP_NO_LIMIT	UINT64_MAX

/**
 * cgroup_room() - what the limits of this process's cgroup and of those above it leave
 * @text: returns a file as text, to be freed, or NULL if it cannot be read
 *
 * Of cgroups of either version. What is beyond is not refused: a process is killed. What is cached
 * of files is counted as left.
 *
 * Return: bytes; CGROUP_NO_LIMIT if there is none.
 */
uint64_t cgroup_room(char *(*text)(const char *path));

#endif /* SPLITBENCH_CGROUP_ROOM_H */
