#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Is the comparison of old and new decided by which code runs more often? On a clock,
# with one emulated CPU and nothing else on the machine: old/new with each control that
# there is, twice. They have to agree, whichever code the control executes.
#
#   RESULTS=DIR tests/experiments/race.sh [BOOTS]
#
# BOOTS (8) of each are recorded in DIR. The boots of all runs take turns, so that
# slow minutes are shared.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"

boots=${1:-8}
# Run and control: a copy of new, new itself, old itself; and each once more
readonly ROWS="again-1=again same-1=same same_old-1=same_old
	again-2=again same-2=same same_old-2=same_old"

[ -n "${RESULTS:-}" ] || die "-$EXIT_USAGE" "say RESULTS=DIR: where the runs are kept"
mkdir -p "$RESULTS"
export UNIT=emulated ONLY_BOOTS=1

# boots_of RUN
boots_of() { jq '.boots' "$RESULTS/$1/plan.json" 2> /dev/null || echo 0; }

for ((i = 1; i <= boots; i++)); do
	for row in $ROWS; do
		run=${row%=*}
		[ "$(boots_of "$run")" -lt $i ] || continue
		if [ $i = 1 ]; then
			RUN=$run PLAN=split BOOTS=1 ARMS="old new ${row#*=}" "$TOP/scripts/bench.sh"
		else
			RUN=$run MORE=1 "$TOP/scripts/bench.sh"
		fi 2>> "$RESULTS/log"
	done
	progress "boot $i of $boots"
done

printf '%-12s %-28s %s\n' run old/new control
for row in $ROWS; do
	run=${row%=*}
	"$TOP/userspace/build/splitbench" summary --quiet "$RESULTS/$run" || true
	jq -r '.cells[0].ratios | to_entries | map(.value as $r | "\(.key) " +
		([$r.estimate, $r.low, $r.high] | map(. * 10000 | round / 10000 | tostring) |
		"\(.[0]) [\(.[1]), \(.[2])]")) | join("   ")' \
		"$RESULTS/$run/summary.json" | sed "s/^/$(printf '%-12s ' "$run")/"
done
# Each row's estimate has to be within each other row's interval.
for row in $ROWS; do
	jq -c '.cells[0].ratios["old/new"] | [.estimate, .low, .high]' \
		"$RESULTS/${row%=*}/summary.json"
done | jq -s '. as $rows | [$rows[] | . as $a | $rows[] |
	select(.[1] > $a[0] or .[2] < $a[0])] | length |
	"estimates that another row'"'"'s interval excludes: \(.) of \($rows | length * (length - 1))"' -r
