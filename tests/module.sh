#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module's own tests, in a booted kernel.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

make -s -C "$TOP/tests"
build=$("$TOP/kernel/build.sh")
modules=$(dirname "$("$TOP/bench/build.sh" "$build" FSB_TESTS=y)")

# in_guest OPTIONS: the tests, in a guest with these
in_guest()
{
	guest_status=0
	progress "test: the module, in a guest"
	"$TOP/vm/run.sh" --kernel "$build" --timeout 300 "$@" -- \
		"$TOP/tests/guest/module.sh" "$modules" "$build/lib/test_hmm.ko" \
		"$build/drivers/block/brd.ko" \
		> "$TESTDIR/out" || guest_status=$?
	clear_progress
	grep -E '^(ok|not ok|#)' "$TESTDIR/out" |
		sed 's/ok [0-9]* -/ok -/' | tee -a "$COUNTS"
}

in_guest --unit instructions
guest_with_one_cpu_ends_well() { [ "$guest_status" = 0 ]; }
check guest_with_one_cpu_ends_well

in_guest --unit emulated --cpus 2
guest_with_two_cpus_ends_well() { [ "$guest_status" = 0 ]; }
check guest_with_two_cpus_ends_well
