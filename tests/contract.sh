#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The contract of the split: is it kept, and does the suite notice when it is broken?
#
#   tests/contract.sh [PROPOSAL]
#
# With a proposal: for kernels that have it, and only mutants of the current split.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

export PROPOSAL=${1:-}
splits="new old"
[ -z "$PROPOSAL" ] || splits=new

# suite NAME BUILD [OPTIONS OF KUNIT]: the suite in a guest; what it printed
# is in $TESTDIR/NAME, and in $TESTDIR/NAME.console
suite()
{
	local name=$1 build=$2

	shift 2
	"$TOP/vm/run.sh" --kernel "$build" --unit instructions --timeout "${SECONDS_EACH:-300}" \
		--append "${APPEND:-}" \
		--console "$TESTDIR/$name.console" -- \
		env MUTANT="${MUTANT:-}" PARAMETERS="${PARAMETERS:-}" \
		"$TOP/tests/guest/contract.sh" "$build" "$modules" "$@" \
		> "$TESTDIR/$name"
}

# says_totals NAME WANTED...: of each suite, in their order, and none failed
says_totals()
{
	sed -n 's/^# Totals: \(pass:[0-9]*\) fail:0 \(skip:[0-9]*\) .*/\1,\2/p' \
		"$TESTDIR/$1" > "$TESTDIR/totals"
	shift
	printf '%s\n' "$@" | diff - "$TESTDIR/totals"
}

# == kernel with both splits

test_contract_of_both_splits_is_kept()
{
	suite kept "$both"
	want 1 grep -E '^ *not ok' "$TESTDIR/kept"
}

# What this kernel has not is skipped, and the one that breaks it.
test_all_cases_were_run()
{
	after contract_of_both_splits_is_kept
	says_totals kept pass:8,skip:0 pass:520,skip:32 pass:91,skip:3 pass:102,skip:0
	awk -f "$TOP/tests/ktap.awk" "$TESTDIR/kept" | grep '^skip' > "$TESTDIR/skipped"
	printf 'skip - %s: \n' page_owner_follows allocation_tags_follow |
		diff - "$TESTDIR/skipped"
}

# What the current split does with a larger order is no refusal: it never returns.
# bench/CONTRACT.md says so; of a kernel that refuses, it has to be, too. Here the guest ends
# where the shift is out of bounds; that it does not return either takes until its time is over.
test_larger_order_is_not_refused_by_the_new_split()
{
	APPEND=panic_on_warn=1 PARAMETERS="larger=1 variant=new" \
		want 71 suite larger "$both" "filter_glob=*.larger_order" 2> "$TESTDIR/error"
	says "UBSAN: shift-out-of-bounds in" "$TESTDIR/larger.console"
}

test_larger_order_never_returns() # full
{
	PARAMETERS="larger=1 variant=new" SECONDS_EACH=120 \
		want 71 suite endless "$both" "filter_glob=*.larger_order" 2> "$TESTDIR/error"
	says "UBSAN: shift-out-of-bounds in" "$TESTDIR/endless.console"
	want 1 grep -E "(not )?ok 1 larger_order" "$TESTDIR/endless"
	want 1 grep "Kernel panic" "$TESTDIR/endless.console"
}

# == mutants

# Without an enabled mutant, that kernel keeps the contract.
test_kernel_of_mutants_keeps_the_contract()	# full
{
	MUTANT=0 suite control "$mutants"
	says_totals control pass:8,skip:0 pass:520,skip:32 pass:91,skip:3 pass:102,skip:0
}

# == end

# mutant N SPLIT CASE: with the mutant enabled, the case has to fail
mutant()
{
	MUTANT=$1 PARAMETERS="variant=$2 restart=1" SECONDS_EACH=200 \
		suite "mutant-$1-$3-$2" "$mutants" "filter_glob=*.$3" 2> /dev/null || true
}

# caught N CASE: was it caught in each of these splits?
caught()
{
	local split

	for split in $splits; do
		# Not a case that found no folio, or data gone: those are not its own.
		sed -n 's/^ *# \([a-z0-9_]*\): EXPECTATION FAILED at contract\(_orders\|_state\)*\.c:.*/\1/p' \
			"$TESTDIR/mutant-$1-$2-$split.console" > "$TESTDIR/failed"
		matches "^$2\$" "$TESTDIR/failed"
	done
}

# modules_of BUILD: the folder of its modules
modules_of()
{
	local module

	module=$("$TOP/bench/build.sh" "$1" FSB_TESTS=y) || return
	dirname "$module"
}

both=$("$TOP/kernel/build.sh" both)
modules=$(modules_of "$both")

run_section "kernel with both splits"
[ ! -e "$TESTDIR/kept" ] ||
	awk -f "$TOP/tests/ktap.awk" "$TESTDIR/kept" | { grep -v '^skip' || true; } | tee -a "$COUNTS"

# Mutants of the contract, in either split, in guests in parallel
while read -r name tag; do
	! is_wanted "$name" "$tag" || echo "$name"
done < <(names_of_mutants mutant '') > "$TESTDIR/mutants"
if [ -s "$TESTDIR/mutants" ] || any_is_wanted "$SCRIPT" mutants; then
	mutants=$("$TOP/kernel/build.sh" mutants)
	modules=$(modules_of "$mutants")
fi
progress "test: mutants, in guests of their own"
while IFS=_ read -r _ number _ _ _ case; do
	# The case decides, not how the guest ends: a mutant may break anything.
	for split in $splits; do
		[ "$(jobs -rp | wc -l)" -lt "$(nproc)" ] || wait -n
		mutant "$number" "$split" "$case" &
	done
done < "$TESTDIR/mutants"
wait
clear_progress
while IFS=_ read -r _ number _ _ _ case; do
	# shellcheck disable=SC2317 # called by check
	eval "test_mutant_${number}_is_caught_by_$case() { caught $number $case; }"
	check "mutant_${number}_is_caught_by_$case"
done < "$TESTDIR/mutants"
run_section mutants
