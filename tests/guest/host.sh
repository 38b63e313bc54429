#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest that plays the machine of somebody's, with the shares "cache" and
# "results": make bench on it, whose kernel was built in BUILD.
#
#   tests/guest/host.sh BUILD first_boot | second_boot
# shellcheck disable=SC2317 # called by check
set -uo pipefail
. "$(dirname "$0")/lib.sh"

build=$1 what=$2
cd "$(dirname "$0")/../.." || exit
export SPLITBENCH_CACHE=/run/splitbench/cache RESULTS=/run/splitbench/results
run=$RESULTS/machine
ksm=/sys/kernel/mm/ksm/run
defrag=/sys/kernel/mm/transparent_hugepage/khugepaged/defrag
tmp=$(mktemp -d)

# everything: what may be changed on a machine, and what FIX=1 changes
everything() { state; cat $ksm $defrag /proc/sys/kernel/numa_balancing 2>&1; }

# bench [VARIABLE=VALUE...]
bench()
{
	env TARGET=host KBUILD="$build" PLAN=split BLOCKS=1 RUN=machine "$@" \
		scripts/bench.sh > "$tmp/out" 2> "$tmp/err"
}

boot_is_measured_and_all_is_put_back()
{
	everything > "$tmp/before"
	bench "$@"
	everything | diff "$tmp/before" -
	! grep folio_split_bench /proc/modules
}

first_boot_is_measured() { boot_is_measured_and_all_is_put_back; }
more_boots_are_asked_for()
{
	says "1 of 6 boots are there; reboot, and make bench RUN=machine adds the next: 5 more make inference possible" \
		"$tmp/err"
	grep '"end"' "$run/boot-1.jsonl"
}

same_boot_is_measured_once()
{
	want 4 bench
	says "this boot is boot 1 of $run already" "$tmp/err"
}

other_plans_are_refused()
{
	want 64 bench BLOCKS=2
	says "has its plan already" "$tmp/err"
	want 64 bench KERNEL=new
	says "are for TARGET=vm" "$tmp/err"
}

# What it mends is put back, and told.
second_boot_is_mended()
{
	echo 1 > $defrag
	boot_is_measured_and_all_is_put_back FIX=1
	[ "$(cat $defrag)" = 1 ]
	grep '"end"' "$run/boot-2.jsonl"
}

# lacks MESSAGE COMMAND...: said by make bench, in a line
lacks()
{
	KBUILD=${KBUILD-$build} "${@:2}" scripts/host.sh --lacks > "$tmp/lacks"
	says "$1" "$tmp/lacks"
	one_line "$tmp/lacks"
}

missing_builds_are_told()
{
	KBUILD=/nowhere lacks "there is no /nowhere to build a module against" env
	want 4 bench KBUILD=/nowhere
	says "there is no /nowhere" "$tmp/err"
}

missing_exports_are_told()
{
	mkdir "$tmp/build"
	touch "$tmp/build/Makefile" "$tmp/build/Module.symvers"
	KBUILD=$tmp/build lacks "does not export the split of an unmapped folio: build and install one" env
}

missing_options_are_told()
{
	local option

	cp "$build/Module.symvers" "$tmp/build/"
	for option in TRANSPARENT_HUGEPAGE DEVICE_PRIVATE DEBUG_FS; do
		grep -v "^CONFIG_$option=" "$build/.config" > "$tmp/build/.config"
		KBUILD=$tmp/build lacks "is without CONFIG_$option: build and install one" env
	done
}

who_is_not_root_is_told()
{
	cp "$build/.config" "$tmp/build/"
	chmod -R a+rwX "$tmp"
	KBUILD=$tmp/build lacks "loading a module is for root" setpriv --reuid 65534 --regid 65534 --clear-groups
}

missing_debugfs_is_told()
{
	umount /sys/kernel/debug
	lacks "mount -t debugfs" env
	mount -t debugfs debugfs /sys/kernel/debug
}

machine_that_will_do_is_taken()
{
	[ -z "$(KBUILD=$build scripts/host.sh --lacks)" ]
}

case $what in
first_boot)
	names=(first_boot_is_measured more_boots_are_asked_for same_boot_is_measured_once
		other_plans_are_refused) ;;
second_boot)
	names=(second_boot_is_mended machine_that_will_do_is_taken missing_builds_are_told missing_exports_are_told
		missing_options_are_told who_is_not_root_is_told missing_debugfs_is_told) ;;
esac
for name in "${names[@]}"; do
	check "$name"
done
