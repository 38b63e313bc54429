#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The unit tests, and what splitbench says of bad runs.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/runs.sh"

test_good_run_has_a_table_and_a_summary()
{
	make_run "$TESTDIR/run" 6
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "old/new      1.01000" "$TESTDIR/table"
	says "NO REGRESSION" "$TESTDIR/table"
	says "new costs 0.99 % less than old" "$TESTDIR/table"
	holds '.schema == "splitbench.summary/1" and .unit == "instructions" and
		(.cells[0].ratios["old/new"] | .boots == 6 and .p == 0.03125 and
		(.estimate - 1.01 | fabs) < 1e-9)' "$TESTDIR/run/summary.json"
	splitbench plotdata "$TESTDIR/run"
	not_empty "$TESTDIR/run/plots/ratio.dat"
}

test_one_boot_says_no_inference()
{
	make_run "$TESTDIR/run" 1
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "no inference" "$TESTDIR/table"
	want 2 splitbench summary --gate --quiet "$TESTDIR/run"
}

# p90 and p99 of 1 to 100 are 90 and 99, in the table as in the summary.
test_quantiles_are_not_mixed_up()
{
	local i

	splitbench plan --run "$TESTDIR/run" --boots 1 --blocks 100 --warmup 0 --reps 1
	make_machine "$TESTDIR/run"
	{
		echo '{"schema":"splitbench.samples/1","boot":1,"seed":1,"unit":"instructions","arms":["new"],"phases":["fault"]}'
		for ((i = 1; i <= 100; i++)); do
			echo "{\"block\":$i,\"cell\":\"anon-9-0\",\"warmup\":false,\"retries\":0,\"arm\":\"0\",\"ticks\":[$((1 + i * 37 % 100))],\"cpu\":0,\"phases\":[1]}"
		done
		echo '{"end":100}'
	} > "$TESTDIR/run/boot-1.jsonl"
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	matches '^ +new +100 +50.5 +90 +99 +100$' "$TESTDIR/table"
	holds '.cells[0].arms.new == {"n": 100, "median": 50.5, "p90": 90, "p99": 99, "max": 100}' \
		"$TESTDIR/run/summary.json"
}

# The A/A pair is 1 % apart: whatever else it says, the run has failed.
test_failed_aa_is_a_failed_run()
{
	make_run "$TESTDIR/run" 6
	sed -i 's/1007,1007/1007,1017/' "$TESTDIR"/run/boot-*.jsonl
	want 1 splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "A/A FAILED" "$TESTDIR/table"
	says "this run can tell nothing" "$TESTDIR/table"
	want 1 grep "NO REGRESSION" "$TESTDIR/table"
}

test_broken_contract_is_a_failed_run()
{
	make_run "$TESTDIR/run" 6
	sed -i '3s/"cpu"/"fault":[[1,2]],"cpu"/' "$TESTDIR/run/boot-4.jsonl"
	want 1 splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "BROKEN CONTRACT: 1 calls" "$TESTDIR/table"
}

# Noise of 1 % in the A/A pair, a difference of 0.1 %: not claimed.
test_difference_below_the_floor_is_not_claimed()
{
	local boot

	make_run "$TESTDIR/run" 6
	for boot in 1 3 5; do
		sed -i 's/1017,1007,1007/1008,1007,1017/' "$TESTDIR/run/boot-$boot.jsonl"
		sed -i 's/1017,1007,1007/1008,1007,997/' "$TESTDIR/run/boot-$((boot + 1)).jsonl"
	done
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "below the noise floor and is not claimed" "$TESTDIR/table"
}

# bad_run STATUS MESSAGE: summary of the run ends so, and says so
bad_run()
{
	want "$1" splitbench summary --quiet "$TESTDIR/run" 2> "$TESTDIR/error"
	says "$2" "$TESTDIR/error"
}

# found BOOT MENDED: by the doctor, before that boot
found()
{
	local finding='"level":"SPOILS","what":"it runs","fix":"stop it"'

	sed -i "1s/,\"phases\"/,\"doctor\":{\"ksm\":{$finding,\"mended\":$2},\"nodes\":{\"level\":\"note\",\"what\":\"one\",\"fix\":\"none\",\"mended\":false}}&/" \
		"$TESTDIR/run/boot-$1.jsonl"
}

# Mended each time, or not; what is only to be known is not in the table.
test_findings_are_told_with_their_boots()
{
	make_run "$TESTDIR/run" 6
	found 2 true
	found 5 true
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "mended meanwhile: ksm" "$TESTDIR/table"
	want 1 grep -E "nodes|SPOILED" "$TESTDIR/table"
	found 6 false
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "SPOILED by ksm: it runs (boot 6)" "$TESTDIR/table"
	holds '.doctor.ksm == {"level": "SPOILS", "mended": [2, 5],
		"found": [{"boot": 6, "what": "it runs"}]}' "$TESTDIR/run/summary.json"
	splitbench cover "$TESTDIR/run" > "$TESTDIR/cover"
	says "WARNING: spoiled by ksm: it runs (boot 6)" "$TESTDIR/cover"
	sed -i '1s/"what":"it runs",//' "$TESTDIR/run/boot-6.jsonl"
	bad_run 70 "boot-6.jsonl:1: 'ksm' is no finding"
}

test_corrupt_runs_are_named_by_file_and_line()
{
	make_run "$TESTDIR/run" 2
	sed -i '3s/1017/bogus/' "$TESTDIR/run/boot-2.jsonl"
	bad_run 70 "boot-2.jsonl:3: not JSON"
	absent "$TESTDIR/run/summary.json"
}

test_unknown_schemas_are_refused()
{
	make_run "$TESTDIR/run" 1
	sed -i 's|samples/1|samples/9|' "$TESTDIR/run/boot-1.jsonl"
	bad_run 70 "boot-1.jsonl:1: schema is 'splitbench.samples/9'"
	sed -i 's|plan/2|plan/9|' "$TESTDIR/run/plan.json"
	bad_run 70 "plan.json: schema is 'splitbench.plan/9'"
}

test_units_are_not_mixed()
{
	make_run "$TESTDIR/run" 2
	sed -i '1s/instructions/tsc/' "$TESTDIR/run/boot-2.jsonl"
	bad_run 70 "boot-2.jsonl:1: the unit is tsc, the machine's is instructions"
}

test_missing_runs_are_named()
{
	bad_run 70 "run/plan.json"
	make_run "$TESTDIR/run" 1
	rm "$TESTDIR/run/boot-1.jsonl"
	bad_run 70 "no block to analyse"
}

test_truncated_run_is_used_but_not_passed()
{
	make_run "$TESTDIR/run" 6
	truncate -s -40 "$TESTDIR/run/boot-6.jsonl"
	want 70 splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "INCOMPLETE" "$TESTDIR/table"
	says "boot-6.jsonl:4: the file is truncated here" "$TESTDIR/table"
	holds '.complete == false' "$TESTDIR/run/summary.json"
}

test_usage_errors_are_64()
{
	want 64 splitbench
	want 64 splitbench nonsense
	want 64 splitbench summary
	want 64 splitbench plan --run "$TESTDIR/x" --boots 0
	want 64 splitbench plan --run "$TESTDIR/x" --boots -3
	want 64 splitbench plan --run "$TESTDIR/x" --new-order 1
	want 64 splitbench plan --run "$TESTDIR/x" --margin nan
	absent "$TESTDIR/x"
}

test_plans_are_not_changed()
{
	splitbench plan --run "$TESTDIR/run"
	want 64 splitbench plan --run "$TESTDIR/run" 2> "$TESTDIR/error"
	says "a plan is not changed" "$TESTDIR/error"
}

test_no_module_is_a_skip_that_helps()
{
	splitbench plan --run "$TESTDIR/run"
	want 4 splitbench measure --run "$TESTDIR/run" --boot 1 2> "$TESTDIR/error"
	is "$(wc -l < "$TESTDIR/error")" 1
}

test_full_disk_leaves_no_summary()
{
	make_run "$TESTDIR/run" 6
	want 70 bash -c "trap '' XFSZ; ulimit -f 0; exec '$TOP/userspace/build/splitbench' summary --quiet '$TESTDIR/run'"
	absent "$TESTDIR/run/summary.json"
	is "$(find "$TESTDIR/run" -name '*.tmp')" ''
}

make -s -C "$TOP/tests"
for file in "$TOP"/tests/unit/test_*.c; do
	program=$(basename "$file" .c)
	guest_tests "$program" "$file" each_pattern "$TOP/tests/build/$program"
done
before_each() { rm -rf "$TESTDIR/run"; }
run_tests
