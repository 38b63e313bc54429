// SPDX-License-Identifier: GPL-2.0
/* splitbench migrate: rounds of one cell, without a plan or a run */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"
#include "migrate.h"
#include "util.h"

#define MAX_ROUNDS	1000000
#define MAX_TRIES	8

static const char usage[] =
"usage: splitbench migrate [options]\n"
"Migrate THPs between the system and the kernel's test device (test_hmm), and\n"
"tell what each took, as the CPU's counter has it. Every byte is verified, and\n"
"what the kernel counts has to prove the path. For root.\n"
"  --direction D    to-dev or to-sys (to-dev)\n"
"  --kind K         none, pages, flag, inject or fragment (flag): the THPs migrate\n"
"                   whole; or there are small pages only; or each falls back, as\n"
"                   the device is told to fail, the page allocator is made to fail\n"
"                   (fail_page_alloc), memory is fragmented until it fails\n"
"  --thps N         THPs of a round and thread (1)\n"
"  --threads N      threads, each with its THPs (1)\n"
"  --devices N      test devices that they take turns on, 1 or 2 (1)\n"
"  --rounds N       rounds of each arm, the first one not counted (10)\n"
"  --arm A          old, new, or both in turn (both, where the kernel has both)\n"
"  --seed N         of pattern and order (1)\n"
"  --test-hmm FILE  load test_hmm from there if it is not loaded\n"
"  --json           tell it as JSON\n";

/**
 * struct totals - what the rounds of an arm gave
 * @hist: ticks of each THP
 * @rejected: rounds that took another path
 * @why: one of the reasons
 */
struct totals {
	struct stats_hist *hist;
	unsigned int rejected;
	char why[96];
};

static unsigned int parse_word(const char *option, const char *const *words,
			       unsigned int nr, const char *word)
{
	unsigned int i = name_index(words, nr, word);

	if (i < nr)
		return i;
	fprintf(stderr, "splitbench: %s: unknown '%s'; known:", option, word);
	for (i = 0; i < nr; i++)
		fprintf(stderr, " %s", words[i]);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

static void one_round(struct migrate *s, const struct cell *cell, enum arm arm,
		      bool count, struct totals *totals)
{
	static struct fsb_sample sample[RECORD_MAX_CALLS];
	uint64_t phases[NR_PHASES] = { 0 };
	struct migrate_round round = { .sample = sample, .phases = phases };
	unsigned int tries = 0;

	while (migrate_round(s, arm, &round)) {
		totals->rejected++;
		strcpy(totals->why, round.why);
		if (++tries == MAX_TRIES)
			die(EXIT_DIFFERS, "%s: round after round took another path: %s",
			    cell->name, round.why);
	}
	for (unsigned int i = 0; count && i < cell->thps * cell->threads; i++)
		stats_hist_add(totals->hist, sample[i].ticks);
}

static void print_text(const struct measure *m, const struct cell *cell,
		       const struct totals *totals)
{
	for (int arm = 0; arm < NR_ARMS; arm++) {
		const struct totals *t = &totals[arm];

		if (!t->hist)
			continue;
		printf("%s %s: median %.8g, p90 %.8g, p99 %.8g %s per THP, %llu THPs",
		       cell->name, arm_names[arm],
		       stats_hist_quantile(t->hist, 0.5),
		       stats_hist_quantile(t->hist, 0.9),
		       stats_hist_quantile(t->hist, 0.99), m->header.unit,
		       (unsigned long long)stats_hist_n(t->hist));
		if (t->rejected)
			printf("; %u rounds not counted (%s)", t->rejected,
			       t->why);
		putchar('\n');
	}
}

static void print_json(const struct measure *m, const struct cell *cell,
		       const struct totals *totals)
{
	json_t *arms = json_object(), *doc;

	for (int arm = 0; arm < NR_ARMS; arm++) {
		const struct totals *t = &totals[arm];

		if (!t->hist)
			continue;
		json_object_set_new(arms, arm_names[arm],
				    json_pack("{s:I,s:f,s:f,s:f,s:I,s:i}",
					      "n", (json_int_t)stats_hist_n(t->hist),
					      "median", stats_hist_quantile(t->hist, 0.5),
					      "p90", stats_hist_quantile(t->hist, 0.9),
					      "p99", stats_hist_quantile(t->hist, 0.99),
					      "max", (json_int_t)stats_hist_max(t->hist),
					      "rejected", t->rejected));
	}
	doc = json_pack("{s:s,s:s,s:s,s:o,s:o}", "schema", "splitbench.migrate/1",
			"name", cell->name, "unit", m->header.unit,
			"params", cell_params(cell), "arms", arms);
	json_dumpf(doc, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(doc);
}

/* Rounds of the arms in turn, begun by each of them as often. */
static void run_rounds(struct measure *m, const struct cell *cell,
		       unsigned int rounds, const char *which, bool json)
{
	struct migrate *s = migrate_new(m, cell, 2 * rounds);
	struct totals totals[NR_ARMS] = { 0 };
	enum arm arms[2];
	unsigned int nr = 0;

	for (int arm = ARM_OLD; arm <= ARM_NEW; arm++) {
		if (strcmp(which, "both") && strcmp(which, arm_names[arm]))
			continue;
		if (!migrate_has_arm(s, arm)) {
			fprintf(stderr,
				"splitbench: this kernel does not have arm '%s'\n",
				arm_names[arm]);
			continue;
		}
		totals[arm].hist = stats_hist_new();
		arms[nr++] = arm;
	}
	if (!nr)
		die(EXIT_SKIP, "there is nothing to measure: build the kernel with the series in patches/ and CONFIG_FOLIO_SPLIT_OLD");
	for (unsigned int i = 0; i < rounds; i++) {
		for (unsigned int j = 0; j < nr; j++) {
			enum arm arm = arms[(i + j) % nr];

			/* The first round of each finds everything cold. */
			one_round(s, cell, arm, i || rounds == 1, &totals[arm]);
		}
	}
	migrate_free(s);
	if (guard_end())
		die(EXIT_HARNESS, "the machine is not as it was before; see above");
	if (json)
		print_json(m, cell, totals);
	else
		print_text(m, cell, totals);
	for (int arm = 0; arm < NR_ARMS; arm++)
		stats_hist_free(totals[arm].hist);
	if (fflush(stdout) || ferror(stdout))
		die(EXIT_HARNESS, "writing the result: %s", strerror(errno));
}

int cmd_migrate(int argc, char **argv)
{
	static const struct option options[] = {
		{ "direction", required_argument, NULL, 'd' },
		{ "kind", required_argument, NULL, 'k' },
		{ "thps", required_argument, NULL, 'n' },
		{ "threads", required_argument, NULL, 't' },
		{ "devices", required_argument, NULL, 'D' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "arm", required_argument, NULL, 'a' },
		{ "seed", required_argument, NULL, 's' },
		{ "test-hmm", required_argument, NULL, 'T' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	static const char *const which[] = { "old", "new", "both" };
	struct cell cell = {
		.job = JOB_MIGRATE, .kind = KIND_FLAG, .blocks = 1, .reps = 1,
		.thps = 1, .threads = 1, .devices = 1,
	};
	struct measure m = { .plan.seed = 1 };
	unsigned int rounds = 10, arm = 2;
	const char *wrong;
	bool json = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (opt) {
		case 'd':
			cell.direction = parse_word("--direction", cell_directions,
						    NR_DIRECTIONS, optarg);
			break;
		case 'k':
			cell.kind = parse_word("--kind", cell_kinds, NR_KINDS,
					       optarg);
			break;
		case 'n':
			cell.thps = parse_u64("--thps", optarg, 1, CELL_MAX_THPS);
			break;
		case 't':
			cell.threads = parse_u64("--threads", optarg, 1,
						 CELL_MAX_THREADS);
			break;
		case 'D':
			cell.devices = parse_u64("--devices", optarg, 1, 2);
			break;
		case 'r':
			rounds = parse_u64("--rounds", optarg, 1, MAX_ROUNDS);
			break;
		case 'a':
			arm = parse_word("--arm", which, ARRAY_SIZE(which), optarg);
			break;
		case 's':
			m.plan.seed = parse_u64("--seed", optarg, 0, UINT32_MAX);
			break;
		case 'T':
			m.test_hmm = optarg;
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (optind != argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	cell_set_name(&cell);
	wrong = cell_check(&cell);
	if (wrong)
		die(EXIT_USAGE, "%s: %s", cell.name, wrong);
	guard_start();
	measure_init(&m);
	run_rounds(&m, &cell, rounds, which[arm], json);
	gsl_rng_free(m.rng);
	return EXIT_DONE;
}
