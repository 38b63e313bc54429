#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# How far do the medians of two runs of one plan lie apart? A line a cell, of
# new; and how many are within 0.5 %.
#
#   tests/experiments/medians.sh RUN RUN
set -euo pipefail

jq -rs '.[0].cells as $a | .[1].cells as $b |
	[$a[] | .name as $name | .arms.new.median as $x |
	 ($b[] | select(.name == $name) | .arms.new.median) as $y |
	 {$name, apart: (100 * ($y / $x - 1))}] |
	(.[] | "\(.name) \(.apart * 1000 | round / 1000) %"),
	"\(map(select(.apart | fabs <= 0.5)) | length) of \(length) cells within 0.5 %"' \
	"$1/summary.json" "$2/summary.json"
