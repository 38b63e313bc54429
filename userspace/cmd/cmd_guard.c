// SPDX-License-Identifier: GPL-2.0
/* splitbench guard: for tools that change a machine and are not ours */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd/builtin.h"
#include "machine/command.h"
#include "machine/guard.h"
#include "sys/kmod.h"
#include "util/options.h"
#include "util/util.h"

#define MAX_FILES	64
#define MAX_MODULES	4

/**
 * struct options - what the command line says
 * @restore: files to be put back, the last one first
 * @empty: those of them that are emptied instead
 * @nr: how many
 * @rmdirs: patterns of folders to be removed
 * @load: modules to be there meanwhile, NAME or NAME=FILE
 * @command: what to run, with its arguments
 */
struct options {
	const char *restore[MAX_FILES];
	bool empty[MAX_FILES];
	unsigned int nr;
	const char *rmdirs[MAX_MODULES + 1];
	const char *load[MAX_MODULES + 1];
	char **command;
};

static const char *add_file(struct options *o, const char *path, bool empty)
{
	if (o->nr == MAX_FILES)
		return reason("is one too many: %d files at most", MAX_FILES);
	o->empty[o->nr] = empty;
	o->restore[o->nr++] = path;
	return NULL;
}

static const char *add_restore(void *options, char *path)
{
	return add_file(options, path, false);
}

static const char *add_empty(void *options, char *path)
{
	return add_file(options, path, true);
}

static const char *check_command(void *options)
{
	return ((struct options *)options)->command ? NULL : "a command is needed";
}

static const struct option_row rows[] = {
	{ OPTION(CALL, "restore", 'r', "FILE",
		 "restore the setting in FILE on exit; may be repeated: the last one first",
		 restore), .call = add_restore },
	{ OPTION(CALL, "empty", 'e', "FILE", "clear the list in FILE on exit", empty),
	  .call = add_empty },
	{ OPTION(LIST, "rmdirs", 'd', "PATTERN",
		 "rmdir directories matching PATTERN on exit; may be repeated", rmdirs),
	  .max = MAX_MODULES },
	{ OPTION(LIST, "load", 'l', "NAME[=FILE]",
		 "load the module for COMMAND, unless it is loaded already; may be repeated",
		 load), .max = MAX_MODULES },
	{ }
};

static void remember(const struct options *o)
{
	for (unsigned int i = 0; i < o->nr; i++) {
		int ret = o->empty[i] ? guard_empty(o->restore[i]) :
				       guard_remember(o->restore[i]);

		if (ret)
			die(EXIT_SKIP, "%s cannot be put back: %s", o->restore[i],
			    errno == EMEDIUMTYPE ? "it is no setting of the kernel's" :
			    errno == EINVAL ? "it has several lines, or none" :
			    strerror(errno));
	}
	for (unsigned int i = 0; o->rmdirs[i]; i++) {
		char *line;

		if (asprintf(&line, "rmdirs %s", o->rmdirs[i]) < 0)
			die(EXIT_HARNESS, "out of memory");
		guard_later(line);
		free(line);
	}
}

static void load(const char *text)
{
	char *module = strdup(text), *path;
	int error;

	if (!module)
		die(EXIT_HARNESS, "out of memory");
	path = strchr(module, '=');
	if (path)
		*path++ = '\0';
	/* As the kernel calls it, whatever its file is called. */
	for (char *at = module; *at; at++) {
		if (*at == '-')
			*at = '_';
	}
	error = is_loaded(module) ? 0 : load_module(module, path);
	if (error)
		die(EXIT_SKIP, "cannot load %s: %s", path ? path : module,
		    strerror(error));
	free(module);
}

static pid_t child;

static void pass_on(int sig)
{
	if (child > 0)
		kill(-child, sig);
}

/* Return: its exit status; 128 and the signal's number if it died of one. */
static int run(char **argv)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = pass_on }, was;
	struct command command;
	int status, error;

	fflush(stdout);
	command_prepare(&command, argv, true);
	child = command.pid;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		/* What is ignored, by nohup for one, stays so. */
		if (!sigaction(signals[i], NULL, &was) && was.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
	/* It does not begin before the guard knows of it. */
	guard_group(child);
	error = command_go(&command);
	if (error)
		fprintf(stderr, "splitbench: %s: %s\n", argv[0], strerror(error));
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			die(EXIT_HARNESS, "waitpid: %s", strerror(errno));
	}
	return error ? EXIT_SKIP : command_status(status);
}

int cmd_guard(int argc, char **argv)
{
	static const struct option_table table = {
		.rows = rows, .args_doc = "COMMAND...", .command = true,
		.check = check_command,
		.args = offsetof(struct options, command),
		.doc = "Run COMMAND while no other splitbench measures, and restore the given files and modules however it ends. Exits with its status.",
	};
	struct options o = { 0 };
	int status;

	options_parse(&table, argc, argv, &o);
	guard_start();
	remember(&o);
	for (unsigned int i = 0; o.load[i]; i++)
		load(o.load[i]);
	status = run(o.command);
	if (guard_end())
		die(EXIT_HARNESS, "the machine is not as it was before; see above");
	return status;
}
