#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Check the series of patches/ with the kernels that they are for: make series-check
#
# $BASES lists releases, whose sources are in the cache or at the mirror, and folders of kernel
# trees; default: the releases whose source is in the cache. CC= or LLVM= selects the compiler.
#
# Prints a line for each base and check; logs are in series-check/ in the cache. At the end it prints
# a table for patches/README.md with all bases that have passed, now or earlier, with the present
# patches. The exit status is 1 if a check failed.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/series.sh"
. "$TOP/kernel/figures.sh"
. "$TOP/kernel/code.sh"

readonly DIR=$CACHE/series-check
compiler=${SPLITBENCH_CC:-gcc}
failures=0

# at_hand: print the releases whose source is in the cache
at_hand()
{
	local release

	for release in $(supported); do
		[ -z "$(find "$CACHE/src" -maxdepth 1 -name "linux-source-${release}_*" 2> /dev/null)" ] ||
			echo "$release"
	done
}

# report STATUS CHECK WHAT...: print the line of a check
report()
{
	local status=$1 check=$2

	shift 2
	clear_progress
	printf '%-8s %-8s %-11s %-4s %s\n' "$name" "${compiler##*/}" "$check" "$status" "$*"
}

# reason_in LOG: print the first line of the first failed test; without tests, the last line
reason_in()
{
	local reason

	reason=$(sed -n '/^not ok/{n; s/^# //p; q}' "$1")
	echo "${reason:-$(grep -vE '^(\[|at |[0-9]+ passed)' "$1" | tail -n 1)}"
}

# check CHECK COMMAND...: run the command and report its result. If it passes, its details are in
# $logs/CHECK.ok, which it may write.
check()
{
	local check=$1

	shift
	progress "series-check: $name, $check"
	if "$@" > "$logs/$check" 2>&1; then
		report ok "$check" "$(cat "$logs/$check.ok" 2> /dev/null)"
	else
		report FAIL "$check" "see $logs/$check: $(reason_in "$logs/$check")"
		failures=$((failures + 1))
		failed_here=1
	fi
}

# passes TEST...: do these tests of tests/ pass with this base, none skipped?
passes()
{
	local out

	out=$(TEST_BASE=${BASE:-} TEST_KSRC=${KSRC:-} "$TOP/tests/run.sh" "$@" 2>&1) || {
		printf '%s\n' "$out"
		return 1
	}
	printf '%s\n' "$out"
	[[ $(tail -n 1 <<< "$out") == *", 0 failed, 0 skipped" ]]
}

# applies: does the series of just this release apply, and its `before`?
applies()
{
	local kind

	[ -e "$TOP/patches/$release/series" ] || { echo "there is no series for $release"; return 1; }
	for kind in both before; do
		STRICT=1 "$TOP/kernel/tree.sh" --applies $kind > /dev/null || return
	done
	echo "$(patches_of "$TOP/patches/$release" | wc -l) patches, and $(patches_of "$TOP/patches/before/$release" | wc -l) of before, without fuzz" \
		> "$logs/applies.ok"
}

# minutes BUILD: print how long it took, now or when it was built
minutes()
{
	echo $((($(stat -c %Y "$1/.complete") - $(stat -c %Y "$1/fragment") + 59) / 60))
}

# builds: build the kernels that are measured, and report how long that takes: of the first, all is
# compiled that ccache does not know; of the second, what differs
builds()
{
	local both new

	both=$("$TOP/kernel/build.sh" both) || return
	new=$("$TOP/kernel/build.sh" new) || return
	sed 's/-splitbench.*//' "$both/include/config/kernel.release" > "$logs/version"
	echo "$(minutes "$both"), $(minutes "$new")" > "$logs/minutes"
	echo "$(cat "$logs/version"); minutes for both, new: $(cat "$logs/minutes")" > "$logs/builds.ok"
}

# code_of BUILD: print how long the functions of the splits are, those that are not inlined
code_of()
{
	instructions_of "$1" huge_memory |
		grep -E '^(__folio_split_old|__folio_freeze_and_split_unmapped|__split_unmapped_folio) ' |
		LC_ALL=C sort | paste -sd, | sed 's/,/, /g'
}

# one_body: has the compiler left the old split one function? Report what it has made of both splits
one_body()
{
	local both new

	passes kernel:old_split_is_one_body_for_both_callers kernel:control_is_the_same_code_elsewhere \
		kernel:switch_is_a_static_call || return
	both=$("$TOP/kernel/build.sh" both) || return
	new=$("$TOP/kernel/build.sh" new) || return
	echo "instructions in the code: $(code_of "$both"); new alone: $(code_of "$new")" > "$logs/old.ok"
}

# within RATIO A B: is neither of them RATIO times the other or more?
within() { awk -v most="$1" -v a="$2" -v b="$3" 'BEGIN { exit !(a > 0 && b > 0 && a / b < most && b / a < most) }'; }

# measured: measure both splits, and the new one in the kernel without the old
measured()
{
	local empty new old again alone status=0

	rm -rf "$logs/runs"
	forget_request
	KERNELS="both new" RESULTS=$logs/runs RUN=two PLAN=split UNIT=instructions BOOTS=2 TARGET=vm \
		"$TOP/scripts/bench.sh" || status=$?
	[ $status -le 1 ] || return $status
	read -r empty new old again <<< "$(figures_of "$logs/runs/two-both")"
	read -r _ alone _ <<< "$(figures_of "$logs/runs/two-new")"
	if [ "$old" = none ] || [ "$again" = none ] || ! figures_are_sound "$empty" "$new" "$old" "$again" ||
		! within 1.002 "$new" "$alone"; then
		echo "old $old, new $new, again $again, empty $empty, new alone $alone instructions"
		return 1
	fi
	awk -v old="$old" -v new="$new" -v again="$again" -v empty="$empty" -v alone="$alone" 'BEGIN {
		printf "%d | %d | %.5f | %.5g | %d | %d | %.5f\n", old, new, old / new, again / new, empty, alone, new / alone }' \
		> "$logs/figures"
	sed 's/^/instructions: old | new | old\/new | again\/new | empty | new alone | new\/alone: /' "$logs/figures" \
		> "$logs/measured.ok"
}

# patches_now: print a hash of the patches that the release has now
patches_now() { patches_of "$TOP/patches/$release" | xargs cat | hash_of; }

# table: print those that have passed with the present patches. The level of all is `both`, as their
# series applies.
table()
{
	local row release patches text

	echo "| source | compiler | date | level | build | old | new | old/new | again/new | empty | new alone | new/alone |"
	echo "|---|---|---|---|---|---|---|---|---|---|---|---|"
	find "$DIR" -mindepth 2 -maxdepth 2 -name table-row | sort -V | while read -r row; do
		{ read -r release patches && read -r text; } < "$row"
		[ ! -e "$TOP/patches/$release/series" ] || [ "$patches" != "$(patches_now)" ] || echo "$text"
	done
}

# check_base BASE: run all checks
check_base()
{
	local failed_here='' name release logs

	unset BASE KSRC
	case $1 in
	[0-9]*.[0-9]*)
		name=$1
		export BASE=$1 ;;
	*)
		KSRC=$(realpath "$1")
		export KSRC
		name=$(version_of "$KSRC")
		[ -n "$name" ] || die "-$EXIT_USAGE" "BASES: $1 is neither a release with a series ($(supported)) nor a kernel tree" ;;
	esac
	release=$name
	logs=$DIR/$release-${compiler##*/}
	rm -rf "$logs"
	mkdir -p "$logs"
	touch "$logs/begun"
	check applies applies
	[ -z "$failed_here" ] || return 0
	check checkpatch passes lint:patches_are_checkpatch_clean
	check builds builds
	[ -z "$failed_here" ] || return 0
	check warnings passes kernel:series_adds_no_warning
	check pristine passes kernel:new_split_is_the_pristine_one kernel:comparing_text_can_fail
	check old one_body
	check contract passes contract:contract_of_both_splits_is_kept contract:all_cases_were_run
	check measured measured
	[ -z "$failed_here" ] || return 0
	{
		echo "$release $(patches_now)"
		echo "| $(cat "$logs/version") | ${compiler##*/} $(compiler_number "$compiler") | $(date +%F) | both | $(cat "$logs/minutes") | $(cat "$logs/figures") |"
	} > "$logs/table-row"
}

BASES=${BASES:-$(at_hand | paste -sd' ')}
if [ -z "$BASES" ]; then
	"$TOP/kernel/fetch.sh" > /dev/null
	BASES=$(at_hand | paste -sd' ')
fi
with_lock series-check
for base in $BASES; do
	check_base "$base"
done
echo
table
[ $failures = 0 ] || exit $EXIT_DIFFERS
