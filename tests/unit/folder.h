/* SPDX-License-Identifier: GPL-2.0 */
/* A folder for the runs that a program's tests make up, and then analyse */
#ifndef SPLITBENCH_TESTS_FOLDER_H
#define SPLITBENCH_TESTS_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "close.h"
#include "machine/machine.h"
#include "record/plan.h"
#include "util/output.h"
#include "util/util.h"

static char dir[] = "/tmp/splitbench-unit.XXXXXX";

static inline void write_doc(const char *name, json_t *doc)
{
	char *path = join(dir, "%s", name);

	assert_non_null(doc);
	assert_int_equal(write_json(path, doc), 0);
	json_decref(doc);
	free(path);
}

/* The plan of @doc's boots and cells, with what all of these runs have */
static inline void write_plan(json_t *doc)
{
	json_t *usual = json_pack("{s:s,s:s,s:i,s:i,s:f,s:f,s:i}", "schema", PLAN_SCHEMA,
				  "run", "test", "cpus", 1, "seed", 1, "margin", 0.02,
				  "confidence", 0.95, "plant", 0);

	assert_int_equal(json_object_update_missing(doc, usual), 0);
	json_decref(usual);
	write_doc("plan.json", doc);
}

/* A machine that counts in @unit */
static inline void write_machine(const char *unit)
{
	write_doc("machine.json", json_pack("{s:s,s:s,s:i,s:{s:s},s:{s:s}}", "schema",
					    MACHINE_SCHEMA, "unit", unit, "counter_khz", 1000000,
					    "kernel", "release", "7.2.0-test", "cpu", "model",
					    "none"));
}

/* Those of the run before, as far as any test has them */
static inline void remove_boots(unsigned int most)
{
	for (unsigned int boot = 1; boot <= most; boot++) {
		char *path = join(dir, "boot-%u.jsonl", boot);

		unlink(path);
		free(path);
	}
}

static inline int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static inline int remove_dir(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

#endif /* SPLITBENCH_TESTS_FOLDER_H */
