#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The main job, from nothing to a recorded, plotted run: results/RUN.
# What each stage makes is kept, and skipped when it is current.
#
# From the environment: BASE or KSRC (which kernel), PLAN (of userspace/plans/,
# or a file), BOOTS, BLOCKS, REPS, CPUS, MARGIN (percent), SEED, NEW_ORDER,
# KERNEL (both, new), UNIT (tsc, instructions, emulated), RUN (a folder to go
# on with, or the name of a new one), RESULTS (where runs are kept), PLANT (a
# planted slowdown, for tests).
# shellcheck disable=SC2317 # functions that are reached through spawn and trap
set -euo pipefail
. "$(dirname "$0")/lib.sh"

RESULTS=${RESULTS:-$TOP/results}
# Of a guest; what a plan's largest cells need.
readonly MEMORY_MIB=2048

splitbench() { "$TOP/userspace/build/splitbench" "$@"; }

# planned KEY: what the run's plan says of boots, cpus, seconds or jobs
planned()
{
	splitbench plan --show "$run" | sed -n "s/^$1 //p"
}

# plan_run RELEASE: make the run's folder and its plan
plan_run()
{
	local options=() cells=${PLAN:-${DEFAULT_PLAN:-default}}

	case $cells in */*) ;; *) cells=$TOP/userspace/plans/$cells.json ;; esac
	[ -r "$cells" ] || die "-$EXIT_USAGE" "no plan $cells; known:$(known_plans)"
	options+=(--cells "$cells")
	[ -z "${BOOTS:-}" ] || options+=(--boots "$BOOTS")
	[ -z "${BLOCKS:-}" ] || options+=(--blocks "$BLOCKS")
	[ -z "${REPS:-}" ] || options+=(--reps "$REPS")
	[ -z "${CPUS:-}" ] || options+=(--cpus "$CPUS")
	[ -z "${MARGIN:-}" ] || options+=(--margin "$MARGIN")
	[ -z "${SEED:-}" ] || options+=(--seed "$SEED")
	[ -z "${NEW_ORDER:-}" ] || options+=(--new-order "$NEW_ORDER")
	[ -z "${PLANT:-}" ] || options+=(--plant "$PLANT")
	run=$RESULTS/${RUN:-$(date -u +%Y%m%dT%H%M%SZ)-$1}
	splitbench plan --run "$run" "${options[@]}"
}

known_plans()
{
	local file

	for file in "$TOP"/userspace/plans/*.json; do
		printf ' %s' "$(basename "$file" .json)"
	done
}

# set_aside FILE: what a crash has left is kept under another name
set_aside()
{
	local old=1

	while [ -e "${1%.*}.broken-$old.${1##*.}" ]; do
		old=$((old + 1))
	done
	[ ! -e "$1" ] || mv "$1" "${1%.*}.broken-$old.${1##*.}"
}

# is_measured BOOT: is it there whole, and did the guest end well?
is_measured()
{
	[ -e "$run/.boot-$1.well" ] && [ -e "$run/boot-$1.jsonl" ] &&
		tail -n 1 "$run/boot-$1.jsonl" | grep -q '^{"end"'
}

# in_guest SECONDS CONSOLE COMMAND...
in_guest()
{
	local seconds=$1 console=$2

	shift 2
	"$TOP/vm/run.sh" --kernel "$build" --unit "$unit" --cpus "$cpus" \
		--memory "$MEMORY_MIB" --share "run=$run" --timeout "$seconds" \
		--console "$console" -- "$@" &
	# Not exec, nor in the foreground: a signal must reach it through us.
	guest=$!
	trap 'kill -TERM $guest 2> /dev/null; wait $guest; exit 143' TERM
	wait "$guest"
}

measure()
{
	set_aside "$run/boot-$1.jsonl"
	set_aside "$run/console-$1.log"
	stage "measuring: boot $1 of $boots"
	in_guest "$seconds" "$run/console-$1.log" \
		"$TOP/scripts/guest-measure.sh" "$build" "$module" "$1"
	# Not in the file itself: a kernel may complain after its last line.
	touch "$run/.boot-$1.well"
}

# The same migrations as whole commands, with hyperfine and perf stat
measure_commands()
{
	stage "measuring: whole commands, by hyperfine and perf stat"
	in_guest 900 "$run/console-commands.log" \
		"$TOP/scripts/guest-commands.sh" "$build" "$unit"
}

# spawn COMMAND...: beside others, as many at a time as do not disturb each
# other: what counts instructions is exact whatever else goes on
spawn()
{
	while [ ${#running[@]} -ge "$lanes" ]; do
		reap
	done
	( "$@" ) &
	running+=($!)
	# The first one describes the machine; the others are held against it.
	while [ ! -e "$run/machine.json" ] && kill -0 $! 2> /dev/null; do
		sleep 0.2
	done
}

# reap: wait until one of them has ended; the first status that is not 0 is kept
reap()
{
	local pid status left=()

	while [ ${#left[@]} = 0 ] || [ ${#left[@]} = ${#running[@]} ]; do
		left=()
		for pid in "${running[@]}"; do
			if kill -0 "$pid" 2> /dev/null; then
				left+=("$pid")
				continue
			fi
			status=0
			wait "$pid" || status=$?
			[ $broken != 0 ] || broken=$status
		done
		[ ${#left[@]} -lt ${#running[@]} ] || sleep 0.2
		[ ${#left[@]} -gt 0 ] || break
	done
	running=(${left[@]+"${left[@]}"})
}

# A child of ours does not see Ctrl-C; who waits for it does.
interrupted()
{
	local children

	trap - INT TERM HUP
	children=$(jobs -p)
	# shellcheck disable=SC2086
	[ -z "$children" ] || kill -TERM $children 2> /dev/null || true
	wait || true
	kill "-$1" $$
}

"$TOP/scripts/deps.sh"
build=$("$TOP/kernel/build.sh" "${KERNEL:-both}")
module=$("$TOP/bench/build.sh" "$build")
stage "splitbench: building"
(with_lock userspace && exec make -s -C "$TOP/userspace")
unit=${UNIT:-$("$TOP/vm/unit.sh" "$build")}
release=$(cat "$build/include/config/kernel.release")

mkdir -p "$RESULTS"
case ${RUN:-} in */* | .*) die "-$EXIT_USAGE" "RUN=$RUN is not the name of a folder in $RESULTS" ;; esac
if [ -n "${RUN:-}" ] && [ -e "$RESULTS/$RUN/plan.json" ]; then
	run=$(realpath "$RESULTS/$RUN")	# it may be the link latest
	[ -z "${PLAN:-}${BOOTS:-}${BLOCKS:-}${REPS:-}${CPUS:-}${MARGIN:-}${SEED:-}${NEW_ORDER:-}${PLANT:-}" ] ||
		die "-$EXIT_USAGE" "$run has its plan already, which is not changed: say RUN=$RUN alone, or another name"
else
	plan_run "$release"
fi
exec 8> "$run/.lock"
flock -n 8 || die "another make bench is at work in $run"
if [ ! -e "$run/config" ]; then
	cp "$build/.config" "$run/config.tmp"
	mv "$run/config.tmp" "$run/config"
fi
boots=$(planned boots)
cpus=$(planned cpus)
# With icount, CPUs would take turns: what is to be parallel is on the clock.
[ "$unit" != instructions ] || [ "$cpus" = 1 ] || unit=emulated
stage "target: a VM of Linux $release with $cpus CPU(s), its counter counts $unit"
seconds=$(planned seconds)
lanes=1
if [ "$unit" = instructions ]; then
	lanes=$(($(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo) / 1024 / (MEMORY_MIB + 512)))
	[ "$lanes" -le "$(nproc)" ] || lanes=$(nproc)
	[ "$lanes" -ge 1 ] || lanes=1
fi
broken=0
running=()
for signal in INT TERM HUP; do
	# shellcheck disable=SC2064
	trap "interrupted $signal" $signal
done
for ((boot = 1; boot <= boots && broken == 0; boot++)); do
	is_measured $boot || spawn measure $boot
done
case " $(planned jobs) " in
*" migrate "*)
	[ -e "$run/hyperfine.json" ] || [ $broken != 0 ] || spawn measure_commands ;;
esac
while [ ${#running[@]} -gt 0 ]; do
	reap
done
[ $broken = 0 ] || exit $broken
stage "measured: $run"
ln -sfn "$(basename "$run")" "$RESULTS/latest.tmp"
mv -T "$RESULTS/latest.tmp" "$RESULTS/latest"

# Either may fail: what there was before stays then, and it is told.
status=0
splitbench summary "$run" > "$run/table.txt.tmp" || status=$?
if [ -s "$run/table.txt.tmp" ]; then
	mv "$run/table.txt.tmp" "$run/table.txt"
	cat "$run/table.txt"
else
	rm -f "$run/table.txt.tmp"
	die "-$status" "the analysis of $run failed"
fi
if "$TOP/plots/plot.sh" "$run" > "$run/ratio.txt.tmp"; then
	mv "$run/ratio.txt.tmp" "$run/ratio.txt"
	cat "$run/ratio.txt"
else
	rm -f "$run/ratio.txt.tmp"
	die "drawing $run failed"
fi
stage "done: table, figures and summary.json are in $run"
exit $status
