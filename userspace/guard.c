// SPDX-License-Identifier: GPL-2.0
#include "guard.h"

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
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

/* What is still in use is tried for so long. */
#define UNDO_TRIES	50
#define UNDO_WAIT_US	200000
#define LOCK_TRIES	150
#define LOCK_WAIT_US	100000
/* What is to be undone, a line each; like what is changed, gone with the boot */
#define JOURNAL		"/run/splitbench.undo."
/* Set for what runs under a guard: who holds the machine holds it for that, too */
#define UNDER_GUARD	"SPLITBENCH_GUARD"

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
	if (!strcmp(verb, "rmmod"))
		return unload(path);
	if (!strcmp(verb, "unlink"))
		return unlink(path);
	if (!strcmp(verb, "truncate"))
		return write_text(path, O_TRUNC, "");
	return write_text(path, !strcmp(verb, "append") ? O_APPEND : 0,
			  text ? text : "");
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

/* The last is undone first. Return: how many could not be, which is told. */
static unsigned int undo_all(char **list, size_t nr)
{
	unsigned int bad = 0;

	while (nr--) {
		if (!undo_patiently(list[nr]))
			continue;
		fprintf(stderr, "splitbench: could not be put back: %s: %s\n",
			list[nr], strerror(errno));
		bad++;
	}
	return bad;
}

/*
 * Who may change settings may write to /run, and so leaves there what a guard
 * that is killed, too, would have put back.
 */
static int watch(int in, int out)
{
	FILE *lines = fdopen(in, "r");
	char **list = NULL, *line = NULL, path[sizeof(JOURNAL) + 12];
	size_t nr = 0, size = 0;
	int journal, ret;
	ssize_t len;

	snprintf(path, sizeof(path), JOURNAL "%08d", getpid());
	journal = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW |
		       O_CLOEXEC, 0600);
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
	ret = undo_all(list, nr) ? EXIT_HARNESS : EXIT_DONE;
	if (journal >= 0)
		unlink(path);
	return ret;
}

/* What a run has left whose guard was killed as well: put back now, and told. */
static void repair_by(const char *path)
{
	FILE *journal = fopen(path, "re");
	char **list = NULL, *line = NULL;
	size_t nr = 0, size = 0;
	unsigned int bad;
	ssize_t len;

	if (!journal)
		return;
	/* A line without its end was not answered, so nothing was changed. */
	while ((len = getline(&line, &size, journal)) > 0 &&
	       line[len - 1] == '\n') {
		line[len - 1] = '\0';
		if (remember_line(&list, &nr, line))
			die(EXIT_HARNESS, "out of memory");
	}
	fclose(journal);
	free(line);
	bad = undo_all(list, nr);
	fprintf(stderr, "splitbench: an earlier run was killed, and its guard with it: %zu of %zu things it had changed are put back now\n",
		nr - bad, nr);
	while (nr--)
		free(list[nr]);
	free(list);
	if (unlink(path))
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
}

/* The machine is ours, so there is nobody whose journals these still are. */
static void repair(void)
{
	glob_t list;

	if (glob(JOURNAL "*", 0, NULL, &list))
		return;
	/* A guard under another one was begun after it: it undoes first. */
	for (size_t i = list.gl_pathc; i--; )
		repair_by(list.gl_pathv[i]);
	globfree(&list);
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
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return;
		usleep(LOCK_WAIT_US);
	}
	die(EXIT_SKIP, "another splitbench measures on this machine");
}

void guard_start(void)
{
	static const int all[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	int down[2], up[2];

	if (!getenv(UNDER_GUARD)) {
		lock_machine();
		repair();
	}
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
	/* If it is killed, we want to be told by write(). */
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
	char *was = read_text(path);

	if (!was)
		return -1;
	remember(path, was);
	free(was);
	return 0;
}

int guard_set(const char *path, const char *value)
{
	char *was = read_text(path);
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
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}
