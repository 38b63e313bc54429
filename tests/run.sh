#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make test: all tests, and a closing line that counts them.
#
#   tests/run.sh [NAME...]	only the scripts tests/NAME.sh, one after the other
#   tests/run.sh --into DIR NAME...	count them there, and what they say at the end
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

# What builds, and what wants both CPUs to itself, first; then those that take a CPU
# each beside those that take what there is.
readonly FIRST="unit compare doctor lint series kernel vm module contend"
readonly BESIDE="contract host install"
readonly THEN="bench results migrate kernels"

into=''
if [ "${1:-}" = --into ]; then
	into=$2
	shift 2
fi
counts=${into:-$(mktemp -d)}
beside=''
# shellcheck disable=SC2317 # reached through the trap
cleanup()
{
	# All of its session: scripts, and the guests that they have begun.
	[ -z "$beside" ] || kill -TERM -- "-$beside" 2> /dev/null || true
	[ -n "$into" ] || rm -rf "$counts"
}
trap cleanup EXIT

# run NAME: its lines that are tests are in $counts/NAME
run()
{
	local status=0

	: > "$counts/$1"
	COUNTS=$counts/$1 "$TOP/tests/$1.sh" || status=$?
	# Ended early, or with a failure that none of its lines tells of.
	if [ $status -gt 1 ] || { [ $status = 1 ] && ! grep -q '^not ok' "$counts/$1"; }; then
		echo "not ok - tests/$1.sh itself (status $status)" | tee -a "$counts/$1"
	fi
	# A signal is for all of us.
	[ $status -lt 128 ] || exit $status
}

# one_by_one NAME...
one_by_one()
{
	local name

	for name; do
		stage "tests: $name"
		run "$name"
	done
}

# quietly NAME...: what each says, when it has ended
quietly()
{
	local name

	for name; do
		run "$name" > "$counts/$name.out" 2>&1
		stage "tests: $name, beside others"
		cat "$counts/$name.out"
	done
}

if [ -n "$into" ]; then
	quietly "$@"
	exit
fi
"$TOP/scripts/deps.sh"
if [ $# -gt 0 ]; then
	one_by_one "$@"
else
	# shellcheck disable=SC2086 # names
	{
		one_by_one $FIRST
		setsid "$0" --into "$counts" $BESIDE &
		beside=$!
		one_by_one $THEN
	}
	progress "tests: waiting for $BESIDE"
	wait $beside || echo "not ok - tests beside others (status $?)" | tee "$counts/beside"
	beside=''
fi
rm -f "$counts"/*.out
lines() { cat "$counts"/* | grep -E "$1" || true; }
passed=$(lines '^ok' | wc -l)
skipped=$(lines '^skip' | wc -l)
failed=$(lines '^not ok' | wc -l)
stage "tests: done"
lines '^(not ok|skip)'
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
