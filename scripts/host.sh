#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The main job on this machine, under the kernel that it runs. A boot is an
# observation, so this measures one: after a reboot the same command adds the
# next one to the same run. Root is taken for the measuring itself, and for
# nothing else.
#
#   scripts/host.sh            measure this boot
#   scripts/host.sh --lacks    print what this machine lacks for that, if anything
#
# From the environment: what scripts/bench.sh takes, but for what is about VMs
# and other kernels; and KBUILD, where the kernel that runs was built, if that is not
# where its modules say.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/runs.sh"
. "$TOP/scripts/targets.sh"
. "$TOP/scripts/machine.sh"

trap 'as_harness $?' ERR

# Fewer are no inference; see userspace/stats/stats.h.
readonly ENOUGH_BOOTS=6

# key: of what has to be the same in all boots of a run
key()
{
	# shellcheck disable=SC2154 # plan_options sets it
	{
		printf '%s\n' "${options[@]}" | grep -vxF -e --seed -e "${SEED:-$job_seed}"
		[ -n "${LIKE:-}" ] || cat "${cells_file}"
		cat /sys/kernel/notes
		splitbench --version
	} | hash_of
}

# choose_run: the folder to go on with, or the name of a new one, in $run
choose_run()
{
	local base n=1

	if [ -n "${RUN:-}" ]; then
		run=$RESULTS/$RUN
		[ ! -e "$run/plan.json" ] || [ "$(planned key "$run")" = "$key" ] ||
			[ -z "${PLAN:-}${ARMS:-}${BOOTS:-}${BLOCKS:-}${REPS:-}${MARGIN:-}${NEW_ORDER:-}${LIKE:-}" ] ||
			die "-$EXIT_USAGE" "$run has its plan already, which is not changed: say RUN=$RUN alone, or another name"
		return
	fi
	base=$(uname -n)-$release
	base=$RESULTS/${base//[^A-Za-z0-9._-]/_}
	run=$base
	# One of another plan or kernel, or one that has all its boots, is left alone.
	while [ -e "$run/plan.json" ] && { [ "$(planned key "$run")" != "$key" ] ||
		{ [ "$(boots_there "$run")" = "$(planned boots "$run")" ] && ! boot_of "$boot_id" > /dev/null; }; }; do
		n=$((n + 1))
		run=$base.$n
	done
}

# boot_of ID: its number in the run; status 1 if it is not there
boot_of()
{
	local n

	for ((n = 1; n <= $(planned boots "$run"); n++)); do
		if is_measured "$run" "$n" && grep -qsxF "$1" "$run/.boot-$n.well"; then
			echo "$n"
			return
		fi
	done
	return 1
}

# next_boot: the first that is missing; status 1 if none is
next_boot()
{
	local n

	for ((n = 1; n <= $(planned boots "$run"); n++)); do
		is_measured "$run" "$n" || { echo "$n"; return; }
	done
	return 1
}

# how_many_more: what is to be done for a result that can be relied on
how_many_more()
{
	local made all

	made=$(boots_there "$run")
	all=$(planned boots "$run")
	if [ "$made" -lt "$all" ]; then
		printf '%s of %s boots are there; reboot, and make bench RUN=%s adds the next' \
			"$made" "$all" "$(basename "$run")"
		[ "$made" -ge "$ENOUGH_BOOTS" ] ||
			printf ': %d more make inference possible' $((ENOUGH_BOOTS - made))
	else
		printf 'all %s boots are there' "$all"
	fi
}

# measure BOOT
measure()
{
	begin_boot "$run" "$1"
	stage "measuring: boot $1 of $(planned boots "$run"), this one"
	on_machine "$run/console-$1.log" "$TOP/scripts/target-measure.sh" \
		"$run" "$1" "$module" "$test_hmm"
	echo "$boot_id" > "$run/.boot-$1.well"
	boot_is_well "$run" "$1"
}

# measure_commands: once for a run, if it has migrations and the driver is there
measure_commands()
{
	case " $(planned jobs "$run") " in *" migrate "*) ;; *) return 0 ;; esac
	if [ -e "$run/hyperfine.json" ] || ! has_test_hmm; then
		return 0
	fi
	stage "measuring: whole commands, by hyperfine and perf stat"
	on_machine "$run/console-commands.log" "${commands[@]}" \
		"test_hmm${test_hmm:+=$test_hmm}" \
		"$TOP/scripts/target-commands.sh" "$run" "$unit"
}

if [ "${1:-}" = --lacks ]; then
	lacks
	exit
fi
[ -z "${KERNEL:-}${KERNELS:-}${REVS:-}${KSRC:-}${BASE:-}${APPEND:-}${CPUS:-}${UNIT:-}${BUDGET:-}" ] ||
	die "-$EXIT_USAGE" "this machine has the kernel and the CPUs that it has: KERNEL, KERNELS, REVS, KSRC, BASE, APPEND, CPUS, UNIT and BUDGET are for TARGET=vm"
missing=$(lacks)
[ -z "$missing" ] || die "-$EXIT_SKIP" "$missing"
root
boot_id=$(cat /proc/sys/kernel/random/boot_id)
# shellcheck disable=SC2034 # by command_of
TARGET=host
plan_options
key=$(key)
mkdir -p "$RESULTS"
choose_run
if [ ! -e "$run/plan.json" ]; then
	[ -z "${MORE:-}" ] || die "-$EXIT_USAGE" "there is no run $run to append boots to"
	splitbench plan --run "$run" "${options[@]}" --cpus "$(nproc)" \
		--target target=host --target "key=$key" --target "unit=$unit" \
		--target "kernel=$release" --target "command=$(command_of)"
fi
exec {lock}> "$run/.lock"
flock -n "$lock" || die "another make bench is at work in $run"
[ -z "${MORE:-}" ] || splitbench plan --more "$run" --boots "$MORE"
if boot=$(boot_of "$boot_id"); then
	die "-$EXIT_SKIP" "this boot is boot $boot of $run already; $(how_many_more)"
fi
boot=$(next_boot) ||
	die "-$EXIT_SKIP" "$run: $(how_many_more): make more RUN=$(basename "$run") appends to it, RUN=NAME begins another"
module=$("$TOP/bench/build.sh" "$build")
if [ ! -e "$run/config" ]; then
	configuration > "$run/config.tmp" ||
		cp "$build/include/config/auto.conf" "$run/config.tmp"
	mv "$run/config.tmp" "$run/config"
fi
measure "$boot"
measure_commands
report "$run"
point_latest_to "$run"
stage "done: $(how_many_more); table, figures and summary.json are in $run"
exit $status
