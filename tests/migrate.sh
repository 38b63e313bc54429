#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Migrations that fall back, in booted kernels: each kind, detection of wrong paths, restored settings,
# unsuitable machines, and make migrate.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

make -s -C "$TOP/tests"
build=$("$TOP/kernel/build.sh" both)
RESULTS=$TESTDIR/results
export RESULTS

# in_guest SCRIPT OPTIONS...: its tests, in a guest with these; counted later
in_guest()
{
	local script=$1 status=0 begun=$SECONDS

	shift
	any_is_wanted "$script" || return 0
	"$TOP/vm/run.sh" --kernel "$build" --timeout 900 "$@" -- "${wants[@]}" \
		"$script" "$build" > "$TESTDIR/$(basename "$script").out" \
		2> "$TESTDIR/$(basename "$script").err" || status=$?
	echo "$status $((SECONDS - begun))" > "$TESTDIR/$(basename "$script").status"
}

# count NAME: what it found
count()
{
	local status seconds

	[ -e "$TESTDIR/$1.status" ] || return 0
	read -r status seconds < "$TESTDIR/$1.status"
	cp "$TESTDIR/$1.err" "$TESTDIR/err"
	count_tests "$1" "$status" "$TESTDIR/$1.out" "$seconds"
}

test_run_has_all_of_it()
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
		not_empty "$run/$file"
	done
	holds '[.cells[].name] == ["to-dev-none-1", "to-dev-none-2",
		"to-dev-flag-1", "to-dev-flag-2", "to-sys-none-1",
		"to-sys-none-2", "to-sys-flag-1", "to-sys-flag-2"]' \
		"$run/summary.json"
	holds '.cells | all(.arms | .old.n == .new.n and .new.n == .again.n and
		.empty.median < 5000)' "$run/summary.json"
}

# The same free memory before each round, in each boot: without that, up to 2 % and
# more. Two boots show it, as these counts are exact.
test_boots_agree()
{
	after run_has_all_of_it
	"$TOP/tests/experiments/boot_spread.sh" "$RESULTS/m" 0.5
}

# Between two ticks: else every fourth call is interrupted.
test_calls_are_not_interrupted()
{
	after run_has_all_of_it
	jq -s '[.[] | select(.round) | {calls: (.ticks | length),
		disturbed: (.disturbed // [] | length)}] |
		{calls: map(.calls) | add, disturbed: map(.disturbed) | add}' \
		"$RESULTS"/m/boot-*.jsonl > "$TESTDIR/disturbed"
	cat "$TESTDIR/disturbed"
	holds '.calls == 648 and .disturbed < 0.08 * .calls' "$TESTDIR/disturbed"
}

# A fallback costs more than the whole, and the whole is the reference.
test_fallback_costs_more_than_the_whole()
{
	after run_has_all_of_it
	holds '.cells | map(select(.params.kind == "flag")) | length == 4 and
		all(.ratios["cell/none"].estimate > 1.5)' "$RESULTS/m/summary.json"
}

test_parts_add_up_to_the_untraced_call()
{
	after run_has_all_of_it
	# A THP that comes back whole in a round of its own costs 56 thousand instructions
	# more when it is traced, 110 a page, always the same: why is not known yet.
	# shellcheck disable=SC2016 # for jq
	holds '.cells | all((.params.direction == "to-sys" and .params.kind == "none") as $whole |
		([.breakdown.new | to_entries[] | select(.key != "whole") | .value] | add)
		/ .arms.new.median | . > 0.95 and . < if $whole then 1.07 else 1.05 end)' \
		"$RESULTS/m/summary.json"
	holds '.cells | map(select(.params.kind == "flag")) |
		all(.breakdown.new.split > 40000 and .breakdown.old.split > 40000)' \
		"$RESULTS/m/summary.json"
}

# Old and new in turn, and what the machine cannot count is said.
test_commands_are_recorded()
{
	after run_has_all_of_it
	holds '.schema == "splitbench.hyperfine/1" and .unit == "instructions" and
		[.pairs[].results[].command] ==
		["old", "new", "new", "old", "old", "new"] and
		([.pairs[].results[].times[]] | length == 12 and all(. > 0))' \
		"$RESULTS/m/hyperfine.json"
	holds '.arm == "old" and (.events | map(.event) | index("cycles") != null)' \
		"$RESULTS/m/perf-old.json"
	says "not supported" "$RESULTS/m/perf-new.json"
}

# Less long than all of the migration takes; and as pages are unlocked one after the other, it
# depends on the page.
test_page_is_away_while_its_thp_migrates()
{
	after run_has_all_of_it
	cat > "$TESTDIR/cells.json" <<- 'END'
		{ "schema": "splitbench.cells/1", "cells": [
		  { "job": "blackout", "kind": ["flag", "none"], "blocks": 1, "reps": 8 },
		  { "job": "blackout", "direction": "to-dev", "blocks": 1 } ] }
	END
	UNIT=instructions PLAN=$TESTDIR/cells.json RUN=away BOOTS=1 "$TOP/scripts/bench.sh" > "$TESTDIR/table"
	says "how long a page cannot be had while its THP migrates" "$TESTDIR/table"
	matches '^  blackout +new( +[0-9.]+){5}$' "$TESTDIR/table"
	matches '^  blackout-to-dev was skipped: to the device it takes two CPUs' "$TESTDIR/table"
	not_empty "$RESULTS/away/plots/blackout.svg"
	jq -s '[.[].cells[] | {key: .name, value: .arms}] | from_entries' \
		"$RESULTS"/{m,away}/summary.json > "$TESTDIR/both"
	holds '[.[] | .old.n == .new.n and .new.n == .again.n] | all' "$TESTDIR/both"
	holds '.blackout | .empty.max < 1000 and .new.max > 1.1 * .new.median' "$TESTDIR/both"
	holds '.blackout.new.median / .["to-sys-flag-1"].new.median | . > 0.2 and . < 1' "$TESTDIR/both"
	holds '.["blackout-none"].new.median < .blackout.new.median' "$TESTDIR/both"
}

test_unknown_words_are_usage_errors()
{
	want 64 "$TOP/userspace/build/splitbench" migrate --kind nonsense 2> "$TESTDIR/err"
	says "known: none pages flag inject fragment" "$TESTDIR/err"
	want 64 "$TOP/userspace/build/splitbench" migrate --direction up 2> "$TESTDIR/err"
	says "known: to-dev to-sys" "$TESTDIR/err"
	want 64 "$TOP/userspace/build/splitbench" migrate --thps 0
	want 64 "$TOP/userspace/build/splitbench" migrate --thps 129
	want 64 "$TOP/userspace/build/splitbench" migrate --devices 2
	PLAN=nonsense want 64 "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "known: $(cd "$TOP/userspace/plans" && printf "%s\n" *.json | sed "s,[.]json$,," | LC_ALL=C sort | paste -sd" ")" \
		"$TESTDIR/err"
}

# Threads on two CPUs, each device in turn; on the clock, and said so.
test_threads_migrate_in_parallel()
{
	cat > "$TESTDIR/cells.json" <<- 'END'
		{ "schema": "splitbench.cells/1", "cells": [
		  { "job": "migrate", "kind": ["none", "flag"], "thps": 2,
		    "threads": 2, "devices": [1, 2], "blocks": 2 } ] }
	END
	PLAN=$TESTDIR/cells.json CPUS=2 RUN=t BOOTS=1 "$TOP/scripts/bench.sh" \
		> "$TESTDIR/table"
	holds '.unit != "instructions" and (.cells | length == 4 and
		all(.arms.new.n == 16 and .params.threads == 2 and
		    (.throughput.unit | startswith("GiB/s")) and .throughput.new > 0))' \
		"$RESULTS/t/summary.json"
}

progress "test: migrations, in two guests"
in_guest "$TOP/tests/guest/migrate.sh" --unit instructions &
in_guest "$TOP/tests/guest/bad_machine.sh" --unit instructions --memory 640
wait
clear_progress
count migrate.sh
count bad_machine.sh
run_tests
