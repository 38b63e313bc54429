#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On the target, as root: profile one arm with perf.
#
#   scripts/target-profile.sh OUT ARM UNIT BLOCKS MODULE TEST_HMM VMLINUX
#
# OUT is the folder for the results. ARM is old or new, called by the module as in make bench, or
# migrate: migrations to the device that fall back. TEST_HMM is the test driver's file, "-" for the
# installed one, or empty if there is none. VMLINUX has the code for perf annotate; if it is empty,
# perf reads /proc/kcore.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/target-lib.sh"

trap 'as_harness $?' ERR

out=$1 arm=$2 unit=$3 blocks=$4 module=$5 hmm=$6 vmlinux=$7
readonly TRACING=/sys/kernel/tracing
# Rounds of migrations for the histograms
readonly ROUNDS=64
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

[ "$arm" != new ] || has_arm new ||
	die "-$EXIT_SKIP" "this kernel does not have the new split: use ARM=old"
[ "$arm" != old ] || has_arm old ||
	die "-$EXIT_SKIP" "this kernel does not have the old split: KERNEL=both has"

said=$(perf stat -o "$tmp/stat" -- true 2>&1) ||
	die "-$EXIT_SKIP" "perf does not work on Linux $(uname -r): $(grep -m1 . <<< "$said"); install the linux-perf of this kernel's version"

# choose_event: set $event to cycles, which sample all code. Without a PMU it is a timer, which cannot
# sample code that runs with interrupts off: its samples are where interrupts are enabled again.
choose_event()
{
	event=cycles:k rate=9999 note=''
	perf stat -x, -e $event -o "$tmp/stat" -- true
	! grep -qE 'not (supported|counted)' "$tmp/stat" || {
		event=cpu-clock:k rate=19999
		note="no PMU: sampled by a timer; code that runs with interrupts off, such as the split itself, is counted where they are enabled again"
		stage "profile: $note"
	}
}

# guarded COMMAND...: restore perf's sample rate, which it lowers for good where sampling is slow
guarded() { "$splitbench" guard --restore /proc/sys/kernel/perf_event_max_sample_rate "$@"; }

# sample: sample the workload, and set $below to the functions whose callees are of interest
sample()
{
	local workload

	case $arm in
	migrate)
		below=(dmirror_fops_unlocked_ioctl)
		workload=("$splitbench" migrate --kind flag --thps 2 --rounds $((blocks * 8))
			--arm "${split_arms[-1]}") ;;
	*)
		below=(fsb_run_own)
		[ "$arm" != old ] || ! has_arm new || below=(fsb_run_old)
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

# print_profile: write the stacks, the hottest functions, and the data of the flame graph
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

# annotate: write the code of the hottest function with its samples. perf needs its name with the
# compiler's suffix (.isra.0), which other files leave out.
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

# The tracer's filters, which perf clears, and their contents when they are empty
readonly LISTS=(set_ftrace_filter set_ftrace_notrace set_graph_function set_graph_notrace
	set_ftrace_pid)
readonly EMPTY='^(#### (all functions enabled|no functions disabled) ####|no pid)$'

# trace_latency FUNCTION COMMAND...: write perf's histogram of the function in that command to
# $tmp/perf-said
trace_latency()
{
	local file function=$1 guard=("$splitbench" guard)

	shift
	# perf resets them when it ends, but not when it is killed. A newer perf has a tracing
	# instance of its own.
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

# rows: print the non-empty rows of perf's histogram: from and to in us, and how many. In the last
# row, to is "more".
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

# calibrate: set $factor to correct perf's labels. Many versions count durations of 2^i to 2^(i+1) us
# in the row that they label 2^(i-1) to 2^i. Three sleeps of 50 ms show it; status 1 if they are in
# another row.
calibrate()
{
	trace_latency hrtimer_nanosleep perl -MTime::HiRes=usleep -e 'usleep(50000) for 1 .. 3'
	case $(rows | paste -sd' ') in
	"16384 32768 3") factor=2 ;;
	"32768 65536 3") factor=1 ;;
	*) return 1 ;;
	esac
}

# histogram ARM: of the durations of its function inside migrations. They include the cost of
# tracing.
histogram()
{
	local function=${split_function[$1]}

	stage "profile: histogram of $function inside migrations"
	trace_latency "$function" "$splitbench" migrate --kind flag --thps 2 --rounds "$ROUNDS" --arm "$1"
	{
		echo "# $function inside migrations, Linux $(uname -r), by perf ftrace latency;"
		echo "# the clock counts $unit: 1000 of them, or ns, are a us"
		[ "$factor" = 1 ] || echo "# this perf's labels were half of what they should be, which is corrected here"
		printf '%10s %10s %8s\n' "from (us)" "to (us)" calls
		rows | awk -v f="$factor" '{ printf "%10d %10s %8d\n", $1 * f, $2 == "more" ? $2 : $2 * f, $3 }'
	} > "$tmp/latency-$1.txt"
	finish "latency-$1.txt" "$out"
}

# histograms: write those of the arms that the profile is about
histograms()
{
	local other file each

	if ! grep -qsw function_graph $TRACING/available_tracers; then
		stage "profile: no histograms: this kernel lacks CONFIG_FUNCTION_GRAPH_TRACER"
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
	for each in "${split_arms[@]}"; do
		case $arm in migrate | "$each") histogram "$each" ;; esac
	done
}

# with MODULE PART: run this script again, for one part of it, with the module loaded. Not with both
# modules at a time: perf attributes samples to the wrong one if they are adjacent.
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
		die "-$EXIT_SKIP" "this kernel lacks CONFIG_TEST_HMM=m: use ARM=old or ARM=new"
	if [ "$arm" = migrate ]; then
		with "$driver" sample
	else
		with "folio_split_bench=$module" sample
	fi
	if [ -n "$hmm" ]; then
		with "$driver" histograms
	else
		stage "profile: no histograms: this kernel lacks CONFIG_TEST_HMM"
	fi ;;
esac
