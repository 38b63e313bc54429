#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What migrations with a fallback, and splits, leave in page tables: without a proposal, with
# each of patches/proposals/, and with mutants of those that change it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# restore NAME BUILD: in a guest, what migrations and splits leave in page tables; what it
# printed is in $TESTDIR/NAME
restore()
{
	"$TOP/vm/run.sh" --kernel "$2" --unit instructions --timeout "${LIMIT:-600}" \
		--console "$TESTDIR/$1.console" -- \
		env MUTANT="${MUTANT:-}" TEST_PATTERN="${CASE:-}" "$TOP/tests/guest/restore.sh" "$2" \
		> "$TESTDIR/$1"
}

# cases BUILD: those of the guest's test that this kernel can be asked. Without a fix, sharing a
# THP with a fork crashes it: see experiments/forked_fallback.txt.
cases()
{
	local source

	source=$(cat "$1/.complete")
	names_in "$TOP/tests/guest/test_restore.c" | cut -d' ' -f1 |
		if grep -q migrate_split_pmd_entry "$source/mm/migrate_device.c"; then
			cat
		else
			sed '/^child_keeps_what_it_had$/d'
		fi
}

# all_restored NAME BUILD: and it is what it should be
all_restored()
{
	local status=0 all

	all=$(cases "$2" | paste -sd' ')
	CASE=$all restore "$1" "$2" || status=$?
	cat "$TESTDIR/$1"
	is $status 0
	is "$(grep -c '^ok ' "$TESTDIR/$1")" "$(wc -w <<< "$all")"
}

test_page_tables_are_restored_without_a_proposal()
{
	make -s -C "$TOP/tests" build/test_restore
	all_restored restored "$("$TOP/kernel/build.sh" after)"
}

page_tables_are_restored()
{
	all_restored "restored-$1" "$(PROPOSAL=$1 "$TOP/kernel/build.sh" after)"
}
test_page_tables_are_restored_with_it()
{
	make -s -C "$TOP/tests" build/test_restore
	each page_tables_are_restored
}

# Those that break it: the case fails, or its process is ended, or the kernel is not well
restore_mutants_are_caught()
{
	local build number case

	sed -nE 's/^Restore mutant: ([0-9]+) ([a-z_]+)$/\1 \2/p' \
		"$TOP/patches/proposals/$1"/mutants/*.patch > "$TESTDIR/mutants-$1"
	[ -s "$TESTDIR/mutants-$1" ] || return 0
	build=$(PROPOSAL=$1 "$TOP/kernel/build.sh" mutants)
	MUTANT=0 all_restored "control-$1" "$build"
	while read -r number case; do
		echo "mutant $number, $case"
		# Who waits for a page that stays locked waits for good.
		LIMIT=60 MUTANT=$number CASE=$case restore "mutant-$number" "$build" < /dev/null ||
			echo "ended with $?"
		want 1 grep -E "^ok .* $case$" "$TESTDIR/mutant-$number"
	done < "$TESTDIR/mutants-$1"
}
test_mutants_of_the_restore_are_caught()
{
	make -s -C "$TOP/tests" build/test_restore
	each restore_mutants_are_caught
}

run_tests
