#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make test-kernel: the kernel from before the change, compared with the one that has both splits.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/runs.sh"
export RESULTS=$TESTDIR/results

bench() { "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"; }

# The old split is one body in __folio_split(), with no other beside it.
test_before_has_the_old_split_alone()
{
	nm "$before/vmlinux" > "$TESTDIR/symbols"
	want 1 grep -E 'folio_split_unmapped|__folio_freeze_and_split|folio_split_old|to_order_old' "$TESTDIR/symbols"
	disassembly __folio_split "$before/mm/huge_memory.o" > "$TESTDIR/body"
	for step in folio_get_anon_vma xas_split_alloc list_lru_lock \
		folio_lruvec_lock free_folio_and_swap_cache; do
		says $step "$TESTDIR/body"
	done
}

test_kernels_are_measured_in_turn_and_compared()
{
	measured_in_turn before both old new
	holds '.warnings == [] and ([.cells[] | select(.control)] | length == 8)' \
		"$RESULTS/two-before..two-both/compare.json"
}

# By how much the old split alone costs more: see bench/README.md.
test_old_split_is_the_same_in_both_kernels()
{
	after kernels_are_measured_in_turn_and_compared
	jq -n "$(jq '.cells[] | select(.control and .name == "anon-9-0") | .["B/A"].estimate' \
		"$RESULTS/two-before..two-both/compare.json") - 1 | fabs" \
		> "$TESTDIR/difference"
	holds '. < 0.015' "$TESTDIR/difference"
}

# The split of a mapped folio is no business of the change.
test_mapped_split_costs_the_same()
{
	after kernels_are_measured_in_turn_and_compared
	jq -n "$(jq '.cells[] | select(.control == false and .name == "mapped-9-0") | .["B/A"].estimate' \
		"$RESULTS/two-before..two-both/compare.json") - 1 | fabs" \
		> "$TESTDIR/difference"
	holds '. < 0.02' "$TESTDIR/difference"
}

before=$("$TOP/kernel/build.sh" before)
run_tests
