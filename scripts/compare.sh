#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Compare two or more runs, each with the first and with the one before it. The table is printed; the
# folder A..B next to B gets it as text, CSV, JSON and KTAP.
#
#   scripts/compare.sh A B [C...]
#
# If they are of several machines, those of each are compared, and the table has a column for each
# machine: one run of each, old against new, or runs of the same kernels of each.
#
# Exit codes: those of splitbench compare.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/report.sh"

[ $# -ge 2 ] || die "-$EXIT_USAGE" "usage: scripts/compare.sh A B [C...]"
runs_are "$@"
build_splitbench
! several_machines "${runs[@]}" || of_machines compare
begin_report "$(pair_folder)"
status=0
"$TOP/userspace/build/splitbench" compare --json "$tmp/compare.json" \
	--csv "$tmp/compare.csv" --ktap "$tmp/compare.ktap" "${runs[@]}" \
	> "$tmp/table.txt" || status=$?
[ -s "$tmp/compare.json" ] && [ -s "$tmp/table.txt" ] || exit $status
end_report compare.json compare.csv compare.ktap table.txt
show table.txt
stage "compared: $out"
exit $status
