#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TARGET=host, on guests that play the machine of somebody's: a run grows by a boot
# with each boot, all that was changed is put back, and what is missing is told.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

readonly RUN=$TESTDIR/results/machine
mkdir "$TESTDIR/results" "$TESTDIR/cache"
make -s -C "$TOP/userspace"
build=$("$TOP/kernel/build.sh" both)
# The compiler is slow where instructions are counted.
module=$("$TOP/bench/build.sh" "$build")
mkdir -p "$TESTDIR/cache/module"
cp -r "$(dirname "$module")" "$TESTDIR/cache/module/"

# machine SCRIPT [VM OPTIONS]: boot it, and do what the function of
# tests/guest/host.sh does
machine()
{
	local script=$1

	shift
	"$TOP/vm/run.sh" --kernel "$build" --unit instructions --timeout 600 \
		--share "results=$TESTDIR/results" --share "cache=$TESTDIR/cache" "$@" -- \
		"$TOP/tests/guest/host.sh" "$build" "$script"
}

# in_guest SCRIPT [VM OPTIONS]: those of its lines that are tests
in_guest()
{
	local status=0

	progress "test: $1, on a machine"
	machine "$@" > "$TESTDIR/out" || status=$?
	clear_progress
	grep -E '^(ok|not ok|#)' "$TESTDIR/out" | tee -a "$COUNTS"
	[ $status = 0 ] || echo "not ok - $1 itself (status $status)" | tee -a "$COUNTS"
	if [ $status != 0 ] || grep -q '^not ok' "$TESTDIR/out"; then
		failed=1
	fi
}

in_guest first_boot
in_guest second_boot
two_boots_are_one_run()
{
	[ "$(wc -l < <(cat "$RUN"/.boot-[12].well | sort -u))" = 2 ]
	holds '.complete == false and (.cells[0].ratios["old/new"].boots == 2)' "$RUN/summary.json"
	head -n 1 "$RUN/boot-2.jsonl" > "$TESTDIR/header"
	holds '.doctor.virtual.level == "SPOILS" and .doctor.nodes == null and
		.doctor.khugepaged.mended' "$TESTDIR/header"
	says "SPOILED: virtual: a virtual machine: others may take its CPUs (boot 1 2)" \
		"$RUN/table.txt"
	says "4 of 6 boots are still to come" "$RUN/table.txt"
}
check two_boots_are_one_run

in_guest ended
progress "test: a panic in the middle of it"
want 71 machine panic > "$TESTDIR/out" 2>&1
in_guest after
