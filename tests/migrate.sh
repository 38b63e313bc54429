#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Migrations that fall back, in booted kernels: each kind, what has to be found
# out and put back, machines that cannot, and the run that make migrate makes.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

make -s -C "$TOP/tests"
build=$("$TOP/kernel/build.sh" both)
RESULTS=$TESTDIR/results
export RESULTS

# in_guest SCRIPT OPTIONS...: its tests, in a guest with these; counted later
in_guest()
{
	local script=$1 status=0

	shift
	"$TOP/vm/run.sh" --kernel "$build" --timeout 900 "$@" -- \
		"$TOP/tests/guest/$script" "$build" > "$TESTDIR/$script.out" || status=$?
	# A test that failed has its line; this is for what ended early.
	[ $status = 0 ] ||
		echo "not ok - $script itself (status $status)" >> "$TESTDIR/$script.out"
}

# count SCRIPT: what it found
count()
{
	grep -E '^(ok|not ok|#)' "$TESTDIR/$1.out" | tee -a "$COUNTS"
	! grep -q '^not ok' "$TESTDIR/$1.out" || failed=1
}

run_has_all_of_it()
{
	local run=$RESULTS/m file

	cat > "$TESTDIR/cells.json" <<- 'END'
		{ "schema": "splitbench.cells/1", "cells": [
		  { "job": "migrate", "direction": ["to-dev", "to-sys"],
		    "kind": ["none", "flag"], "thps": [1, 2], "blocks": 2 } ] }
	END
	UNIT=instructions PLAN=$TESTDIR/cells.json RUN=m BOOTS=2 \
		"$TOP/scripts/bench.sh" > "$TESTDIR/table"
	says "to-sys-flag-2" "$TESTDIR/table"
	says "no inference" "$TESTDIR/table"
	for file in boot-2.jsonl hyperfine.json perf-old.json perf-new.json \
		plots/fallback.svg plots/latency.png plots/throughput.svg \
		plots/breakdown.svg; do
		[ -s "$run/$file" ] || { echo "no $file"; return 1; }
	done
	holds '[.cells[].name] == ["to-dev-none-1", "to-dev-none-2",
		"to-dev-flag-1", "to-dev-flag-2", "to-sys-none-1",
		"to-sys-none-2", "to-sys-flag-1", "to-sys-flag-2"]' \
		"$run/summary.json"
	holds '.cells | all(.arms | .old.n == .new.n and .new.n == .again.n and
		.empty.median < 5000)' "$run/summary.json"
}

# A fallback costs more than the whole, and the whole is the reference.
fallback_costs_more_than_the_whole()
{
	holds '.cells | map(select(.params.kind == "flag")) | length == 4 and
		all(.ratios["cell/none"].estimate > 1.5)' "$RESULTS/m/summary.json"
}

parts_add_up_to_the_untraced_call()
{
	holds '.cells | all(
		([.breakdown.new | to_entries[] | select(.key != "whole") | .value] | add)
		/ .arms.new.median | . > 0.95 and . < 1.05)' "$RESULTS/m/summary.json"
	holds '.cells | map(select(.params.kind == "flag")) |
		all(.breakdown.new.split > 40000 and .breakdown.old.split > 40000)' \
		"$RESULTS/m/summary.json"
}

# Old and new in turn, and what the machine cannot count is said.
commands_are_recorded()
{
	holds '.schema == "splitbench.hyperfine/1" and .unit == "instructions" and
		[.pairs[].results[].command] ==
		["old", "new", "new", "old", "old", "new"] and
		([.pairs[].results[].times[]] | length == 12 and all(. > 0))' \
		"$RESULTS/m/hyperfine.json"
	holds '.arm == "old" and (.events | map(.event) | index("cycles") != null)' \
		"$RESULTS/m/perf-old.json"
	says "not supported" "$RESULTS/m/perf-new.json"
}

unknown_words_are_usage_errors()
{
	want 64 "$TOP/userspace/build/splitbench" migrate --kind nonsense 2> "$TESTDIR/err"
	says "known: none pages flag inject fragment" "$TESTDIR/err"
	want 64 "$TOP/userspace/build/splitbench" migrate --direction up 2> "$TESTDIR/err"
	says "known: to-dev to-sys" "$TESTDIR/err"
	want 64 "$TOP/userspace/build/splitbench" migrate --thps 0
	want 64 "$TOP/userspace/build/splitbench" migrate --thps 129
	want 64 "$TOP/userspace/build/splitbench" migrate --devices 2
	PLAN=nonsense want 64 "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "known: contend default locks migrate split sweep threads" "$TESTDIR/err"
}

# Threads on two CPUs, each device in turn; on the clock, and said so.
threads_migrate_in_parallel()
{
	cat > "$TESTDIR/cells.json" <<- 'END'
		{ "schema": "splitbench.cells/1", "cells": [
		  { "job": "migrate", "kind": ["none", "flag"], "thps": 2,
		    "threads": 2, "devices": [1, 2], "blocks": 2 } ] }
	END
	PLAN=$TESTDIR/cells.json CPUS=2 RUN=t BOOTS=1 "$TOP/scripts/bench.sh" \
		> "$TESTDIR/table"
	holds '.unit != "instructions" and (.cells | length == 4 and
		all(.arms.new.n == 8 and .params.threads == 2 and
		    (.throughput.unit | startswith("GiB/s")) and .throughput.new > 0))' \
		"$RESULTS/t/summary.json"
}

progress "test: migrations, in two guests"
in_guest migrate.sh --unit instructions &
in_guest bad_machine.sh --unit instructions --memory 640
wait
clear_progress
count migrate.sh
count bad_machine.sh
for name in unknown_words_are_usage_errors run_has_all_of_it \
	fallback_costs_more_than_the_whole parts_add_up_to_the_untraced_call \
	commands_are_recorded threads_migrate_in_parallel; do
	check $name
done
