#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# How far do the boots of a run lie apart? A line a cell: the standard deviation between
# boots, in percent, of what old, new and the control (again, or same) cost and of the two ratios.
#
#   tests/experiments/boot_spread.sh RUN [LIMIT]
#
# With a LIMIT: status 1 if any of them is above.
set -euo pipefail

# A boot's median per arm and ratio are formed as the table's are: by block, less empty.
jq -rn --arg limit "${2:-}" '
	def median: sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;
	def sd: (add / length) as $mean | length as $n |
		if $n < 2 then 0 else (map(. - $mean | . * .) | add / ($n - 1) | sqrt) end;
	def block: . as $b | [range(5) | tostring as $arm |
		[range($b.lead // 0; $b.ticks | length) | select($b.arm[.:. + 1] == $arm) | $b.ticks[.]] |
		if length > 0 then median else null end];
	[inputs | select(.ticks and .arm and (.warmup | not)) |
		{boot: input_filename, cell, arms: block}] | group_by(.cell) |
	map({cell: .[0].cell, boots: (group_by(.boot) | map(
		map(.arms as $a | [$a[1:5][] | if . then . - $a[0] | log else null end]) |
		[map(.[0]), map(.[1]), map(.[2] // .[3]),
		 map(if .[0] and .[1] then .[0] - .[1] else null end),
		 map(if (.[2] // .[3]) and .[1] then (.[2] // .[3]) - .[1] else null end)] |
		map(map(values) | if length > 0 then median else null end)))}) |
	map(.sd = (.boots | transpose | map(map(values) |
		if length > 0 then 100 * sd else null end))) |
	(["cell", "old", "new", "control", "old/new", "control/new"],
	 (.[] | [.cell] + [.sd[] | if . then . * 1000 | round / 1000 else "-" end]) | @tsv),
	(map(.sd[] | values) | max | "largest\t\(. * 1000 | round / 1000)",
	 if $limit != "" and . > ($limit | tonumber)
	 then "more than \($limit) %\n" | halt_error(1) else empty end)
	' "$1"/boot-*.jsonl
