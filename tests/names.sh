# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Which tests exist, and which of them are wanted. Sourced, on the host and in guests.
#
# A test is a function test_NAME() of a script, or cmocka_unit_test(NAME) of a C
# program, or def test_NAME(self) of a Python one: its name is there and nowhere else. A tag may follow on that line:
#
#	test_NAME()	# full		only make test-all runs it
#	test_NAME()	# kernel	make check does not: it takes a kernel's tree
#
# What is wanted comes from tests/run.sh: $TEST_PATTERN, patterns of names; else
# $TEST_LEVEL: check, test, rest (what test leaves out) or all.

# Absolute: tests are run in a folder of their own.
NAMES_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# names_in FILE [SECTION]: a line "NAME TAG" for each test of a file, or of its part
# between "# == SECTION" and the next one
names_in()
{
	sed -nE "${2:+/^# == $2\$/,/^# == /}"'{
		s/^test_([a-z0-9_]+)\(\).*# (full|kernel)$/\1 \2/p; t
		s/^test_([a-z0-9_]+)\(\).*/\1 -/p; t
		s/^    def test_([a-z0-9_]+)\(self\):/\1 -/p
		s/^.*cmocka_unit_test[a-z_]*\(([a-z0-9_]+).*/\1 -/p
	}' "$1"
}

# programs_of FILE: the C programs of tests that it names
programs_of()
{
	local word dir

	dir=$NAMES_DIR
	while read -r word; do
		[ ! -e "$dir/guest/$word.c" ] || echo "$dir/guest/$word.c"
	done < <(grep -oE '\btest_[a-z]+\b' "$1" | sort -u)
}

# names_of_script SCRIPT: its own, those of the guest's scripts and programs that it
# names, and those that are made of the mutants
names_of_script()
{
	local dir file program

	dir=$(dirname "$1")
	names_in "$1"
	case $(basename "$1") in
	unit.sh)
		for file in "$dir"/unit/test_*.c; do
			names_in "$file"
		done ;;
	schedule.sh)
		for file in "$dir"/../scripts/schedule/test_*.py; do
			names_in "$file"
		done ;;
	contract.sh) names_of_mutants mutant '' ;;
	debug.sh) names_of_mutants checker_mutant ' checker' ;;
	esac
	while read -r file; do
		names_in "$dir/$file"
		for program in $(programs_of "$dir/$file"); do
			names_in "$program"
		done
	done < <(grep -oE 'guest/[a-z_]+\.sh' "$1" | sort -u)
}

# names_of_mutants PREFIX KERNEL: and those of $PROPOSAL
names_of_mutants()
{
	sed -nE "s/^Mutant: ([0-9]+) ([a-z_]+)$2\$/$1_\\1_is_caught_by_\\2 full/p" \
		"$NAMES_DIR"/mutants/*.patch \
		${PROPOSAL:+"$NAMES_DIR/../patches/proposals/$PROPOSAL"/mutants/*.patch} |
		awk '!seen[$0]++'
}

# is_wanted NAME [TAG]
is_wanted()
{
	local pattern patterns

	if [ -n "${TEST_PATTERN:-}" ]; then
		read -ra patterns <<< "$TEST_PATTERN"
		for pattern in "${patterns[@]}"; do
			# shellcheck disable=SC2053 # a pattern
			[[ $1 != $pattern ]] || return 0
		done
		return 1
	fi
	case ${TEST_LEVEL:-all}/${2:--} in
	check/full | check/kernel | test/full) return 1 ;;
	rest/full) ;;
	rest/*) return 1 ;;
	esac
}

# any_is_wanted FILE [SECTION]: one of the tests in there, or in programs that it runs
any_is_wanted()
{
	local name tag file

	while read -r name tag; do
		! is_wanted "$name" "$tag" || return 0
	done < <(names_in "$@"; for file in $(programs_of "$1"); do names_in "$file"; done)
	return 1
}

# run_tests: of $SCRIPT, this script, in the order in which they are there
run_tests() { run_section ''; }

# run_section SECTION: of a part of it
run_section()
{
	local name tag

	while read -r name tag <&8; do
		! is_wanted "$name" "$tag" || check "$name"
	done 8< <(names_in "$SCRIPT" "$1")
}

# after NAME: what that test leaves is needed: it is run now if it was not
after()
{
	if [ ! -e "$STATUS_DIR/.status-$1" ]; then
		echo "first: $1"
		("test_$1")
		echo 0 > "$STATUS_DIR/.status-$1"
	fi
	is "$1 ended with $(cat "$STATUS_DIR/.status-$1")" "$1 ended with 0"
}
