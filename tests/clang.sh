#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel compiled by clang: is the old split not specialised, the current one unchanged, the
# control the same code? And a run compared with gcc's. The first build takes ten minutes.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/runs.sh"
export RESULTS=$TESTDIR/results

# clang_here: the newest that can build the tree, the default one or a clang-N
clang_here()
{
	local word

	while read -r word; do
		(require_compiler "$word" "$tree") 2> /dev/null || continue
		echo "$word"
		return
	done < <({ compgen -c clang- | grep -xE 'clang-[0-9]+'; echo clang; } | sort -u -V -r)
	return 1
}

# What tests/kernel.sh asserts of gcc's
test_kernel_is_what_gcc_makes_it()
{
	SPLITBENCH_CC=$clang "$TOP/tests/run.sh" "kernel:new_split*" "kernel:comparing*" \
		"kernel:old_split*" "kernel:switch*" "kernel:control_is_the_same*" \
		> "$TESTDIR/out" 2>&1 || true
	says "5 passed, 0 failed, 0 skipped" "$TESTDIR/out"
}

# old_arguments OBJECT: registers and stack that the caller of the old split's body fills
old_arguments()
{
	disassembly __split_huge_page_to_list_to_order_old "$1" > "$TESTDIR/caller"
	says __folio_split_old "$TESTDIR/caller"
	grep -oE '%(r9d?|r8)$|push ' "$TESTDIR/caller" | sort -u | paste -sd' '
}

# Seven arguments: the last goes over the stack. A compiler that knows that the type of the
# split is always the same passes six, in registers, and jumps.
test_old_split_has_all_its_arguments()
{
	local object=$both/mm/huge_memory.o command

	is "$(old_arguments "$object")" "%r8 %r9d push "
	matches "call .*<__folio_split_old>" "$TESTDIR/caller"
	# Without what keeps clang from it, this would say so.
	command=$(sed -n 's/^savedcmd_[^ ]* := //p' "$both/mm/.huge_memory.o.cmd")
	command=${command%% ; *}
	command=${command/ccache /}
	sed '/OPTIMIZER_HIDE_VAR(split_type)/d' "$tree/mm/huge_memory.c" > "$TESTDIR/huge_memory.c"
	command=${command/"-c -o mm/huge_memory.o"/"-c -o $TESTDIR/spoilt.o"}
	command=${command/"$tree/mm/huge_memory.c"/"$TESTDIR/huge_memory.c"}
	(cd "$both" && eval "$command")
	old_arguments "$TESTDIR/spoilt.o" > "$TESTDIR/registers"
	want 1 grep push "$TESTDIR/registers"
}

test_compilers_are_compared_and_recorded()
{
	local side

	CCS="gcc $clang" PLAN=split BOOTS=2 UNIT=instructions RUN=two "$TOP/scripts/bench.sh" \
		> "$TESTDIR/table" 2> "$TESTDIR/err"
	for side in gcc "${clang##*/}"; do
		matches "^[AB]: $side +the old split beside the new one, .*${side%%-*}" "$TESTDIR/table"
		matches "\"compiler\": \".*${side%%-*}.*, .*(LLD|GNU ld)" "$RESULTS/two-$side/machine.json"
		matches "Linux .*, .*${side%%-*}" "$RESULTS/two-$side/table.txt"
		# The control is the same code, and old is the dearer one, by less than a specialised
		# one would be the cheaper.
		holds '.cells[] | select(.name == "anon-9-0") | .ratios["again/new"].estimate == 1' \
			"$RESULTS/two-$side/summary.json"
		holds '.cells[] | select(.name == "anon-9-0") | .ratios["old/new"].estimate | . > 1 and . < 1.02' \
			"$RESULTS/two-$side/summary.json"
		holds '.compiler != null' "$RESULTS/two-$side/summary.json"
	done
}

tree=$("$TOP/kernel/tree.sh")
clang=$(clang_here) || die "-$EXIT_SKIP" "no clang here can build this kernel"
stage "clang: it is $clang"
both=$(SPLITBENCH_CC=$clang "$TOP/kernel/build.sh" both)
run_tests
