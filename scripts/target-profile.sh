#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On the target, as root: where one arm spends its time, by perf, into a folder.
#
#   scripts/target-profile.sh OUT ARM UNIT BLOCKS MODULE TEST_HMM VMLINUX
#
# ARM is old or new, called by the module as make bench does, or migrate: THPs that
# fall back on their way to the device. TEST_HMM is its driver's file, "-" for the
# installed one, or empty if there is none. VMLINUX has the code for perf annotate,
# and is empty if there is none: perf then looks into /proc/kcore.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/target-lib.sh"

trap 'as_harness $?' ERR

out=$1 arm=$2 unit=$3 blocks=$4 module=$5 hmm=$6 vmlinux=$7
splitbench=$TOP/userspace/build/splitbench
readonly TRACING=/sys/kernel/tracing
# Of whole migrations, for the histograms
readonly ROUNDS=64
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

[ "$arm" != new ] || has_arm new ||
	die "-$EXIT_SKIP" "this kernel has no folio_split_unmapped(): say ARM=old"
[ "$arm" != old ] || has_arm old ||
	die "-$EXIT_SKIP" "this kernel does not have the old split: KERNEL=both has"

said=$(perf stat -o "$tmp/stat" -- true 2>&1) ||
	die "-$EXIT_SKIP" "perf does not work on Linux $(uname -r): $(grep -m1 . <<< "$said"); install the linux-perf of this kernel's version"

# choose_event: what to sample by. Cycles see all; a clock that interrupts cannot
# see what runs with interrupts off, and blames where they come on again.
choose_event()
{
	event=cycles:k rate=9999 note=''
	perf stat -x, -e $event -o "$tmp/stat" -- true
	! grep -qE 'not (supported|counted)' "$tmp/stat" || {
		event=cpu-clock:k rate=19999
		note="no PMU: sampled by a clock that interrupts; what runs with interrupts off, the split itself among it, is counted where they come on again"
		stage "profile: $note"
	}
}

# guarded COMMAND...: perf lowers its rate where sampling is slow, and leaves it so
guarded() { "$splitbench" guard --restore /proc/sys/kernel/perf_event_max_sample_rate "$@"; }

# sample: the workload, and what it is below of
sample()
{
	local workload

	case $arm in
	migrate)
		below=(dmirror_fops_unlocked_ioctl)
		choose_arm new
		workload=("$splitbench" migrate --kind flag --thps 2 --rounds $((blocks * 8))
			"${choice[@]}") ;;
	*)
		below=(fsb_run_own)
		[ "$arm" != old ] || [ -z "$new_function" ] || below=(fsb_run_old)
		printf '{ "schema": "splitbench.cells/1", "arms": ["%s"], "cells": [ { "job": "split" } ] }\n' \
			"$arm" > "$tmp/cells.json"
		"$splitbench" plan --run "$tmp/run" --cells "$tmp/cells.json" --boots 1 \
			--blocks "$blocks" --warmup 0 --reps 14
		workload=("$splitbench" measure --run "$tmp/run" --boot 1) ;;
	esac
	stage "profile: sampling $arm by $event"
	guarded perf record -q -e $event -F $rate -g -o "$tmp/perf.data" -- "${workload[@]}" \
		> "$tmp/said" 2>&1 || { cat "$tmp/said" >&2; die "perf record failed"; }
	finish perf.data "$out"
}

# print_profile: stacks, hottest functions, the flame graph's rectangles
print_profile()
{
	local status=0

	perf script -i "$tmp/perf.data" -F ip,sym > "$tmp/stacks" 2> "$tmp/said" ||
		{ cat "$tmp/said" >&2; die "perf script failed"; }
	"$splitbench" flame --data "$tmp/flame.dat" --json "$tmp/profile.json" \
		--fact "arm=$arm" --fact "event=$event" --fact "unit=$unit" \
		--fact "kernel=$(uname -r)" --fact "note=$note" \
		"${below[@]/#/--below=}" "$tmp/stacks" > "$tmp/hot.txt" || status=$?
	[ $status = 0 ] || exit $status
	finish flame.dat "$out"
	finish hot.txt "$out"
	finish profile.json "$out"
}

# annotate: the hottest function, an instruction a line. What the compiler has added to
# its name (.isra.0) is left out elsewhere, but perf wants it.
annotate()
{
	local hot options=(--stdio -i "$tmp/perf.data")

	hot=$(sed -n 's/.*"function": *"\([^"]*\)".*/\1/p' "$tmp/profile.json" | head -n 1)
	hot=$(awk -v name="$hot" '{ plain = $2; if (plain !~ /^\./) sub(/\..*/, "", plain) }
		plain == name { print $2; exit }' "$tmp/stacks")
	[ -z "$vmlinux" ] || options+=(-k "$vmlinux")
	if [ -z "$vmlinux" ] && [ ! -e /proc/kcore ]; then
		stage "profile: no annotation: neither a vmlinux nor /proc/kcore (CONFIG_PROC_KCORE) has the code"
	elif perf annotate "${options[@]}" "$hot" > "$tmp/annotate.txt" 2> "$tmp/said" &&
	     [ -s "$tmp/annotate.txt" ]; then
		finish annotate.txt "$out"
	else
		stage "profile: no annotation of $hot: perf annotate said: $(tail -n 1 "$tmp/said")"
	fi
}

# Lists of the tracer's, which perf empties, and what they say if they are
readonly LISTS=(set_ftrace_filter set_ftrace_notrace set_graph_function set_graph_notrace
	set_ftrace_pid)
readonly EMPTY='^(#### (all functions enabled|no functions disabled) ####|no pid)$'

# trace_latency FUNCTION COMMAND...: perf's histogram of it in that command, in
# $tmp/perf-said
trace_latency()
{
	local file function=$1 guard=("$splitbench" guard)

	shift
	# perf resets them at its end, but not if it is killed. A newer one has a folder
	# of its own for it.
	guard+=(--rmdirs "$TRACING/instances/perf-ftrace-*")
	for file in "${LISTS[@]}"; do
		[ ! -e "$TRACING/$file" ] || guard+=(--empty "$TRACING/$file")
	done
	for file in "$TRACING"/options/{function-fork,func_stack_trace,sleep-time,funcgraph-irqs,funcgraph-proc,funcgraph-abstime,latency-format,irq-info} \
		"$TRACING"/{max_graph_depth,tracing_thresh,tracing_cpumask,tracing_on,current_tracer}; do
		[ ! -e "$file" ] || guard+=(--restore "$file")
	done
	"${guard[@]}" perf ftrace latency -T "$function" -- "$@" \
		> "$tmp/perf-said" 2>&1 || { cat "$tmp/perf-said" >&2; die "perf ftrace failed"; }
	grep -q DURATION "$tmp/perf-said" ||
		{ cat "$tmp/perf-said" >&2; die "perf ftrace made no histogram"; }
}

# rows: of perf's histogram that are not empty: from and to in us, how many. To is
# "more" in the last.
rows()
{
	awk -F '|' '
		/DURATION/ { table = 1; next }
		table && NF > 2 && $2 > 0 {
			split($1, word, /[ -]+/)
			from = word[2]; to = word[3]; unit = word[4]
			scale = unit == "ms" ? 1024 : unit == "s" ? 1024 * 1024 : 1
			print from * scale, to ~ /^[0-9]/ ? to * scale : "more", $2 + 0
		}' "$tmp/perf-said"
}

# calibrate: by how much perf's labels are wrong, in $factor. Many a perf counts what
# takes from 2^i to 2^(i+1) us in the row that it calls 2^(i-1) to 2^i. Sleeps of 50 ms
# tell: they and nothing else. Status 1 if they do not.
calibrate()
{
	trace_latency hrtimer_nanosleep perl -MTime::HiRes=usleep -e 'usleep(50000) for 1 .. 3'
	case $(rows | paste -sd' ') in
	"16384 32768 3") factor=2 ;;
	"32768 65536 3") factor=1 ;;
	*) return 1 ;;
	esac
}

# histogram ARM FUNCTION: how long it takes inside migrations, traced, so more than
# it takes by itself
histogram()
{
	choose_arm "$1"
	stage "profile: histogram of $2 inside migrations"
	trace_latency "$2" "$splitbench" migrate --kind flag --thps 2 --rounds "$ROUNDS" "${choice[@]}"
	{
		echo "# $2 inside migrations, Linux $(uname -r), by perf ftrace latency;"
		echo "# the clock counts $unit: 1000 of them, or ns, are a us"
		[ "$factor" = 1 ] || echo "# this perf's labels were half of what they should be, which is corrected here"
		printf '%10s %10s %8s\n' "from (us)" "to (us)" calls
		rows | awk -v f="$factor" '{ printf "%10d %10s %8d\n", $1 * f, $2 == "more" ? $2 : $2 * f, $3 }'
	} > "$tmp/latency-$1.txt"
	finish "latency-$1.txt" "$out"
}

# histograms: of each split path that the profile is about
histograms()
{
	local other file

	if ! grep -qsw function_graph $TRACING/available_tracers; then
		stage "profile: no histograms: this kernel is without CONFIG_FUNCTION_GRAPH_TRACER"
		return
	fi
	other=$(cat $TRACING/current_tracer)
	if [ "$other" != nop ]; then
		stage "profile: no histograms: somebody else uses the tracer ($other)"
		return
	fi
	for file in "${LISTS[@]}"; do
		if [ -e "$TRACING/$file" ] && grep -qvE "$EMPTY" "$TRACING/$file"; then
			stage "profile: no histograms: somebody else uses $TRACING/$file"
			return
		fi
	done
	if ! calibrate; then
		stage "profile: no histograms: perf ftrace latency has three sleeps of 50 ms at (from, to, how many) $(rows | paste -sd' ')"
		return
	fi
	[ "$arm" = new ] || ! has_arm old || histogram old "$old_function"
	[ "$arm" = old ] || ! has_arm new || histogram new "$new_function"
}

# with MODULE PART: this script again, for one part of it, with the module loaded.
# One at a time: perf takes what is of one module for another's where they adjoin.
with()
{
	PART=$2 "$splitbench" guard --load "$1" "$0" "$out" "$arm" "$unit" "$blocks" \
		"$module" "$hmm" "$vmlinux"
}

driver=test_hmm
[ "$hmm" = - ] || driver+="=$hmm"
case ${PART:-} in
sample)
	choose_event
	sample
	print_profile
	annotate ;;
histograms)
	histograms ;;
*)
	trap 'rm -rf "$tmp"; give_back "$out"' EXIT
	[ -n "$hmm" ] || [ "$arm" != migrate ] ||
		die "-$EXIT_SKIP" "this kernel is without CONFIG_TEST_HMM=m: say ARM=old or ARM=new"
	if [ "$arm" = migrate ]; then
		with "$driver" sample
	else
		with "folio_split_bench=$module" sample
	fi
	if [ -n "$hmm" ]; then
		with "$driver" histograms
	else
		stage "profile: no histograms: this kernel is without CONFIG_TEST_HMM"
	fi ;;
esac
