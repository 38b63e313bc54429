#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The contract of the split: is it kept, and would the suite see it broken?
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# suite NAME BUILD [OPTIONS OF KUNIT]: the suite in a guest; what it printed
# is in $TESTDIR/NAME, and in $TESTDIR/NAME.console
suite()
{
	local name=$1 build=$2

	shift 2
	"$TOP/vm/run.sh" --kernel "$build" --unit instructions --timeout "${SECONDS_EACH:-300}" \
		--console "$TESTDIR/$name.console" -- \
		env MUTANT="${MUTANT:-}" PARAMETERS="${PARAMETERS:-}" \
		"$TOP/tests/guest/contract.sh" "$build" "$modules" "$@" \
		> "$TESTDIR/$name"
}

contract_of_both_ways_is_kept()
{
	suite kept "$both"
}

# What this kernel has not is skipped, and the one that breaks it.
all_cases_were_run()
{
	grep -E '^# Totals: ' "$TESTDIR/kept" | sed 's/^# Totals: //' > "$TESTDIR/totals"
	[ "$(paste -sd, "$TESTDIR/totals")" = "pass:492 fail:0 skip:32 total:524,pass:93 fail:0 skip:3 total:96,pass:8 fail:0 skip:0 total:8" ]
	awk -f "$TOP/tests/ktap.awk" "$TESTDIR/kept" | grep '^skip' > "$TESTDIR/skipped"
	printf 'skip - %s: \n' page_owner_follows allocation_tags_follow |
		diff - "$TESTDIR/skipped"
}

# What the new way does with a larger order is no refusal: it never comes back.
# That is told in bench/README.md; of a kernel that refuses, it has to be, too.
larger_order_is_not_refused_by_the_new_way()
{
	PARAMETERS="larger=1 way=new" SECONDS_EACH=40 \
		want 71 suite larger "$both" "filter_glob=*.larger_order" 2> "$TESTDIR/error"
	grep -aE "Subtest: larger_order|UBSAN|BUG|not ok|EXPECT" "$TESTDIR/larger.console"
	says "UBSAN: shift-out-of-bounds in" "$TESTDIR/larger.console"
}

# mutant N WAY CASES: let loose, one of the cases fails
mutant()
{
	MUTANT=$1 PARAMETERS="way=$2 restart=1" SECONDS_EACH=100 \
		suite "mutant-$1-$2" "$mutants" "filter_glob=*.$3" 2> /dev/null || true
}

# caught N CASES: was it, on either way?
caught()
{
	local way

	for way in new old; do
		# shellcheck disable=SC2295 # a pattern
		sed -n 's/^ *# \([a-z0-9_]*\): EXPECTATION FAILED .*/\1/p' \
			"$TESTDIR/mutant-$1-$way.console" | sort -u | grep -x "${2/\*/.*}"
	done
}

both=$("$TOP/kernel/build.sh" both)
mutants=$("$TOP/kernel/build.sh" mutants)
modules=$(dirname "$("$TOP/bench/build.sh" "$both" FSB_TESTS=y)")

check contract_of_both_ways_is_kept
awk -f "$TOP/tests/ktap.awk" "$TESTDIR/kept" | { grep -v '^skip' || true; } | tee -a "$COUNTS"
check all_cases_were_run
check larger_order_is_not_refused_by_the_new_way

modules=$(dirname "$("$TOP/bench/build.sh" "$mutants" FSB_TESTS=y)")
grep -h '^Mutant: ' "$TOP"/tests/mutants/*.patch > "$TESTDIR/mutants"
progress "test: mutants, in guests of their own"
while read -r _ number cases kernel; do
	[ -z "$kernel" ] || continue
	# The case decides, not how the guest ends: a mutant may break anything.
	for way in new old; do
		[ "$(jobs -rp | wc -l)" -lt "$(nproc)" ] || wait -n
		mutant "$number" $way "$cases" &
	done
done < "$TESTDIR/mutants"
wait
clear_progress
while read -r _ number cases kernel; do
	[ -z "$kernel" ] || continue
	# shellcheck disable=SC2317 # called by check
	eval "mutant_${number}_is_caught_by_${cases//\*/}() { caught $number '$cases'; }"
	check "mutant_${number}_is_caught_by_${cases//\*/}"
done < "$TESTDIR/mutants"

# Without a mutant let loose, that kernel is as good as the other.
kernel_of_mutants_keeps_the_contract()
{
	MUTANT=0 suite control "$mutants"
	want 1 grep -E '^ *not ok' "$TESTDIR/control"
}
check kernel_of_mutants_keeps_the_contract
