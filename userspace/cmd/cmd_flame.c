// SPDX-License-Identifier: GPL-2.0
/* splitbench flame: from perf's samples to what plots/flame.gp draws */
#include <errno.h>
#include <string.h>

#include "cmd/builtin.h"
#include "report/flame.h"
#include "util/options.h"
#include "util/output.h"
#include "util/util.h"

#define PROFILE_SCHEMA	"splitbench.profile/1"
#define MAX_BELOW	8
#define MAX_HOT		10

/**
 * struct options - what the command line says
 * @stacks: file of perf's text, "-" for standard input
 * @below: of which functions, ended by NULL
 * @data: file of the rectangles; NULL: none
 * @json: file of what there is to say in short; NULL: none
 * @facts: more to be said there
 */
struct options {
	const char *stacks;
	const char *below[MAX_BELOW + 1];
	const char *data;
	const char *json;
	json_t *facts;
};

static const char *add_fact(void *options, char *arg)
{
	struct options *o = options;
	char *text = strchr(arg, '=');

	if (!text)
		return "is not KEY=TEXT";
	*text++ = '\0';
	return json_object_set_new(o->facts, arg, json_string(text)) ? "is no text" : NULL;
}

static const struct option_row rows[] = {
	{ OPTION(LIST, "below", 'b', "FUNCTION",
		 "only samples in FUNCTION and its callees; may be repeated",
		 below),
	  .max = MAX_BELOW },
	{ OPTION(TEXT, "data", 'd', "FILE",
		 "write the rectangles for plots/flame.gp to FILE", data) },
	{ OPTION(TEXT, "json", 'j', "FILE",
		 "write the hottest functions to FILE as JSON", json) },
	{ OPTION(CALL, "fact", 'f', "KEY=TEXT",
		 "add KEY to the JSON file; may be repeated", facts), .call = add_fact },
	{ }
};

static void read_stacks(struct flame *flame, const struct options *o)
{
	FILE *file = strcmp(o->stacks, "-") ? fopen(o->stacks, "re") : stdin;
	unsigned long bad;

	if (!file)
		die(EXIT_HARNESS, "%s: %s", o->stacks, strerror(errno));
	bad = flame_read(flame, file, o->below);
	if (bad)
		die(EXIT_HARNESS, "%s:%lu: not a frame of perf script -F ip,sym",
		    o->stacks, bad);
	if (ferror(file))
		die(EXIT_HARNESS, "%s: cannot be read", o->stacks);
	if (file != stdin)
		fclose(file);
}

static json_t *profile_json(const struct flame *flame, const struct options *o,
			    const struct flame_hot *hot, size_t nr)
{
	json_t *doc = json_pack("{s:s,s:I,s:I}", "schema", PROFILE_SCHEMA,
				"samples", (json_int_t)flame->all,
				"below", (json_int_t)flame->root.samples);
	json_t *list = json_array();

	for (size_t i = 0; i < nr; i++)
		json_array_append_new(list,
				      json_pack("{s:s,s:I}", "function", hot[i].name,
						"self", (json_int_t)hot[i].self));
	json_object_set_new(doc, "hot", list);
	json_object_update_missing(doc, o->facts);
	return doc;
}

static void print(const struct flame *flame, const struct flame_hot *hot, size_t nr)
{
	printf("%llu samples, %llu of them in the functions of interest; share of these in each function itself:\n",
	       (unsigned long long)flame->all,
	       (unsigned long long)flame->root.samples);
	for (size_t i = 0; i < nr; i++)
		printf("  %6.2f %%  %s\n", 100.0 * hot[i].self / flame->root.samples,
		       hot[i].name);
}

int cmd_flame(int argc, char **argv)
{
	static const struct option_table table = {
		.rows = rows, .args_doc = "STACKS",
		.args = offsetof(struct options, stacks), .min_args = 1, .max_args = 1,
		.doc = "Read the kernel's stacks from the text of perf script -F ip,sym, print the hottest functions, and write the data of a flame graph.\vExit codes: 0; 2 if there is no sample in FUNCTION.",
	};
	struct options o = { .facts = json_object() };
	struct flame_hot hot[MAX_HOT];
	struct flame flame;
	struct output out;
	size_t nr;

	options_parse(&table, argc, argv, &o);
	output_distinct((const char *const[]){ o.data, o.json, o.stacks }, 3);
	read_stacks(&flame, &o);
	if (!flame.root.samples)
		die(EXIT_INCONCLUSIVE, "%s: none of %llu samples is in the functions of --below: sample longer",
		    o.stacks, (unsigned long long)flame.all);
	nr = flame_hot(&flame, hot, MAX_HOT);
	if (o.data) {
		flame_write(&flame, output_open(&out, o.data));
		output_close(&out);
	}
	if (o.json) {
		json_t *doc = profile_json(&flame, &o, hot, nr);

		if (write_json(o.json, doc))
			die(EXIT_HARNESS, "%s: %s", o.json, strerror(errno));
		json_decref(doc);
	}
	print(&flame, hot, nr);
	flame_free(&flame);
	json_decref(o.facts);
	output_flush("to standard output");
	return EXIT_DONE;
}
