/* SPDX-License-Identifier: GPL-2.0 */
/* A folder for the runs that a program's tests make up, and then analyse */
#ifndef SPLITBENCH_TESTS_FOLDER_H
#define SPLITBENCH_TESTS_FOLDER_H

#include <stdio.h>
#include <stdlib.h>

#include "close.h"
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
