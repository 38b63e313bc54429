// SPDX-License-Identifier: GPL-2.0
/* What all figures of a run say of it, as gnuplot variables */
#include "report/figures/labels.h"

#include <math.h>

#include "report/figures/curve.h"

/* The ratios' range: of exact counts it would be none, so it is 1e-4 at least. */
static void write_ratio_range(const struct cell_result *r, FILE *file)
{
	double low = 1, high = 1, room;

	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		if (!r->ratio[arm].boots)
			continue;
		low = fmin(low, r->ratio[arm].low);
		high = fmax(high, r->ratio[arm].high);
		for (size_t i = 0; i < r->boots; i++) {
			low = fmin(low, exp(r->logs[arm][i]));
			high = fmax(high, exp(r->logs[arm][i]));
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

void labels_write(const struct analysis *a, FILE *file)
{
	const struct cell_result *r = curve_headline(a);
	int arms = 0, ratios = 0;

	write_string(file, "unit", a->unit);
	write_string(file, "throughput_unit", analysis_throughput_unit(a));
	write_string(file, "kernel", a->release);
	write_string(file, "own", arm_name(r->own));
	write_string(file, "cell", r->cell->name);
	write_string(file, "level", analysis_level(a));
	/* The last one's number: some may be missing before it. */
	fprintf(file, "boots = %u\n", r->boot[r->boots - 1]);
	for (int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		arms += !!r->hist[arm];
		ratios += r->ratio[arm].boots > 0;
	}
	fprintf(file, "arms = %d\n", arms);
	fprintf(file, "pairs = %d\n", ratios);
	fprintf(file, "planted = %u\n", a->plan.plant);
	write_ratio_range(r, file);
}
