/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The jobs, a row each; included by cell.h, job_facts.c, workload/job.h, workload/runner.c
 * and report/job_report.c. A row and the file workload/NAME.c, which does the work, are all
 * that a job takes: plans, records, tables, summary.json and comparisons have it then.
 *
 * JOB_ROW(ID, name, report, facts)
 *
 *   ID		it is JOB_ID in the code
 *   name	in plans and records; its operations are NAME_job, see workload/job.h
 *   report	prints its cells: plain_report, a line each; or one of its own, see
 *		report/table_parts.h
 *   facts	members of struct job_facts that are not empty, see record/job_facts.h
 *
 * A parameter's row in cell_params.h names the job that it was made for; .takes names
 * parameters of other jobs that this one has as well.
 */
JOB_ROW(SPLIT, split, split_report,
	.help = "splits of one process, call by call; arms take turns",
	.title = "splits: folio, its order, and to which",
	.calls = "splits", .module = true, .most_calls = FSB_MAX_FOLIOS,
	.usual = { USUALLY(blocks, 16), USUALLY(reps, 4) },
	.base_key = "cell/usual",
	.base_help = "an order-9 anonymous folio split to the same order",
	.cells = &split_cells)
JOB_ROW(CONTEND, contend, contend_report,
	.help = "splits of several processes at the same time; a round has one arm",
	.calls = "splits", .module = true, .by_process = true,
	.takes = TAKES(state) | TAKES(order) | TAKES(new_order) | TAKES(cpu_node) |
		 TAKES(memory_node),
	.usual = { USUALLY(thps, 16) },
	.rejected = "did not begin together",
	.cells = &contend_cells)
JOB_ROW(MIGRATE, migrate, migrate_report,
	.help = "migrations of THPs to the test device or back; a round has one arm",
	.calls = "migrations",
	.takes = TAKES(thps) | TAKES(threads),
	.base_key = "cell/none",
	.base_help = "the THP that migrates whole",
	.rejected = "took another path",
	.cells = &migrate_cells)
JOB_ROW(BLACKOUT, blackout, plain_report,
	.help = "touches of a page whose THP migrates: how long it is away; a round has one arm",
	.title = "how long a page cannot be had while its THP migrates, each round another page",
	.calls = "touches",
	.takes = TAKES(direction) | TAKES(kind),
	.usual = { USUALLY(direction, TO_SYS), USUALLY(kind, KIND_FLAG), USUALLY(blocks, 4),
		   USUALLY(reps, 16) },
	.rejected = "did not see the page away, or took another path")
