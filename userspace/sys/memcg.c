// SPDX-License-Identifier: GPL-2.0
/* Memory cgroups of our own: made, joined, removed */
#include "sys/memcg.h"

#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/guard.h"
#include "util/util.h"

/* Who has ended may still be there for a moment. */
#define REMOVE_TRIES	50
#define REMOVE_WAIT_US	100000

/* Where version 2 is mounted; to be freed, NULL if it is not */
static char *find_root(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	char *root = NULL;

	while (mounts && !root && (entry = getmntent(mounts))) {
		if (!strcmp(entry->mnt_type, "cgroup2"))
			root = strdup(entry->mnt_dir);
	}
	if (mounts)
		endmntent(mounts);
	return root;
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	while (text && (text = strstr(text, word))) {
		if (text[len] == ' ' || !text[len])
			return true;
		text += len;
	}
	return false;
}

static bool file_has(const char *dir, const char *name, const char *word)
{
	char *path = join(dir, "%s", name), *text = read_text(path);
	bool has = has_word(text, word);

	free(text);
	free(path);
	return has;
}

static void later(const char *verb, const char *path, const char *text)
{
	char *what;

	if (asprintf(&what, "%s %s%s", verb, path, text) < 0)
		die(EXIT_HARNESS, "out of memory");
	guard_later(what);
	free(what);
}

/* Let the cgroups below @dir account memory. Return: 0; -1 with errno set. */
static int enable(const char *dir, bool ours)
{
	char *path = join(dir, "cgroup.subtree_control");
	int ret = 0;

	if (!file_has(dir, "cgroup.subtree_control", "memory")) {
		/* What cannot be changed need not be put back. */
		ret = access(path, W_OK);
		if (ret)
			goto out;
		if (!ours)
			later("append", path, "\t-memory");
		ret = write_text(path, 0, "+memory");
	}
out:
	free(path);
	return ret;
}

/* Return: 0; -1 with errno set. */
static int make(const char *dir)
{
	char *parent = join(dir, ".."), *kill_file;
	int ret = access(parent, W_OK);

	free(parent);
	if (ret && errno == EROFS)
		return ret;
	later("rmdir", dir, "");
	if (mkdir(dir, 0755))
		return -1;
	/* Done before that: who is in it may outlive us, waiting for others. */
	kill_file = join(dir, "cgroup.kill");
	later("append", kill_file, "\t1");
	free(kill_file);
	return 0;
}

const char *memcgs_make(struct memcgs *m, unsigned int nr)
{
	const char *error = NULL;
	char *top;

	*m = (struct memcgs){ .root = find_root() };
	if (!m->root)
		return "cgroup version 2 is not mounted: mount -t cgroup2 none /sys/fs/cgroup";
	if (!file_has(m->root, "cgroup.controllers", "memory"))
		return reason("%s has no memory controller: it is with cgroup version 1, or switched off (cgroup_disable=memory)",
			      m->root);
	if (!nr)
		return NULL;
	top = join(m->root, "splitbench.%d", getpid());
	if (enable(m->root, false) || make(top)) {
		error = reason("cannot make cgroups in %s: %s", m->root,
			       strerror(errno));
		free(top);
		return error;
	}
	m->top = top;
	if (enable(m->top, true))
		error = reason("%s: %s", m->top, strerror(errno));
	while (!error && m->nr < nr) {
		char *dir = join(m->top, "%u", m->nr);

		if (make(dir)) {
			error = reason("%s: %s", dir, strerror(errno));
			free(dir);
		} else {
			m->dir[m->nr++] = dir;
		}
	}
	return error;
}

int memcgs_join(const struct memcgs *m, int index, pid_t pid)
{
	char *path = join(index < 0 ? m->root : m->dir[index], "cgroup.procs");
	char text[24];
	int ret;

	snprintf(text, sizeof(text), "%d", pid);
	ret = write_text(path, 0, text);
	free(path);
	return ret;
}

static int remove_one(char *dir)
{
	int ret = 0;

	for (int i = 0; dir && i < REMOVE_TRIES; i++) {
		ret = rmdir(dir);
		if (!ret || errno != EBUSY)
			break;
		usleep(REMOVE_WAIT_US);
	}
	if (ret && errno == ENOENT)
		ret = 0;
	free(dir);
	return ret;
}

int memcgs_remove(struct memcgs *m)
{
	int ret = 0;

	while (m->nr)
		ret |= remove_one(m->dir[--m->nr]);
	ret |= remove_one(m->top);
	free(m->root);
	*m = (struct memcgs){ 0 };
	return ret;
}
