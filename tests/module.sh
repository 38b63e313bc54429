#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module's own tests, in a booted kernel.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

make -s -C "$TOP/userspace"
make -s -C "$TOP/tests"
build=$("$TOP/kernel/build.sh")
modules=$(dirname "$("$TOP/bench/build.sh" "$build" FSB_TESTS=y)")

# in_guest OPTIONS: the tests, in a guest with these
in_guest()
{
	"$TOP/vm/run.sh" --kernel "$build" --timeout 300 "$@" -- \
		"${wants[@]}" "$TOP/tests/guest/module.sh" "$modules" "$build/lib/test_hmm.ko" \
		"$build/drivers/block/brd.ko"
}

guest_tests "guest with one CPU" "$TOP/tests/guest/module.sh" in_guest --unit instructions
guest_tests "guest with two CPUs" "$TOP/tests/guest/module.sh" in_guest --unit emulated --cpus 2
guest_tests "guest with khugepaged at work" "$TOP/tests/guest/khugepaged.sh" \
	"$TOP/vm/run.sh" --kernel "$build" --unit instructions --timeout 300 -- \
	"${wants[@]}" "$TOP/tests/guest/khugepaged.sh" "$modules"
