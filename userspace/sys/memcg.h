/* SPDX-License-Identifier: GPL-2.0 */
/* Memory cgroups of our own (version 2), made and removed again */
#ifndef SPLITBENCH_MEMCG_H
#define SPLITBENCH_MEMCG_H

#include <stdbool.h>
#include <sys/types.h>

#define MEMCG_MAX	65

/**
 * struct memcgs - cgroups below one of ours
 * @root: where the hierarchy is mounted
 * @top: ours; NULL: none was made
 * @nr: how many are in it
 * @dir: them
 */
struct memcgs {
	char *root;
	char *top;
	unsigned int nr;
	char *dir[MEMCG_MAX];
};

/**
 * memcgs_make() - make so many
 * @m: gets them
 * @nr: how many; 0: the root cgroup is all that is wanted
 *
 * The guard removes them if we do not get to it.
 *
 * Return: NULL; or, in words, why they cannot be had.
 */
const char *memcgs_make(struct memcgs *m, unsigned int nr);

/**
 * memcgs_join() - move a process there
 * @m: the cgroups
 * @index: which of them; -1: the root
 * @pid: the process
 *
 * Return: 0; -1 with errno set.
 */
int memcgs_join(const struct memcgs *m, int index, pid_t pid);

/* Remove them. Nobody must be in them. Return: 0; -1 with errno set. */
int memcgs_remove(struct memcgs *m);

#endif /* SPLITBENCH_MEMCG_H */
