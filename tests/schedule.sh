#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The unit tests of scripts/schedule/, which are next to what they test, and make bench with DRYRUN=1.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/runs.sh"

# Nothing is built, and nothing written
test_dry_run_prints_the_schedule()
{
	DRYRUN=1 RESULTS=$TESTDIR/results RUN=two KERNELS="before after before" BOOTS=2 UNIT=instructions \
		"$TOP/scripts/bench.sh" > "$TESTDIR/out" 2> "$TESTDIR/err"
	says "target: a VM with 1 CPU(s) and 2048 MiB of memory; its counter counts instructions" \
		"$TESTDIR/out"
	says "build:  before: from before folio_split_unmapped()" "$TESTDIR/out"
	says "run:    two-before.2" "$TESTDIR/out"
	is "$(sed -n 's/^  \(.*\), boot \([12]\) of 2: about [0-9]* s$/\1 \2/p' "$TESTDIR/out" | paste -sd,)" \
		"before 1,after 1,before.2 1,before.2 2,after 2,before 2"
	matches "^in all, once built: about [0-9]+ (s|min), [1-9] at a time$" "$TESTDIR/out"
	absent "$TESTDIR/results"
	DRYRUN=1 RUN=two CCS="gcc gcc" KERNEL=after BOOTS=1 UNIT=instructions \
		"$TOP/scripts/bench.sh" > "$TESTDIR/out" 2> "$TESTDIR/err"
	says "build:  gcc: the new split alone, $(gcc --version | head -n 1)" "$TESTDIR/out"
	says "build:  gcc.2: the new split alone" "$TESTDIR/out"
	says "a comparison" "$TESTDIR/out"
	want 64 env DRYRUN=1 CCS="gcc icc" "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "CCS: icc is not a compiler for Linux" "$TESTDIR/err"
	want 64 env DRYRUN=1 KERNEL=nonsense "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "unknown kernel 'nonsense'" "$TESTDIR/err"
	one_error "$TESTDIR/err"
}

test_dry_run_has_stock_kernels()
{
	DRYRUN=1 RESULTS=$TESTDIR/results STOCK="7.2.6 7.2.13" BOOTS=2 UNIT=instructions \
		"$TOP/scripts/bench.sh" > "$TESTDIR/out"
	says "build:  stock-7.2.6: stock: Linux 7.2.6 as its distribution has built it" "$TESTDIR/out"
	says "  stock-7.2.13, boot 2 of 2: about" "$TESTDIR/out"
	says "and a comparison" "$TESTDIR/out"
	want 64 env STOCK="7.2.6 latest" "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "bench: STOCK=latest is not a release such as 7.2.13" "$TESTDIR/err"
}

# Only where there is no kernel yet
test_first_dry_run_begins_with_a_stock_kernel()
{
	SPLITBENCH_CACHE=$TESTDIR/cold DRYRUN=1 UNIT=instructions "$TOP/scripts/bench.sh" > "$TESTDIR/out"
	says "first:  2 boots of the distribution's own kernel" "$TESTDIR/out"
	SPLITBENCH_CACHE=$TESTDIR/cold STOCK=no DRYRUN=1 UNIT=instructions "$TOP/scripts/bench.sh" > "$TESTDIR/out"
	want 1 grep first: "$TESTDIR/out"
}

# as_if RUN RELEASE [STOCK]: a run that is made up, of a kernel that says that it is this one
as_if()
{
	jq --arg release "$2" '.kernel.release = $release' "$1/machine.json" > "$TESTDIR/json"
	mv "$TESTDIR/json" "$1/machine.json"
	jq --arg stock "${3:-}" '.target = { "kernel": (if $stock == "" then "both" else "stock" end),
		"stock": $stock } | del(.target[] | select(. == ""))' "$1/plan.json" > "$TESTDIR/json"
	mv "$TESTDIR/json" "$1/plan.json"
}

# Of runs that are made up, one of each: the same release, another one, and ours
test_stock_and_built_kernel_of_a_release_are_compared()
{
	local runs=$TESTDIR/runs

	mkdir "$runs"
	make_run "$runs/older" 6 1010 1100
	make_run "$runs/stock" 6 1010 1000
	make_run "$runs/ours" 6 1010 1030
	as_if "$runs/older" 7.2.6+deb13-amd64 7.2.6
	as_if "$runs/ours" 7.2.13-splitbench
	compare_with_stock > "$TESTDIR/out" 2> "$TESTDIR/err"
	empty "$TESTDIR/out"
	as_if "$runs/stock" 7.2.13+deb14-amd64 7.2.13
	compare_with_stock > "$TESTDIR/out" 2> "$TESTDIR/err"
	says "stock: the same release as built by its distribution (A) and as built here (B)" "$TESTDIR/err"
	matches "^  anon-9-0 +new +1007 +1037  1.0300 " "$TESTDIR/out"
	holds '.A.run == "stock" and .B.run == "ours"' "$runs/stock..ours/compare.json"
}

# compare_with_stock: as make bench ends
compare_with_stock()
{
	"${PYTHON[@]}" - "$TOP/scripts/schedule" "$TESTDIR/runs/ours" <<- 'END'
		import sys
		from pathlib import Path
		sys.path[:0] = [sys.argv[1]]
		import stock
		stock.compare_with_counterpart(Path(sys.argv[2]))
	END
}

test_dry_run_of_a_budget_is_of_its_pilot()
{
	DRYRUN=1 RESULTS=$TESTDIR/results BUDGET=10m PLAN=split UNIT=tsc "$TOP/scripts/bench.sh" > "$TESTDIR/out"
	says "  boot 4 of 4: about" "$TESTDIR/out"
	says "then: as many boots as fit into the rest of 10m" "$TESTDIR/out"
}

# As LAVA has them: a result that is none is skipped, and other characters are not in names
test_ktap_becomes_test_cases_of_lava()
{
	printf '%s\n' 'KTAP version 1' 1..3 '# a note' 'ok 1 anon-9-0 mine/new' 'not ok 2 to dev' \
		'ok 3 mapped-9-0 # SKIP inconclusive' > "$TESTDIR/ktap"
	LAVA_TEST_CASE="echo" "$TOP/fleet/lava-cases.sh" < "$TESTDIR/ktap" > "$TESTDIR/out"
	is "$(paste -sd, "$TESTDIR/out")" "anon-9-0-mine/new --result pass,to-dev --result fail,mapped-9-0 --result skip"
	LAVA_TEST_CASE="echo" want 1 "$TOP/fleet/lava-cases.sh" < /dev/null
}

for file in "$TOP"/scripts/schedule/test_*.py; do
	program=$(basename "$file" .py)
	guest_tests "schedule $program" "$file" each_pattern "${PYTHON[@]}" "$TOP/tests/tap.py" "$file"
done
run_tests
