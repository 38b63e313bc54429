// SPDX-License-Identifier: GPL-2.0
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

/* The folder's entry has to reach the disk too, or a crash loses the file. */
static int sync_folder_of(const char *path)
{
	char copy[PATH_MAX];
	int fd, ret;

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = fsync(fd);
	/* Not every file system can sync a folder: 9p cannot. */
	if (ret && (errno == EINVAL || errno == ENOSYS))
		ret = 0;
	close(fd);
	return ret;
}

int output_begin(struct output *o, const char *path)
{
	*o = (struct output){ .path = path };
	if (!strcmp(path, "-")) {
		o->file = stdout;
		return 0;
	}
	if (asprintf(&o->tmp, "%s.tmp", path) < 0)
		return -1;
	o->file = fopen(o->tmp, "we");
	if (!o->file) {
		free(o->tmp);
		return -1;
	}
	return 0;
}

int output_end(struct output *o)
{
	int ret = fflush(o->file) || ferror(o->file) ? -1 : 0;

	if (!o->tmp)
		return ret;
	if (!ret && fsync(fileno(o->file)))
		ret = -1;
	if (fclose(o->file))
		ret = -1;
	if (!ret)
		ret = rename(o->tmp, o->path);
	if (ret) {
		int saved = errno;

		unlink(o->tmp);
		errno = saved;
	} else {
		ret = sync_folder_of(o->path);
	}
	free(o->tmp);
	return ret;
}

FILE *output_open(struct output *o, const char *path)
{
	if (output_begin(o, path))
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	return o->file;
}

void output_close(struct output *o)
{
	if (output_end(o))
		die(EXIT_HARNESS, "writing %s: %s",
		    strcmp(o->path, "-") ? o->path : "standard output",
		    strerror(errno));
}

int write_json(const char *path, const json_t *doc)
{
	struct output o;
	int bad;

	if (output_begin(&o, path))
		return -1;
	bad = json_dumpf(doc, o.file, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	if (bad || fputc('\n', o.file) == EOF) {
		int saved = errno ? errno : EIO;

		/* What is half there must not take the place of anything. */
		if (o.tmp) {
			fclose(o.file);
			unlink(o.tmp);
			free(o.tmp);
		}
		errno = saved;
		return -1;
	}
	return output_end(&o);
}
