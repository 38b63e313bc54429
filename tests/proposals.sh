#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each proposal of patches/proposals/: does its series apply, does it build patch by patch, does it keep
# the contract, and does the suite notice when it is broken?
set -euo pipefail
. "$(dirname "$0")/lib.sh"

test_there_are_proposals()
{
	number "$(proposals | wc -w)" -ge 1
}

# On the pristine tree, and on those that the benchmark makes of it
series_applies()
{
	local kind

	for kind in pristine '' own mutants; do
		PROPOSAL=$1 "$TOP/kernel/tree.sh" $kind > /dev/null
	done
}
test_series_apply_without_fuzz() { each series_applies; }

test_proposal_that_does_not_apply_is_named()
{
	mkdir "$TESTDIR/repo"
	cp -r "$TOP"/{kernel,patches,scripts} "$TESTDIR/repo/"
	mkdir "$TESTDIR/repo/patches/proposals/bad"
	sed 's/^-\([^-]\)/-not there \1/' "$TOP"/patches/proposals/split-tails/0001-*.patch \
		> "$TESTDIR/repo/patches/proposals/bad/0001-bad.patch"
	PROPOSAL=bad want 71 "$TESTDIR/repo/kernel/tree.sh" 2> "$TESTDIR/error"
	says "proposal bad: 0001-bad.patch does not apply without fuzz" "$TESTDIR/error"
}

test_unknown_proposal_is_a_usage_error()
{
	want 64 "$TOP/kernel/variant.sh" both+nonsense 2> "$TESTDIR/error"
	says "there is no proposal 'nonsense'; known: $(proposals)" "$TESTDIR/error"
	KERNELS="after nonsense" want 64 "$TOP/scripts/bench.sh" 2> "$TESTDIR/error"
	says "nonsense is neither a folder nor one of: both new after before own auto $(proposals)" "$TESTDIR/error"
}

# compiles FILE: of $tree, as the kernel without a proposal compiled its own
compiles()
{
	local command

	command=$(sed -n 's/^savedcmd_[^ ]* := //p' "$after/$(dirname "$1")/.$(basename "$1" .c).o.cmd")
	command=${command%% ; *}
	command=${command/ccache /}
	command=${command/"-c -o ${1%.c}.o"/"-c -o $TESTDIR/object.o"}
	command=${command//"$of_after"/"$tree"}
	case $command in
	*"$TESTDIR/object.o"*"$tree/$1"*) ;;
	*) echo "cannot redirect: $command"; return 1 ;;
	esac
	rm -f "$TESTDIR/object.o"
	(cd "$after" && eval "$command -Werror")
	exists "$TESTDIR/object.o"
}

# Patch by patch, of the pristine tree: what each of them changes
patches_build()
{
	local patch file

	tree=$TESTDIR/$1
	cp -al "$(PROPOSAL='' "$TOP/kernel/tree.sh" pristine)" "$tree"
	for patch in "$TOP/patches/proposals/$1"/000[1-9]*.patch; do
		patch -d "$tree" -p1 -F0 -s --no-backup-if-mismatch < "$patch"
		while read -r file; do
			compiles "$file"
		done < <(sed -n 's|^+++ b/\(.*\.c\)$|\1|p' "$patch")
	done
	rm -rf "$tree"
}
test_each_patch_builds_by_itself()
{
	after=$("$TOP/kernel/build.sh" after)
	of_after=$(cat "$after/.complete")
	each patches_build
}

contract_is_kept()
{
	local status=0

	TEST_PATTERN='' TEST_LEVEL=all COUNTS=$TESTDIR/counts \
		"$TOP/tests/contract.sh" "$1" > "$TESTDIR/contract" 2>&1 || status=$?
	sed -n 's/^\(ok\|not ok\|skip\) /# \1 /p' "$TESTDIR/contract"
	cat "$TESTDIR/contract"
	is $status 0
	number "$(grep -c '^ok - mutant_' "$TESTDIR/contract")" -gt 20
}
test_contract_is_kept_and_mutants_are_caught() { each contract_is_kept; }

run_tests
