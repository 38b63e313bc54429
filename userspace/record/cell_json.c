// SPDX-License-Identifier: GPL-2.0
/* Cells in JSON, and the cells that a line of a plan stands for */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/job_facts.h"
#include "util/util.h"

/* A node that is not asked for is not said. */
static void add_params(json_t *doc, const struct cell *cell, bool sizes)
{
	for (int i = 0; i < NR_PARAMS; i++) {
		const struct cell_param *p = &cell_param[i];
		unsigned int value = cell_param_value(p, cell);

		if (!cell_param_is_of(p, cell->job) || p->is_size != sizes ||
		    (!p->words && value > p->most))
			continue;
		json_object_set_new(doc, p->name, p->words ?
				    json_string(p->words[value]) :
				    json_integer(value));
	}
}

json_t *cell_params(const struct cell *cell)
{
	const struct job_facts *facts = &job_facts[cell->job];
	json_t *doc = json_pack("{s:s}", "job", facts->name);

	if (facts->cells && facts->cells->add_first)
		facts->cells->add_first(doc, cell);
	add_params(doc, cell, false);
	if (facts->cells && facts->cells->add_last)
		facts->cells->add_last(doc, cell);
	return doc;
}

json_t *cell_to_json(const struct cell *cell)
{
	json_t *doc = json_pack("{s:s,s:s}", "name", cell->name,
				"job", job_facts[cell->job].name);

	add_params(doc, cell, true);
	add_params(doc, cell, false);
	return doc;
}

static const char *unknown(const char *what, const char *word, const char *const *known,
			   unsigned int nr)
{
	char list[128] = "";
	size_t len = 0;

	for (unsigned int i = 0; i < nr && len < sizeof(list); i++)
		len += snprintf(list + len, sizeof(list) - len, " %s", known[i]);
	return reason("unknown %s '%s'; known:%s", what, word, list);
}

static const char *set_field(struct cell *cell, const char *name,
			     const json_t *value)
{
	const struct cell_param *p = NULL;
	json_int_t number;
	void *at;

	for (int i = 0; i < NR_PARAMS; i++) {
		if (!strcmp(cell_param[i].name, name) &&
		    cell_param_is_of(&cell_param[i], cell->job))
			p = &cell_param[i];
	}
	if (!p)
		return reason("a cell of job %s has no '%s'",
			     job_facts[cell->job].name, name);
	at = (char *)cell + p->offset;
	if (p->words) {
		const char *word = json_string_value(value);
		unsigned int i = word ? name_index(p->words, p->nr_words, word) :
					p->nr_words;

		if (i == p->nr_words)
			return unknown(p->name, word ? word : "(not a word)", p->words,
				       p->nr_words);
		memcpy(at, &i, sizeof(i));
		return NULL;
	}
	number = json_integer_value(value);
	if (!json_is_integer(value) || number < 0 || number > UINT32_MAX)
		return reason("%s is not a whole number from 0 on", name);
	*(unsigned int *)at = number;
	return NULL;
}

/* The defaults of a job; what a plan does not say is as here. */
static const char *begin_cell(const json_t *doc, struct cell *cell)
{
	const char *name = json_string_value(json_object_get(doc, "job"));
	enum cell_job job = job_number(name);
	const char *known[NR_JOBS];

	if (job == NR_JOBS) {
		for (int i = 0; i < NR_JOBS; i++)
			known[i] = job_facts[i].name;
		return unknown("job", name ? name : "(none)", known, NR_JOBS);
	}
	*cell = cell_usual(job);
	return NULL;
}

const char *cell_from_json(json_t *doc, struct cell *cell)
{
	const char *error = begin_cell(doc, cell), *key, *name;
	json_t *value;

	json_object_foreach(doc, key, value) {
		if (!error && strcmp(key, "job") && strcmp(key, "name"))
			error = set_field(cell, key, value);
	}
	if (error)
		return error;
	cell_set_name(cell);
	name = json_string_value(json_object_get(doc, "name"));
	if (name && strcmp(name, cell->name))
		return reason("cell '%s' is '%s' by what is in it", name,
			     cell->name);
	return cell_check(cell);
}

/* A number of the line's, or what it is if the line does not say */
static unsigned int number_of(const json_t *line, const char *key,
			      unsigned int usual)
{
	const json_t *value = json_object_get(line, key);
	json_int_t number = json_integer_value(value);

	return json_is_integer(value) && number > 0 && number <= CELL_MAX_CALLS ?
	       number : usual;
}

/* The line with so many threads, and as many THPs each as a block has room for */
static const char *with_threads(json_t *line, unsigned int threads,
				struct cell **cells, size_t *nr)
{
	enum cell_job job = job_number(json_string_value(json_object_get(line, "job")));
	unsigned int usual = job == NR_JOBS ? 1 :
			     cell_param_usual(&cell_param[PARAM_thps], job);
	/* An order that is balanced may need one more of each. */
	unsigned int reps = number_of(line, "reps", 2);
	unsigned int most = CELL_MAX_CALLS / threads / (reps + reps % 2);
	json_t *copy = json_copy(line);
	const char *error;

	json_object_set_new(copy, "threads", json_integer(threads));
	if (most && number_of(line, "thps", usual) > most)
		json_object_set_new(copy, "thps", json_integer(most));
	error = cells_expand(copy, 0, cells, nr);
	json_decref(copy);
	return error;
}

/* 1, 2, 4, ... and @cpus itself; one less if somebody is beside the threads */
static const char *with_powers(json_t *line, unsigned int cpus,
			       struct cell **cells, size_t *nr)
{
	const char *beside = json_string_value(json_object_get(line, "beside"));
	const char *error = NULL;

	if (cpus > CELL_MAX_THREADS)
		cpus = CELL_MAX_THREADS;
	if (beside && strcmp(beside, "none") && cpus > 1)
		cpus--;
	for (unsigned int n = 1; n < cpus && !error; n *= 2)
		error = with_threads(line, n, cells, nr);
	return error ? error : with_threads(line, cpus, cells, nr);
}

const char *cells_expand(json_t *line, unsigned int cpus, struct cell **cells,
			 size_t *nr)
{
	const char *key, *error, *threads;
	json_t *value, *one;
	struct cell cell;
	size_t i;

	json_object_foreach(line, key, value) {
		if (!json_is_array(value))
			continue;
		if (!json_array_size(value))
			return reason("'%s' is an empty list", key);
		json_array_foreach(value, i, one) {
			json_t *copy = json_copy(line);

			json_object_set(copy, key, one);
			error = cells_expand(copy, cpus, cells, nr);
			json_decref(copy);
			if (error)
				return error;
		}
		return NULL;
	}
	threads = json_string_value(json_object_get(line, "threads"));
	if (cpus && threads && !strcmp(threads, "powers"))
		return with_powers(line, cpus, cells, nr);
	error = cell_from_json(line, &cell);
	if (error)
		return error;
	for (i = 0; i < *nr; i++) {
		if (!strcmp((*cells)[i].name, cell.name))
			return reason("duplicate cell '%s'", cell.name);
	}
	*cells = reallocarray(*cells, *nr + 1, sizeof(cell));
	if (!*cells)
		die(EXIT_HARNESS, "out of memory");
	(*cells)[(*nr)++] = cell;
	return NULL;
}
