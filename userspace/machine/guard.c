// SPDX-License-Identifier: GPL-2.0
/* The process that restores what is changed on the machine, and its journal */
#include "machine/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libkmod.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <linux/magic.h>
#include <time.h>
#include <unistd.h>

#include "util/util.h"

/* What is still in use is tried for so long. */
#define UNDO_TRIES	50
#define UNDO_WAIT_US	200000
#define LOCK_TRIES	150
#define LOCK_WAIT_US	100000
/*
 * What is to be undone, a line each, in a file for each guard, which holds a lock on
 * it. Like what is changed, it is gone with the boot. Names are in order of time.
 */
#define JOURNAL		"/run/splitbench.undo."
/* Set for what runs under a guard: who holds the machine holds it for that, too */
#define UNDER_GUARD	"SPLITBENCH_GUARD"
/* A command's processes have so long to end when they are asked to */
#define END_TRIES	100
#define END_WAIT_US	100000

static FILE *to_guard;
static int from_guard = -1;
static pid_t guard;

static void be_quiet(void *data, int priority, const char *file, int line,
		     const char *fn, const char *format, va_list args)
{
	(void)data;
	(void)priority;
	(void)file;
	(void)line;
	(void)fn;
	(void)format;
	(void)args;
}

void guard_quiet(struct kmod_ctx *ctx)
{
	kmod_set_log_fn(ctx, be_quiet, NULL);
}

static int unload(const char *name)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	char *dir = join("/sys/module", "%s", name);
	struct kmod_module *module;
	int ret = -ENOMEM;

	if (access(dir, F_OK)) {
		ret = 0;	/* it was not loaded after all */
		goto out;
	}
	if (!ctx || kmod_module_new_from_name(ctx, name, &module))
		goto out;
	guard_quiet(ctx);
	ret = kmod_module_remove_module(module, O_NONBLOCK);
	kmod_module_unref(module);
out:
	if (ctx)
		kmod_unref(ctx);
	free(dir);
	errno = -ret;
	return ret ? -1 : 0;
}

/* Of "always [madvise] never" the one that is chosen, else all of it; to be freed */
static char *chosen(const char *text)
{
	const char *from = strchr(text, '['), *to = from ? strchr(from, ']') : NULL;

	if (!to || (from > text && from[-1] != ' ') || (to[1] && to[1] != ' '))
		return strdup(text);
	return strndup(from + 1, to - from - 1);
}

/* A setting that says so already need not be written, even if it cannot be. */
static int write_setting(const char *path, const char *text)
{
	char *is = read_text(path), *choice = is ? chosen(is) : NULL;
	bool same = choice && !strcmp(choice, text);

	free(choice);
	free(is);
	return same ? 0 : write_text(path, 0, text);
}

static int remove_folders(const char *pattern)
{
	glob_t list;
	int ret = 0;

	if (glob(pattern, 0, NULL, &list))
		return 0;
	for (size_t i = 0; i < list.gl_pathc; i++)
		ret |= rmdir(list.gl_pathv[i]);
	globfree(&list);
	return ret;
}

/* When a process began, in the kernel's ticks since boot; 0 if there is none */
static unsigned long long start_of(pid_t pid)
{
	unsigned long long start = 0;
	char path[32], *text, *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	text = read_text(path);
	at = text ? strrchr(text, ')') : NULL;
	if (at)
		sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		       &start);
	free(text);
	return start;
}

/* Nobody may change anything after it is put back. */
static int end_group(pid_t group, unsigned long long start)
{
	static const int signals[] = { SIGTERM, SIGKILL };

	/* Somebody else's, who has the number by now */
	if (group <= 1 || (start_of(group) && start_of(group) != start))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		for (int n = 0; n < END_TRIES; n++) {
			if (kill(-group, n ? 0 : signals[i]))
				return 0;
			usleep(END_WAIT_US);
		}
	}
	errno = EBUSY;
	return -1;
}

/* One line of what is to be undone. Return: 0; -1 with errno set. */
static int undo(char *line)
{
	char *verb = strtok(line, " "), *path = strtok(NULL, "\t");
	char *text = strtok(NULL, "");

	if (!verb || !path) {
		errno = EPROTO;
		return -1;
	}
	if (!strcmp(verb, "rmdir"))
		return rmdir(path);
	if (!strcmp(verb, "rmdirs"))
		return remove_folders(path);
	if (!strcmp(verb, "rmmod"))
		return unload(path);
	if (!strcmp(verb, "unlink"))
		return unlink(path);
	if (!strcmp(verb, "truncate"))
		return write_text(path, O_TRUNC, "");
	if (!strcmp(verb, "end"))
		return end_group(atoi(path), text ? strtoull(text, NULL, 10) : 0);
	if (!strcmp(verb, "append"))
		return write_text(path, O_APPEND, text ? text : "");
	return write_setting(path, text ? text : "");
}

/* Who uses it may be on the way out, so try for a while; or it is not there. */
static int undo_patiently(const char *line)
{
	bool setting = !strncmp(line, "write ", 6);
	int ret = -1;

	for (int i = 0; i < UNDO_TRIES; i++) {
		char *copy = strdup(line);

		ret = copy ? undo(copy) : -1;
		free(copy);
		if (!ret || (!setting && errno == ENOENT))
			return 0;
		if (errno != EBUSY && errno != EAGAIN)
			break;
		usleep(UNDO_WAIT_US);
	}
	return ret;
}

/* Lines as they come. Return: 0; -1 with errno set. */
static int remember_line(char ***list, size_t *nr, const char *line)
{
	char **longer = reallocarray(*list, *nr + 1, sizeof(*longer));

	if (!longer)
		return -1;
	*list = longer;
	longer[*nr] = strdup(line);
	if (!longer[*nr])
		return -1;
	++*nr;
	return 0;
}

/*
 * The last change is undone first. What cannot be is reported, and stays in the journal for the
 * next to try; without any, that is removed. Return: how many could not be.
 */
static unsigned int undo_all(char **list, size_t nr, int journal, const char *path)
{
	unsigned int bad = 0;

	for (size_t i = nr; i--; ) {
		if (!undo_patiently(list[i])) {
			*list[i] = '\0';
			continue;
		}
		fprintf(stderr, "splitbench: could not be put back: %s: %s\n",
			list[i], strerror(errno));
		bad++;
	}
	if (journal < 0)
		return bad;
	if (!bad) {
		unlink(path);
		return 0;
	}
	if (!ftruncate(journal, 0)) {
		for (size_t i = 0; i < nr; i++) {
			if (*list[i])
				dprintf(journal, "%s\n", list[i]);
		}
	}
	return bad;
}

/* Locked, so that nobody takes it for one that was left; -1 with errno set */
static int make_journal(char *path, size_t size)
{
	struct timespec now;
	int fd;

	clock_gettime(CLOCK_BOOTTIME, &now);
	snprintf(path, size, JOURNAL "%010lld.%09ld.%d", (long long)now.tv_sec,
		 now.tv_nsec, getpid());
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW |
		  O_CLOEXEC, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * Who may change settings may write to /run, and so leaves there what a guard
 * that is killed, too, would have put back.
 */
static int watch(int in, int out)
{
	char **list = NULL, *line = NULL, path[sizeof(JOURNAL) + 48];
	int journal = make_journal(path, sizeof(path));
	FILE *lines = fdopen(in, "r");
	size_t nr = 0, size = 0;
	ssize_t len;

	if (journal < 0 && !geteuid()) {
		fprintf(stderr, "splitbench: %s: %s\n", path, strerror(errno));
		return EXIT_HARNESS;	/* no answer: nothing is changed */
	}
	while (lines && (len = getline(&line, &size, lines)) > 0) {
		if (journal >= 0 && write(journal, line, len) != len) {
			fprintf(stderr, "splitbench: %s: no room\n", path);
			break;
		}
		line[len - 1] = '\0';
		if (remember_line(&list, &nr, line) || write(out, "", 1) != 1)
			break;
	}
	return undo_all(list, nr, journal, path) ? EXIT_HARNESS : EXIT_DONE;
}

/* Return: false if the guard whose it is lives. */
static bool repair_by(const char *path)
{
	char **list = NULL, *line = NULL;
	size_t nr = 0, size = 0;
	unsigned int bad;
	FILE *journal = fopen(path, "r+e");
	ssize_t len;

	if (!journal)
		return errno == ENOENT;
	if (flock(fileno(journal), LOCK_EX | LOCK_NB)) {
		fclose(journal);
		return false;
	}
	/* A line without its end was not answered, so nothing was changed. */
	while ((len = getline(&line, &size, journal)) > 0 &&
	       line[len - 1] == '\n') {
		line[len - 1] = '\0';
		if (remember_line(&list, &nr, line))
			die(EXIT_HARNESS, "out of memory");
	}
	free(line);
	fseek(journal, 0, SEEK_SET);
	bad = undo_all(list, nr, fileno(journal), path);
	fprintf(stderr, "splitbench: an earlier run was killed, and its guard with it: %zu of %zu things it had changed are put back now\n",
		nr - bad, nr);
	if (bad)
		die(EXIT_HARNESS, "the machine is not as it was: put the rest back by hand, and remove %s",
		    path);
	while (nr--)
		free(list[nr]);
	free(list);
	fclose(journal);
	return true;
}

/*
 * What runs have left whose guards were killed as well is put back now, the last one
 * first, and reported. Return: false if one of them lives.
 */
static bool repair(void)
{
	bool all = true;
	glob_t list;

	if (geteuid() || glob(JOURNAL "*", 0, NULL, &list))
		return true;
	for (size_t i = list.gl_pathc; i-- && all; )
		all = repair_by(list.gl_pathv[i]);
	globfree(&list);
	return all;
}

/* die() and the like come through here; a signal does not, nor has to. */
static void end_at_exit(void)
{
	int status;

	if (!to_guard)
		return;
	fflush(NULL);
	/* Devices and traces that are open could not be taken away. */
	close_range(STDERR_FILENO + 1, ~0U, 0);
	while (waitpid(guard, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		_exit(EXIT_HARNESS);
}

/*
 * A lock that the guard shares, and so keeps until all is put back. Its file
 * is one that is on every machine and that nothing else locks.
 */
static void lock_machine(void)
{
	int fd = open("/sys/kernel/mm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		die(EXIT_SKIP, "/sys/kernel/mm: %s", strerror(errno));
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (!flock(fd, LOCK_EX | LOCK_NB)) {
			if (repair())
				return;
			flock(fd, LOCK_UN);
		}
		usleep(LOCK_WAIT_US);
	}
	die(EXIT_SKIP, "another splitbench measures on this machine");
}

void guard_start(void)
{
	static const int all[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	int down[2], up[2];

	if (!getenv(UNDER_GUARD))
		lock_machine();
	if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC))
		die(EXIT_HARNESS, "pipe: %s", strerror(errno));
	fflush(stdout);
	guard = fork();
	if (guard < 0)
		die(EXIT_HARNESS, "fork: %s", strerror(errno));
	if (!guard) {
		for (size_t i = 0; i < ARRAY_SIZE(all); i++)
			signal(all[i], SIG_IGN);
		setsid();
		close(down[1]);
		close(up[0]);
		/* Who reads our output must not wait for the guard. */
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		_exit(watch(down[0], up[1]));
	}
	close(down[0]);
	close(up[1]);
	from_guard = up[0];
	to_guard = fdopen(down[1], "w");
	setenv(UNDER_GUARD, "1", 1);
	atexit(end_at_exit);
	/* If it is killed, write() is to fail with EPIPE. */
	signal(SIGPIPE, SIG_IGN);
}

void guard_later(const char *what)
{
	char answer;

	if (!to_guard)
		die(EXIT_HARNESS, "there is no guard to remember: %s", what);
	if (fprintf(to_guard, "%s\n", what) < 0 || fflush(to_guard) ||
	    read(from_guard, &answer, 1) != 1)
		die(EXIT_HARNESS, "the guard process has died; nothing more is changed");
}

/* Is it one of the kernel's, which take what is written to them as a whole? */
static bool is_setting(const char *path)
{
	struct statfs fs;

	if (statfs(path, &fs))
		return false;
	if (fs.f_type == SYSFS_MAGIC || fs.f_type == PROC_SUPER_MAGIC ||
	    fs.f_type == DEBUGFS_MAGIC || fs.f_type == TRACEFS_MAGIC ||
	    fs.f_type == CGROUP2_SUPER_MAGIC)
		return true;
	errno = EMEDIUMTYPE;
	return false;
}

/* What it is now, if that can be put back; to be freed, NULL with errno set */
static char *value_of(const char *path)
{
	char *text, *value = NULL;

	if (path[strcspn(path, " \t\n")]) {
		errno = EINVAL;
		return NULL;
	}
	if (!is_setting(path))
		return NULL;
	text = read_text(path);
	if (!text)
		return NULL;
	/* A list, or nothing, is not put back by writing it. */
	if (*text && !strpbrk(text, "\n\t"))
		value = chosen(text);
	else
		errno = EINVAL;
	free(text);
	return value;
}

static void remember(const char *path, const char *was)
{
	char *line;

	if (asprintf(&line, "write %s\t%s", path, was) < 0)
		die(EXIT_HARNESS, "out of memory");
	guard_later(line);
	free(line);
}

int guard_remember(const char *path)
{
	char *was = value_of(path);

	if (!was)
		return -1;
	remember(path, was);
	free(was);
	return 0;
}

int guard_set(const char *path, const char *value)
{
	char *was = value_of(path);
	int ret = 0;

	if (!was)
		return -1;
	if (strcmp(was, value)) {
		remember(path, was);
		ret = write_text(path, 0, value);
	}
	free(was);
	return ret;
}

int guard_empty(const char *path)
{
	char *line;

	if (!is_setting(path))
		return -1;
	if (asprintf(&line, "truncate %s", path) < 0)
		die(EXIT_HARNESS, "out of memory");
	guard_later(line);
	free(line);
	return 0;
}

void guard_group(pid_t group)
{
	char *line;

	if (asprintf(&line, "end %d\t%llu", group, start_of(group)) < 0)
		die(EXIT_HARNESS, "out of memory");
	guard_later(line);
	free(line);
}

void guard_forget(void)
{
	if (!to_guard)
		return;
	fclose(to_guard);
	close(from_guard);
	to_guard = NULL;
}

int guard_end(void)
{
	int status;

	if (!to_guard)
		return 0;
	fclose(to_guard);
	to_guard = NULL;
	close(from_guard);
	while (waitpid(guard, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	if (WIFSIGNALED(status))
		fprintf(stderr, "splitbench: the guard process was killed: the next splitbench puts back what is changed\n");
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}
