#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest that stands for a user's machine, with the shares "cache" and "results": make bench on it.
# Its kernel was built in BUILD.
#
#   tests/guest/host.sh BUILD first_boot | second_boot | ended | panic | after
# shellcheck disable=SC2317 # called by check
set -uo pipefail
. "$(dirname "$0")/lib.sh"

build=$1 what=$2
cd "$(dirname "$0")/../.." || exit
export SPLITBENCH_CACHE=/run/splitbench/cache RESULTS=/run/splitbench/results
run=$RESULTS/machine
ksm=/sys/kernel/mm/ksm/run thp=/sys/kernel/mm/transparent_hugepage/enabled
scan_sleep=/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs
options=include/config/auto.conf
tmp=$(mktemp -d)

# everything: what may be changed on a machine, and what FIX=1 changes
everything()
{
	state
	cat $ksm $scan_sleep /proc/sys/kernel/numa_balancing /proc/irq/*/smp_affinity_list \
		/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor 2>&1 || true
	find /run -maxdepth 1 -name 'splitbench.undo*'
}

# all_is_put_back: as it was in $tmp/before
all_is_put_back() { same "$tmp/before" everything; }

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
	all_is_put_back
}

# lacks MESSAGE COMMAND...: said by make bench, in a line
lacks()
{
	KBUILD=${KBUILD-$build} "${@:2}" scripts/host.sh --lacks > "$tmp/lacks"
	says "$1" "$tmp/lacks"
	one_line "$tmp/lacks"
}

# A long one, of which some blocks are there; sets $pid, whose process group it is
long_bench()
{
	local file=$RESULTS/$1/boot-1.jsonl

	everything > "$tmp/before"
	# What a script starts in the background would not hear of Ctrl-C.
	env --default-signal=INT TARGET=host KBUILD="$build" PLAN=split BLOCKS="${BLOCKS:-24}" RUN="$1" FIX=1 \
		setsid scripts/bench.sh > "$tmp/out" 2> "$tmp/err" &
	pid=$!
	until_true 120 has_lines 3 "$file" || { cat "$tmp/err"; return 1; }
}

# ended STATUS...: the long one, with one of these; what it measured can be read
ended()
{
	local status=0 wanted

	wait "$pid" || status=$?
	for wanted; do
		[ $status != "$wanted" ] || { userspace/build/splitbench summary --check \
			"$RESULTS/$run_name" > "$tmp/table" || true
		says "boot-1.jsonl" "$tmp/table"
		says "new" "$tmp/table"
		return 0; }
	done
	echo "ended with $status"
	cat "$tmp/err"
	return 1
}

# This is the end of the machine, and not the first boot of the run.
panic()
{
	long_bench panicked
	sync
	echo c > /proc/sysrq-trigger
}

# == first_boot

test_first_boot_is_measured() { boot_is_measured_and_all_is_put_back; }

test_more_boots_are_asked_for()
{
	says "1 of 6 boots are there; reboot, and make bench RUN=machine adds the next: 5 more make inference possible" \
		"$tmp/err"
	says '"end"' "$run/boot-1.jsonl"
	# By which it is known, whoever copies the record
	is "$(head -n 1 "$run/boot-1.jsonl" | jq -r .boot_id)" "$(cat /proc/sys/kernel/random/boot_id)"
}

test_same_boot_is_measured_once()
{
	want 4 bench
	says "this boot is boot 1 of $run already" "$tmp/err"
}

test_other_plans_are_refused()
{
	want 64 bench BLOCKS=2
	says "has a plan already" "$tmp/err"
	want 64 bench KERNEL=new
	says "are for TARGET=vm" "$tmp/err"
}

# == second_boot

# What it fixes is put back, and recorded.
test_second_boot_is_fixed()
{
	echo 10000 > $scan_sleep
	boot_is_measured_and_all_is_put_back FIX=1
	is "$(cat $scan_sleep)" 10000
	says '"end"' "$run/boot-2.jsonl"
	is_not "$(head -n 1 "$run/boot-2.jsonl" | jq -r .boot_id)" "$(head -n 1 "$run/boot-1.jsonl" | jq -r .boot_id)"
}

test_doctor_finds_what_is_planted()
{
	echo 1 > $ksm
	echo 10000 > $scan_sleep
	echo 1 > /proc/sys/kernel/numa_balancing
	time userspace/build/splitbench doctor --build "$build" > "$tmp/doctor" || true
	says " ksm " "$tmp/doctor"
	says " khugepaged " "$tmp/doctor"
	says " numa-balancing " "$tmp/doctor"
	is "$(cat $ksm $scan_sleep)" $'1\n10000'
	echo 0 > $ksm
	echo 0 > /proc/sys/kernel/numa_balancing
	echo never > $thp
	lacks "THP is disabled: echo madvise" env
	echo always > $thp
	mount -t debugfs none /sys/kernel/debug 2> /dev/null || true
}

test_machine_that_will_do_is_taken()
{
	is "$(KBUILD=$build scripts/host.sh --lacks)" ''
}

test_missing_builds_are_reported()
{
	KBUILD=/nowhere lacks "there is no /nowhere to build a module against" env
	want 4 bench KBUILD=/nowhere
	says "there is no /nowhere" "$tmp/err"
}

test_missing_exports_are_reported()
{
	mkdir -p "$tmp/build/$(dirname $options)"
	echo "# nothing" | tee "$tmp/build/Makefile" > "$tmp/build/Module.symvers"
	cp "$build/$options" "$tmp/build/$options"
	cp "$build/include/config/kernel.release" "$tmp/build/include/config/"
	KBUILD=$tmp/build lacks "does not export the split of an unmapped folio: make install-kernel" env
}

test_missing_options_are_reported()
{
	local option

	cp "$build/Module.symvers" "$tmp/build/"
	for option in TRANSPARENT_HUGEPAGE DEVICE_PRIVATE DEBUG_FS MODULES MODULE_UNLOAD \
		PROC_PAGE_MONITOR NUMA; do
		grep -v "^CONFIG_$option=" "$build/$options" > "$tmp/build/$options"
		KBUILD=$tmp/build lacks "is without CONFIG_$option: make install-kernel" env
	done
}

test_who_is_not_root_is_reported()
{
	cp "$build/$options" "$tmp/build/$options"
	chmod -R a+rwX "$tmp"
	KBUILD=$tmp/build lacks "only root can load a module" setpriv --reuid 65534 --regid 65534 --clear-groups
}

test_missing_debugfs_is_reported()
{
	umount /sys/kernel/debug
	lacks "mount -t debugfs" env
	mount -t debugfs debugfs /sys/kernel/debug
}

# == ended

test_interrupted_tool_puts_all_back()
{
	run_name=interrupted
	echo 10000 > $scan_sleep
	long_bench interrupted
	is "$(cat $scan_sleep)" 4000000000
	kill -INT -- "-$pid"
	ended 130
	all_is_put_back
}

test_killed_tool_puts_all_back()
{
	run_name=killed
	echo 10000 > $scan_sleep
	long_bench killed
	pkill -KILL -o -x splitbench
	ended 70
	says "target-measure.sh was killed (status 137); what was finished is kept" "$tmp/err"
	# Nor does a line of bash's say so, with the whole command
	want 1 grep -E "line [0-9]+: .*Killed" "$tmp/err"
	all_is_put_back
}

# What there was of it is kept, and reported.
test_what_was_begun_is_reported()
{
	bench RUN=killed PLAN= BLOCKS=
	says "boot-1.jsonl is incomplete: it is kept as" "$tmp/err"
	says '"block":' "$RESULTS/killed/boot-1.broken-1.jsonl"
}

# Nobody is left to do it; the next one does, and says so.
test_killed_guard_is_reported_by_the_next()
{
	run_name=orphaned
	echo 10000 > $scan_sleep
	long_bench orphaned
	# The guard first, or it would get to it.
	pkill -KILL -n -x splitbench
	pkill -KILL -x splitbench
	ended 70
	is "$(cat $scan_sleep)" 4000000000
	pkill -KILL -x splitbench || true
	rm -r "$RESULTS/orphaned"
	bench RUN=repairing FIX=1
	says "an earlier run was killed, and its guard with it" "$tmp/err"
	all_is_put_back
}

test_full_disk_is_a_line()
{
	mkdir "$tmp/small"
	mount -t tmpfs -o size=96k tmpfs "$tmp/small"
	everything > "$tmp/before"
	want 70 bench RESULTS="$tmp/small" BLOCKS=1000 FIX=1
	all_is_put_back
	says '"block":' "$tmp/small/machine/boot-1.jsonl"
	is "$(grep -c "No space left on device" "$tmp/err")" 1
	umount "$tmp/small"
}

# == after

test_after_panic_all_is_there()
{
	everything > "$tmp/before"
	bench RUN=panicked PLAN= BLOCKS=
	says "boot-1.jsonl is incomplete: it is kept as" "$tmp/err"
	says '"block":' "$RESULTS/panicked/boot-1.broken-1.jsonl"
	all_is_put_back
}

# == end
if [ "$what" = panic ]; then
	panic
else
	run_section "$what"
fi
