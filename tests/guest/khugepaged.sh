#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest with one CPU: khugepaged is at work, and would make THPs of what was just split.
#
#   tests/guest/khugepaged.sh MODULES
set -uo pipefail
. "$(dirname "$0")/lib.sh"

splitbench=$(cd "$(dirname "$0")/../.." && pwd)/userspace/build/splitbench
tmp=$(mktemp -d)
insmod "$1/folio_split_bench.ko" || exit

# Such a split would be taken for one that did nothing, which ends the boot.
test_split_thps_are_not_collapsed()
{
	local khugepaged=/sys/kernel/mm/transparent_hugepage/khugepaged

	echo '{"schema": "splitbench.cells/1", "cells": [{"job": "split", "state": "mapped",
		"blocks": 100, "warmup": 0, "reps": 4}]}' > "$tmp/cells.json"
	"$splitbench" plan --run "$tmp/run" --cells "$tmp/cells.json" --boots 1
	echo 1000000 > $khugepaged/pages_to_scan
	echo 1 > $khugepaged/scan_sleep_millisecs
	"$splitbench" measure --run "$tmp/run" --boot 1
	says '"end"' "$tmp/run/boot-1.jsonl"
	is_not "$(cat $khugepaged/full_scans)" 0
}

run_tests
