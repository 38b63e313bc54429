#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A small sweep: folios of all orders, kinds and nodes, and several processes at a time; and its
# messages on machines that cannot do all of it. Exact counts and records are asserted, never a time.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

RESULTS=$TESTDIR/results
export RESULTS
readonly CONTEND='"job": "contend", "thps": 4, "blocks": 1, "warmup": 0'

# plan CELL...: a plan of these, with two reps of all that says none
plan()
{
	local IFS=,

	printf '{ "schema": "splitbench.cells/1", "cells": [ %s ] }\n' "$*" \
		> "$TESTDIR/plan.json"
}

bench() { PLAN=$TESTDIR/plan.json "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"; }

test_sweep_is_two_runs()
{
	RUN=s BOOTS=1 BLOCKS=1 CPUS=2 UNIT=instructions "$TOP/scripts/bench.sh" --sweep \
		> "$TESTDIR/table" 2> "$TESTDIR/err" || {
		cat "$TESTDIR/err"
		return 1
	}
	holds '.unit == "instructions" and .complete' "$RESULTS/s-alone/summary.json"
	holds '.unit == "emulated" and .complete' "$RESULTS/s-beside/summary.json"
	holds '.target.unit == "instructions"' "$RESULTS/s-alone/plan.json"
	holds '.target.unit == "emulated"' "$RESULTS/s-beside/plan.json"
	for file in alone/plots/orders.svg alone/plots/kinds.svg \
		beside/plots/scaling.svg beside/plots/nodes.svg \
		beside/plots/beside-fault.svg beside/plots/beside-wake.svg \
		beside/plots/beside-ping.png; do
		not_empty "$RESULTS/s-$file"
	done
}

# Nothing is measured twice, and nothing of the plans is said twice.
test_sweep_is_gone_on_with()
{
	local before

	after sweep_is_two_runs
	before=$(sha256sum "$RESULTS"/s-*/boot-*.jsonl)
	RUN=s "$TOP/scripts/bench.sh" --sweep > "$TESTDIR/table" 2> "$TESTDIR/err"
	want 1 grep "measuring:" "$TESTDIR/err"
	is "$(sha256sum "$RESULTS"/s-*/boot-*.jsonl)" "$before"
	UNIT=emulated RUN=s-beside PLAN='' "$TOP/scripts/bench.sh" > "$TESTDIR/table" 2> "$TESTDIR/err"
	want 64 env BOOTS=2 RUN=s "$TOP/scripts/bench.sh" --sweep 2> "$TESTDIR/err"
	says "has a plan of 1 boots" "$TESTDIR/err"
	want 64 env PLAN=split RUN=s "$TOP/scripts/bench.sh" --sweep 2> "$TESTDIR/err"
	says "a sweep has plans of its own" "$TESTDIR/err"
}

# Each page of a folio costs the same, with the old split and the new.
test_cost_is_a_line_in_the_pages()
{
	after sweep_is_two_runs
	holds '[.fits[] | select(.series == "to-order-0")] | length == 2 and
		all(.cells == 8 and .r2 > 0.9999) and
		(.[0].each - .[1].each | fabs) < 0.5 and .[0].fixed > .[1].fixed + 50' \
		"$RESULTS/s-alone/summary.json"
	holds '[.fits[] | select(.series == "from-order-9")] | length == 2' \
		"$RESULTS/s-alone/summary.json"
	says "R squared 1.0000" "$RESULTS/s-alone/table.txt"
}

# The device's callback is called for each page; a folio on the deferred list is taken off it.
test_kinds_cost_what_is_done_for_them()
{
	after sweep_is_two_runs
	holds '[.cells[] | {key: .name, value: .ratios["cell/usual"].estimate}] |
		from_entries | .["device-9-0"] > 1.5 and .["anon-9-0-unqueued"] < 1 and
		.["anon-8-0"] < 0.6 and .["mapped-9-0"] > 10 and
		.["swapcache-9-0"] > 1.1' "$RESULTS/s-alone/summary.json"
	# Codes are executed equally often: same is that of new, where there is no copy.
	holds '.cells | all(.faults == 0 and
		.arms.old.n == .arms.new.n + (.arms.same.n // 0))' \
		"$RESULTS/s-alone/summary.json"
}

# With one CPU there is none on the other node.
test_what_cannot_be_measured_is_a_hole()
{
	after sweep_is_two_runs
	holds '[.skipped[] | select(.name | startswith("anon-9-0-cpu1"))] |
		length == 2 and all(.why | startswith("none of the available CPUs"))' \
		"$RESULTS/s-alone/summary.json"
	says "anon-9-0-cpu1-mem0 was skipped: none of the available CPUs is on node 1" \
		"$RESULTS/s-alone/table.txt"
}

test_processes_are_measured_together()
{
	after sweep_is_two_runs
	holds '[.cells[] | select(.params.job == "contend" and .params.threads == 2)] |
		length == 4 and all(.contention | .overlap >= 0 and .overlap <= 1 and
		.rates.old > 0 and .rates.new > 0 and .rate_unit == "splits/s (emulated)")' \
		"$RESULTS/s-beside/summary.json"
	holds '.cells[] | select(.name == "contend-2-shared") |
		.arms.old.n == 64 and .contention.scaling.old.boots == 1' \
		"$RESULTS/s-beside/summary.json"
	holds '[.cells[] | select(.params.beside != null and .params.beside != "none")] |
		length == 5 and all(.contention.beside.none.n == 512)' \
		"$RESULTS/s-beside/summary.json"
	says "this machine does not count instructions" "$RESULTS/s-beside/table.txt"
	holds '.cells[] | select(.name == "contend-2-shared") |
		.contention.events.old["lock-waits"] >= 0' "$RESULTS/s-beside/summary.json"
}

# The ordinary split holds the lruvec's lock as well, whichever unmapped split is measured.
test_mapped_thps_are_split_together()
{
	plan "{ $CONTEND, \"state\": \"mapped\", \"threads\": [1, 2] }" \
		"{ $CONTEND, \"state\": \"mapped\", \"beside\": \"isolate\" }"
	CPUS=2 UNIT=emulated RUN=mapped BOOTS=1 bench > "$TESTDIR/table"
	holds '[.cells[] | {key: .name, value: .arms.new.n}] | from_entries ==
		{"contend-1-shared-mapped": 8, "contend-2-shared-mapped": 16,
		 "contend-1-shared-mapped-beside-isolate": 8}' "$RESULTS/mapped/summary.json"
	holds '.complete and (.cells | all(.faults == 0 and .params.state == "mapped"))' \
		"$RESULTS/mapped/summary.json"
	plan "{ $CONTEND, \"state\": \"mapped\", \"order\": 8 }"
	want 64 bench
	says "a mapped folio is of order 9" "$TESTDIR/err"
}

test_more_processes_than_cpus_are_skipped()
{
	plan "{ $CONTEND, \"threads\": [1, 3] }" "{ $CONTEND, \"beside\": \"wake\" }"
	CPUS=1 UNIT=emulated RUN=c BOOTS=1 bench > "$TESTDIR/table"
	says "contend-3-shared was skipped: 3 processes, but only 1 CPUs are available" \
		"$TESTDIR/table"
	says "contend-1-shared-beside-wake was skipped: 2 processes, but only 1 CPUs are available" \
		"$TESTDIR/table"
	holds '.complete and [.cells[].name] == ["contend-1-shared"]' \
		"$RESULTS/c/summary.json"
}

# cells_of RUN: of its first boot's blocks, as they come
cells_of()
{
	jq -r 'select(.block) | .cell | ltrimstr("contend-1-")' \
		"$RESULTS/$1/boot-1.jsonl" | paste -sd' '
}

# Nobody else's slow minute is to fall on one cell alone; instructions have none.
test_blocks_of_a_cell_are_spread_over_a_boot_on_a_clock()
{
	local cells="{ ${CONTEND/\"blocks\": 1/\"blocks\": 4}, \"memcg\": [\"own\", \"root\"] }"

	plan "$cells"
	CPUS=1 UNIT=emulated RUN=spread BOOTS=1 bench > "$TESTDIR/table"
	is "$(cells_of spread)" "own root own root own own root root"
	CPUS=1 UNIT=instructions RUN=joined BOOTS=1 bench > "$TESTDIR/table"
	is "$(cells_of joined)" "own own own own root root root root"
}

test_nodes_that_are_not_there_are_skipped()
{
	plan "{ $CONTEND, \"cpu_node\": [0, 7] }" "{ $CONTEND, \"memory_node\": 9 }"
	RUN=n BOOTS=1 bench > "$TESTDIR/table"
	says "contend-1-shared-cpu7 was skipped: node 7 has too few available CPUs" "$TESTDIR/table"
	says "contend-1-shared-mem9 was skipped: node 9 has no memory" "$TESTDIR/table"
	holds '[.cells[].name] == ["contend-1-shared-cpu0"]' "$RESULTS/n/summary.json"
}

test_bad_plans_are_reported_in_a_line()
{
	plan '{ "job": "contend", "beside": "nonsense" }'
	want 64 bench
	says "unknown beside 'nonsense'; known: none fault cold isolate wake ping" \
		"$TESTDIR/err"
	plan '{ "job": "conted" }'
	want 64 bench
	says "known: split contend migrate" "$TESTDIR/err"
	plan '{ "job": "split", "order": 1 }'
	want 64 bench
	says "order is 2 to 9" "$TESTDIR/err"
	plan '{ "job": "split", "order": [] }'
	want 64 bench
	says "'order' is an empty list" "$TESTDIR/err"
	echo '{ "schema": "splitbench.cells/1", "arm": ["old"], "cells": [ { "job": "split" } ] }' \
		> "$TESTDIR/plan.json"
	want 64 bench
	says "unknown 'arm'; known: schema arms boots cells" "$TESTDIR/err"
	echo '{ "schema": "splitbench.cells/1", "cells": [ { "job": "split" }, ] }' \
		> "$TESTDIR/plan.json"
	want 64 bench
	says "plan.json:1: " "$TESTDIR/err"
	echo '{ "schema": "splitbench.cells/1", "arms": ["empty"], "cells": [ { "job": "split" } ] }' \
		> "$TESTDIR/plan.json"
	want 64 bench
	says "has neither old nor new" "$TESTDIR/err"
}

# What is not asked for is not measured, and the control is that of the arm that is.
test_plan_chooses_arms_and_boots()
{
	echo '{ "schema": "splitbench.cells/1", "arms": ["old"], "boots": 2,
		"cells": [ { "job": "split", "blocks": 1 } ] }' > "$TESTDIR/plan.json"
	UNIT=instructions RUN=a bench > "$TESTDIR/table"
	holds '.cells[0].arms | keys == ["empty", "old", "same_old"]' "$RESULTS/a/summary.json"
	holds '.boots == 2 and .arms == ["old"]' "$RESULTS/a/plan.json"
}

# machine OPTIONS: the tests of machines that lack something, and of a killed tool
machine()
{
	"$TOP/vm/run.sh" --kernel "$build" --unit emulated --cpus 2 --timeout 300 "$@" -- \
		"${wants[@]}" "$TOP/tests/guest/contend.sh" "$build" "$module" "$TESTDIR/plan.json"
}

run_tests
plan "{ $CONTEND, \"memcg\": [\"shared\", \"own\", \"root\"] }" \
	'{ "job": "split", "folio": "swapcache", "blocks": 1 }'
build=$("$TOP/kernel/build.sh" both)
module=$("$TOP/bench/build.sh" "$build")
guest_tests "cgroups" "$TOP/tests/guest/contend.sh#with" machine
guest_tests "a machine without cgroups" "$TOP/tests/guest/contend.sh#without" machine --append cgroup_disable=memory
