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
	  "The cumulative share of calls by cost. A step is a cost that many calls share; disturbed calls are to its right.",
	},
	{ "ratio", figure_ratio, "ratio",
	  "The ratio of old to new in each boot, and over all boots with its interval. again/new is the same source compiled twice: its difference from 1 is noise and the effect of code placement.",
	},
	{ "fallback", figure_fallback, "fallback",
	  "The cost of migrating a whole THP, and with a fallback to small pages.",
	},
	{ "latency", figure_latency, "latency",
	  "The cumulative share of migrations with a fallback by cost, with the old split and the new.",
	},
	{ "throughput", figure_throughput, "throughput",
	  "Throughput by the number of THPs per round.",
	},
	{ "breakdown", figure_breakdown, "breakdown",
	  "The parts of a migration, traced in separate rounds; the split is the solid part.",
	},
	{ "orders", figure_orders, "orders",
	  "The cost of a call by the number of resulting folios, with the fitted line.",
	},
	{ "kinds", figure_kinds, "kinds",
	  "Kinds of folio, with the old split and the new: a device folio has a callback per page, a folio in the swapcache is replaced there page by page.",
	},
	{ "nodes", figure_nodes, "nodes",
	  "CPU and memory on the same NUMA node, and on different ones.",
	},
	{ "scaling", figure_scaling, "scaling",
	  "Rate of splits by the number of processes: in one cgroup, whose lruvec lock the old split holds over all pages; in a cgroup each; in the root cgroup.",
	},
	{ "beside-fault", figure_beside_fault, "beside",
	  "Background load: page faults. The share of operations that took at least as long, beside processes that split nothing, with the old split, and with the new: the tail is to the right.",
	},
	{ "beside-cold", figure_beside_cold, "beside",
	  "The same for MADV_COLD, which takes the lruvec lock.",
	},
	{ "beside-isolate", figure_beside_isolate, "beside",
	  "The same for MADV_PAGEOUT, which isolates folios from the LRU.",
	},
	{ "beside-wake", figure_beside_wake, "beside",
	  "The same for a thread that sleeps 100 us and measures how late it wakes up.",
	},
	{ "beside-ping", figure_beside_ping, "beside",
	  "The same for interrupts sent to a splitting CPU: how long it has interrupts disabled.",
	},
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
