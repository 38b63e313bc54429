/* SPDX-License-Identifier: GPL-2.0 */
/* Files that are there whole under their names, or not at all */
#ifndef SPLITBENCH_OUTPUT_H
#define SPLITBENCH_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/**
 * struct output - a file that is being written
 * @file: to write to
 * @path: its name when it is done; "-" is standard output
 * @real: the same without links; NULL if it has no other name until it is done
 * @tmp: its name until then; NULL as @real
 */
struct output {
	FILE *file;
	const char *path;
	char *real;
	char *tmp;
};

/*
 * Begin to write to @path. A link is followed; what is no regular file (a
 * device, a pipe, a link to nothing) or is standard output by another name is
 * written to as it is. Return: 0; -1 with errno set.
 */
int output_begin(struct output *o, const char *path);

/**
 * output_end() - what was written takes the place of what was there
 * @o: of output_begin()
 *
 * Return: 0, and it has reached the disk; -1 with errno set, and what was there
 * before is as it was.
 */
int output_end(struct output *o);

/* The same for who cannot go on without: one line, and exit */
FILE *output_open(struct output *o, const char *path);
void output_close(struct output *o);

/* All that was printed has to reach standard output; dies if it does not, naming @what. */
void output_flush(const char *what);

/* Is that standard output, by this or another name? NULL is not. */
bool output_is_stdout(const char *path);

/* Die of a usage error if two of @n files that are not NULL are the same. */
void output_distinct(const char *const *paths, size_t n);

/**
 * write_json() - replace a file by a JSON document, atomically and for good
 * @path: the file's final name, or "-"
 * @doc: what to write
 *
 * Return: 0; -1 with errno set, and nothing left under the final name that was not
 * there before.
 */
int write_json(const char *path, const json_t *doc);

#endif /* SPLITBENCH_OUTPUT_H */
