#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Comparisons of runs, and what is published of them, on made-up runs, so that the answer is known.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/runs.sh"

# compared STATUS [OPTIONS]: run B against A, into $TESTDIR/table
compared()
{
	local status=$1

	shift
	want "$status" splitbench compare "$@" "$TESTDIR/a" "$TESTDIR/b" \
		> "$TESTDIR/table" 2> "$TESTDIR/error"
}

# refused MESSAGE: the runs cannot be compared
refused()
{
	compared 64
	says "$1" "$TESTDIR/error"
	is "$(wc -l < "$TESTDIR/error")" 1
	empty "$TESTDIR/table"
}

test_same_is_no_regression()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	compared 0 --json "$TESTDIR/json"
	says "NO REGRESSION" "$TESTDIR/table"
	holds '.schema == "splitbench.compare/1" and .warnings == [] and
		(.cells | length == 1) and (.cells[0] |
		.name == "anon-9-0" and .A.arm == "new" and .B.arm == "new" and
		.A.median == 1007 and ."B/A".estimate == 1 and ."B/A".p == 1)' \
		"$TESTDIR/json"
}

# 3 % more in each of six boots: no other of 924 ways but its mirror is as far.
test_regression_is_found()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6 1010 1030
	compared 1 --json "$TESTDIR/json"
	says " REGRESSION" "$TESTDIR/table"
	says "B costs 3.00 % more than A" "$TESTDIR/table"
	holds '.regressions == 1 and (.cells[0]."B/A" |
		(.estimate - 1.03 | fabs) < 1e-9 and (.p * 924 - 2 | fabs) < 1e-9)' \
		"$TESTDIR/json"
}

# named RUN LABEL TITLE: as make bench records what it calls a kernel
named()
{
	jq --arg l "$2" --arg t "$3" '.target = { "label": $l, "title": $t } |
		del(.target[] | select(. == ""))' \
		"$TESTDIR/$1/plan.json" > "$TESTDIR/plan.json"
	mv "$TESTDIR/plan.json" "$TESTDIR/$1/plan.json"
}

test_kernels_are_named_by_what_distinguishes_them()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	compared 0
	says "A: a  Linux test" "$TESTDIR/table"
	named a base 'v7.2 "Linux 7.2"'
	named b fast 'v7.2-1-gabc "mm: make it fast"'
	compared 0 --json "$TESTDIR/json"
	says 'A: base  v7.2 "Linux 7.2"; Linux test, run a' "$TESTDIR/table"
	says 'B: fast  v7.2-1-gabc "mm: make it fast"; Linux test, run b' "$TESTDIR/table"
	holds '.A.label == "base" and .B.title == "v7.2-1-gabc \"mm: make it fast\""' "$TESTDIR/json"
	splitbench cover "$TESTDIR/a" "$TESTDIR/b" > "$TESTDIR/cover"
	says "kernel fast (patched) against kernel base (base)" "$TESTDIR/cover"
	says 'Linux test, v7.2-1-gabc "mm: make it fast"' "$TESTDIR/cover"
	# A label that both have tells nothing apart.
	named b base ''
	compared 0
	says "B: b  Linux test" "$TESTDIR/table"
}

test_several_kernels_are_compared_with_the_first_and_the_one_before()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6 1010 1030
	make_run "$TESTDIR/c" 6 1010 1030
	make_run "$TESTDIR/d" 6 1010 990
	want 1 "$TOP/scripts/compare.sh" "$TESTDIR"/{a,b,c,d} > "$TESTDIR/table" 2> "$TESTDIR/err"
	says "1: a  Linux test" "$TESTDIR/table"
	says "4: d  Linux test" "$TESTDIR/table"
	says "of 5 comparisons tested: 2 regressions, 1 improvements, 0 inconclusive" "$TESTDIR/table"
	matches "^  anon-9-0 +a +1007$" "$TESTDIR/table"
	matches "^ +b +1037  1.0300 .*\* REGRESSION$" "$TESTDIR/table"
	matches "^ +c +1037  1.0300 .*\* REGRESSION +1.0000 .* NO REGRESSION$" "$TESTDIR/table"
	matches "^ +d +997  0.9900 .*\* NO REGRESSION +0.9612 .*\* IMPROVEMENT$" "$TESTDIR/table"
	holds '.schema == "splitbench.comparisons/1" and
		[.comparisons[] | "\(.A.run) \(.B.run) \(.cells[0].verdict)"] ==
		["a b REGRESSION", "a c REGRESSION", "b c NO REGRESSION", "a d NO REGRESSION",
		 "c d IMPROVEMENT"]' "$TESTDIR/a..b..c..d/compare.json"
	is "$(cut -d, -f1-3 "$TESTDIR/a..b..c..d/compare.csv" | paste -sd' ')" \
		"a,b,cell a,b,anon-9-0 a,c,anon-9-0 b,c,anon-9-0 a,d,anon-9-0 c,d,anon-9-0"
	says "1..5" "$TESTDIR/a..b..c..d/compare.ktap"
	says "not ok 2 c/a anon-9-0" "$TESTDIR/a..b..c..d/compare.ktap"
	rm "$TESTDIR/d/boot-6.jsonl"
	want 70 splitbench compare "$TESTDIR"/{a,b,c,d} > "$TESTDIR/table"
	says "WARNING: these differ between A, a, and B, d, or are noise sources:" "$TESTDIR/table"
}

# By the ends of their names, where they begin alike; and a name may have a comma.
test_kernels_with_names_alike_are_told_apart()
{
	local folder long=a-name-that-goes-on-and-on-and-on-until-it-is-long
	local runs=('a, "b"' "$long-v1" "$long-v2")

	for folder in "${runs[@]}"; do
		make_run "$TESTDIR/$folder" 6
	done
	splitbench compare --csv "$TESTDIR/csv" "${runs[@]/#/$TESTDIR/}" > "$TESTDIR/table"
	matches "^ +[a-z-]*until-it-is-long-v1 +1007  1.0000" "$TESTDIR/table"
	matches "^ +[a-z-]*until-it-is-long-v2 +1007  1.0000" "$TESTDIR/table"
	says "\"a, \"\"b\"\"\",$long-v1,anon-9-0,new,new,0,instructions,1007," "$TESTDIR/csv"
	for folder in "${runs[@]}"; do
		rm -r "${TESTDIR:?}/$folder"
	done
}

# What one comparison claims may be chance among twenty-nine.
test_all_comparisons_are_one_family()
{
	local number runs=()

	SPREAD="-7 7 -5 5 -3 3" make_run "$TESTDIR/a" 6
	SPREAD="-7 7 -5 5 -3 3" make_run "$TESTDIR/b" 6 1020 1010
	compared 0
	says "B costs 1.00 % more than A" "$TESTDIR/table"
	mkdir "$TESTDIR/many"
	for ((number = 2; number <= 16; number++)); do
		cp -r "$TESTDIR/b" "$TESTDIR/many/$number"
		runs+=("$TESTDIR/many/$number")
	done
	splitbench compare "$TESTDIR/a" "$TESTDIR/b" "${runs[0]}" > "$TESTDIR/table"
	says "]*" "$TESTDIR/table"
	splitbench compare "$TESTDIR/a" "${runs[@]}" > "$TESTDIR/table"
	says "of 29 comparisons tested: 0 regressions, 0 improvements" "$TESTDIR/table"
	want 1 grep -F "]*" "$TESTDIR/table"
}

# designed RUN FROM TO: those of its boots are of the balanced design
designed()
{
	local boot

	for ((boot = $2; boot <= $3; boot++)); do
		sed -i '1s/"unit"/"design":"carryover-balanced\/1","unit"/' "$1/boot-$boot.jsonl"
	done
}

test_runs_of_other_designs_arms_or_builds_are_refused()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	designed "$TESTDIR/b" 1 6
	refused "A's calls are ordered by design '', B's by 'carryover-balanced/1'"
	rm -r "$TESTDIR/b"
	make_run "$TESTDIR/b" 6
	sed -i 's/"arms": \[/"arms": ["same", /' "$TESTDIR/b/plan.json"
	refused "A and B have plans with different arms"
	rm -r "$TESTDIR/b"
	make_run "$TESTDIR/b" 6
	sed -i 's/"boots": 6,/"boots": 6, "builds": 3,/; s/"builds": 1,//' "$TESTDIR/b/plan.json"
	for boot in 1 2 3 4 5 6; do
		sed -i "1s/\"unit\"/\"build\":$(((boot - 1) % 3 + 1)),\"unit\"/" "$TESTDIR/b/boot-$boot.jsonl"
	done
	refused "A has 1 builds, B has 3"
}

# repeated RUN: its boot 7 is boot 3 with another number
repeated()
{
	sed '1s/"boot":3,/"boot":7,/' "$1/boot-3.jsonl" > "$1/boot-7.jsonl"
	want 70 splitbench summary "$1" > "$TESTDIR/table" 2> "$TESTDIR/error"
	says "$1/boot-7.jsonl is not counted: it is the same boot of the machine as boot-3.jsonl" "$TESTDIR/table"
	holds '.complete == false and (.cells | all(.ratios[].boots == 6))' "$1/summary.json"
}

# A column that shows nothing but 0.0 is a line; one call that waited is a table.
test_events_that_did_not_happen_are_a_line()
{
	cp -r "$TOP/results/reference-beside" "$TESTDIR/a"
	want 0 splitbench summary "$TESTDIR/a" > "$TESTDIR/table"
	says "lock-waits: less than 0.05 of each call in all cells" "$TESTDIR/table"
	want 1 grep "counted in the kernel" "$TESTDIR/table"
	sed -i 's/"lock-waits":\[0,0,0/"lock-waits":[0,900,900/' "$TESTDIR"/a/boot-*.jsonl
	want 0 splitbench summary "$TESTDIR/a" > "$TESTDIR/table"
	says "counted in the kernel, of each call" "$TESTDIR/table"
	matches "contend-2-shared +new +[1-9]" "$TESTDIR/table"
	want 1 grep "less than 0.05" "$TESTDIR/table"
}

# The clock of a kernel that has just booted has another name for a second.
test_clocks_that_are_the_same_do_not_differ()
{
	local run

	for run in a b; do
		make_run "$TESTDIR/$run" 6
		sed -i 's/"unit"/"clocksource": "tsc", "unit"/' "$TESTDIR/$run/machine.json"
	done
	sed -i 's/: "tsc"/: "tsc-early"/' "$TESTDIR/a/machine.json"
	compared 0 --json "$TESTDIR/json"
	holds '.warnings == []' "$TESTDIR/json"
	sed -i 's/: "tsc-early"/: "hpet"/' "$TESTDIR/a/machine.json"
	compared 0 --json "$TESTDIR/json"
	holds '.warnings == ["clocksource: hpet in A, tsc in B"]' "$TESTDIR/json"
}

test_boot_that_was_copied_is_no_other_boot()
{
	local boot

	make_run "$TESTDIR/a" 7
	for boot in 1 2 3 4 5 6 7; do
		sed -i "1s/\"seed\"/\"boot_id\":\"id-of-$boot\",\"seed\"/" "$TESTDIR/a/boot-$boot.jsonl"
	done
	want 0 splitbench summary "$TESTDIR/a" > "$TESTDIR/table"
	holds '.complete and (.cells | all(.ratios["old/new"].boots == 7))' "$TESTDIR/a/summary.json"
	repeated "$TESTDIR/a"
	# What says nothing of boots is read as ever.
	rm -r "$TESTDIR/a"
	make_run "$TESTDIR/a" 7
	want 0 splitbench summary "$TESTDIR/a" > "$TESTDIR/table"
	holds '.complete and (.cells | all(.ratios["old/new"].boots == 7))' "$TESTDIR/a/summary.json"
}

# Of a version that recorded no id of a boot
test_copy_in_a_run_of_an_earlier_version_is_found()
{
	cp -r "$TOP/results/reference-alone" "$TESTDIR/a"
	want 1 grep boot_id "$TESTDIR/a/boot-3.jsonl"
	sed -i 's/"boots": *6,/"boots": 7,/' "$TESTDIR/a/plan.json"
	repeated "$TESTDIR/a"
}

test_boots_of_two_designs_are_no_run()
{
	make_run "$TESTDIR/a" 6
	designed "$TESTDIR/a" 4 6
	want 70 splitbench summary "$TESTDIR/a" 2> "$TESTDIR/error"
	says "boot-4.jsonl:1: the design is 'carryover-balanced/1', that of the boots before is ''" \
		"$TESTDIR/error"
	designed "$TESTDIR/a" 1 3
	splitbench summary "$TESTDIR/a" > "$TESTDIR/table"
	sed -i '1s/balanced.1/balanced\/9/' "$TESTDIR/a/boot-2.jsonl"
	want 70 splitbench summary "$TESTDIR/a" 2> "$TESTDIR/error"
	says "boot-2.jsonl:1: unknown design 'carryover-balanced/9'" "$TESTDIR/error"
}

test_improvement_is_found()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6 1010 900
	compared 0 --json "$TESTDIR/json"
	says "IMPROVEMENT" "$TESTDIR/table"
	says "of 1 rows tested: 0 regressions, 1 improvements, 0 inconclusive" "$TESTDIR/table"
	says "B costs 10.00 % less than A" "$TESTDIR/table"
	holds '.improvements == 1 and .regressions == 0' "$TESTDIR/json"
}

# Less by 1 %: known to be cheaper, by less than the margin
test_small_gain_is_no_improvement()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6 1010 990
	compared 0
	says "NO REGRESSION" "$TESTDIR/table"
	says "0 improvements" "$TESTDIR/table"
}

# 3 % more on the average of boots that lie 30 % apart.
test_noise_is_inconclusive()
{
	SPREAD="0 300 150 20 280 90" make_run "$TESTDIR/a" 6
	SPREAD="330 30 180 50 310 120" make_run "$TESTDIR/b" 6
	compared 2
	says INCONCLUSIVE "$TESTDIR/table"
	says "boots of each run are needed" "$TESTDIR/table"
}

test_too_few_boots_are_no_inference()
{
	make_run "$TESTDIR/a" 1
	make_run "$TESTDIR/b" 3 1010 2000
	compared 2
	says "no inference" "$TESTDIR/table"
	make_run "$TESTDIR/c" 6
	want 2 splitbench compare "$TESTDIR/a" "$TESTDIR/c" > "$TESTDIR/table"
}

# An A/A pair that differs, in either run: whatever else it says is not said.
test_failed_aa_claims_nothing()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6 1010 1030
	sed -i 's/1037,1037/1037,1057/' "$TESTDIR"/b/boot-*.jsonl
	compared 2
	says "A/A FAILED" "$TESTDIR/table"
}

# 30 % more in each boot: an A/A pair that is anything must not hide it.
test_noise_does_not_hide_a_regression()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6 1010 1300
	for boot in 1 3 5; do
		sed -i 's/1307,1307/1307,917/' "$TESTDIR/b/boot-$boot.jsonl"
	done
	for boot in 2 4 6; do
		sed -i 's/1307,1307/1307,1827/' "$TESTDIR/b/boot-$boot.jsonl"
	done
	compared 2
	says INCONCLUSIVE "$TESTDIR/table"
}

# Five boots of six say 6 % more, one nothing: t says so, the exact test p =
# 0.0625. What is a regression is a difference as well, in every text.
test_verdicts_do_not_contradict_each_other()
{
	local boot

	make_run "$TESTDIR/a" 6 100000 106000
	sed -i 's/106007,106007/100010,100010/' "$TESTDIR/a/boot-6.jsonl"
	want 1 splitbench summary --gate "$TESTDIR/a" > "$TESTDIR/table"
	says " REGRESSION at a margin" "$TESTDIR/table"
	want 1 grep "no difference" "$TESTDIR/table"
	splitbench cover "$TESTDIR/a" > "$TESTDIR/cover"
	says "Costs more:          anon-9-0" "$TESTDIR/cover"
}

# Judged by 2 %, reported as 2 %, whatever the floor.
test_reported_margin_is_the_plans()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	for boot in 1 3 5; do
		sed -i 's/1007,1007/1007,1057/' "$TESTDIR/b/boot-$boot.jsonl"
	done
	compared 0 --json "$TESTDIR/json"
	holds '.cells[0] | .margin == 0.02 and .floor > 1.03' "$TESTDIR/json"
	says "at a margin of 2 %" "$TESTDIR/table"
	splitbench summary "$TESTDIR/b" > "$TESTDIR/table"
	says "NO REGRESSION at a margin of 2 %" "$TESTDIR/table"
}

test_broken_contract_is_no_good_run()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	sed -i 's/"cpu":0/"fault":[[2,4]],"cpu":0/' "$TESTDIR/b/boot-2.jsonl"
	compared 1 --ktap "$TESTDIR/ktap"
	says "B has calls that broke the contract" "$TESTDIR/table"
	says "not ok 1" "$TESTDIR/ktap"
}

test_run_is_not_compared_with_itself()
{
	make_run "$TESTDIR/a" 6
	ln -s a "$TESTDIR/b"
	refused "A and B are the same run"
}

# By the ids of boots, and in a run of an earlier version
test_boots_of_one_run_are_not_compared_with_their_copies()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	sed -i '1s/"seed"/"boot_id":"one","seed"/' "$TESTDIR/a/boot-2.jsonl"
	sed -i '1s/"seed"/"boot_id":"two","seed"/' "$TESTDIR/b/boot-5.jsonl"
	compared 0
	sed -i '1s/"two"/"one"/' "$TESTDIR/b/boot-5.jsonl"
	refused "a/boot-2.jsonl and $TESTDIR/b/boot-5.jsonl are the same record, of which one is a copy"
	# One boot of a machine, in which two runs were measured
	sed -i '1s/"seed"/"started":"2026-11-27T01:20:36Z","seed"/' "$TESTDIR/b/boot-5.jsonl"
	compared 0
	rm -r "$TESTDIR"/{a,b}
	cp -r "$TOP/results/reference-alone" "$TESTDIR/a"
	cp -r "$TOP/results/reference-alone" "$TESTDIR/b"
	refused "a/boot-1.jsonl and $TESTDIR/b/boot-1.jsonl are the same record"
}

# Of exact counts, 0.05 % from one build to another is nothing to write home.
test_exact_trifles_are_not_claimed()
{
	make_run "$TESTDIR/a" 6 101000 100000
	make_run "$TESTDIR/b" 6 101000 100050
	compared 0
	says "is not claimed" "$TESTDIR/table"
	splitbench cover "$TESTDIR/a" "$TESTDIR/b" > "$TESTDIR/cover"
	says "Costs more:          none" "$TESTDIR/cover"
}

test_units_are_not_compared()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	sed -i 's/"instructions"/"tsc"/' "$TESTDIR"/b/{boot-*.jsonl,machine.json}
	refused "A's unit is instructions, B's is tsc"
}

test_plans_are_not_mixed()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	sed -i 's/"blocks": 3/"blocks": 4/' "$TESTDIR/b/plan.json"
	refused "runs of different plans are not compared"
	make_run "$TESTDIR/c" 6
	sed -i 's/"margin": 0.02[0-9]*/"margin": 0.05/' "$TESTDIR/c/plan.json"
	want 64 splitbench compare "$TESTDIR/a" "$TESTDIR/c" 2> "$TESTDIR/error"
	says "what counts as a difference was not declared" "$TESTDIR/error"
}

test_schemas_are_not_mixed()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	sed -i 's|splitbench.samples/1|splitbench.samples/2|' "$TESTDIR/b/boot-3.jsonl"
	compared 70
	says "b/boot-3.jsonl:1: schema is 'splitbench.samples/2'" "$TESTDIR/error"
}

# Also where the order is rounded up first, or two arms share a code.
test_plan_refuses_more_calls_than_a_block_has()
{
	local plan=(splitbench plan --run "$TESTDIR/p")

	want 64 "${plan[@]}" --arms "old new same" --reps 13 2> "$TESTDIR/error"
	says "cell anon-9-0: reps is 13, and with these arms 12 at most: a block has room for 64 calls" \
		"$TESTDIR/error"
	want 64 "${plan[@]}" --arms "old new again" --reps 15 2> "$TESTDIR/error"
	says "reps is 16, and with these arms 14 at most" "$TESTDIR/error"
	absent "$TESTDIR/p"
	want 0 "${plan[@]}" --arms "old new same" --reps 12
}

test_cells_of_one_side_are_named()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	jq '.cells += [{"job": "split", "new_order": 4, "blocks": 1, "warmup": 0, "reps": 1}]' \
		"$TESTDIR/b/plan.json" > "$TESTDIR/plan"
	mv "$TESTDIR/plan" "$TESTDIR/b/plan.json"
	for boot in 1 2 3 4 5 6; do
		sed -i '$d' "$TESTDIR/b/boot-$boot.jsonl"
		cat >> "$TESTDIR/b/boot-$boot.jsonl" <<-END
			{"block":4,"cell":"anon-9-4","warmup":false,"retries":0,"arm":"2","ticks":[99],"cpu":0,"phases":[1]}
			{"end":4}
		END
	done
	compared 0
	says "cell anon-9-4: only B has it" "$TESTDIR/table"
	make_run "$TESTDIR/c" 6
	sed -i 's/anon-9-0/anon-9-2/; s/"new_order": 0/"new_order": 2/' "$TESTDIR"/c/{plan.json,boot-*}
	want 64 splitbench compare "$TESTDIR/a" "$TESTDIR/c" 2> "$TESTDIR/error"
	says "no cell in common" "$TESTDIR/error"
}

test_other_machines_are_warned_of()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	sed -i 's/"performance"/"powersave"/; s/"debug_options": \[\]/"debug_options": ["KASAN"]/' \
		"$TESTDIR/b/machine.json"
	printf '%s\n' CONFIG_X86=y CONFIG_KASAN=y CONFIG_FOLIO_SPLIT_OLD=y > "$TESTDIR/b/config"
	compared 0
	says "cpu governor: performance in A, powersave in B" "$TESTDIR/table"
	says "kernel debug_options: [] in A, [\"KASAN\"] in B" "$TESTDIR/table"
	says "CONFIG_KASAN: nothing in A, y in B" "$TESTDIR/table"
	want 1 grep FOLIO_SPLIT_OLD "$TESTDIR/table"
}

# One line, and not each option that says what a compiler can; others are still told.
test_other_compilers_are_warned_of()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	printf '%s\n' CONFIG_CC_VERSION_TEXT='"gcc 12"' CONFIG_CC_IS_GCC=y CONFIG_LD_IS_BFD=y \
		CONFIG_UBSAN_BOUNDS_STRICT=y > "$TESTDIR/a/config"
	printf '%s\n' CONFIG_CC_VERSION_TEXT='"clang 19"' CONFIG_CC_IS_CLANG=y CONFIG_HAS_LTO_CLANG=y \
		CONFIG_UBSAN_ARRAY_BOUNDS=y > "$TESTDIR/b/config"
	sed -i 's/"kernel": {/&"compiler": "gcc (Debian) 12, GNU ld 2",/' "$TESTDIR/a/machine.json"
	sed -i 's/"kernel": {/&"compiler": "clang 19, LLD 19",/' "$TESTDIR/b/machine.json"
	compared 0 --json "$TESTDIR/json"
	says 'CONFIG_CC_VERSION_TEXT: "gcc 12" in A, "clang 19" in B' "$TESTDIR/table"
	says "CONFIG_UBSAN_BOUNDS_STRICT: y in A, nothing in B" "$TESTDIR/table"
	holds '.warnings | length == 3' "$TESTDIR/json"
	holds '.A.compiler == "gcc (Debian) 12" and .B.compiler == "clang 19"' "$TESTDIR/json"
	splitbench summary "$TESTDIR/a" > "$TESTDIR/summary"
	matches "^a  Linux [^ ]+, gcc \(Debian\) 12$" "$TESTDIR/summary"
	holds '.compiler == "gcc (Debian) 12"' "$TESTDIR/a/summary.json"
	# The same compiler's options are all compared.
	sed -i 's/clang 19/gcc 12/' "$TESTDIR/b/config"
	compared 0 --json "$TESTDIR/json"
	says "CONFIG_CC_IS_CLANG: nothing in A, y in B" "$TESTDIR/table"
}

# The kernel from before has the old split alone; the one that has both has it too.
test_before_is_held_against_both_splits()
{
	make_run "$TESTDIR/a" 6 1020
	sed -i 's/"arm":"0123","ticks":\[7,1027,1007,1007\]/"arm":"013","ticks":[7,1027,1027]/' \
		"$TESTDIR"/a/boot-*.jsonl
	make_run "$TESTDIR/b" 6 1018
	compared 0 --json "$TESTDIR/json"
	says "old > new" "$TESTDIR/table"
	says "the old split of A and that of B differ by 0.196 %: within 0.3 %" "$TESTDIR/table"
	holds '(.cells | length == 2) and (.cells[0] | .A.arm == "old" and .B.arm == "new")
		and .cells[1].control' "$TESTDIR/json"
	rm -r "$TESTDIR/b"
	make_run "$TESTDIR/b" 6 1010
	compared 0
	says "BEYOND 0.3 %" "$TESTDIR/table"
}

test_tables_are_for_machines_too()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6 1010 1030
	compared 1 --csv "$TESTDIR/csv" --ktap "$TESTDIR/ktap"
	is "$(head -n 1 "$TESTDIR/csv" | tr ',' '\n' | wc -l)" "$(tail -n 1 "$TESTDIR/csv" | tr ',' '\n' | wc -l)"
	matches '^anon-9-0,new,new,0,instructions,1007,1037,1007,1037,1.03,1.03,1.03,' "$TESTDIR/csv"
	is "$(sed -n 1,2p "$TESTDIR/ktap" | paste -sd'|')" "KTAP version 1|1..1"
	says "not ok 1 anon-9-0 new" "$TESTDIR/ktap"
	compared 1 --json -
	holds . "$TESTDIR/table"
}

test_one_run_is_for_machines_too()
{
	make_run "$TESTDIR/a" 6 900 1000
	want 1 splitbench summary --gate --csv "$TESTDIR/csv" --ktap "$TESTDIR/ktap" "$TESTDIR/a" \
		> "$TESTDIR/table"
	says " REGRESSION at a margin of 2 %" "$TESTDIR/table"
	is "$(awk -F, '{ print NF }' "$TESTDIR/csv" | sort -u)" 16
	says "anon-9-0,old,instructions,18,907,907,907,907,old/new,0.9,0.9,0.9,6,0,0.02,REGRESSION" "$TESTDIR/csv"
	is "$(sed -n 1,2p "$TESTDIR/ktap" | paste -sd'|')" "KTAP version 1|1..1"
	says "not ok 1 anon-9-0" "$TESTDIR/ktap"
	make_run "$TESTDIR/b" 2
	splitbench summary --quiet --ktap - "$TESTDIR/b" > "$TESTDIR/ktap"
	says "ok 1 anon-9-0 # SKIP no inference" "$TESTDIR/ktap"
}

# An arm that is somebody's own is wherever old and new are.
test_variant_is_in_all_that_is_published()
{
	make_run "$TESTDIR/a" 6
	add_arm "$TESTDIR/a" 1200
	want 1 splitbench summary --gate --csv "$TESTDIR/csv" --ktap "$TESTDIR/ktap" "$TESTDIR/a" \
		> "$TESTDIR/table"
	matches '^  mine +18 +1207 ' "$TESTDIR/table"
	says "mine/new     1.20000  [1.20000, 1.20000]  p = 0.031" "$TESTDIR/table"
	says "mine against new: REGRESSION at a margin of 2 %" "$TESTDIR/table"
	says "mine costs 20.00 % more than new" "$TESTDIR/table"
	says "new costs 0.99 % less than old" "$TESTDIR/table"
	says "anon-9-0,mine,instructions,18,1207,1207,1207,1207,mine/new,1.2,1.2,1.2,6,0,0.02,REGRESSION" "$TESTDIR/csv"
	is "$(sed -n 2p "$TESTDIR/ktap")" "1..2"
	says "ok 1 anon-9-0" "$TESTDIR/ktap"
	says "not ok 2 anon-9-0 mine/new" "$TESTDIR/ktap"
	holds '(.cells[0].ratios["mine/new"] | .verdict == "REGRESSION" and .claimed and
		(.estimate - 1.2 | fabs) < 1e-9) and .cells[0].arms.mine.median == 1207 and
		.family.tested == 2' "$TESTDIR/a/summary.json"
	"$TOP/plots/plot.sh" "$TESTDIR/a" > "$TESTDIR/out"
	says "mine/new" "$TESTDIR/a/plots/ratio.svg"
	says "mine" "$TESTDIR/a/plots/distribution.svg"
	"$TOP/scripts/cover.sh" "$TESTDIR/a" > "$TESTDIR/cover"
	mails "$TESTDIR/cover"
	says "folio_split_unmapped(); mine" "$TESTDIR/cover"
	matches '^median +new +mine ' "$TESTDIR/cover"
	says "Costs more:          anon-9-0 mine/new (+20.00%)" "$TESTDIR/cover"
	says "Costs less:          anon-9-0 new/old (-0.99%)" "$TESTDIR/cover"
	says "<th>mine, median</th>" "$TESTDIR/a/cover/cover.html"
	cp -r "$TESTDIR/a" "$TESTDIR/b"
	sed -i 's/,1207\]/,1307]/' "$TESTDIR"/b/boot-*.jsonl
	compared 1 --json "$TESTDIR/json"
	holds '.cells | length == 2 and (.[1] | .A.arm == "mine" and .B.arm == "mine" and
		.verdict == "REGRESSION")' "$TESTDIR/json"
	"$TOP/scripts/cover.sh" "$TESTDIR/a" "$TESTDIR/b" > "$TESTDIR/cover"
	says "Costs more:          anon-9-0 mine (+8.33%)" "$TESTDIR/cover"
}

# Arms that are not what the plan or the other boots say: one line each
test_arms_that_do_not_fit_are_named()
{
	make_run "$TESTDIR/a" 6
	add_arm "$TESTDIR/a" 1200
	sed -i 's/"code":"mine","against":"new"/"code":"mine","against":"old"/' "$TESTDIR/a/boot-3.jsonl"
	broken "boot-3.jsonl:1: arm 'mine' is not what it is in the boots before"
	sed -i 's/"code":"mine","against":"old"/"code":"mine","against":"theirs"/' "$TESTDIR/a/boot-3.jsonl"
	broken "boot-3.jsonl:1: arm 'mine' is compared against 'theirs', which is not in the record"
	sed -i '1s/"again","mine"\]/"again","again"]/' "$TESTDIR/a/boot-1.jsonl"
	broken "boot-1.jsonl:1: duplicate arm 'again'"
	sed -i '1s/"again","again"\]/"again","my arm"]/' "$TESTDIR/a/boot-1.jsonl"
	broken "boot-1.jsonl:1: arm 4 has no name"
	sed -i '1s/"again","my arm"\]/"again","mine"]/; 1s/{"code":"mine"[^}]*}/{}/' "$TESTDIR/a/boot-1.jsonl"
	broken "boot-1.jsonl:1: arm 'mine' is not defined"
	sed -i '1s/,{}\]/]/' "$TESTDIR/a/boot-1.jsonl"
	broken "boot-1.jsonl:1: arm_defs does not define 5 arms"
	sed -i '1s/,"arm_defs":\[[^]]*\]//' "$TESTDIR/a/boot-1.jsonl"
	broken "boot-1.jsonl:1: unknown arm 'mine'"
	want 64 splitbench plan --run "$TESTDIR/refused" --arms "new mine" 2> "$TESTDIR/error"
	says "unknown arm 'mine'; bench/arms.c has: old new again same same_old slow slow_again" "$TESTDIR/error"
	want 64 splitbench plan --run "$TESTDIR/refused" --arms "new my.arm" 2> "$TESTDIR/error"
	says "'my.arm' is not the name of an arm" "$TESTDIR/error"
	# Runs of an arm that is no more stay readable, and are no plan for others.
	make_run "$TESTDIR/b" 6
	add_arm "$TESTDIR/b" 1200
	splitbench summary "$TESTDIR/b" > "$TESTDIR/table"
	want 64 splitbench plan --run "$TESTDIR/refused" --like "$TESTDIR/b" 2> "$TESTDIR/error"
	says "unknown arm 'mine'" "$TESTDIR/error"
	absent "$TESTDIR/refused"
}

# broken MESSAGE: run a cannot be read, which takes one line
broken()
{
	want 70 splitbench summary "$TESTDIR/a" > "$TESTDIR/table" 2> "$TESTDIR/error"
	says "$1" "$TESTDIR/error"
	is "$(wc -l < "$TESTDIR/error")" 1
}

# What make does of two runs, in a folder of its own
test_folder_has_it_all()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	"$TOP/scripts/compare.sh" "$TESTDIR/a" "$TESTDIR/b" > "$TESTDIR/table"
	"$TOP/scripts/cover.sh" "$TESTDIR/a" "$TESTDIR/b" > "$TESTDIR/cover"
	cmp "$TESTDIR/table" "$TESTDIR/a..b/table.txt"
	cmp "$TESTDIR/cover" "$TESTDIR/a..b/cover.txt"
	for file in compare.json compare.csv compare.ktap cover.html change.svg change.png; do
		not_empty "$TESTDIR/a..b/$file"
	done
	want 1 grep -E '(href|src|url\()="?(http|file|/)' "$TESTDIR/a..b/cover.html"
	says "<svg" "$TESTDIR/a..b/cover.html"
	# One row is a figure, and no strip.
	number "$(sed -n 's/^ *width="720" height="\([0-9]*\)".*/\1/p' "$TESTDIR/a..b/change.svg")" -ge 300
	says "+0.00 % [+0.00, +0.00]" "$TESTDIR/a..b/change.svg"
	rm -r "$TESTDIR/a..b"
}

# mails FILE: no line over 72, nothing but ASCII, no tab, no blank at an end
mails()
{
	want 1 grep -nP '[^\n -~]|.{73}| $|^(---|diff |From )' "$1"
}

test_cover_survives_mail()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6 1010 1030
	"$TOP/scripts/cover.sh" "$TESTDIR/a" "$TESTDIR/b" > "$TESTDIR/cover"
	mails "$TESTDIR/cover"
	says "Costs more:          anon-9-0 (+3.00%)" "$TESTDIR/cover"
	says "Costs less:          none" "$TESTDIR/cover"
	says "anon-9-0            1007     1037   +3.00% [+3.00,+3.00]   REGRESSION" "$TESTDIR/cover"
	# A CPU with a long name that is not ASCII, and a run with a long one.
	jq --arg m "Größe® $(printf 'x%.0s' {1..90})" '.cpu.model = $m' "$TESTDIR/a/machine.json" > "$TESTDIR/machine"
	cp "$TESTDIR/machine" "$TESTDIR/a/machine.json"
	splitbench cover "$TESTDIR/a" > "$TESTDIR/cover"
	mails "$TESTDIR/cover"
	sed -i 's/"performance"/"größer"/' "$TESTDIR/b/machine.json"
	SPREAD="0 999999 3 7 1 40000" make_run "$TESTDIR/c" 6 1010 99
	splitbench cover "$TESTDIR/a" "$TESTDIR/b" > "$TESTDIR/warned"
	mails "$TESTDIR/warned"
	splitbench cover "$TESTDIR/b" "$TESTDIR/c" > "$TESTDIR/wide"
	mails "$TESTDIR/wide"
	says "$(printf 'x%.0s' {1..50})" "$TESTDIR/cover"
}

# of_machine NAME LABEL RUN: it is the machine's run of a kernel, as make bench HOSTS= records it
of_machine()
{
	jq --arg m "$1" --arg l "$2" '.target += { "machine": $m, "label": $l }' "$TESTDIR/$3/plan.json" > "$TESTDIR/plan.json"
	mv "$TESTDIR/plan.json" "$TESTDIR/$3/plan.json"
}

# make_fleet: two runs of each of two machines; B is slower on the second one
make_fleet()
{
	rm -rf "$TESTDIR"/lab*
	make_run "$TESTDIR/lab1-a" 6
	make_run "$TESTDIR/lab1-b" 6
	make_run "$TESTDIR/lab2-a" 6 2010 2000
	make_run "$TESTDIR/lab2-b" 6 2010 2100
	of_machine lab1 base lab1-a
	of_machine lab1 fast lab1-b
	of_machine lab2 base lab2-a
	of_machine lab2 fast lab2-b
}

# Machines are not pooled, and not compared with each other.
test_machines_are_columns()
{
	local runs

	make_fleet
	want 2 make -s -C "$TOP" compare RESULTS="$TESTDIR" A="lab1-a lab2-a" B="lab1-b lab2-b" > "$TESTDIR/table" 2> "$TESTDIR/err"
	runs=$TESTDIR/lab1-a..lab2-a..lab1-b..lab2-b
	cmp "$TESTDIR/table" "$runs/table.txt"
	matches "^cell +ratio +lab1 +lab2$" "$runs/table.txt"
	matches "^anon-9-0 +fast/base +1.00000 \[1.00000, 1.00000\] NO REGRESSION +1.05000\* \[.*\] REGRESSION$" "$runs/table.txt"
	is "$(lines_of "$runs/table.txt")" 4
	holds '.B.run == "lab2-b" and .regressions == 1' "$TESTDIR/lab2-a..lab2-b/compare.json"
	holds '.warnings == []' "$TESTDIR/lab2-a..lab2-b/compare.json"
	absent "$TESTDIR/lab1-a..lab2-a"
	want 1 "$TOP/scripts/compare.sh" "$TESTDIR"/lab{1,2}-b > "$TESTDIR/table"
	matches "^anon-9-0 +old/new +1.01000\* .* 0.95714\* " "$TESTDIR/table"
	want 64 "$TOP/scripts/compare.sh" "$TESTDIR"/lab{1-a,1-b,2-b} 2> "$TESTDIR/err"
	says "the machines have different numbers of runs (2 of lab1, 1 of lab2)" "$TESTDIR/err"
	one_error "$TESTDIR/err"
}

test_cover_letter_has_a_section_for_each_machine()
{
	make_fleet
	"$TOP/scripts/cover.sh" "$TESTDIR"/lab{1,2}-a "$TESTDIR"/lab{1,2}-b > "$TESTDIR/cover"
	mails "$TESTDIR/cover"
	cmp "$TESTDIR/cover" "$TESTDIR/lab1-a..lab2-a..lab1-b..lab2-b/cover.txt"
	is "$(grep -E '^On |^Costs more: ' "$TESTDIR/cover" | tr -s ' ' | paste -sd';')" \
		"On lab1:;Costs more: none;On lab2:;Costs more: anon-9-0 (+5.00%)"
	not_empty "$TESTDIR/lab2-a..lab2-b/cover.html"
	"$TOP/scripts/cover.sh" "$TESTDIR"/lab{1,2}-b > "$TESTDIR/cover"
	mails "$TESTDIR/cover"
	is "$(grep -c "against folio_split_unmapped" "$TESTDIR/cover")" 2
	want 64 "$TOP/scripts/cover.sh" "$TESTDIR"/lab1-{a,b} "$TESTDIR/lab1-a" 2> "$TESTDIR/err"
	says "more are for runs of several machines" "$TESTDIR/err"
}

# checkpatch takes it in a patch's message.
test_cover_survives_checkpatch()	# kernel
{
	local tree

	tree=$("$TOP/kernel/tree.sh")
	make_run "$TESTDIR/a" 6
	{
		printf '%s\n' 'From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001' \
			'From: A <a@localhost>' 'Date: Sun, 22 Nov 2026 00:00:00 +0000' \
			'Subject: [PATCH] mm: measure' ''
		"$TOP/scripts/cover.sh" "$TESTDIR/a"
		printf '%s\n' '' 'Signed-off-by: A <a@localhost>' '---' ' x | 1 +' ''  \
			'diff --git a/mm/x b/mm/x' '--- a/mm/x' '+++ b/mm/x' \
			'@@ -1 +1,2 @@' ' a' '+b' '-- ' '2.0'
	} > "$TESTDIR/patch"
	"$tree/scripts/checkpatch.pl" --root="$tree" --strict --no-summary "$TESTDIR/patch" \
		> "$TESTDIR/out" || true
	want 1 grep -E 'COMMIT_LOG|commit description|UTF|too long' "$TESTDIR/out"
}

# gnuplot and the shell are given names that they could take for commands.
test_names_are_not_commands()
{
	local bad="a'; system('touch pwned'); x='\`touch pwned\`\"\$(touch pwned)"

	make_run "$TESTDIR/a" 6
	jq --arg x "$bad" '.kernel.release = $x | .cpu.model = $x' "$TESTDIR/a/machine.json" \
		> "$TESTDIR/machine"
	cp "$TESTDIR/machine" "$TESTDIR/a/machine.json"
	cp -r "$TESTDIR/a" "$TESTDIR/$bad"
	"$TOP/scripts/cover.sh" "$TESTDIR/$bad" > "$TESTDIR/cover"
	"$TOP/plots/plot.sh" "$TESTDIR/$bad" > "$TESTDIR/plot"
	not_empty "$TESTDIR/$bad/plots/ratio.png"
	is "$(find "$TESTDIR" "$TOP" -maxdepth 2 -name pwned)" ''
	rm -r "${TESTDIR:?}/$bad"
}

# A device stays one, a link stays one, and what failed takes nothing's place.
test_outputs_do_not_replace_what_is_no_file()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	mkfifo "$TESTDIR/pipe"
	cat "$TESTDIR/pipe" > "$TESTDIR/through" &
	compared 0 --csv "$TESTDIR/pipe"
	wait
	is "$(stat -c %F "$TESTDIR/pipe")" fifo
	is "$(wc -l < "$TESTDIR/through")" 2
	want 70 splitbench compare --csv /dev/full "$TESTDIR/a" "$TESTDIR/b" > "$TESTDIR/table"
	is "$(stat -c %F /dev/full)" "character special file"
	: > "$TESTDIR/file"
	ln -s file "$TESTDIR/link"
	compared 0 --csv "$TESTDIR/link"
	is "$(readlink "$TESTDIR/link")" file
	not_empty "$TESTDIR/file"
	ln -s nothing "$TESTDIR/dangling"
	compared 0 --csv "$TESTDIR/dangling"
	is "$(readlink "$TESTDIR/dangling")" nothing
	not_empty "$TESTDIR/nothing"
	echo before > "$TESTDIR/log"
	splitbench compare --csv /dev/stdout "$TESTDIR/a" "$TESTDIR/b" >> "$TESTDIR/log"
	is "$(head -n 1 "$TESTDIR/log")" before
	is "$(wc -l < "$TESTDIR/log")" 3
	want 64 splitbench compare --csv "$TESTDIR/x" --ktap "$TESTDIR/./x" "$TESTDIR/a" "$TESTDIR/b" \
		2> "$TESTDIR/error"
	want 64 splitbench compare --csv - --ktap - "$TESTDIR/a" "$TESTDIR/b" 2> "$TESTDIR/error"
	says "two things cannot be written there" "$TESTDIR/error"
	rm "$TESTDIR"/{pipe,through,file,link,dangling,nothing,log}
}

test_folders_that_cannot_be_written_to_are_reported()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	: > "$TESTDIR/a..b"
	want 70 "$TOP/scripts/compare.sh" "$TESTDIR/a" "$TESTDIR/b" > "$TESTDIR/table" 2> "$TESTDIR/error"
	want 70 "$TOP/scripts/cover.sh" "$TESTDIR/a" "$TESTDIR/b" > "$TESTDIR/table" 2> "$TESTDIR/error"
	says "cannot write to" "$TESTDIR/error"
	rm "$TESTDIR/a..b"
	want 70 bash -c "'$TOP/scripts/compare.sh' '$TESTDIR/a' '$TESTDIR/b' > /dev/full"
	# What is refused leaves no folder.
	rm -r "$TESTDIR/a..b"
	sed -i 's/"instructions"/"tsc"/' "$TESTDIR"/b/{boot-*.jsonl,machine.json}
	want 64 "$TOP/scripts/compare.sh" "$TESTDIR/a" "$TESTDIR/b"
	absent "$TESTDIR/a..b"
	is "$(find "$TESTDIR" -maxdepth 1 -name '.report*')" ''
}

# Nothing half-written is left under the final name.
test_full_disk_leaves_no_report()
{
	make_run "$TESTDIR/a" 6
	make_run "$TESTDIR/b" 6
	full "compare --json '$TESTDIR/out' '$TESTDIR/a' '$TESTDIR/b'"
	full "compare --csv '$TESTDIR/out' '$TESTDIR/a' '$TESTDIR/b'"
	full "cover --text '$TESTDIR/out' '$TESTDIR/a' '$TESTDIR/b'"
	full "cover --html '$TESTDIR/out' '$TESTDIR/a'"
	want 70 bash -c "'$TOP/userspace/build/splitbench' compare '$TESTDIR/a' '$TESTDIR/b' > /dev/full"
	want 70 bash -c "'$TOP/userspace/build/splitbench' cover '$TESTDIR/a' > /dev/full"
}

# full ARGUMENTS: splitbench fails and leaves nothing
full()
{
	want 70 bash -c "trap '' XFSZ; ulimit -f 0; exec '$TOP/userspace/build/splitbench' $1" > /dev/null
	absent "$TESTDIR/out"
	is "$(find "$TESTDIR" -name '*.tmp')" ''
}

test_bad_input_is_named()
{
	make_run "$TESTDIR/a" 6
	compared 70
	says "b/plan.json: " "$TESTDIR/error"
	make_run "$TESTDIR/b" 2
	rm "$TESTDIR"/b/boot-*
	compared 70
	says "no block to analyse" "$TESTDIR/error"
	rm -r "$TESTDIR/b"
	make_run "$TESTDIR/b" 6
	sed -i '3s/1007,1007/NaN,1007/' "$TESTDIR/b/boot-4.jsonl"
	compared 70
	says "b/boot-4.jsonl:3: not JSON" "$TESTDIR/error"
	sed -i '3s/NaN/0/' "$TESTDIR/b/boot-4.jsonl"
	compared 70
	says "b/boot-4.jsonl:3: not block 2" "$TESTDIR/error"
	rm -r "$TESTDIR/b"
	make_run "$TESTDIR/b" 6
	truncate -s -40 "$TESTDIR/b/boot-6.jsonl"
	compared 70
	says "B is incomplete" "$TESTDIR/table"
	want 64 splitbench compare "$TESTDIR/a"
	want 64 "$TOP/scripts/compare.sh" "$TESTDIR/a" "$TESTDIR/nothing"
	want 64 "$TOP/scripts/cover.sh" "$TESTDIR/nothing"
}

test_boots_are_appended_and_flagged()
{
	make_run "$TESTDIR/a" 6
	splitbench plan --more "$TESTDIR/a" --boots 2
	holds '.boots == 8 and .grown == [6]' "$TESTDIR/a/plan.json"
	for boot in 7 8; do
		sed "s/\"boot\":1/\"boot\":$boot/" "$TESTDIR/a/boot-1.jsonl" > "$TESTDIR/a/boot-$boot.jsonl"
	done
	splitbench summary "$TESTDIR/a" > "$TESTDIR/table"
	says "boots were appended when there were 6" "$TESTDIR/table"
	make_run "$TESTDIR/b" 6
	compared 0
	says "A: boots were appended when there were 6" "$TESTDIR/table"
	splitbench cover "$TESTDIR/a" > "$TESTDIR/cover"
	says "boots were appended when there were 6" "$TESTDIR/cover"
	holds 'has("made")' "$TESTDIR/a/plan.json"
	holds '.cells[0].ratios["old/new"].boots == 8' "$TESTDIR/a/summary.json"
	want 64 splitbench plan --more "$TESTDIR/a" --boots 0
	want 64 splitbench plan --more "$TESTDIR/a" --boots 1000
	want 70 splitbench plan --more "$TESTDIR/nothing"
}

test_plan_of_another_run_is_taken_over()
{
	make_run "$TESTDIR/a" 7
	splitbench plan --run "$TESTDIR/b" --like "$TESTDIR/a" --plant 9 --target kernel=own
	holds '.boots == 7 and .cells[0].blocks == 3 and .plant == 9 and
		.target.kernel == "own"' "$TESTDIR/b/plan.json"
	want 64 splitbench plan --run "$TESTDIR/c" --like "$TESTDIR/a" --margin 3 2> /dev/null
	absent "$TESTDIR/c"
}

make -s -C "$TOP/userspace"
before_each() { rm -rf "$TESTDIR"/{a,b,c,d,a..b,a..b..c..d,out,many}; }
run_tests
