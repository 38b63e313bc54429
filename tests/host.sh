#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TARGET=host, in guests that stand for a user's machine: each boot is added to the run, all changed
# settings are restored, and what is missing is named.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

whole_script
readonly RUN=$TESTDIR/results/machine
tests=$TOP/tests/guest/host.sh
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
		"${wants[@]}" "$tests" "$build" "$script"
}

guest_tests "the first boot, on a machine" "$tests#first_boot" machine first_boot
guest_tests "the second one" "$tests#second_boot" machine second_boot
test_two_boots_are_one_run()
{
	is "$(wc -l < <(cat "$RUN"/.boot-[12].well | sort -u))" 2
	holds '.complete == false and (.cells[0].ratios["old/new"].boots == 2)' "$RUN/summary.json"
	head -n 1 "$RUN/boot-2.jsonl" > "$TESTDIR/header"
	holds '.doctor.virtual.level == "SPOILS" and .doctor.nodes == null and
		.doctor.khugepaged.fixed' "$TESTDIR/header"
	says "SPOILED by virtual: a virtual machine: its CPUs may be preempted by the host (boot 1 2)" \
		"$RUN/table.txt"
	says "4 of 6 boots are still to come" "$RUN/table.txt"
}
check two_boots_are_one_run

guest_tests "what ends the tool" "$tests#ended" machine ended
test_panic_is_the_end_of_it() { want 71 machine panic; }
check panic_is_the_end_of_it
guest_tests "the boot after a panic" "$tests#after" machine after
