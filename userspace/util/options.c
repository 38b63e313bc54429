// SPDX-License-Identifier: GPL-2.0
/* Command lines by a table, on top of argp */
#include "util/options.h"

#include <argp.h>
#include <stdlib.h>

#include "util/util.h"

/* A command line that is being parsed */
struct parsing {
	const struct option_table *table;
	void *options;
};

static void append(const char **list, size_t max, const char *arg, const char *what,
		   struct argp_state *state)
{
	size_t n = 0;

	while (n < max && list[n])
		n++;
	if (n == max)
		argp_error(state, "--%s: more than %zu", what, max);
	list[n] = arg;
}

static void store(const struct option_row *row, void *options, char *arg,
		  struct argp_state *state)
{
	char *member = (char *)options + row->offset;
	char name[64];
	const char *wrong;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)member = true;
		break;
	case OPTION_TEXT:
		*(const char **)member = arg;
		break;
	case OPTION_LIST:
		append((const char **)member, row->max, arg, row->name, state);
		break;
	case OPTION_NUMBER:
		snprintf(name, sizeof(name), "--%s", row->name);
		*(unsigned int *)member = parse_u64(name, arg, row->min, row->max);
		break;
	case OPTION_CALL:
		wrong = row->call(options, arg);
		if (wrong)
			argp_error(state, "--%s: '%s' %s", row->name, arg, wrong);
		break;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct parsing *p = state->input;
	const struct option_table *table = p->table;
	const char *wrong;

	if (key == ARGP_KEY_ARGS && table->command) {
		*(char ***)((char *)p->options + table->args) = state->argv + state->next;
		return 0;
	}
	if (key == ARGP_KEY_ARG && table->command)
		return ARGP_ERR_UNKNOWN;	/* all of them at once, as above */
	if (key == ARGP_KEY_ARG) {
		if (state->arg_num >= table->max_args)
			argp_usage(state);
		((const char **)((char *)p->options + table->args))[state->arg_num] = arg;
		return 0;
	}
	if (key == ARGP_KEY_END) {
		if (state->arg_num < table->min_args)
			argp_usage(state);
		wrong = table->check ? table->check(p->options) : NULL;
		if (wrong)
			argp_error(state, "%s", wrong);
		return 0;
	}
	for (const struct option_row *row = table->rows; row && row->name; row++) {
		if (row->key != key)
			continue;
		store(row, p->options, arg, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

void options_parse(const struct option_table *table, int argc, char **argv,
		   void *options)
{
	struct parsing parsing = { .table = table, .options = options };
	struct argp argp = {
		.parser = parse, .doc = table->doc, .args_doc = table->args_doc,
	};
	struct argp_option *list;
	size_t n = 0;

	while (table->rows && table->rows[n].name)
		n++;
	list = grow(NULL, n + 1, sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		const struct option_row *row = &table->rows[i];

		list[i] = (struct argp_option){
			.name = row->name, .key = row->key, .arg = row->arg,
			.doc = row->help, .group = row->group,
		};
	}
	list[n] = (struct argp_option){ 0 };
	argp.options = list;
	argp_parse(&argp, argc, argv, table->command ? ARGP_IN_ORDER : 0, NULL, &parsing);
	free(list);
}
