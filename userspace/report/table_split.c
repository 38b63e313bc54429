// SPDX-License-Identifier: GPL-2.0
/* The table of splits, one by one, and of what they cost by order */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/order_fit.h"
#include "report/summary.h"
#include "report/table_parts.h"
#include "report/units.h"

/* With more cells of splits than these, each is one line. */
#define MANY_SPLITS		4

static void print_arms(const struct analysis *a, const struct cell_result *r)
{
	bool ns = !strcmp(a->unit, "tsc") && a->counter_khz;

	printf("  %-8s %8s %10s %10s %10s %10s%s\n", "arm", "calls", "median",
	       "p90", "p99", "max", ns ? "  median ns" : "");
	for (int arm = 0; arm < ARM_MAX; arm++) {
		const struct stats_hist *hist = r->hist[arm];
		double median;

		if (!hist && arm && arm <= ARM_NEW && (a->plan.arms & ARM_BIT(arm)))
			printf("  %-8s is not in this kernel\n", arm_name(arm));
		if (!hist)
			continue;
		median = stats_hist_quantile(hist, 0.5);
		printf("  %-8s %8llu %10.8g %10.8g %10.8g %10llu",
		       arm_name(arm), (unsigned long long)stats_hist_n(hist),
		       median, stats_hist_quantile(hist, 0.9),
		       stats_hist_quantile(hist, 0.99),
		       (unsigned long long)stats_hist_max(hist));
		if (ns)
			printf(" %10.0f", median * 1e6 / a->counter_khz);
		putchar('\n');
	}
}

static void print_ratio(const struct analysis *a, const struct cell_result *result,
			unsigned int arm)
{
	const struct stats_ratio *r = &result->ratio[arm];

	if (!r->boots)
		return;
	printf("  %-12s %.5f  [%.5f, %.5f]", ratio_name(result, arm).text, r->estimate,
	       r->low, r->high);
	if (r->inference)
		printf("  p = %.3f", r->p);
	printf("  %zu %s%s", r->boots, analysis_level(a), r->boots == 1 ? "" : "s");
	if (arm == result->control)
		printf("  %s\n", analysis_aa_verdict(result));
	else
		printf("  %s\n", r->inference ? "" : "no inference");
}

/* From build to build nothing but where code lies is different. */
static void print_builds(const struct analysis *a, const struct cell_result *r)
{
	double low = INFINITY, high = 0;

	if (a->plan.builds < 2 || !r->ratio[ARM_OLD].boots)
		return;
	for (size_t i = 0; i < r->boots; i++) {
		low = fmin(low, exp(r->logs[ARM_OLD][i]));
		high = fmax(high, exp(r->logs[ARM_OLD][i]));
	}
	printf("  old/new of single builds, each with another code layout: %.5f to %.5f\n",
	       low, high);
}

/* On a clock: the same ratios of the calls that others disturbed least */
static void print_least_ratios(const struct cell_result *r)
{
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		const struct stats_ratio *least = &r->least_ratio[arm];

		if (least->boots)
			printf("  %-12s %.5f  [%.5f, %.5f]  of the least of a boot's calls\n",
			       ratio_name(r, arm).text, least->estimate, least->low, least->high);
	}
}

/* What the control can see decides what the noise floor means. */
static void print_control(const struct analysis *a, const struct cell_result *r)
{
	if (r->control != ARM_EMPTY && r->one_text && strcmp(a->unit, "instructions"))
		printf("  %s is the code of %s under another name: it cannot see what placement\n"
		       "  and warmth of code are worth, and so cannot the noise floor\n",
		       arm_name(r->control),
		       arm_name(r->against[r->control]));
}

/* Where calls are made back to back: what the first of a run finds cold */
static void print_warming(const struct cell_result *r)
{
	for (int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		const struct stats_ratio *w = &r->warming[arm];

		if (w->boots)
			printf("  %-8s first call after other code: median %.8g, %.4f [%.4f, %.4f] times the later ones\n",
			       arm_name(arm), stats_hist_quantile(r->first[arm], 0.5),
			       w->estimate, w->low, w->high);
	}
}

/* For "p ...", in static memory */
static const char *p_text(double p)
{
	static char text[16];

	if (p < 0.001)
		return "< 0.001";
	snprintf(text, sizeof(text), "= %.3f", p);
	return text;
}

static void print_verdict(const struct analysis *a, const struct cell_result *r,
			  unsigned int arm)
{
	double margin = a->plan.margin, confidence = a->plan.confidence;
	const char *candidate = arm_name(ratio_candidate(r, arm));
	const char *base = arm_name(ratio_base(r, arm));
	const struct stats_ratio *ab = &r->ratio[arm];
	double change = 100 * (ratio_cost(r, arm).estimate - 1);
	const struct claim *claim = &r->claim[arm];

	if (!ab->boots)
		return;
	printf("\n  %s against %s: %s at a margin of %.3g %%\n", candidate, base,
	       stats_verdict_name(claim->verdict), 100 * margin);
	if (r->aa_failed)
		printf("  A/A FAILED: this run is invalid\n");
	else if (!ab->inference)
		printf("  fewer than %d %ss: the numbers above, and no inference\n",
		       STATS_MIN_BOOTS, analysis_level(a));
	else if (!a->tolerance && r->control == ARM_EMPTY)
		printf("  without a noise floor, no difference is claimed\n");
	else if (!claim->differs_alone && !stats_differs(ab, confidence))
		printf("  no difference is established\n");
	else if (claim->differs_alone && !claim->differs)
		printf("  a difference by itself, but not among all the cells that were tested (Holm)\n");
	else if (!claim->differs)
		printf("  the difference is below the noise floor and is not claimed\n");
	else
		printf("  %s costs %.2f %% %s than %s (t test, p %s); lower is better\n",
		       candidate, fabs(change), change < 0 ? "less" : "more", base,
		       p_text(claim->differs_p));
}

static void print_split(const struct analysis *a, const struct cell_result *r)
{
	static const char *const kinds[NR_FOLIOS] = {
		[FOLIO_ANON] = "anonymous folio",
		[FOLIO_DEVICE] = "device-private folio",
		[FOLIO_SWAPCACHE] = "folio in the swapcache",
	};

	printf("\n%s: split of %s order-%u %s to order %u\n", r->cell->name,
	       r->cell->state == STATE_MAPPED ? "a mapped" : "an unmapped",
	       r->cell->order, kinds[r->cell->folio], r->cell->new_order);
	printf("per call, in %s\n\n", units_text(a->unit));
	print_arms(a, r);
	printf("\n  ratio of medians less the empty call, %.0f %% interval over %ss\n",
	       100 * a->plan.confidence, analysis_level(a));
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++)
		print_ratio(a, r, arm);
	print_least_ratios(r);
	if (r->control != ARM_EMPTY)
		printf("  noise floor %.3f %%; ", 100 * r->floor);
	else
		printf("  no A/A control was measured: the noise floor is not known%s; ",
		       a->tolerance ? "" : ",\n  and no difference is claimed");
	printf("%llu calls disturbed, kept\n", (unsigned long long)r->disturbed);
	print_builds(a, r);
	print_control(a, r);
	print_warming(r);
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		if (analysis_is_subject(a, arm))
			print_verdict(a, r, arm);
	}
}

static void print_fits(const struct analysis *a)
{
	static const char *const what[NR_FIT_SERIES] = {
		[FIT_TO_PAGES] = "folios of all orders, to order 0",
		[FIT_FROM_THP] = "THPs, to all orders",
	};
	bool any = false;

	for (int series = 0; series < NR_FIT_SERIES; series++) {
		for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
			struct fit fit = fit_orders(a, series, arm);

			if (!fit.n)
				continue;
			if (!any)
				printf("\ncost of a call = fixed + each x folios it makes, in %s\n\n",
				       units_text(a->unit));
			any = true;
			printf("  %-34s %-4s fixed %8.1f  each %8.2f  R squared %.6f (%zu orders)\n",
			       what[series], arm_name(arm), fit.fixed, fit.each,
			       fit.r2, fit.n);
		}
	}
}

/* Few cells are printed in full, many as a line each. */
static void print_splits(const struct analysis *a, enum cell_job job)
{
	unsigned int cells = 0;

	for (size_t i = 0; i < a->nr_cells; i++)
		cells += a->cell[i].cell->job == job;
	if (cells > MANY_SPLITS)
		table_lines(a, job);
	for (size_t i = 0; cells <= MANY_SPLITS && i < a->nr_cells; i++) {
		if (a->cell[i].cell->job == job)
			print_split(a, &a->cell[i]);
	}
	print_fits(a);
}

const struct job_report split_report = {
	.print = print_splits, .empty_has_folio = true,
};
