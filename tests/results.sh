#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Results on a full disk, in a read-only folder, after the clock was set back, of a killed guest:
# finished blocks are there and can be read, the status says that the run is incomplete, and it can be
# resumed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

export UNIT=instructions DEFAULT_PLAN=split RUN=run

bench() { "$TOP/scripts/bench.sh" > "$TESTDIR/out" 2> "$TESTDIR/err"; }
bench_by() { "$@" "$TOP/scripts/bench.sh" > "$TESTDIR/out" 2> "$TESTDIR/err"; }

# with_disk OPTIONS FUNCTION: in a mount namespace, with a disk of its own for
# the results
with_disk()
{
	if [ "$(id -u)" != 0 ]; then
		echo "only root can mount a small disk"
		return "$EXIT_SKIP"
	fi
	mkdir -p "$TESTDIR/disk"
	# shellcheck disable=SC2016 # expanded in there
	unshare --mount bash -c 'mount -t tmpfs -o "$1" tmpfs "$2/disk" && . "$0" && "$3"' \
		"$TESTDIR/functions" "$1" "$TESTDIR" "$2"
}

in_full_disk()
{
	export RESULTS=$TESTDIR/disk
	# Room for the first blocks of a boot, not for all of it.
	BOOTS=2 BLOCKS=60 want 70 bench
	matches 'boot-[12].jsonl: No space left' "$TESTDIR/err"
	number "$(wc -l < "$RESULTS/run/boot-1.jsonl")" -gt 3
	# A summary wants room as well: elsewhere, there is some.
	cp -r "$RESULTS/run" "$TESTDIR/elsewhere"
	want 70 "$TOP/userspace/build/splitbench" summary "$TESTDIR/elsewhere" > "$TESTDIR/table"
	says INCOMPLETE "$TESTDIR/table"
	mount -o remount,size=64m "$RESULTS"
	bench
	holds '.complete and .cells[0].blocks == 120' "$RESULTS/run/summary.json"
	MORE=1 bench
	holds '.complete and .cells[0].blocks == 180' "$RESULTS/run/summary.json"
}

test_full_disk_costs_no_data() { with_disk size=112k in_full_disk; }

in_read_only_folder()
{
	export RESULTS=$TESTDIR/disk
	mount -o remount,ro "$RESULTS"
	want 70 bench
	says "$RESULTS" "$TESTDIR/err"
	is "$(ls -A "$RESULTS")" ''
}

test_read_only_folder_is_reported() { with_disk size=64m in_read_only_folder; }

# From the first boot on, it is a day earlier each time that one asks.
test_clock_stepped_back_changes_nothing()	# full
{
	local back=(env SHIM=clock-back "SHIM_FROM=$TESTDIR/results/run/boot-1.jsonl"
		"SHIM_USED=$TESTDIR/used" "LD_PRELOAD=$TOP/tests/build/shim.so")

	export RESULTS=$TESTDIR/results
	make -s -C "$TOP/tests" build/shim.so
	BOOTS=2 BLOCKS=2 bench_by "${back[@]}"
	exists "$TESTDIR/used"
	holds '.complete and .cells[0].blocks == 4' "$RESULTS/run/summary.json"
	MORE=1 bench_by "${back[@]}"
	holds '.complete and .cells[0].blocks == 6' "$RESULTS/run/summary.json"
}

test_guest_killed_in_mid_block_is_gone_on_with()
{
	local pid

	export RESULTS=$TESTDIR/killed
	BOOTS=2 BLOCKS=40 bench &
	pid=$!
	until_true 60 has_lines 4 "$RESULTS/run/boot-1.jsonl"
	pkill -KILL -f "qemu-system.*$RESULTS/run"
	want 70 wait $pid
	says "the guest died" "$TESTDIR/err"
	number "$(wc -l < "$RESULTS/run/boot-1.jsonl")" -gt 3
	want 70 "$TOP/userspace/build/splitbench" summary "$RESULTS/run" > "$TESTDIR/table"
	says "boot-1.jsonl" "$TESTDIR/table"
	says "INCOMPLETE" "$TESTDIR/table"
	# More boots are for a run that is whole: first the two are measured.
	bench
	holds '.complete and .cells[0].blocks == 80' "$RESULTS/run/summary.json"
	not_empty "$RESULTS/run/boot-1.broken-1.jsonl"
	exists "$RESULTS/run/console-1.broken-1.log"
	MORE=1 bench
	holds '.complete and .cells[0].blocks == 120' "$RESULTS/run/summary.json"
}

no_qemu() { is "$(pgrep -f "qemu-system.*$RESULTS/run" || true)" ''; }

test_interrupted_run_leaves_nothing_running_and_is_gone_on_with()
{
	local pid

	export RESULTS=$TESTDIR/interrupted
	# What a script starts in the background would not hear of Ctrl-C.
	BOOTS=2 BLOCKS=40 env --default-signal=INT setsid "$TOP/scripts/bench.sh" \
		> "$TESTDIR/out" 2> "$TESTDIR/err" &
	pid=$!
	until_true 60 has_lines 4 "$RESULTS/run/boot-1.jsonl"
	kill -INT -- "-$pid"
	want 130 wait $pid
	says "interrupted; finished blocks are kept: make bench RUN=run resumes" "$TESTDIR/err"
	until_true 10 no_qemu
	number "$(wc -l < "$RESULTS/run/boot-1.jsonl")" -gt 3
	holds '[.steps[].took] == [null, null]' "$RESULTS/run/schedule.json"
	bench
	holds '.complete and .cells[0].blocks == 80' "$RESULTS/run/summary.json"
	holds '[.steps[].took] | all(. > 0)' "$RESULTS/run/schedule.json"
}

"$TOP/kernel/build.sh" both > /dev/null
declare -f fail want says matches is number holds bench in_full_disk in_read_only_folder > "$TESTDIR/functions"
declare -p TOP TESTDIR EXIT_SKIP >> "$TESTDIR/functions"
echo 'set -eu' >> "$TESTDIR/functions"
run_tests
