#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Can the verdicts be trusted? On a noisy clock (TCG without icount): how often is a
# difference found between the two copies of the new split, and how often is an injected
# slowdown of 1 and 5 %, by boots; by which estimator of a boot is it found most often;
# and under icount: is a slowdown of 0.1 % found always?
#
#   RESULTS=DIR [UNITS=emulated] tests/experiments/power.sh [BOOTS]
#
# BOOTS (40) real boots of each are recorded in DIR, and gone on with if they
# are there already; 200 runs are drawn from them for each number.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"

boots=${1:-40}
export PLAN=split ONLY_BOOTS=1
resample=$TOP/tests/build/resample
readonly CALIBRATION=20000

# one_more NAME UNIT PLANT: a run's first boot, or one more
one_more()
{
	if [ -e "$RESULTS/$1/plan.json" ]; then
		RUN=$1 UNIT=$2 PLAN='' MORE=1 "$TOP/scripts/bench.sh"
	else
		RUN=$1 UNIT=$2 BOOTS=1 PLANT=$3 "$TOP/scripts/bench.sh"
	fi 2>> "$RESULTS/log"
}

# boots_of NAME
boots_of() { jq '.boots' "$RESULTS/$1/plan.json" 2> /dev/null || echo 0; }

# until_there_are N UNIT NAME=PLANT...: boots of each in turn, so that the
# machine's slow minutes are shared by all of them
until_there_are()
{
	local n=$1 unit=$2 i run order

	shift 2
	order=("$@")
	for ((i = 1; i <= n; i++)); do
		for run in "${order[@]}"; do
			[ "$(boots_of "${run%=*}")" -ge "$i" ] ||
				one_more "${run%=*}" "$unit" "${run#*=}"
		done
		mapfile -t order < <(printf '%s\n' "${order[@]}" | tac)
		progress "$unit: $i of $n boots"
	done
}

# ratio RUN: of old to new, over its boots
ratio()
{
	"$TOP/userspace/build/splitbench" summary --quiet "$RESULTS/$1"
	jq '.cells[0].ratios["old/new"].estimate' "$RESULTS/$1/summary.json"
}

# loops UNIT PERCENT: iterations that cost so much of new; so many that the
# noise does not matter tell what one costs
loops()
{
	jq -n "$CALIBRATION * $2 / 100 / ($(ratio "$1-0") / $(ratio "$1-much") - 1) | round"
}

[ -n "${RESULTS:-}" ] || die "-$EXIT_USAGE" "say RESULTS=DIR: where the runs are kept"
mkdir -p "$RESULTS"
make -s -C "$TOP/tests"
units=${UNITS:-emulated instructions}
for unit in $units; do
	until_there_are 6 "$unit" "$unit-0=0" "$unit-much=$CALIBRATION"
done
planted=()
for percent in 1 5; do
	planted+=("emulated-p$percent=$(loops emulated $percent)")
done
until_there_are "$boots" emulated emulated-0=0 "${planted[@]}"
for n in 6 12 20; do
	[ $((2 * n)) -gt "$boots" ] || "$resample" 200 $n "$RESULTS/emulated-0"
done
for percent in 1 5; do
	for n in 6 12 20; do
		[ $n -gt "$boots" ] || "$resample" 200 $n \
			"$RESULTS/emulated-0" "$RESULTS/emulated-p$percent"
	done
done
for percent in 1 5; do
	for n in 6 12; do
		echo "estimators, $n boots, slowed by $percent %"
		[ $n -gt "$boots" ] || "$TOP/tests/build/estimators" 200 $n \
			"$RESULTS/emulated-0" "$RESULTS/emulated-p$percent"
	done
done
case " $units " in *" instructions "*) ;; *) exit ;; esac
planted=()
for i in 1 2 3 4 5 6; do
	planted+=("instructions-p0.1-$i=$(loops instructions 0.1)")
done
until_there_are 6 instructions "${planted[@]}"
echo "planted iterations: ${planted[0]#*=} under icount"
echo "instructions, planted 0.1 %: old/new without it, and in six runs with it"
for run in instructions-0 instructions-p0.1-{1,2,3,4,5,6}; do
	ratio "$run" > /dev/null
	jq -c '[.run, (.cells[0].ratios["old/new"] | .low, .high)]' \
		"$RESULTS/$run/summary.json"
done
