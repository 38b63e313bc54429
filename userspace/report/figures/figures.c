// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/analysis.h"
#include "report/figures/figures.h"
#include "util/util.h"

FILE *plotdata_begin(const char *dir, const char *name, char **path)
{
	FILE *file;

	*path = join(dir, "%s", name);
	file = fopen(*path, "we");
	if (!file)
		die(EXIT_HARNESS, "%s: %s", *path, strerror(errno));
	return file;
}

void plotdata_end(FILE *file, char *path)
{
	int bad = ferror(file);

	if (fclose(file) || bad)
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	free(path);
}

void plotdata_end_unless_empty(FILE *file, char *path, bool any)
{
	/* gnuplot would fail on it. */
	if (!any && unlink(path))
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	plotdata_end(file, path);
}

/* The cell that the figures of one cell show: a split, or else a fallback */
static const struct cell_result *headline(const struct analysis *a)
{
	const struct cell_result *fallback = NULL;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell *cell = a->cell[i].cell;

		if (cell->job == JOB_SPLIT)
			return &a->cell[i];
		if (!fallback && cell->kind != KIND_NONE &&
		    cell->kind != KIND_PAGES)
			fallback = &a->cell[i];
	}
	return fallback ? fallback : &a->cell[0];
}

struct cumulate {
	FILE *file;
	uint64_t seen;
	uint64_t n;
};

static void cumulate(double ticks, uint64_t count, void *arg)
{
	struct cumulate *c = arg;

	/* Two points a step: the curve jumps where the calls are. */
	fprintf(c->file, "%.10g %.8f\n", ticks, (double)c->seen / c->n);
	c->seen += count;
	fprintf(c->file, "%.10g %.8f\n", ticks, (double)c->seen / c->n);
}

void plotdata_distribution(const struct cell_result *r, const char *prefix,
			   FILE *file)
{
	for (int arm = ARM_OLD; arm < NR_ARMS; arm++) {
		struct cumulate c = { .file = file };

		if (!r->hist[arm])
			continue;
		c.n = stats_hist_n(r->hist[arm]);
		fprintf(file, "\"%s%s\"\n", prefix, arm_names[arm]);
		stats_hist_each(r->hist[arm], cumulate, &c);
		fputs("\n\n", file);
	}
}

static void write_distribution(const struct analysis *a, const char *dir)
{
	char *path;
	FILE *file = plotdata_begin(dir, "distribution.dat", &path);

	plotdata_distribution(headline(a), "", file);
	plotdata_end(file, path);
}

/* A data block a pair: boot and ratio, then 0, estimate and interval */
static void write_ratio(const struct analysis *a, const char *dir)
{
	char *path;
	const struct cell_result *result = headline(a);
	FILE *file = plotdata_begin(dir, "ratio.dat", &path);
	bool any = false;

	for (int pair = 0; pair < NR_PAIRS; pair++) {
		const struct stats_ratio *r = &result->ratio[pair];

		if (!r->boots)
			continue;
		any = true;
		fprintf(file, "\"%s\"\n", pair_name(result, pair));
		for (size_t i = 0; i < result->boots; i++)
			fprintf(file, "%u %.10f\n", result->boot[i],
				exp(result->logs[pair][i]));
		fprintf(file, "\n\n\"interval\"\n0 %.10f %.10f %.10f\n\n\n",
			r->estimate, r->low, r->high);
	}
	plotdata_end_unless_empty(file, path, any);
}

/* The ratios' range: of exact counts it would be none, so it is 1e-4 at least. */
static void write_ratio_range(const struct cell_result *r, FILE *file)
{
	double low = 1, high = 1, room;

	for (int pair = 0; pair < NR_PAIRS; pair++) {
		if (!r->ratio[pair].boots)
			continue;
		low = fmin(low, r->ratio[pair].low);
		high = fmax(high, r->ratio[pair].high);
		for (size_t i = 0; i < r->boots; i++) {
			low = fmin(low, exp(r->logs[pair][i]));
			high = fmax(high, exp(r->logs[pair][i]));
		}
	}
	room = fmax(0.0001, 0.15 * (high - low));
	fprintf(file, "ratio_low = %.10f\nratio_high = %.10f\n", low - room,
		high + room);
}

/* In single quotes, where gnuplot runs no commands, whatever a file says */
static void write_string(FILE *file, const char *name, const char *value)
{
	fprintf(file, "%s = '", name);
	for (; *value; value++) {
		if (*value == '\'')
			fputc('\'', file);
		fputc(*value == '\n' ? ' ' : *value, file);
	}
	fputs("'\n", file);
}

/* What the figures say of themselves, as gnuplot variables */
static void write_labels(const struct analysis *a, const char *dir)
{
	char *path;
	const struct cell_result *r = headline(a);
	FILE *file = plotdata_begin(dir, "labels.gp", &path);
	int arms = 0;

	write_string(file, "unit", a->unit);
	write_string(file, "throughput_unit", analysis_throughput_unit(a));
	write_string(file, "kernel", a->release);
	write_string(file, "own", arm_names[r->own]);
	write_string(file, "cell", r->cell->name);
	write_string(file, "level", analysis_level(a));
	/* The last one's number: some may be missing before it. */
	fprintf(file, "boots = %u\n", r->boot[r->boots - 1]);
	for (int arm = ARM_OLD; arm < NR_ARMS; arm++)
		arms += !!r->hist[arm];
	fprintf(file, "arms = %d\n", arms);
	fprintf(file, "pairs = %d\n", (r->ratio[PAIR_OLD_NEW].boots > 0) +
				     (r->ratio[PAIR_CONTROL].boots > 0));
	fprintf(file, "planted = %u\n", a->plan.plant);
	write_ratio_range(r, file);
	plotdata_migrations(a, dir, file);
	plotdata_more(a, dir, file);
	plotdata_end(file, path);
}

void figures_write(const struct analysis *a, const char *dir)
{
	if (mkdir(dir, 0777) && errno != EEXIST)
		die(EXIT_HARNESS, "%s: %s", dir, strerror(errno));
	write_distribution(a, dir);
	write_ratio(a, dir);
	write_labels(a, dir);
}
