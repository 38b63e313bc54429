// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "util.h"

struct record_reader {
	FILE *file;
	char *path;
	char *text;
	size_t size;
	unsigned int line;
	unsigned int blocks;
	unsigned int nr_arms;
};

__attribute__((format(printf, 3, 4)))
static void complain(const struct record_reader *r, char **error,
		     const char *fmt, ...)
{
	char what[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	if (asprintf(error, "%s:%u: %s", r->path, r->line, what) < 0)
		*error = NULL;
}

/*
 * The next line as JSON. A last line without its newline is what a crash
 * leaves: it does not count, whatever is in it.
 */
static enum record_status next_line(struct record_reader *r, json_t **doc,
				    char **error)
{
	json_error_t bad;
	ssize_t len;

	errno = 0;
	len = getline(&r->text, &r->size, r->file);
	r->line++;
	if (len < 0 && errno) {
		complain(r, error, "%s", strerror(errno));
		return RECORD_BAD;
	}
	if (len < 0 || r->text[len - 1] != '\n') {
		complain(r, error, "the file is truncated here");
		return RECORD_TRUNCATED;
	}
	*doc = json_loadb(r->text, len, JSON_REJECT_DUPLICATES, &bad);
	if (!*doc) {
		complain(r, error, "not JSON: %s", bad.text);
		return RECORD_BAD;
	}
	return RECORD_OK;
}

static bool read_header(struct record_reader *r, json_t *doc,
			struct record_header *header, char **error)
{
	const char *schema, *unit;
	json_int_t boot, seed;
	json_t *arms, *arm;
	size_t i;

	schema = json_string_value(json_object_get(doc, "schema"));
	if (!schema || strcmp(schema, RECORD_SCHEMA)) {
		complain(r, error, "schema is '%s', this program reads '%s'",
			 schema ? schema : "missing", RECORD_SCHEMA);
		return false;
	}
	if (json_unpack(doc, "{s:I,s:I,s:s,s:o}", "boot", &boot, "seed", &seed,
			"unit", &unit, "arms", &arms) ||
	    boot < 1 || !json_is_array(arms) || !json_array_size(arms) ||
	    json_array_size(arms) > RECORD_MAX_ARMS ||
	    strlen(unit) >= sizeof(header->unit)) {
		complain(r, error, "not a header of samples");
		return false;
	}
	header->boot = boot;
	header->seed = seed;
	strcpy(header->unit, unit);
	header->nr_arms = json_array_size(arms);
	json_array_foreach(arms, i, arm) {
		const char *name = json_string_value(arm);

		if (!name || strlen(name) >= FSB_NAME_LEN) {
			complain(r, error, "arm %zu has no name", i);
			return false;
		}
		strcpy(header->arms[i], name);
	}
	r->nr_arms = header->nr_arms;
	return true;
}

struct record_reader *record_open(const char *path,
				  struct record_header *header, char **error)
{
	struct record_reader *r = calloc(1, sizeof(*r));
	json_t *doc = NULL;

	if (!r)
		die(EXIT_HARNESS, "out of memory");
	memset(header, 0, sizeof(*header));
	r->path = strdup(path);
	r->file = fopen(path, "re");
	if (!r->file) {
		if (asprintf(error, "%s: %s", path, strerror(errno)) < 0)
			*error = NULL;
		record_close(r);
		return NULL;
	}
	if (next_line(r, &doc, error) != RECORD_OK ||
	    !read_header(r, doc, header, error)) {
		json_decref(doc);
		record_close(r);
		return NULL;
	}
	json_decref(doc);
	return r;
}

/* An array of @n whole numbers from @min to @max, or NULL is returned. */
static json_t *numbers(json_t *doc, const char *name, size_t n, json_int_t min,
		       json_int_t max)
{
	json_t *list = json_object_get(doc, name), *number;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) != n)
		return NULL;
	json_array_foreach(list, i, number) {
		if (!json_is_integer(number) ||
		    json_integer_value(number) < min ||
		    json_integer_value(number) > max)
			return NULL;
	}
	return list;
}

/* The calls that @name is not 0 of; @set puts the value in its place. */
static bool read_sparse(json_t *doc, const char *name,
			struct record_block *block,
			void (*set)(struct fsb_sample *s, json_int_t value))
{
	json_t *list = json_object_get(doc, name), *pair;
	json_int_t call, value;
	size_t i;

	json_array_foreach(list, i, pair) {
		if (json_unpack(pair, "[I,I]", &call, &value) || call < 0 ||
		    call >= block->nr)
			return false;
		set(&block->sample[call], value);
	}
	return true;
}

static void set_ret(struct fsb_sample *s, json_int_t value)
{
	s->ret = value;
}

static void set_fault(struct fsb_sample *s, json_int_t value)
{
	s->fault = value;
}

static void set_disturbed(struct fsb_sample *s, json_int_t value)
{
	s->disturbed = value;
}

/* A digit a call, the index of its arm in the header */
static bool read_arms(const struct record_reader *r, const char *arm,
		      struct record_block *block)
{
	if (strlen(arm) != block->nr)
		return false;
	for (unsigned int i = 0; i < block->nr; i++) {
		block->arm[i] = arm[i] - '0';
		if (block->arm[i] >= r->nr_arms)
			return false;
	}
	return true;
}

/* A number for all calls, or one for each */
static bool read_cpus(json_t *doc, struct record_block *block)
{
	json_t *all = json_object_get(doc, "cpu"), *list;
	json_int_t cpu = json_integer_value(all);

	list = numbers(doc, "cpu", block->nr, 0, UINT32_MAX);
	if (!list && (!json_is_integer(all) || cpu < 0 || cpu > UINT32_MAX))
		return false;
	for (unsigned int i = 0; i < block->nr; i++)
		block->sample[i].cpu = list ?
			json_integer_value(json_array_get(list, i)) : cpu;
	return true;
}

static bool read_block(struct record_reader *r, json_t *doc,
		       struct record_block *block)
{
	json_t *ticks, *phases;
	json_int_t number, retries;
	const char *cell, *arm;
	int warmup;
	size_t i;

	memset(block, 0, sizeof(*block));
	if (json_unpack(doc, "{s:I,s:s,s:b,s:I,s:s}", "block", &number,
			"cell", &cell, "warmup", &warmup, "retries", &retries,
			"arm", &arm))
		return false;
	block->nr = json_array_size(json_object_get(doc, "ticks"));
	if (!block->nr || block->nr > RECORD_MAX_CALLS ||
	    strlen(cell) >= sizeof(block->cell) || number != r->blocks + 1)
		return false;
	/* A call of 0 ticks did not happen: the clock itself takes some. */
	ticks = numbers(doc, "ticks", block->nr, 1, (1LL << 48) - 1);
	phases = numbers(doc, "phases", NR_PHASES, 0, INT64_MAX);
	if (!ticks || !phases || !read_arms(r, arm, block) || !read_cpus(doc, block))
		return false;
	block->block = number;
	block->warmup = warmup;
	block->retries = retries;
	strcpy(block->cell, cell);
	for (i = 0; i < block->nr; i++) {
		block->sample[i].ticks =
			json_integer_value(json_array_get(ticks, i));
	}
	for (i = 0; i < NR_PHASES; i++)
		block->phases[i] = json_integer_value(json_array_get(phases, i));
	return read_sparse(doc, "ret", block, set_ret) &&
	       read_sparse(doc, "fault", block, set_fault) &&
	       read_sparse(doc, "disturbed", block, set_disturbed);
}

static enum record_status read_end(struct record_reader *r, json_t *end,
				   char **error)
{
	if (json_integer_value(end) != r->blocks) {
		complain(r, error, "%u blocks read, but %lld were written",
			 r->blocks, (long long)json_integer_value(end));
		return RECORD_BAD;
	}
	if (getc(r->file) != EOF) {
		r->line++;
		complain(r, error, "there is more after the end");
		return RECORD_BAD;
	}
	return RECORD_END;
}

enum record_status record_next(struct record_reader *r,
			       struct record_block *block, char **error)
{
	enum record_status status;
	json_t *doc, *end;

	status = next_line(r, &doc, error);
	if (status != RECORD_OK)
		return status;
	end = json_object_get(doc, "end");
	if (end) {
		status = read_end(r, end, error);
	} else if (read_block(r, doc, block)) {
		r->blocks++;
	} else {
		complain(r, error, "not block %u", r->blocks + 1);
		status = RECORD_BAD;
	}
	json_decref(doc);
	return status;
}

void record_close(struct record_reader *r)
{
	if (r->file)
		fclose(r->file);
	free(r->text);
	free(r->path);
	free(r);
}
