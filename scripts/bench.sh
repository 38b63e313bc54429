#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The main job, from nothing to a recorded, plotted run: results/RUN. With
# more kernels than one, a run of each, their boots in turn, and then the
# comparison. What each stage makes is kept, and skipped when it is current.
#
# From the environment: BASE or KSRC (which kernel source), KERNEL (what is
# made of it: both, new, after, before, own), KERNELS (more than one of these,
# or folders of kernel trees) or REVS (revisions of KSRC), PLAN (of
# userspace/plans/, or a file), BUILDS (of each kernel, laid out another way each), ARMS (which of it are measured) or LIKE (as the run in that folder), BOOTS,
# BLOCKS, REPS, CPUS, MARGIN (percent), SEED, NEW_ORDER, UNIT (tsc,
# instructions, emulated), APPEND (options for the guest's kernel), RUN (a
# folder to go on with, or the name of a new one), MORE (boots to append to it),
# BUDGET (such as 10m: time to measure in, by which boots and blocks are
# chosen), RESULTS (where runs are kept), PLANT (a planted slowdown, for tests),
# TARGET (vm; host: this machine; auto: this machine if it is suitable, else the VM).
# shellcheck disable=SC2317 # functions that are reached through lanes_spawn
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/lanes.sh"
. "$TOP/scripts/targets.sh"
. "$TOP/scripts/builds.sh"
. "$TOP/scripts/runs.sh"

trap 'as_harness $?' ERR

# Of the run that a budget is planned by. As many lanes as there are share it.
readonly PILOT_BOOTS=4

# plan_run K RUN: make the run's folder and its plan
plan_run()
{
	local options entry

	plan_options
	if [ -n "${BUDGET:-}" ]; then
		options=(--like "$pilot" --budget "$(awk -v s="$budget" -v t="$pilot_seconds" \
			-v n=${#kernel[@]} 'BEGIN { print (s > t ? s - t : 1) / n }')"
			--boot-seconds "$(awk -v t="$pilot_seconds" -v n=$((PILOT_BOOTS * ${#kernel[@]})) \
			'BEGIN { print t / n }')" --kernels ${#kernel[@]}
			--seed "${SEED:-$job_seed}" ${PLANT:+--plant "$PLANT"})
	fi
	choose_unit "$(splitbench plan --list "${options[@]}" 2> /dev/null | sed -n 's/.*, \([0-9]*\) CPUs$/\1/p')"
	while read -r entry; do
		options+=(--target "$entry")
	done < <(target_of "$1")
	splitbench plan --run "$2" "${options[@]}"
}

# choose_unit CPUS: with icount, CPUs would take turns: what is to be parallel is on
# the clock
choose_unit() { [ "$unit" != instructions ] || [ "$1" = 1 ] || unit=emulated; }

# check_request: what is wrong with it is told before a kernel is built for it
check_request()
{
	local options

	case ${RUN:-} in */* | .* | -* | *[[:space:]]*) die "-$EXIT_USAGE" "RUN=$RUN is not the name of a folder in $RESULTS" ;; esac
	case ${UNIT:-tsc} in tsc | instructions | emulated) ;; *) die "-$EXIT_USAGE" "unknown UNIT=$UNIT; known: tsc instructions emulated" ;; esac
	case ${BUILDS:-1} in *[!0-9]* | 0* | ????*) die "-$EXIT_USAGE" "BUILDS=$BUILDS is not a number of builds" ;; esac
	case ${MORE:-1} in *[!0-9]* | 0*) die "-$EXIT_USAGE" "MORE=$MORE is not a number of boots" ;; esac
	if [ -n "${MORE:-}" ]; then
		[ -n "${RUN:-}" ] || die "-$EXIT_USAGE" "which run? say RUN=NAME, one of those in $RESULTS"
	fi
	if [ -n "${BUDGET:-}" ]; then
		[ -z "${BOOTS:-}${BUILDS:-}${BLOCKS:-}${LIKE:-}${MORE:-}" ] ||
			die "-$EXIT_USAGE" "BUDGET chooses boots and blocks, and for a new run: not with BOOTS, BUILDS, BLOCKS, LIKE or MORE"
		budget=$(seconds_of "$BUDGET")
	fi
	plan_options
	splitbench plan --list "${options[@]}" > /dev/null
}

# in_guest K BUILD SECONDS CONSOLE COMMAND...
in_guest()
{
	local k=$1 booted=$2 seconds=$3 console=$4

	shift 4
	"$TOP/vm/run.sh" --kernel "$booted" --unit "$unit" --cpus "$cpus" \
		--memory "${memory[k]}" --share "run=${run[k]}" \
		--append "${APPEND:-}" \
		--timeout "$seconds" --console "$console" -- "$@" &
	# Not exec, nor in the foreground: a signal must reach it through us.
	guest=$!
	# shellcheck disable=SC2064 # this guest
	trap "kill -TERM $guest 2> /dev/null; wait $guest; exit 143" TERM
	wait "$guest"
}

# measured_boots: how many of all runs are there
measured_boots()
{
	local k n made=0

	for k in "${!kernel[@]}"; do
		for ((n = 1; n <= boots[k]; n++)); do
			! is_measured "${run[k]}" "$n" || made=$((made + 1))
		done
	done
	echo "$made"
}

# time_left: by how long the boots took that were measured here; nothing before
# the first is
time_left()
{
	local k all=0 made rest

	for k in "${!kernel[@]}"; do
		all=$((all + boots[k]))
	done
	made=$(measured_boots)
	[ "$made" -gt "$already" ] || return 0
	rest=$(((SECONDS - since) * (all - made) / (made - already)))
	if [ "$rest" -ge 120 ]; then
		printf ', about %d min left' $(((rest + 30) / 60))
	else
		printf ', about %d s left' "$rest"
	fi
}

announce_measure()
{
	stage "measuring: ${label[$1]:+${label[$1]}, }boot $2 of ${boots[$1]}$(time_left)"
}

# boot_failed K CONSOLE STATUS: all lanes share standard error, so a line says whose it
# was; a signal is no failure of the boot's
boot_failed()
{
	[ "$3" -ge 128 ] ||
		stage "measuring: ${label[$1]:+${label[$1]}, }$(basename "$2" .log) ended with status $3; what the kernel and the command said is in $2"
	exit "$3"
}

# measure K BOOT
measure()
{
	local booted status try

	booted=$(of_boot "${build[$1]}" "$2")
	for ((try = 1; ; try++)); do
		status=0
		begin_boot "${run[$1]}" "$2"
		in_guest "$1" "$booted" "${seconds[$1]}" "${run[$1]}/console-$2.log" \
			"$TOP/scripts/target-measure.sh" /run/splitbench/run "$2" \
			"$(of_boot "${module[$1]}" "$2")" \
			"$booted/lib/test_hmm.ko" "$booted/drivers/block/brd.ko" || status=$?
		if [ "$status" != "$EXIT_EMULATOR" ] || [ "$try" = 3 ]; then
			break
		fi
		stage "measuring: ${label[$1]:+${label[$1]}, }boot $2 once more"
	done
	[ "$status" != "$EXIT_EMULATOR" ] || status=$EXIT_HARNESS
	[ "$status" = 0 ] || boot_failed "$1" "${run[$1]}/console-$2.log" "$status"
	boot_is_well "${run[$1]}" "$2"
}

# measure_commands K: migrations as whole commands, with hyperfine and perf stat
measure_commands()
{
	stage "measuring: ${label[$1]:+${label[$1]}, }whole commands, by hyperfine and perf stat"
	local booted

	booted=$(of_boot "${build[$1]}" 1)
	in_guest "$1" "$booted" 900 "${run[$1]}/console-commands.log" \
		"${commands[@]}" "test_hmm=$booted/lib/test_hmm.ko" \
		"$TOP/scripts/target-commands.sh" /run/splitbench/run "$unit" ||
		boot_failed "$1" "${run[$1]}/console-commands.log" $?
}

# described K: machine.json is there, and others can be held against it
described() { [ -e "${run[$1]}/machine.json" ]; }

# begin_run K NAME: the run's folder, new or to be gone on with
begin_run()
{
	local dir=$RESULTS/$2 n

	if [ -e "$dir/plan.json" ]; then
		dir=$(realpath "$dir")	# it may be the link latest
		[ -z "${PLAN:-}${ARMS:-}${BUILDS:-}${BOOTS:-}${BLOCKS:-}${REPS:-}${CPUS:-}${MARGIN:-}${SEED:-}${NEW_ORDER:-}${PLANT:-}${LIKE:-}${BUDGET:-}" ] ||
			die "-$EXIT_USAGE" "$dir has its plan already, which is not changed: say RUN=$2 alone, or another name"
		splitbench plan --show "$dir" > /dev/null
	else
		plan_run "$1" "$dir"
	fi
	[ "$(planned builds "$dir")" = "$builds" ] ||
		die "$dir has a plan of $(planned builds "$dir") builds, and $builds were made"
	run[$1]=$dir
	exec {lock}> "$dir/.lock"
	flock -n "$lock" || die "another make bench is at work in $dir"
	if [ ! -e "$dir/config" ]; then
		cp "$(of_boot "${build[$1]}" 1)/.config" "$dir/config.tmp"
		mv "$dir/config.tmp" "$dir/config"
	fi
	if [ "$builds" -gt 1 ] && [ ! -e "$dir/layouts" ]; then
		for ((n = 1; n <= builds; n++)); do
			sed "s/^/build $n: /" "$(of_boot "${build[$1]}" $n)/layout"
		done > "$dir/layouts.tmp"
		mv "$dir/layouts.tmp" "$dir/layouts"
	fi
	# The plan has those that are appended when they are there.
	boots[$1]=$(($(planned boots "$dir") + ${MORE:-0}))
	seconds[$1]=$(planned seconds "$dir")
	memory[$1]=$(planned memory "$dir")
	jobs[$1]=$(planned jobs "$dir")
	cpus=$(planned cpus "$dir")
}

# check_runs: of each kernel, before anything is built or measured for it
check_runs()
{
	local k dir

	[ -n "${RUN:-}" ] || return 0
	for k in "${!kernel[@]}"; do
		dir=$RESULTS/$RUN${label[k]:+-${label[k]}}
		if [ -n "${MORE:-}" ]; then
			[ -e "$dir/plan.json" ] ||
				die "-$EXIT_USAGE" "there is no run $dir to append boots to"
			splitbench plan --check-more "$dir" --boots "$MORE"
		fi
		[ -z "${BUDGET:-}" ] || [ ! -e "$dir/plan.json" ] ||
			die "-$EXIT_USAGE" "$dir has its plan already: say RUN=$RUN alone, or another name"
	done
}

# seconds_of TIME: 90, 90s, 10m or 1h in seconds
seconds_of()
{
	local n=${1%[smh]}

	[[ $n =~ ^[1-9][0-9]{0,6}$ ]] || die "-$EXIT_USAGE" "BUDGET=$1 is not a time: say 90s, 10m or 1h"
	case $1 in
	*h) echo $((n * 3600)) ;;
	*m) echo $((n * 60)) ;;
	*) echo "$n" ;;
	esac
}

# choose_machine: this one, if that is wanted and possible; then it does not return
choose_machine()
{
	local why=''

	case ${TARGET:-auto} in
	host)
		[ -z "${BUILDS:-}" ] ||
			die "-$EXIT_USAGE" "BUILDS boots kernels that are built for it: not with TARGET=host"
		exec "$TOP/scripts/host.sh" ;;
	vm) return ;;
	auto) ;;
	*) die "-$EXIT_USAGE" "unknown TARGET=$TARGET; known: auto host vm" ;;
	esac
	if [ -n "${RUN:-}" ] && [ -e "$RESULTS/$RUN/plan.json" ]; then
		[ "$(planned target "$RESULTS/$RUN")" != host ] || exec "$TOP/scripts/host.sh"
		return
	fi
	# What is about kernels or VMs is not about this machine.
	[ -z "${KERNEL:-}${KERNELS:-}${REVS:-}${KSRC:-}${BASE:-}${APPEND:-}${CPUS:-}${UNIT:-}${BUDGET:-}${BUILDS:-}" ] ||
		return 0
	why=$("$TOP/scripts/host.sh" --lacks)
	[ -n "$why" ] || {
		stage "target: this machine; TARGET=vm for a VM"
		exec "$TOP/scripts/host.sh"
	}
	stage "target: a VM; this machine is not suitable: $why"
}

# run_pilot: what varies, and how long does it take? Sets $pilot and
# $pilot_seconds. A run of its own: what it shows decides the size of the
# other, and so is no part of it.
run_pilot()
{
	local of=pilot n=1

	# One that was interrupted is no measure of time.
	while [ -e "$RESULTS/$name-$of${label[0]:+-${label[0]}}" ]; do
		n=$((n + 1))
		of=pilot.$n
	done
	pilot=$RESULTS/$name-$of${label[0]:+-${label[0]}}
	stage "budget: a pilot of $PILOT_BOOTS boots, to see what varies"
	BUDGET='' BOOTS=$PILOT_BOOTS RUN=$name-$of UNIT=$unit ONLY_BOOTS=1 \
		"$TOP/scripts/bench.sh" > /dev/null &
	# Not in the foreground: a signal must reach it through us.
	# shellcheck disable=SC2064 # this child
	trap "kill -TERM $! 2> /dev/null; wait $! || true; exit 143" INT TERM HUP
	wait $! || exit $?
	trap - INT TERM HUP
	pilot_seconds=$(cat "$pilot/.seconds")
}

[ $# = 0 ] || die "-$EXIT_USAGE" "usage: scripts/bench.sh; see make help"
"$TOP/scripts/deps.sh"
stage "splitbench: building"
build_splitbench
check_request
choose_machine
TARGET=vm
require_visible "$TOP" "$CACHE" "$RESULTS" .
choose_targets
check_runs
build=() module=() run=() boots=() seconds=() memory=() jobs=()
choose_builds
build_all
unit=${UNIT:-$("$TOP/vm/unit.sh" "$(of_boot "${build[0]}" 1)")}
release=$(cat "$(of_boot "${build[0]}" 1)/include/config/kernel.release")

mkdir -p "$RESULTS"
name=${RUN:-$(date -u +%Y%m%dT%H%M%SZ)-$release}
if [ -n "${BUDGET:-}" ]; then
	run_pilot
fi
for k in "${!kernel[@]}"; do
	begin_run "$k" "$name${label[k]:+-${label[k]}}"
done
choose_unit "$cpus"
stage "target: a VM of Linux $release with $cpus CPU(s), its counter counts $unit"
stage "run: ${run[*]}"
lanes_open "$unit" "$(($(printf '%s\n' "${memory[@]}" | sort -n | tail -n 1) + 512))"
since=$SECONDS
already=$(measured_boots)
most=$(printf '%s\n' "${boots[@]}" | sort -n | tail -n 1)
for ((boot = 1; boot <= most; boot++)); do
	# A B, B A, A B: what drifts, drifts for all of them.
	order=("${!kernel[@]}")
	[ $((boot % 2)) = 1 ] || mapfile -t order < <(printf '%s\n' "${order[@]}" | tac)
	for k in "${order[@]}"; do
		[ "$lanes_broken" = 0 ] || break 2
		[ "$boot" -le "${boots[k]}" ] || continue
		is_measured "${run[k]}" $boot || lanes_spawn "described $k" measure "$k" $boot
	done
done
lanes_all
[ "$lanes_broken" = 0 ] || exit "$lanes_broken"
if [ -n "${MORE:-}" ]; then
	for k in "${!kernel[@]}"; do
		splitbench plan --more "${run[k]}" --boots "$MORE"
	done
fi
if [ -n "${ONLY_BOOTS:-}" ]; then
	echo $((SECONDS - since)) > "${run[0]}/.seconds"
	exit 0
fi
for k in "${!kernel[@]}"; do
	case " ${jobs[k]} " in
	*" migrate "*)
		[ -e "${run[k]}/hyperfine.json" ] || [ "$lanes_broken" != 0 ] ||
			lanes_spawn "described $k" measure_commands "$k" ;;
	esac
done
lanes_close
[ "$lanes_broken" = 0 ] || exit "$lanes_broken"

worst=0
for k in "${!kernel[@]}"; do
	stage "measured: ${run[k]}"
	if [ ${#kernel[@]} = 1 ]; then
		report "${run[k]}"
	else
		report "${run[k]}" quiet
	fi
	[ "$status" -le $worst ] || worst=$status
done
point_latest_to "${run[0]}"
stage "done: table, figures and summary.json are in ${run[*]}"
for k in "${!kernel[@]}"; do
	[ "$k" = 0 ] || "$TOP/scripts/compare.sh" "${run[0]}" "${run[k]}" || {
		# That one kernel is slower is a result, not a failure.
		status=$?
		[ $status = "$EXIT_DIFFERS" ] || [ $status = "$EXIT_INCONCLUSIVE" ] ||
			exit $status
	}
done
exit $worst
