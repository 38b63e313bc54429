// SPDX-License-Identifier: GPL-2.0
/* splitbench guard: for tools that change a machine and are not ours */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"
#include "loading.h"
#include "util.h"

#define MAX_FILES	64
#define MAX_MODULES	4

/**
 * struct options - what the command line says
 * @restore: files to be put back, the last one first
 * @empty: those of them that are emptied instead
 * @nr: how many
 * @load: modules to be there meanwhile, NAME or NAME=FILE
 * @nr_load: how many
 * @command: what to run, with its arguments
 */
struct options {
	const char *restore[MAX_FILES];
	bool empty[MAX_FILES];
	unsigned int nr;
	char *load[MAX_MODULES];
	unsigned int nr_load;
	char **command;
};

static const struct argp_option options[] = {
	{ "restore", 'r', "FILE", 0,
	  "put the setting back to what it is now; may be repeated: the last one first", 0 },
	{ "empty", 'e', "FILE", 0, "empty the list in FILE afterwards", 0 },
	{ "load", 'l', "NAME[=FILE]", 0,
	  "have the module loaded meanwhile, if it is not already; may be repeated", 0 },
	{ }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'r':
	case 'e':
		if (o->nr == MAX_FILES)
			argp_error(state, "more than %d files", MAX_FILES);
		o->empty[o->nr] = key == 'e';
		o->restore[o->nr++] = arg;
		break;
	case 'l':
		if (o->nr_load == MAX_MODULES)
			argp_error(state, "more than %d modules", MAX_MODULES);
		o->load[o->nr_load++] = arg;
		break;
	case ARGP_KEY_ARGS:
		o->command = state->argv + state->next;
		break;
	case ARGP_KEY_END:
		if (!o->command)
			argp_usage(state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void remember(const struct options *o)
{
	char *line;

	for (unsigned int i = 0; i < o->nr; i++) {
		if (!o->empty[i]) {
			if (guard_remember(o->restore[i]))
				die(EXIT_SKIP, "%s: %s", o->restore[i],
				    strerror(errno));
			continue;
		}
		if (asprintf(&line, "truncate %s", o->restore[i]) < 0)
			die(EXIT_HARNESS, "out of memory");
		guard_later(line);
		free(line);
	}
}

static void load(char *module)
{
	char *path = strchr(module, '=');
	int error;

	if (path)
		*path++ = '\0';
	if (is_loaded(module))
		return;
	error = load_module(module, path);
	if (error)
		die(EXIT_SKIP, "cannot load %s: %s", path ? path : module,
		    strerror(error));
}

static pid_t child;

static void pass_on(int sig)
{
	if (child > 0)
		kill(child, sig);
}

/* Return: its exit status; 128 and the signal's number if it died of one. */
static int run(char **command)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = pass_on };
	posix_spawnattr_t attr;
	sigset_t defaults;
	int status, error;

	/* The guard's parent ignores SIGPIPE; the command is not to. */
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
	error = posix_spawnp(&child, command[0], NULL, &attr, command, environ);
	if (error)
		die(EXIT_SKIP, "%s: %s", command[0], strerror(error));
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			die(EXIT_HARNESS, "waitpid: %s", strerror(errno));
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int cmd_guard(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options, .parser = parse, .args_doc = "-- COMMAND...",
		.doc = "Run COMMAND with the machine to itself, and put back what it changes, whatever ends it: files as they are now, and the module. Its exit status is ours.",
	};
	struct options o = { 0 };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	guard_start();
	remember(&o);
	for (unsigned int i = 0; i < o.nr_load; i++)
		load(o.load[i]);
	status = run(o.command);
	if (guard_end())
		die(EXIT_HARNESS, "the machine is not as it was before; see above");
	return status;
}
