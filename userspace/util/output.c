// SPDX-License-Identifier: GPL-2.0
/* Files written whole under a temporary name and renamed */
#include "util/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/util.h"

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

static char *folder_and_name(const char *path)
{
	char *copy = strdup(path), *other = strdup(path), *folder, *all = NULL;

	folder = realpath(dirname(copy), NULL);
	if (folder && asprintf(&all, "%s/%s", folder, basename(other)) < 0)
		all = NULL;
	free(folder);
	free(copy);
	free(other);
	return all;
}

/* Return: 1 if @path is there and no regular file; 0 if not; -1 and errno. */
static int is_special(const char *path)
{
	struct stat st;

	if (!stat(path, &st))
		return !S_ISREG(st.st_mode);
	if (errno != ENOENT)
		return -1;
	/* A link to nothing is not ours to replace. */
	return !lstat(path, &st);
}

bool output_is_stdout(const char *path)
{
	struct stat a, b;

	if (!path || !strcmp(path, "-"))
		return path;
	return !stat(path, &a) && !fstat(STDOUT_FILENO, &b) &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool is_same(const char *one, const char *other)
{
	struct stat a, b;
	char *real_one, *real_other;
	bool same;

	if (output_is_stdout(one) && output_is_stdout(other))
		return true;
	if (!stat(one, &a) && !stat(other, &b))
		return S_ISREG(a.st_mode) && a.st_dev == b.st_dev &&
		       a.st_ino == b.st_ino;
	/* Neither is there yet: of the same name in the same folder? */
	real_one = folder_and_name(one);
	real_other = folder_and_name(other);
	same = real_one && real_other && !strcmp(real_one, real_other);
	free(real_one);
	free(real_other);
	return same;
}

/* As open(2) would have made it; mkstemp() keeps it from all others. */
static int open_tmp(struct output *o)
{
	mode_t mask = umask(0);
	int fd;

	umask(mask);
	if (asprintf(&o->tmp, "%s.XXXXXX.tmp", o->real) < 0)
		return -1;
	fd = mkostemps(o->tmp, 4, O_CLOEXEC);
	if (fd >= 0 && fchmod(fd, 0666 & ~mask)) {
		close(fd);
		unlink(o->tmp);
		fd = -1;
	}
	return fd;
}

static void forget(struct output *o)
{
	free(o->real);
	free(o->tmp);
	o->real = NULL;
	o->tmp = NULL;
}

int output_begin(struct output *o, const char *path)
{
	int special, fd;

	*o = (struct output){ .path = path };
	if (output_is_stdout(path)) {
		o->file = stdout;
		return 0;
	}
	special = is_special(path);
	if (special < 0)
		return -1;
	if (special) {
		o->file = fopen(path, "we");
		return o->file ? 0 : -1;
	}
	o->real = realpath(path, NULL);
	if (!o->real)
		o->real = strdup(path);
	fd = open_tmp(o);
	o->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (o->file)
		return 0;
	forget(o);
	return -1;
}

int output_end(struct output *o)
{
	int ret = fflush(o->file) || ferror(o->file) ? -1 : 0;

	if (o->file == stdout)
		return ret;
	if (!ret && o->tmp && fsync(fileno(o->file)))
		ret = -1;
	if (fclose(o->file))
		ret = -1;
	if (!o->tmp)
		return ret;
	if (!ret)
		ret = rename(o->tmp, o->real);
	if (ret) {
		int saved = errno;

		unlink(o->tmp);
		errno = saved;
	} else {
		ret = sync_folder_of(o->real);
	}
	forget(o);
	return ret;
}

void output_distinct(const char *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < i; j++) {
			if (paths[i] && paths[j] && is_same(paths[i], paths[j]))
				die(EXIT_USAGE, "%s: two things cannot be written there",
				    strcmp(paths[i], "-") ? paths[i] :
				    "standard output");
		}
	}
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
		if (o.file != stdout)
			fclose(o.file);
		if (o.tmp)
			unlink(o.tmp);
		forget(&o);
		errno = saved;
		return -1;
	}
	return output_end(&o);
}

void output_flush(const char *what)
{
	if (fflush(stdout) || ferror(stdout))
		die(EXIT_HARNESS, "writing %s: %s", what, strerror(errno));
}
