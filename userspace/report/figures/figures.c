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

/**
 * struct figure - a figure
 * @name: of its files, NAME.dat, NAME.svg and NAME.png
 * @write: writes what it is drawn from. Returns false if the run has none of it.
 * @script: that draws it, plots/SCRIPT.gp
 * @caption: what it shows, for the gallery
 */
struct figure {
	const char *name;
	bool (*write)(const struct analysis *a, const struct figure_out *out);
	const char *script;
	const char *caption;
};

static const struct figure figures[] = {
	{ "distribution", figure_distribution, "distribution",
	  "The share of calls that took at most so much. A step is a cost that most calls share; to its right are those that something disturbed." },
	{ "ratio", figure_ratio, "ratio",
	  "The ratio of old to new in each boot, and over all of them with its interval. again/new is the same source compiled twice: what it differs from 1 by is noise, and what placement of code is worth." },
	{ "fallback", figure_fallback, "fallback",
	  "What a migration costs whole, and with a fallback to small pages." },
	{ "latency", figure_latency, "latency",
	  "The share of migrations with a fallback that took at most so much, with the old split and the new." },
	{ "throughput", figure_throughput, "throughput",
	  "THPs migrated in a time, by how many are migrated at once." },
	{ "breakdown", figure_breakdown, "breakdown",
	  "Where a migration goes, part by part, traced in rounds of their own; the split is the solid one." },
	{ "orders", figure_orders, "orders",
	  "What a call costs by how many folios it makes, and the line through it." },
	{ "kinds", figure_kinds, "kinds",
	  "Kinds of folio, with the old split and the new: a device has a callback for each page, the swapcache gets each piece." },
	{ "nodes", figure_nodes, "nodes",
	  "CPU and memory on the same NUMA node, and on different ones." },
	{ "scaling", figure_scaling, "scaling",
	  "Calls of all processes in a time, by how many there are: of one cgroup, whose lruvec lock the old split holds over all pages, of a cgroup each, and of the root." },
	{ "beside-fault", figure_beside_fault, "beside",
	  "Beside the splits: page faults. The share of operations that took at least so long, beside processes that split nothing, with the old split, and with the new: the tail is to the right." },
	{ "beside-cold", figure_beside_cold, "beside",
	  "The same of MADV_COLD, which takes the lruvec lock." },
	{ "beside-isolate", figure_beside_isolate, "beside",
	  "The same of MADV_PAGEOUT, which isolates folios from the LRU." },
	{ "beside-wake", figure_beside_wake, "beside",
	  "The same of a thread that sleeps 100 us and measures when it wakes up." },
	{ "beside-ping", figure_beside_ping, "beside",
	  "The same of interrupts sent to the CPU that splits: how long it has its own off." },
};

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
