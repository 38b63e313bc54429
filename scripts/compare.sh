#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Compare two runs: the table on standard output, and in the folder A..B beside
# B the same for people, spreadsheets, tools and test systems.
#
#   scripts/compare.sh A B
#
# Exit codes: those of splitbench compare.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# = 2 ] || die "-$EXIT_USAGE" "usage: scripts/compare.sh A B"
for run; do
	[ -e "$run/plan.json" ] || die "-$EXIT_USAGE" "$run is no run: it has no plan.json"
done
a=$(realpath "$1") b=$(realpath "$2")
out=$(dirname "$b")/$(basename "$a")..$(basename "$b")
mkdir -p "$out"
status=0
"$TOP/userspace/build/splitbench" compare --json "$out/compare.json" \
	--csv "$out/compare.csv" --ktap "$out/compare.ktap" "$a" "$b" \
	> "$out/table.txt.tmp" || status=$?
case $status in
0 | "$EXIT_DIFFERS" | "$EXIT_INCONCLUSIVE") ;;
*)
	rm -f "$out/table.txt.tmp"
	exit $status ;;
esac
mv "$out/table.txt.tmp" "$out/table.txt"
cat "$out/table.txt"
stage "compared: $out"
exit $status
