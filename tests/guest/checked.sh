#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest with the kernel with checkers: the module's tests, which call every arm with every order,
# with barriers and counters; a migration of every kind; and a search for leaks.
#
#   tests/guest/checked.sh BUILD FOLDER-OF-THE-MODULES
# shellcheck disable=SC2317 # called by check
set -uo pipefail
. "$(dirname "$0")/lib.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$1 modules=$2
leaks=/sys/kernel/debug/kmemleak

test_every_arm_keeps_its_promises()
{
	insmod "$modules/folio_split_bench.ko"
	CMOCKA_MESSAGE_OUTPUT=TAP "$top/tests/build/test_module"
	rmmod folio_split_bench
}

# Counters, too: perf has locks of its own.
test_teams_are_sound()
{
	insmod "$modules/folio_split_bench.ko"
	CMOCKA_MESSAGE_OUTPUT=TAP "$top/tests/build/test_barrier"
	rmmod folio_split_bench
}

# Both splits, in both directions.
migrate()
{
	"$top/userspace/build/splitbench" migrate --test-hmm "$build/lib/test_hmm.ko" \
		--rounds 2 --json "$@" > "$TMPDIR/json"
	holds 'all(.cells[]; .arms.old.n >= 1 and .arms.new.n >= 1)' "$TMPDIR/json"
}

test_every_kind_migrates()
{
	migrate --direction to-dev,to-sys --kind none,pages,flag,inject
	is "$(jq '.cells | length' "$TMPDIR/json")" 8
	migrate --direction to-dev --kind fragment
	migrate --direction to-sys --kind fragment
}

# scan [PATTERN]: until what is lost has been seen to be lost, which takes a few
# times, more of them on some days; or until the pattern is
scan()
{
	local i

	for ((i = 0; i < 8; i++)); do
		sleep 6
		echo scan > "$leaks"
		[ -z "${1:-}" ] || ! grep -q "$1" "$leaks" || break
	done
	cat "$leaks"
}

test_nothing_leaked()
{
	scan
	is "$(cat "$leaks")" ''
}

# The check can fail: something that only the removed module knew of.
test_leak_is_found()
{
	insmod "$modules/folio_split_leak.ko"
	rmmod folio_split_leak
	scan 'comm "insmod"' > "$TMPDIR/leaks"
	says 'comm "insmod"' "$TMPDIR/leaks"
}

# What the boot has lost is not ours.
scan > /dev/null
echo clear > "$leaks"
said=$(mktemp)
run_tests
! grep -q "^not ok" "$said"
