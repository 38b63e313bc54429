// SPDX-License-Identifier: GPL-2.0
/* splitbench doctor: what it found, a line each */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/builtin.h"
#include "machine/doctor.h"
#include "util/options.h"
#include "util/output.h"
#include "util/util.h"

/**
 * struct options - what the command line says
 * @where: the machine
 * @json: print JSON
 * @lacks: print only the first finding that prevents measuring
 */
struct options {
	struct doctor_where where;
	bool json;
	bool lacks;
};

static const struct option_row rows[] = {
	{ OPTION(FLAG, "json", 'j', NULL, "print JSON", json) },
	{ OPTION(TEXT, "build", 'B', "DIR",
		 "the kernel's build folder, if it is not /lib/modules/RELEASE/build",
		 where.build) },
	{ OPTION(FLAG, "lacks", 'l', NULL,
		 "print only the first finding that prevents measuring, if any",
		 lacks) },
	{ OPTION(FLAG, "stock", 's', NULL,
		 "check for measuring migrations on a kernel without patches", where.stock) },
	{ OPTION(TEXT, "root", 'r', "DIR",
		 "check DIR/proc, DIR/sys and DIR/lib instead of this machine", where.root) },
	{ }
};

static void print(const struct finding *findings, size_t nr)
{
	if (!nr)
		puts("no noise sources were found");
	for (size_t i = 0; i < nr; i++)
		printf("%-8s %-14s %s\n%24s%s%s\n", doctor_levels[findings[i].level],
		       findings[i].name, findings[i].what, "", findings[i].fix,
		       findings[i].safe ? " (FIX=1 does it for a run)" : "");
}

int cmd_doctor(int argc, char **argv)
{
	static const struct option_table table = {
		.rows = rows,
		.doc = "Check this machine for noise sources, and list the fix for each. Changes nothing.\vExit codes: 0 nothing but notes; 1 a noise source was found; 4 measuring is not possible.",
	};
	struct options o = { .where.root = "" };
	enum doctor_level worst = DOCTOR_NOTE;
	struct finding *findings;
	size_t nr;

	options_parse(&table, argc, argv, &o);
	nr = doctor_look(&o.where, &findings);
	if (o.lacks) {
		if (nr && findings[0].level == DOCTOR_PREVENTS)
			printf("%s: %s\n", findings[0].what, findings[0].fix);
	} else if (o.json) {
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
	output_flush("to standard output");
	return worst == DOCTOR_PREVENTS ? EXIT_SKIP :
	       worst == DOCTOR_SPOILS ? EXIT_DIFFERS : EXIT_DONE;
}
