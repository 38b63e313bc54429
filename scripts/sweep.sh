#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All that a reviewer may ask for: first what one process does, where counts
# can be exact (orders, kinds of folio, nodes), then several at the same time,
# which takes a clock. Two runs, RUN-alone and RUN-beside, as units are never
# mixed; each is gone on with if it is there.
#
# From the environment: what scripts/bench.sh takes, but for PLAN and MORE.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/runs.sh"

name=${RUN:-$(date -u +%Y%m%dT%H%M%SZ)-sweep}
[ -z "${PLAN:-}${LIKE:-}${KERNELS:-}${REVS:-}${BUDGET:-}" ] ||
	die "-$EXIT_USAGE" "a sweep has its plans, and is of one kernel: not with PLAN, LIKE, KERNELS, REVS or BUDGET"
export RESULTS

# part NUMBER OF PLAN [VARIABLE=VALUE...]: one of the two runs; leaves its status in
# $worst. What is there has its plan: the same command goes on with it.
part()
{
	local number=$1 of=$2 plan=$3 run=$RESULTS/$name-$2 status=0

	shift 3
	stage "sweep: part $number of 2: $name-$of"
	if [ -e "$run/plan.json" ]; then
		build_splitbench
		[ -z "${BOOTS:-}" ] || [ "$BOOTS" = "$(planned boots "$run")" ] ||
			die "-$EXIT_USAGE" "$run has a plan of $(planned boots "$run") boots: say RUN=$name alone, or another name"
		plan=''
		set -- BOOTS='' BLOCKS='' REPS='' CPUS='' MARGIN='' SEED='' NEW_ORDER='' UNIT=''
	fi
	env RUN="$name-$of" PLAN="$plan" "$@" "$TOP/scripts/bench.sh" || status=$?
	# A difference, or none that could be told, is a result; a broken promise,
	# after which not all is measured, is the end.
	[ "$status" -le "$EXIT_INCONCLUSIVE" ] || exit "$status"
	[ "$(boots_there "$run")" = "$(planned boots "$run")" ] ||
		exit $((status > 0 ? status : EXIT_HARNESS))
	[ "$status" -le "$worst" ] || worst=$status
}

worst=0
part 1 alone sweep CPUS=
part 2 beside contend
stage "sweep: done: $RESULTS/$name-alone $RESULTS/$name-beside"
exit "$worst"
