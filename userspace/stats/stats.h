/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The statistics, each a pure function. One run's arms, paired in each boot:
 * the ab question; two runs, boots in no pairs: the compare question.
 */
#ifndef SPLITBENCH_STATS_H
#define SPLITBENCH_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* With fewer boots no sign-flip test can reach p < 0.05: no inference. */
#define STATS_MIN_BOOTS	6

/* With fewer boots of either of two runs there is none on their ratio. */
#define STATS_MIN_EACH	4

/* That the same is not the same can be seen earlier than that it is. */
#define STATS_MIN_AA	3

/**
 * stats_median() - the median, of an even number the mean of the middle two
 * @v: the values; they are sorted by this
 * @n: how many, at least 1
 *
 * Return: the median.
 */
double stats_median(double *v, size_t n);

/**
 * struct stats_ratio - a ratio, estimated over boots
 * @estimate: exp(mean of the boots' log-ratios)
 * @low: lower bound of its interval
 * @high: upper bound; with one boot both bounds are the estimate
 * @p: exact two-sided sign-flip p-value of "the ratio is 1"
 * @boots: how many boots it rests on
 * @inference: there are enough boots for @p and the bounds to mean something
 */
struct stats_ratio {
	double estimate;
	double low;
	double high;
	double p;
	size_t boots;
	bool inference;
};

/**
 * stats_paired() - one ratio from one log-ratio a boot
 * @logs: a log-ratio per boot
 * @n: how many boots, at least 1
 * @confidence: of the interval, such as 0.95
 *
 * Source: Student's one-sample t interval on the logs; for @p the exact
 * randomisation test of paired differences (Fisher, The Design of
 * Experiments, 1935, section 21).
 *
 * Return: the ratio, its interval and p.
 */
struct stats_ratio stats_paired(const double *logs, size_t n,
				double confidence);

/**
 * stats_sign_flip() - exact two-sided p-value of "the mean is 0"
 * @v: the values
 * @n: how many
 *
 * Over all 2^n ways to choose the signs: the share whose mean is at least as
 * far from 0 as the one seen. Above STATS_FLIP_EXACT values it is estimated
 * from STATS_FLIP_DRAWS random choices, the seen one counted among them.
 *
 * Return: the p-value.
 */
double stats_sign_flip(const double *v, size_t n);
#define STATS_FLIP_EXACT	20
#define STATS_FLIP_DRAWS	1000000

/**
 * stats_not_one() - two-sided p-value of "the mean of the logs is 0"
 * @logs: a log-ratio per boot
 * @n: how many boots
 * @tolerance: a mean this near to 0 is 0
 *
 * Source: Student's one-sample t. Below STATS_MIN_AA boots it is 1.
 *
 * Return: the p-value.
 */
double stats_not_one(const double *logs, size_t n, double tolerance);

/**
 * stats_beyond() - one-sided p-value of "the mean of the logs is @log at most"
 * @logs: a log-ratio per boot
 * @n: how many boots
 * @log: log of what counts as a difference
 *
 * Source: Student's one-sample t. Below STATS_MIN_BOOTS boots it is 1.
 *
 * Return: the p-value.
 */
double stats_beyond(const double *logs, size_t n, double log);

/**
 * stats_holm() - which hypotheses of a family are rejected, at one level for all
 * @p: their p-values
 * @n: how many
 * @alpha: the chance that any of them falls that is true
 * @falls: gets which ones
 *
 * Source: S. Holm, A simple sequentially rejective multiple test procedure,
 * Scandinavian Journal of Statistics 6, 1979.
 */
void stats_holm(const double *p, size_t n, double alpha, bool *falls);

/**
 * stats_unpaired() - the ratio of two runs, from one log-level a boot
 * @a: logs of what the boots of one run say, of @na boots
 * @na: at least 1
 * @b: of the other's, of @nb boots
 * @nb: at least 1
 * @confidence: of the interval, such as 0.95
 *
 * Source: B. L. Welch, The generalization of "Student's" problem when several
 * different population variances are involved, Biometrika 34, 1947; for @p
 * the exact test over all ways to deal the boots to the runs (E. J. G. Pitman,
 * Significance tests which may be applied to samples from any populations,
 * Supplement to the Journal of the Royal Statistical Society 4, 1937).
 *
 * Return: b over a. There is @inference from STATS_MIN_EACH boots of each on, if
 * the exact test can come to a p of 1 - @confidence at all: of 4 and 4 boots it
 * can, of 3 and 3 it could not.
 */
struct stats_ratio stats_unpaired(const double *a, size_t na, const double *b,
				  size_t nb, double confidence);

bool stats_unpaired_inference(size_t na, size_t nb, double confidence);

/**
 * stats_unpaired_beyond() - one-sided p-value of "b is @log above a at most"
 * @a: as stats_unpaired()
 * @na: as there
 * @b: as there
 * @nb: as there
 * @log: log of what counts as a difference
 *
 * Return: the p-value.
 */
double stats_unpaired_beyond(const double *a, size_t na, const double *b,
			     size_t nb, double log);

/**
 * stats_unpaired_not_one() - two-sided p-value of "both have the same mean"
 * @a: as stats_unpaired()
 * @na: as there
 * @b: as there
 * @nb: as there
 *
 * Source: Welch's t, as there.
 *
 * Return: the p-value.
 */
double stats_unpaired_not_one(const double *a, size_t na, const double *b, size_t nb);

/**
 * stats_permutation() - exact two-sided p-value of "both have the same mean"
 * @a: values
 * @na: how many, at least 1
 * @b: others
 * @nb: how many, at least 1
 *
 * Over all ways to choose @na of the values: the share whose means are at
 * least as far apart as those seen. Above STATS_PERMUTATION_EXACT ways it is
 * estimated from STATS_PERMUTATION_DRAWS random ones, the seen one among them.
 *
 * Return: the p-value.
 */
double stats_permutation(const double *a, size_t na, const double *b,
			 size_t nb);
#define STATS_PERMUTATION_EXACT	200000
#define STATS_PERMUTATION_DRAWS	100000

/* In how many ways can @na of @na + @nb be chosen? */
double stats_choices(size_t na, size_t nb);

enum stats_verdict {
	STATS_NO_INFERENCE,	/* too few boots */
	STATS_INCONCLUSIVE,
	STATS_NO_REGRESSION,
	STATS_IMPROVEMENT,
	STATS_REGRESSION,
};

/**
 * stats_verdict() - is @cost a regression?
 * @cost: of what is judged over what it is judged against
 * @margin: what counts as a difference, such as 0.02
 * @floor: what the same measured twice differs by
 *
 * REGRESSION if the whole interval lies above 1 + @margin, and above
 * 1 + @floor: noise must not pass for one. IMPROVEMENT if the same is true of
 * 1 / @cost. NO_REGRESSION if it lies below
 * 1 + @margin, whatever the floor: noise must not hide one.
 *
 * Return: the verdict.
 */
enum stats_verdict stats_verdict(const struct stats_ratio *cost, double margin,
				 double floor);

/**
 * stats_differs() - is a difference shown at all, of whatever size?
 * @ratio: of one to the other
 * @confidence: of its interval
 *
 * Return: the interval lies to one side of 1, and the exact test agrees.
 */
bool stats_differs(const struct stats_ratio *ratio, double confidence);

/* The ratio of the same the other way round */
struct stats_ratio stats_inverse(const struct stats_ratio *ratio);

/* Is it known that there is no regression? */
bool stats_verdict_good(enum stats_verdict verdict);

/* Return: the verdict in words, as it is printed and recorded */
const char *stats_verdict_name(enum stats_verdict verdict);

/*
 * struct stats_hist: counts of ticks, in memory that does not grow.
 *
 * Ticks below 65536 are counted one by one, larger ones in bins of 1/4096 of
 * an octave, so that quantiles are exact below and good to 0.02 % above.
 */
struct stats_hist;

struct stats_hist *stats_hist_new(void);
void stats_hist_free(struct stats_hist *hist);

/**
 * stats_hist_add() - count a call
 * @hist: where
 * @ticks: of the call
 *
 * Return: 0; -1 if @ticks is 2^48 or more, which no call can take.
 */
int stats_hist_add(struct stats_hist *hist, uint64_t ticks);

uint64_t stats_hist_n(const struct stats_hist *hist);
/* The largest ticks, exactly; 0 if there are none. */
uint64_t stats_hist_max(const struct stats_hist *hist);

/**
 * stats_hist_quantile() - the smallest ticks that a share of calls is within
 * @hist: of at least one call
 * @q: the share, 0 < q <= 1; nearest rank, but 0.5 is the usual median
 *
 * Return: ticks.
 */
double stats_hist_quantile(const struct stats_hist *hist, double q);

/**
 * stats_hist_each() - all bins that are not empty, from the smallest ticks
 * @hist: the counts
 * @f: gets the ticks and how many calls took them
 * @arg: its last argument
 */
void stats_hist_each(const struct stats_hist *hist,
		     void (*f)(double ticks, uint64_t count, void *arg),
		     void *arg);

#endif /* SPLITBENCH_STATS_H */
