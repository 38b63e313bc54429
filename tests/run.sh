#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make test: all tests, and a closing line that counts them.
#
#   tests/run.sh [NAME...]	only the scripts tests/NAME.sh
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

readonly ALL="unit compare doctor lint series kernel vm module contract bench results migrate contend host install kernels"

"$TOP/scripts/deps.sh"
COUNTS=$(mktemp)
export COUNTS
trap 'rm -f "$COUNTS"' EXIT
[ $# -gt 0 ] || read -ra names <<< "$ALL"
[ $# = 0 ] || names=("$@")
for name in "${names[@]}"; do
	stage "tests: $name"
	before=$(grep -c '^not ok' "$COUNTS" || true)
	status=0
	"$TOP/tests/$name.sh" || status=$?
	# Ended early, or with a failure that none of its lines tells of.
	if [ $status -gt 1 ] || { [ $status = 1 ] &&
	   [ "$(grep -c '^not ok' "$COUNTS" || true)" = "$before" ]; }; then
		echo "not ok - tests/$name.sh itself (status $status)" | tee -a "$COUNTS"
	fi
	# A signal is for all of us.
	[ $status -lt 128 ] || exit $status
done
passed=$(grep -c '^ok' "$COUNTS" || true)
skipped=$(grep -c '^skip' "$COUNTS" || true)
failed=$(grep -c '^not ok' "$COUNTS" || true)
stage "tests: done"
grep -E '^(not ok|skip)' "$COUNTS" || true
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
