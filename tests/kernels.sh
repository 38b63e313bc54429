#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Several kernels, appended boots, budgets and bisection, with real boots.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/runs.sh"
export RESULTS=$TESTDIR/results

bench() { "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"; }

test_kernels_are_measured_in_turn_and_compared()
{
	measured_in_turn new both new old
	holds '.cells[] | select(.name == "anon-9-0") | .["B/A"].estimate - 1 | fabs < 0.002' \
		"$RESULTS/two-new..two-both/compare.json"
}

# Each against the first, and each against the one before it: the same kernel among them.
test_three_kernels_are_in_one_table()
{
	KERNELS="new both new" PLAN=split UNIT=instructions RUN=three BOOTS=4 BLOCKS=1 bench > "$TESTDIR/out"
	says "1: new  the new split alone; Linux" "$TESTDIR/out"
	says "2: both  the old split beside the new one; Linux" "$TESTDIR/out"
	says "3: new.2  the new split alone; Linux" "$TESTDIR/out"
	matches "^ +new.2 .* NO REGRESSION .* NO REGRESSION$" "$TESTDIR/out"
	holds '[.comparisons[] | "\(.A.label) \(.B.label)"] == ["new both", "new new.2", "both new.2"]' \
		"$RESULTS/three-new..three-both..three-new.2/compare.json"
	holds '.comparisons[1].cells[0]["B/A"].estimate == 1' \
		"$RESULTS/three-new..three-both..three-new.2/compare.json"
}

test_boots_are_appended_to_the_same_plan()
{
	local before status=0

	after kernels_are_measured_in_turn_and_compared
	before=$(sha256sum "$RESULTS"/two-new/boot-*.jsonl)
	MORE=1 RUN=two-new BOOTS='' bench > "$TESTDIR/out" || status=$?
	is_result $status two-new
	holds '.boots == 5 and .grown == [4] and .target.kernel == "new"' \
		"$RESULTS/two-new/plan.json"
	says "boots were appended when there were 4" "$TESTDIR/out"
	exists "$RESULTS/two-new/boot-5.jsonl"
	is "$(sha256sum "$RESULTS"/two-new/boot-[1-4].jsonl)" "$before"
	want 64 env MORE=1 RUN=two-new BLOCKS=2 "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "has a plan already" "$TESTDIR/err"
	want 64 env MORE=1 RUN=nothing "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	holds '.boots == 5' "$RESULTS/two-new/plan.json"
}

test_kernels_that_are_none_are_refused()
{
	want 64 env KERNELS="before /does/not/exist" "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "/does/not/exist is neither a folder" "$TESTDIR/err"
	want 64 env REVS="a b" "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "set KSRC=DIR too" "$TESTDIR/err"
	want 64 env KERNEL=nonsense "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "known: both new after before own auto" "$TESTDIR/err"
	want 64 env BUDGET=ages "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	want 64 env BUDGET=1m BOOTS=3 "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "BUDGET chooses boots and blocks" "$TESTDIR/err"
}

# Exact counts vary by nothing: the smallest number of boots with inference is enough.
test_budget_chooses_boots_and_blocks()
{
	BUDGET=10m PLAN=split UNIT=instructions RUN=budget bench > "$TESTDIR/out"
	says "6 boot(s) of about" "$TESTDIR/err"
	holds '.boots == 6 and .cells[0].blocks == 2' "$RESULTS/budget/plan.json"
	holds '.complete' "$RESULTS/budget/summary.json"
	is "$(jq .boots "$RESULTS/budget-pilot/plan.json")" 4
}

# step STATUS [GOOD]: a step of a bisection in the tree $KSRC
step()
{
	want "$1" "$repo/scripts/bisect-step.sh" "${2:-$RESULTS/good}" > "$TESTDIR/out" 2> "$TESTDIR/err"
}

# A copy of the project whose kernel/build.sh has built the tree already: a
# step is as long as its boots. A history is bisected by
# tests/experiments/bisect.sh.
built_already()
{
	repo=$TESTDIR/repo
	mkdir "$repo"
	cp -r "$TOP"/{bench,kernel,patches,plots,scripts,userspace,vm} "$repo/"
	printf '#!/bin/sh\necho %s\n' "$new" > "$repo/kernel/build.sh"
}

# The pristine tree is no worse than itself, and worse than one that was made
# up to cost 5 % less; and one that is within the noise is inconclusive.
test_bisection_tells_good_from_bad()
{
	export KSRC
	local repo

	built_already
	KSRC=$("$TOP/kernel/fetch.sh")
	KERNEL=own PLAN=split UNIT=instructions BOOTS=4 BLOCKS=1 RUN=good "$repo/scripts/bench.sh" > "$TESTDIR/log"
	step 0
	says "bisect: good" "$TESTDIR/err"
	cp -r "$RESULTS/good" "$RESULTS/better"
	sed -Ei 's/"ticks":\[[^]]*\]/&#/; :a; s/([0-9]{5,6})(,|\])(.*#)/@\1@\2\3/; ta; s/#//' \
		"$RESULTS"/better/boot-*.jsonl
	perl -pi -e 's/@(\d+)@/int($1 * 0.95)/ge' "$RESULTS"/better/boot-*.jsonl
	step 1 "$RESULTS/better"
	says "bisect: bad" "$TESTDIR/err"
	rm "$RESULTS"/better/boot-[23].jsonl
	sed -i 's/"boots": 4/"boots": 2/' "$RESULTS/better/plan.json"
	mv "$RESULTS/better/boot-4.jsonl" "$RESULTS/better/boot-2.jsonl"
	sed -i 's/"boot":4/"boot":2/' "$RESULTS/better/boot-2.jsonl"
	step 125 "$RESULTS/better"
	says "bisect: inconclusive" "$TESTDIR/err"
	# A tree is measured once for each plan.
	find "$RESULTS" -maxdepth 1 -name 'bisect-*' ! -name '*..*' > "$TESTDIR/runs"
	is "$(wc -l < "$TESTDIR/runs")" 2
}

test_bisection_skips_what_does_not_build_and_stops_if_it_cannot()
{
	export KSRC=$TESTDIR/tree
	local repo=$TOP

	mkdir -p "$KSRC/include/linux" "$KSRC/mm" "$KSRC/lib"
	cp "$("$TOP/kernel/fetch.sh")/Makefile" "$KSRC/"
	echo folio_split_unmapped > "$KSRC/include/linux/huge_mm.h"
	touch "$KSRC/mm/huge_memory.c" "$KSRC/lib/test_hmm.c"
	step 125
	says "does not apply" "$TESTDIR/err"
	step 192 "$TESTDIR/nothing"
	KSRC=$TESTDIR
	step 192
	says "is not a kernel tree" "$TESTDIR/err"
}

# prove STATUS KERNEL BUILD: the check of a merged kernel, by a copy of the project whose
# contract suite in the guest is what $TESTDIR/contract says
prove()
{
	local repo=$TESTDIR/prover

	if [ ! -e "$repo" ]; then
		mkdir -p "$repo/tests/guest"
		cp -r "$TOP"/{bench,kernel,patches,plots,scripts,userspace,vm} "$repo/"
		cp "$TOP/tests/checks.sh" "$repo/tests/"
	fi
	install -m 755 "$TESTDIR/contract" "$repo/tests/guest/contract.sh"
	rm -rf "$3/proof"
	want "$1" "$repo/kernel/prove.sh" "$2" "$3" 2> "$TESTDIR/err"
	# The build is of the cache, where no proof of what was never merged belongs.
	rm -rf "$TESTDIR/proof"
	mv "$3/proof" "$TESTDIR/proof"
}

# refused_proof KERNEL BUILD MESSAGE: in one line, which says where to look
refused_proof()
{
	prove 71 "$1" "$2"
	says "this kernel is not measured: $3" "$TESTDIR/err"
	is "$(grep -vc '^\[' "$TESTDIR/err")" 1
	want 1 test -e "$TESTDIR/proof/passed"
}

test_merged_kernel_is_proved_by_contract_and_figures() # full
{
	cp "$TOP/tests/guest/contract.sh" "$TESTDIR/contract"
	# Whatever the user wants to be measured, the old split is timed.
	ARMS=new BLOCKS=1 KERNELS="both new" prove 0 both "$both"
	holds '.cells[0].arms | has("old")' "$TESTDIR/proof/run/summary.json"
	matches "^contract: [1-9][0-9]* ok; old [0-9]+, new [0-9]+, again [0-9]+, empty [0-9]+ instructions" \
		"$TESTDIR/proof/passed"
	cp "$TESTDIR/proof/contract" "$TESTDIR/kept"
}

# Here, what is broken is what the new split and the control cost.
test_merged_kernel_with_other_figures_is_refused() # full
{
	after merged_kernel_is_proved_by_contract_and_figures
	printf '#!/bin/sh\ncat %s\n' "$TESTDIR/kept" > "$TESTDIR/contract"
	PLANT=2000 refused_proof both "$both" "its figures are not those of the splits: old "
}

# Mutant 19 says EBUSY where EAGAIN is promised.
test_merged_kernel_that_breaks_the_contract_is_refused() # full
{
	local mutants

	mutants=$("$TOP/kernel/build.sh" mutants)
	sed '2i export MUTANT=19' "$TOP/tests/guest/contract.sh" > "$TESTDIR/contract"
	refused_proof mutants "$mutants" "it breaks the contract: not ok"
	# A suite that was not run proves nothing.
	printf '#!/bin/sh\n' > "$TESTDIR/contract"
	refused_proof mutants "$mutants" "the contract suite has not run"
}

new=$("$TOP/kernel/build.sh" new)
both=$("$TOP/kernel/build.sh" both)
run_tests
