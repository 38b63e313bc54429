/* SPDX-License-Identifier: GPL-2.0 */
/* Errors, small files of the kernel, names and numbers */
#ifndef SPLITBENCH_UTIL_H
#define SPLITBENCH_UTIL_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* Exit codes: kselftest's for skip, sysexits' for usage and software. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_DIFFERS = 1,	/* beyond the margin, or a check failed */
	EXIT_INCONCLUSIVE = 2,
	EXIT_SKIP = 4,		/* this machine cannot */
	EXIT_USAGE = 64,
	EXIT_HARNESS = 70,
};

/**
 * die() - print one line and exit
 * @code: one of enum exit_code
 * @fmt: what is wrong and what to do about it, without a newline
 */
void die(int code, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/**
 * reason() - why something is not possible, for the caller to report or to ignore
 * @fmt: in words
 *
 * Return: the text, until the next call.
 */
const char *reason(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

/* Room for @n things of @size each; does not return if there is none. */
void *grow(void *list, size_t n, size_t size);

/**
 * read_text() - a whole small file, as of sysfs, without the last newline
 * @path: its name
 *
 * Return: the text, to be freed; NULL if it cannot be read.
 */
char *read_text(const char *path);

/**
 * write_text() - into a file that is there, as of sysfs, in one write
 * @path: its name
 * @flags: of open(2), beside O_WRONLY: 0, O_APPEND or O_TRUNC
 * @text: what
 *
 * Return: 0; -1 with errno set.
 */
int write_text(const char *path, int flags, const char *text);

/**
 * load_json() - read a document that names the schema it is written in
 * @path: the file
 * @schema: the only schema that is accepted, such as "splitbench.plan/1"
 *
 * Return: the document; does not return if it is not there, is not JSON or has
 * another schema.
 */
json_t *load_json(const char *path, const char *schema);

/* The same of a file of the user's: dies with @status if it is not sound. */
json_t *read_json(const char *path, const char *schema, int status);

/**
 * join() - a path in newly allocated memory
 * @dir: a folder
 * @fmt: name in it
 *
 * Return: the path, to be freed; does not return without memory.
 */
char *join(const char *dir, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * parse_u64() - a whole decimal number from the command line
 * @what: the option, for the message
 * @text: what was given
 * @min: smallest that is accepted
 * @max: largest that is accepted
 *
 * Return: the number; does not return if there is none within the bounds.
 */
uint64_t parse_u64(const char *what, const char *text, uint64_t min,
		   uint64_t max);

/**
 * now_utc() - the time, as in 2026-01-31T23:59:59Z
 * @text: at least 21 bytes
 */
void now_utc(char text[21]);

/* Index of @name among @n @names; @n if it is none of them */
unsigned int name_index(const char *const *names, unsigned int n,
			const char *name);

#endif /* SPLITBENCH_UTIL_H */
