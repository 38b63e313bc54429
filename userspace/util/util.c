// SPDX-License-Identifier: GPL-2.0
/* Errors, small files of the kernel, names and numbers */
#include "util/util.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void die(int code, const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("splitbench: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(code);
}

const char *reason(const char *fmt, ...)
{
	static char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return text;
}

void *grow(void *list, size_t n, size_t size)
{
	list = reallocarray(list, n, size);
	if (!list)
		die(EXIT_HARNESS, "out of memory");
	return list;
}

char *read_text(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *file = fopen(path, "re");

	if (!file)
		return NULL;
	len = getdelim(&text, &size, '\0', file);
	fclose(file);
	if (len < 0) {
		free(text);
		return NULL;
	}
	while (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	return text;
}

int write_text(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags);
	ssize_t len = strlen(text), n;
	int saved;

	if (fd < 0)
		return -1;
	n = write(fd, text, len);
	saved = n < 0 ? errno : EIO;
	if (close(fd) && n == len)
		return -1;
	errno = saved;
	return n == len ? 0 : -1;
}

json_t *load_json(const char *path, const char *schema)
{
	return read_json(path, schema, EXIT_HARNESS);
}

json_t *read_json(const char *path, const char *schema, int status)
{
	json_error_t error;
	json_t *doc = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	const char *found;

	if (!doc && error.line < 0)
		die(status, "%s: %s", path, error.text);
	if (!doc)
		die(status, "%s:%d: %s", path, error.line, error.text);
	found = json_string_value(json_object_get(doc, "schema"));
	if (!found || strcmp(found, schema))
		die(status, "%s: schema is '%s', this program reads '%s'",
		    path, found ? found : "missing", schema);
	return doc;
}

char *join(const char *dir, const char *fmt, ...)
{
	char name[NAME_MAX + 1];
	va_list args;
	char *path;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	if (asprintf(&path, "%s/%s", dir, name) < 0)
		die(EXIT_HARNESS, "out of memory");
	return path;
}

uint64_t parse_u64(const char *what, const char *text, uint64_t min,
		   uint64_t max)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value < min ||
	    value > max)
		die(EXIT_USAGE, "%s: '%s' is not a number from %llu to %llu",
		    what, text, (unsigned long long)min,
		    (unsigned long long)max);
	return value;
}

void now_utc(char text[21])
{
	time_t now = time(NULL);
	struct tm tm;

	strftime(text, 21, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
}

unsigned int name_index(const char *const *names, unsigned int n,
			const char *name)
{
	unsigned int i;

	for (i = 0; i < n && strcmp(names[i], name); i++)
		;
	return i;
}
