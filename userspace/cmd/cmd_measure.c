// SPDX-License-Identifier: GPL-2.0
/* splitbench measure: one boot of a run, measured, each block recorded at once */
#include <errno.h>
#include <gsl/gsl_rng.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/builtin.h"
#include "machine/clock.h"
#include "machine/doctor.h"
#include "machine/guard.h"
#include "machine/machine.h"
#include "record/plan.h"
#include "sys/kmod.h"
#include "util/options.h"
#include "util/util.h"
#include "workload/job.h"
#include "workload/runner.h"

#define BENCH	"folio_split_bench"

/**
 * struct options - what the command line says
 * @dir: folder of the run
 * @boot: which boot of it
 * @test_hmm: file of the test driver
 * @fix: fix noise sources for the time of the run
 * @build: what a module is built against; NULL: as the machine's modules say
 * @stock: this kernel exports no split
 * @module: file of the benchmark's module; NULL: it is loaded already
 */
struct options {
	const char *dir;
	unsigned int boot;
	bool fix;
	const char *build;
	bool stock;
	const char *module;
	const char *test_hmm;
};

static const struct option_row rows[] = {
	{ OPTION(TEXT, "run", 'r', "DIR", "folder of the run, which has its plan", dir) },
	{ OPTION(NUMBER, "boot", 'b', "N", "number of the boot, from 1", boot),
	  .min = 1, .max = PLAN_MAX_BOOTS },
	{ OPTION(FLAG, "fix", 'f', NULL,
		 "for the time of the boot, fix what splitbench doctor finds and can safely fix",
		 fix) },
	{ OPTION(TEXT, "build", 'B', "DIR",
		 "the kernel's build folder, if it is not /lib/modules/RELEASE/build",
		 build) },
	{ OPTION(FLAG, "stock", 's', NULL,
		 "the kernel does not export its splits, as a distribution's: skip cells that need the module",
		 stock) },
	{ OPTION(TEXT, "module", 'm', "FILE",
		 "load folio_split_bench from FILE, if the plan needs it",
		 module) },
	{ OPTION(TEXT, "test-hmm", 't', "FILE",
		 "load test_hmm from FILE if it is not loaded", test_hmm) },
	{ }
};

/* A VM of ours is as we made it. */
static json_t *examine(const struct plan *plan, const char *build, bool stock, bool fix)
{
	struct doctor_where here = { .root = "", .build = build, .stock = stock };
	struct finding *findings;
	json_t *doc;
	size_t nr;

	if (!plan_on_host(plan))
		return NULL;
	nr = doctor_look(&here, &findings);
	if (fix)
		doctor_fix(findings, nr);
	doc = doctor_json(findings, nr);
	free(findings);
	return doc;
}

static void load_bench(const char *path)
{
	int error = is_loaded(BENCH) ? EEXIST : load_module(BENCH, path);

	if (error == EEXIST)
		die(EXIT_SKIP, BENCH " is loaded already: rmmod " BENCH);
	if (error)
		die(EXIT_SKIP, "cannot load %s: %s; see dmesg | tail",
		    path, strerror(error));
}

int cmd_measure(int argc, char **argv)
{
	static const struct option_table table = {
		.rows = rows,
		.doc = "Measure one boot of the plan in DIR into DIR/boot-N.jsonl: splits through the module folio_split_bench, migrations through the kernel's test_hmm. Needs root.",
	};
	struct options o = { 0 };
	struct measure m = { 0 };

	options_parse(&table, argc, argv, &o);
	if (!o.dir || !o.boot)
		die(EXIT_USAGE, "--run and --boot are required");
	m.plan = plan_load(o.dir);
	m.header.boot = o.boot;
	m.header.build = plan_build_of(&m.plan, o.boot);
	m.test_hmm = o.test_hmm;
	m.no_splits = o.stock;
	guard_start();
	if (o.module && !o.stock && plan_takes_module(&m.plan))
		load_bench(o.module);
	job_init(&m);
	/* Record the machine's state after the fixes, as it is during the run. */
	m.header.doctor = examine(&m.plan, o.build, o.stock, o.fix);
	machine_record(o.dir, m.header.build, clock_khz());
	measure_boot(&m, o.dir);
	json_decref(m.header.doctor);
	gsl_rng_free(m.rng);
	plan_free(&m.plan);
	return EXIT_DONE;
}
