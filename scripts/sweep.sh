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

RESULTS=${RESULTS:-$TOP/results}
name=${RUN:-$(date -u +%Y%m%dT%H%M%SZ)-sweep}
[ -z "${PLAN:-}${LIKE:-}${KERNELS:-}${REVS:-}${BUDGET:-}" ] ||
	die "-$EXIT_USAGE" "a sweep has its plans, and is of one kernel: not with PLAN, LIKE, KERNELS, REVS or BUDGET"
export RESULTS

# part OF PLAN [VARIABLE=VALUE...]: one of the two runs; leaves its status in $worst
part()
{
	local of=$1 plan=$2 status=0

	shift 2
	stage "sweep: $name-$of"
	if [ -e "$RESULTS/$name-$of/plan.json" ]; then
		plan=''
		set -- BOOTS='' BLOCKS='' REPS='' CPUS='' MARGIN='' SEED='' NEW_ORDER=''
	fi
	env RUN="$name-$of" PLAN="$plan" "$@" "$TOP/scripts/bench.sh" || status=$?
	# A difference, or none that could be told, is a result; a broken promise,
	# after which not all is measured, is the end.
	[ "$status" -le "$EXIT_INCONCLUSIVE" ] || exit "$status"
	[ "$(readlink "$RESULTS/latest")" = "$name-$of" ] || exit "$status"
	[ "$status" -le "$worst" ] || worst=$status
}

worst=0
part alone sweep CPUS=
part beside contend
stage "sweep: done: $RESULTS/$name-alone $RESULTS/$name-beside"
exit "$worst"
