#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module's own tests, in a booted kernel.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

make -s -C "$TOP/tests"
build=$("$TOP/kernel/build.sh")
module=$("$TOP/bench/build.sh" "$build" FSB_MUTANTS=y)

guest_status=0
progress "test: the module, in a guest"
"$TOP/vm/run.sh" --kernel "$build" --unit instructions --timeout 300 -- \
	"$TOP/tests/guest/module.sh" "$module" "$build/lib/test_hmm.ko" > "$TESTDIR/out" || guest_status=$?
clear_progress
grep -E '^(ok|not ok|#)' "$TESTDIR/out" | sed 's/ok [0-9]* -/ok -/' | tee -a "$COUNTS"
guest_ends_well() { [ "$guest_status" = 0 ]; }
check guest_ends_well
