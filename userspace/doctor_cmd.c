// SPDX-License-Identifier: GPL-2.0
/* splitbench doctor: what it found, a line each */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>

#include "doctor.h"
#include "util.h"

/**
 * struct options - what the command line says
 * @root: where /proc and /sys are looked for
 * @json: for machines
 */
struct options {
	const char *root;
	bool json;
};

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "for machines", 0 },
	{ "root", 'r', "DIR", 0, "look at DIR/proc and DIR/sys", 0 },
	{ }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'j':
		o->json = true;
		break;
	case 'r':
		o->root = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void print(const struct finding *findings, size_t nr)
{
	if (!nr)
		puts("nothing was found that would spoil a measurement");
	for (size_t i = 0; i < nr; i++)
		printf("%-8s %-14s %s\n%24s%s%s\n", doctor_levels[findings[i].level],
		       findings[i].name, findings[i].what, "", findings[i].fix,
		       findings[i].safe ? " (FIX=1 does it for a run)" : "");
}

int cmd_doctor(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options, .parser = parse,
		.doc = "Tell what about this machine would spoil a measurement, and what mends it. Changes nothing.\vExit codes: 0 nothing to speak of; 1 something spoils a measurement; 4 something prevents it.",
	};
	struct options o = { .root = "" };
	enum doctor_level worst = DOCTOR_NOTE;
	struct finding *findings;
	size_t nr;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	nr = doctor_look(o.root, &findings);
	if (o.json) {
		json_t *list = doctor_json(findings, nr);

		json_dumpf(list, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(list);
	} else {
		print(findings, nr);
	}
	for (size_t i = 0; i < nr; i++)
		worst = findings[i].level > worst ? findings[i].level : worst;
	free(findings);
	if (fflush(stdout) || ferror(stdout))
		die(EXIT_HARNESS, "standard output cannot be written");
	return worst == DOCTOR_PREVENTS ? EXIT_SKIP :
	       worst == DOCTOR_SPOILS ? EXIT_DIFFERS : EXIT_DONE;
}
