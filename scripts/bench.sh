#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The main job, from nothing to a recorded, plotted run: results/RUN.
# What each stage makes is kept, and skipped when it is current.
#
# From the environment: BASE or KSRC (which kernel), BOOTS, BLOCKS, REPS,
# MARGIN (percent), SEED, NEW_ORDER, KERNEL (both, new), UNIT (tsc,
# instructions, emulated), RUN (a folder to go on with, or the name of a new
# one), RESULTS (where runs are kept), PLANT (a planted slowdown, for tests).
set -euo pipefail
. "$(dirname "$0")/lib.sh"

RESULTS=${RESULTS:-$TOP/results}

splitbench() { "$TOP/userspace/build/splitbench" "$@"; }

# planned KEY: a number of the run's plan
planned()
{
	sed -n "s/^ *\"$1\": *\([0-9]*\),*\$/\1/p" "$run/plan.json"
}

# boot_seconds: four times what a boot takes on a slow machine
boot_seconds()
{
	echo $((180 + ($(planned blocks) + $(planned warmup)) * $(planned reps) * 4 / 10))
}

# plan_run RELEASE: make the run's folder and its plan
plan_run()
{
	local options=()

	[ -z "${BOOTS:-}" ] || options+=(--boots "$BOOTS")
	[ -z "${BLOCKS:-}" ] || options+=(--blocks "$BLOCKS")
	[ -z "${REPS:-}" ] || options+=(--reps "$REPS")
	[ -z "${MARGIN:-}" ] || options+=(--margin "$MARGIN")
	[ -z "${SEED:-}" ] || options+=(--seed "$SEED")
	[ -z "${NEW_ORDER:-}" ] || options+=(--new-order "$NEW_ORDER")
	[ -z "${PLANT:-}" ] || options+=(--plant "$PLANT")
	run=$RESULTS/${RUN:-$(date -u +%Y%m%dT%H%M%SZ)-$1}
	splitbench plan --run "$run" ${options[@]+"${options[@]}"}
}

# measure BOOT: unless it is there whole; what a crash left of it is kept
measure()
{
	local boot=$1 file=$run/boot-$1.jsonl old=1

	if [ -e "$file" ]; then
		if tail -n 1 "$file" | grep -q '^{"end"'; then
			return 0
		fi
		while [ -e "$run/boot-$boot.broken-$old.jsonl" ]; do
			old=$((old + 1))
		done
		mv "$file" "$run/boot-$boot.broken-$old.jsonl"
		mv "$run/console-$boot.log" "$run/console-$boot.broken-$old.log" || true
	fi
	stage "measuring: boot $boot of $boots"
	"$TOP/vm/run.sh" --kernel "$build" --unit "$unit" --share "run=$run" \
		--timeout "$(boot_seconds)" --console "$run/console-$boot.log" -- \
		"$TOP/scripts/guest-split.sh" "$module" "$boot"
}

"$TOP/scripts/deps.sh"
build=$("$TOP/kernel/build.sh" "${KERNEL:-both}")
module=$("$TOP/bench/build.sh" "$build")
stage "splitbench: building"
(with_lock userspace && exec make -s -C "$TOP/userspace")
unit=${UNIT:-$("$TOP/vm/unit.sh" "$build")}
release=$(cat "$build/include/config/kernel.release")
stage "target: a VM of Linux $release, its counter counts $unit"

mkdir -p "$RESULTS"
case ${RUN:-} in */* | .*) die "-$EXIT_USAGE" "RUN=$RUN is not the name of a folder in $RESULTS" ;; esac
if [ -n "${RUN:-}" ] && [ -e "$RESULTS/$RUN/plan.json" ]; then
	run=$(realpath "$RESULTS/$RUN")	# it may be the link latest
	[ -z "${BOOTS:-}${BLOCKS:-}${REPS:-}${MARGIN:-}${SEED:-}${NEW_ORDER:-}${PLANT:-}" ] ||
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
[ -n "$boots" ] || die "$run/plan.json: no number of boots"
for ((boot = 1; boot <= boots; boot++)); do
	measure $boot
done
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
