// SPDX-License-Identifier: GPL-2.0
/* splitbench watch: the migrations and splits of whatever runs on this machine */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analysis/watched.h"
#include "cmd/builtin.h"
#include "machine/command.h"
#include "machine/guard.h"
#include "machine/split_functions.h"
#include "report/watch.h"
#include "util/options.h"
#include "util/output.h"
#include "util/util.h"
#include "workload/call_probes.h"

/* What is recorded is read so often. */
#define READ_MS		100
#define MAX_SECONDS	10000000

/**
 * struct options - what the command line says
 * @seconds: how long; 0: until the command ends, or until Ctrl-C
 * @buffer: KiB for each CPU; 0: as there is memory
 * @json: print JSON
 * @output: file to write to, "-" for standard output
 * @command: what is run meanwhile; NULL: nothing
 */
struct options {
	unsigned int seconds;
	unsigned int buffer;
	bool json;
	const char *output;
	char **command;
};

static const struct option_row rows[] = {
	{ OPTION(NUMBER, "seconds", 's', "N", "watch for N seconds (default: until COMMAND ends, or until Ctrl-C)",
		 seconds), .min = 1, .max = MAX_SECONDS },
	{ OPTION(FLAG, "json", 'j', NULL, "print JSON", json) },
	{ OPTION(TEXT, "output", 'o', "FILE",
		 "write the report to FILE, as COMMAND may use standard output too", output) },
	{ OPTION(NUMBER, "buffer", 'b', "KIB",
		 "size of the buffer for each CPU's events (256 to 4096, with 256 MiB for all CPUs)",
		 buffer), .min = 4, .max = 1024 * 1024 },
	{ }
};

static const char *check_together(void *options)
{
	const struct options *o = options;

	return o->seconds && o->command ?
		"--seconds is for watching without a COMMAND, which says itself how long it takes" :
		NULL;
}

/**
 * struct watch_row - a function that is watched
 * @probe: how
 * @title: of a column
 * @role: what it is to a migration
 */
struct watch_row {
	struct call_probe probe;
	const char *title;
	enum watched_role role;
};

#define NO_DEVICE_PRIVATE	"it needs CONFIG_DEVICE_PRIVATE"

/* In the order of the table */
static const struct watch_row watched_rows[] = {
	{ { .function = "migrate_vma_setup", .has_result = true, .missing = NO_DEVICE_PRIVATE },
	  "setup", WATCHED_SETUP },
	{ { .function = "migrate_vma_pages", .missing = NO_DEVICE_PRIVATE },
	  "pages", WATCHED_PAGES },
	{ { .function = SPLIT_NEW_FUNCTION, .has_result = true, .new_order = 2,
	    .missing = "it needs Linux 6.19 or newer, and CONFIG_TRANSPARENT_HUGEPAGE" },
	  "split", WATCHED_SPLIT },
	/* Of a kernel with the series of patches/, for as long as its switch says so */
	{ { .function = SPLIT_OLD_FUNCTION, .has_result = true,
	    .new_order = 3, .optional = true },
	  "old split", WATCHED_SPLIT },
	{ { .function = "migrate_vma_finalize", .missing = NO_DEVICE_PRIVATE },
	  "finalize", WATCHED_FINALIZE },
};

/**
 * struct watching - what is seen, by the index that each side has of a function
 * @w: what is seen
 * @index: of a function of @w, by that of the probes
 */
struct watching {
	struct watched *w;
	unsigned int index[ARRAY_SIZE(watched_rows)];
};

static void take(const struct call_event *event, void *arg)
{
	const struct watching *watching = arg;
	const struct call_probe *probe = &watched_rows[event->function].probe;
	unsigned int function = watching->index[event->function];

	switch (event->kind) {
	case CALL_BEGINS:
		watched_enter(watching->w, event->task, function, event->when, event->order,
			      event->new_order);
		break;
	case CALL_ENDS:
		watched_leave(watching->w, event->task, function, event->when,
			      probe->has_result ? &event->result : NULL);
		break;
	case CALLS_LOST:
		watched_gap(watching->w);
		break;
	}
}

static struct call_probes *open_probes(const struct options *o)
{
	struct call_probe list[ARRAY_SIZE(watched_rows)];

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = watched_rows[i].probe;
	return call_probes_open(list, ARRAY_SIZE(list), o->buffer);
}

static volatile sig_atomic_t stopped, by_terminal;

static void stop(int sig, siginfo_t *info, void *context)
{
	(void)context;
	stopped = sig;
	by_terminal = info->si_code == SI_KERNEL;
}

/* Only ends a wait. */
static void wake(int sig)
{
	(void)sig;
}

/* Blocked but while we wait, so that none comes between a look and a wait */
static void catch_signals(sigset_t *waiting)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_sigaction = stop, .sa_flags = SA_SIGINFO }, was;
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		/* What is ignored, by nohup for one, stays so. */
		if (sigaction(signals[i], NULL, &was) || was.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &action, NULL);
		sigaddset(&blocked, signals[i]);
	}
	sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = wake }, NULL);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, waiting);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/*
 * Until it is time, or a signal. A command ends by itself: what we are sent, it is sent, but
 * for what comes from the terminal, which it has already. Return: its exit status.
 */
static int watch_until(const struct options *o, struct call_probes *probes, pid_t command,
		       struct watching *watching, const sigset_t *waiting)
{
	double end = o->seconds ? seconds_now() + o->seconds : INFINITY;
	int status;

	while (seconds_now() < end) {
		double left = end - seconds_now();
		struct timespec wait = { .tv_nsec = READ_MS * 1000000 };

		if (left > 0 && left < READ_MS / 1e3)
			wait.tv_nsec = left * 1e9;
		ppoll(NULL, 0, &wait, waiting);
		call_probes_read(probes, take, watching);
		if (!command && stopped)
			break;
		if (command && stopped && !by_terminal)
			kill(command, stopped);
		stopped = 0;
		if (command && waitpid(command, &status, WNOHANG) == command)
			return command_status(status);
	}
	return EXIT_DONE;
}

static void write_report(const struct options *o, const struct watch_report *report)
{
	struct output out;
	FILE *to = output_open(&out, o->output);

	if (o->json) {
		json_t *doc = watch_json(report);

		json_dumpf(doc, to, JSON_INDENT(2));
		fputc('\n', to);
		json_decref(doc);
	} else {
		watch_print(report, to);
	}
	output_close(&out);
}

static void say_it_runs(const struct options *o, const struct call_probes *probes)
{
	if (!o->command && !o->seconds)
		fprintf(stderr, "splitbench: watching, by %s events; Ctrl-C ends it with a table\n",
			call_probes_kind(probes));
	for (size_t i = 0; i < ARRAY_SIZE(watched_rows); i++) {
		if (watched_rows[i].probe.new_order && call_probes_has(probes, i) &&
		    !call_probes_knows_order(probes, i))
			fprintf(stderr, "splitbench: folios' orders are unknown: this kernel has no BTF and lets no probe read arguments\n");
	}
}

/* Return: the exit status of the command; EXIT_DONE if there is none. */
static int watch(const struct options *o, struct call_probes *probes,
		 struct watching *watching, struct watch_report *report)
{
	struct call_cost cost = call_probes_cost(probes);
	struct command command = { 0 };
	struct call_losses losses;
	sigset_t waiting;
	int status, error;
	double since;

	fflush(stdout);
	if (o->command)
		command_prepare(&command, o->command, false);
	catch_signals(&waiting);
	say_it_runs(o, probes);
	since = seconds_now();
	call_probes_start(probes);
	error = o->command ? command_go(&command) : 0;
	if (error)
		die(EXIT_USAGE, "%s: %s", o->command[0], strerror(error));
	status = watch_until(o, probes, command.pid, watching, &waiting);
	call_probes_stop(probes, take, watching);
	watched_end(watching->w);
	losses = call_probes_losses(probes);
	*report = (struct watch_report){
		.seen = watching->w, .seconds = seconds_now() - since,
		.unit = call_probes_unit(probes), .probes = call_probes_kind(probes),
		.cost = cost.whole, .cost_inside = cost.inside, .cost_function = cost.function,
		.lost = losses.events, .misses = losses.misses, .buffer_option = "--buffer",
	};
	return status;
}

int cmd_watch(int argc, char **argv)
{
	static const struct option_table table = {
		.rows = rows, .args_doc = "[COMMAND...]", .command = true,
		.check = check_together,
		.args = offsetof(struct options, command),
		.doc = "Watch all splits of unmapped folios, and all migrations that may need one, in the whole system, with probes on folio_split_unmapped() and migrate_vma_setup(), _pages() and _finalize(). Prints their number, results, orders and times, and the share of the splits in the migrations. Needs root and Linux 6.19 or newer with probe events, but no module. The probes are removed however it ends.\vExit codes: that of COMMAND, if it was run; 0; 4 if this machine has no such probes; 64 if COMMAND is not found.",
	};
	struct options o = { .output = "-" };
	struct watching watching;
	struct watch_report report;
	struct call_probes *probes;
	int status;

	options_parse(&table, argc, argv, &o);
	guard_start();
	probes = open_probes(&o);
	watching.w = watched_new();
	for (size_t i = 0; i < ARRAY_SIZE(watched_rows); i++) {
		const struct watch_row *row = &watched_rows[i];

		if (call_probes_has(probes, i))
			watching.index[i] = watched_add(watching.w, row->probe.function,
							row->title, row->role);
	}
	status = watch(&o, probes, &watching, &report);
	call_probes_close(probes);
	write_report(&o, &report);
	watched_free(watching.w);
	if (guard_end())
		die(EXIT_HARNESS, "the machine is not as it was before; see above");
	return status;
}
