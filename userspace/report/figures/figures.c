// SPDX-License-Identifier: GPL-2.0
/* The figures that a run may have */
#include "report/figures/figures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/figures/figure.h"
#include "report/figures/labels.h"
#include "util/util.h"

/* A figure, from a row of rows.h */
struct figure {
	const char *name;
	bool (*write)(const struct analysis *a, const struct figure_out *out);
	const char *caption;
	const char *script;
};

#define FIGURE_ROW(...)	{ __VA_ARGS__ },

static const struct figure figures[] = {
#include "report/figures/rows.h"
};

#undef FIGURE_ROW

static FILE *begin(const char *dir, const char *name, char **path)
{
	FILE *file;

	*path = join(dir, "%s", name);
	file = fopen(*path, "we");
	if (!file)
		die(EXIT_HARNESS, "%s: %s", *path, strerror(errno));
	return file;
}

/* Closed, and all of it written */
static void end(FILE *file, char *path)
{
	int bad = ferror(file);

	if (fclose(file) || bad)
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	free(path);
}

static void write_figure(const struct figure *f, const struct analysis *a,
			 const char *dir, FILE *labels)
{
	struct figure_out out = { .labels = labels };
	char *name = join(".", "%s.dat", f->name), *path;

	out.data = begin(dir, name, &path);
	/* gnuplot would fail on a file without data. */
	if (!f->write(a, &out) && unlink(path))
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	end(out.data, path);
	free(name);
}

void figures_write(const struct analysis *a, const char *dir)
{
	char *path;
	FILE *labels;

	if (mkdir(dir, 0777) && errno != EEXIST)
		die(EXIT_HARNESS, "%s: %s", dir, strerror(errno));
	labels = begin(dir, "labels.gp", &path);
	labels_write(a, labels);
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		write_figure(&figures[i], a, dir, labels);
	end(labels, path);
}

void figures_list(FILE *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		fprintf(file, "%s\t%s\t%s\n", figures[i].name, figures[i].script,
			figures[i].caption);
}
