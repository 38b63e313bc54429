#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Can the verdicts be trusted? On a noisy clock (TCG without icount): how often
# is a kernel told from itself, and how often is a planted slowdown of 1, 2 and
# 5 % found, by boots; under icount: is one of 0.1 % found always?
#
#   RESULTS=DIR tests/experiments/power.sh [BOOTS]
#
# BOOTS (40) real boots of each are recorded in DIR, and gone on with if they
# are there already; 200 runs are drawn from them for each number.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"

export BOOTS=${1:-40} PLAN=split
resample=$TOP/tests/build/resample

# measured NAME UNIT PLANT: a run, or what is there of it
measured()
{
	if [ -e "$RESULTS/$1/plan.json" ]; then
		RUN=$1 UNIT=$2 PLAN='' BOOTS='' "$TOP/scripts/bench.sh" > /dev/null
	else
		RUN=$1 UNIT=$2 PLANT=$3 "$TOP/scripts/bench.sh" > /dev/null
	fi
}

# median RUN ARM
median() { jq ".cells[0].arms[\"$2\"].median" "$RESULTS/$1/summary.json"; }

# loops UNIT PERCENT: iterations that cost so much of new
loops()
{
	[ -e "$RESULTS/$1-0/summary.json" ] && [ -e "$RESULTS/$1-1000/summary.json" ]
	jq -n "$(median "$1-0" new) * $2 / 100 * 1000 /
		(($(median "$1-1000" new) / $(median "$1-1000" old) *
		  $(median "$1-0" old)) - $(median "$1-0" new)) | round"
}

[ -n "${RESULTS:-}" ] || die "-$EXIT_USAGE" "say RESULTS=DIR: where the runs are kept"
make -s -C "$TOP/tests"
for unit in emulated instructions; do
	[ $unit = emulated ] || BOOTS=6
	measured $unit-0 $unit 0
	BOOTS=6 measured $unit-1000 $unit 1000
done
BOOTS=${1:-40}
for percent in 1 2 5; do
	measured emulated-p$percent emulated "$(loops emulated $percent)"
done
for ((i = 1; i <= 6; i++)); do
	BOOTS=6 measured instructions-p0.1-$i instructions "$(loops instructions 0.1)"
done

for boots in 6 12 20; do
	[ $((2 * boots)) -gt "$BOOTS" ] || "$resample" 200 $boots "$RESULTS/emulated-0"
done
for percent in 1 2 5; do
	for boots in 6 12 20; do
		[ "$boots" -gt "$BOOTS" ] || "$resample" 200 $boots \
			"$RESULTS/emulated-0" "$RESULTS/emulated-p$percent"
	done
done
echo "instructions, planted 0.1 %: interval of old/new, without and with it"
for run in instructions-0 instructions-p0.1-{1,2,3,4,5,6}; do
	jq -c '[.run, (.cells[0].ratios["old/new"] | .low, .high)]' \
		"$RESULTS/$run/summary.json"
done
