#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make test-debug: on the checker kernel, which panics at the first warning, the
# contract suite, every arm, every kind of migration, and those who mean it ill.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

readonly REQUESTS=1000000 SECONDS_EACH=3 KILLS=1000 LOADS=100

# Without ACPI there is no other node, and no other way to end.
readonly APPEND="numa=fake=2 reboot=t panic_on_warn=1 log_buf_len=8M"

# guest NAME APPEND [OPTIONS] -- COMMAND: what it printed is in $TESTDIR/NAME
guest()
{
	local name=$1 append=$2

	shift 2
	"$TOP/vm/run.sh" --kernel "$debug" --unit emulated --timeout 1500 \
		--append "$APPEND $append" --console "$TESTDIR/$name.console" "$@" \
		> "$TESTDIR/$name" 2> "$TESTDIR/$name.err"
}

# contract NAME OPTIONS [OPTIONS OF KUNIT]: the suite, in a guest
contract()
{
	guest "$1" "$2" -- "$TOP/tests/guest/contract.sh" "$debug" "$modules" "${@:3}"
}

# well NAME: the guest of that name, which may still be running, ended well
well()
{
	local status=0

	wait "${guests[$1]}" || status=$?
	clear_progress
	tests_of "$1" | tee -a "$COUNTS"
	if [ $status != 0 ]; then
		failed=1
		echo "not ok - guest $1 (status $status)" | tee -a "$COUNTS"
		sed 's/^/# /' "$TESTDIR/$1.err"
	fi
}

# tests_of NAME: its lines, of KTAP or TAP
tests_of()
{
	if grep -q '^KTAP' "$TESTDIR/$1"; then
		awk -f "$TOP/tests/ktap.awk" "$TESTDIR/$1"
	else
		grep -E '^(ok|not ok|#)' "$TESTDIR/$1" | sed 's/ok [0-9]* -/ok -/' || true
	fi
}

# Nothing but what breaks the kernel is skipped, and each case is run somewhere.
all_cases_were_run_on_the_checker_kernel()
{
	cat "$TESTDIR/contract" "$TESTDIR/owner" |
		sed -n 's/^# Totals: //p' > "$TESTDIR/totals"
	[ "$(paste -sd, "$TESTDIR/totals")" = "pass:508 fail:0 skip:16 total:524,pass:93 fail:0 skip:3 total:96,pass:8 fail:0 skip:0 total:8,pass:16 fail:0 skip:0 total:16" ]
}

make -s -C "$TOP/tests"
debug=$("$TOP/kernel/build.sh" debug)
modules=$(dirname "$("$TOP/bench/build.sh" "$debug" FSB_TESTS=y)")

# Two at a time, the long ones first. Only page_owner's own case has it on: it
# takes a stack for each page that is freed.
declare -A guests
progress "test: the checker kernel: abuse, contract"
guest abuse '' --cpus 2 -- "$TOP/tests/guest/abuse.sh" "$debug" "$modules" \
	$REQUESTS $SECONDS_EACH $KILLS $LOADS &
guests[abuse]=$!
contract owner page_owner=on "filter_glob=*.page_owner_follows" &
guests[owner]=$!
well owner
contract contract '' &
guests[contract]=$!
well contract
check all_cases_were_run_on_the_checker_kernel
progress "test: the checker kernel: abuse, every arm, every kind, leaks"
guest checked 'kmemleak=on' -- "$TOP/tests/guest/checked.sh" "$debug" "$modules" &
guests[checked]=$!
well checked
well abuse
