#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# From the samples of the reference runs, which are committed: their tables and
# figures, the README's picture among them, the example of a cover letter, and the
# page that shows them all, results/README.md.
#
#   scripts/gallery.sh
#
# The runs are made by
#
#   make bench RUN=reference; make sweep RUN=reference
#   make profile ARM=migrate RUN=reference-profile
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/runs.sh"

trap 'as_harness $?' ERR

readonly RUNS="reference reference-alone reference-beside"

# what_of RUN: what it is
what_of()
{
	case $1 in
	reference) echo "What \`make bench\` measures: the split of a THP, and migrations" ;;
	reference-alone) echo "What \`make sweep\` measures with one process: orders, kinds, nodes" ;;
	reference-beside) echo "What \`make sweep\` measures with several at a time" ;;
	esac
}

# how_to_read FIGURE
how_to_read()
{
	case $1 in
	ratio) echo "The ratio of old to new in each boot, and over all of them with its interval. again/new is the same source compiled twice: what it differs from 1 by is noise, and what placement of code is worth." ;;
	distribution) echo "The share of calls that took at most so much. A step is a cost that most calls share; to its right are those that something disturbed." ;;
	breakdown) echo "Where a migration goes, part by part, traced in rounds of their own; the split is the solid one." ;;
	fallback) echo "What a migration costs whole, and with a fallback to small pages." ;;
	latency) echo "The share of migrations with a fallback that took at most so much, with the old split and the new." ;;
	throughput) echo "THPs migrated in a time, by how many are migrated at once." ;;
	orders) echo "What a call costs by how many folios it makes, and the line through it." ;;
	kinds) echo "Kinds of folio, with the old split and the new: a device has a callback for each page, the swapcache gets each piece." ;;
	nodes) echo "CPU and memory on the same NUMA node, and on different ones." ;;
	scaling) echo "Calls of all processes in a time, by how many there are: of one cgroup, whose lruvec lock the old way holds over all pages, of a cgroup each, and of the root." ;;
	beside-fault) echo "Beside the splits: page faults. The share of operations that took at least so long, beside splitters that do nothing, the old way, and the new: the tail is to the right." ;;
	beside-cold) echo "The same of MADV_COLD, which takes the lruvec lock." ;;
	beside-isolate) echo "The same of MADV_PAGEOUT, which isolates folios from the LRU." ;;
	beside-wake) echo "The same of a thread that sleeps 100 us and measures when it wakes up." ;;
	beside-ping) echo "The same of interrupts sent to the CPU that splits: how long it has its own off." ;;
	esac
}

# show RUN: its figures, in the page
show()
{
	local figure file

	printf '\n## %s\n\n[table](%s/table.txt) · [summary.json](%s/summary.json) · [machine.json](%s/machine.json)\n' \
		"$(what_of "$1")" "$1" "$1" "$1"
	for figure in $("$TOP/plots/plot.sh" --list); do
		file=$RESULTS/$1/plots/$figure.svg
		[ -e "$file" ] || continue
		printf '\n![%s](%s/plots/%s.svg)\n\n%s\n' "$figure" "$1" "$figure" \
			"$(how_to_read "$figure")"
	done
}

RESULTS=$TOP/results
[ $# = 0 ] || die "-$EXIT_USAGE" "usage: scripts/gallery.sh"
"$TOP/scripts/deps.sh"
build_splitbench
for run in $RUNS; do
	[ -e "$RESULTS/$run/plan.json" ] || die "-$EXIT_USAGE" "there is no run $RESULTS/$run: see above in $0 how it is made"
done
for run in $RUNS; do
	stage "gallery: $run"
	report "$RESULTS/$run" quiet
done
stage "gallery: the cover letter"
"$TOP/scripts/cover.sh" "$RESULTS/reference" > /dev/null
"$TOP/plots/plot.sh" "$RESULTS/reference-profile" flame
page=$RESULTS/README.md
{
	cat <<-PAGE
		# The reference runs

		Every figure of the runs that are committed here. They were measured in the VM, on an
		emulated CPU: counts of instructions where one process works alone, and the clock of
		the machine that emulated it where there are several. **Neither is time of hardware.**
		\`make gallery\` draws all of this anew from the samples; yours are in \`results/RUN/plots\`.

		An example of the text for a cover letter: [cover.txt](reference/cover/cover.txt).
	PAGE
	for run in $RUNS; do
		show "$run"
	done
	printf '\n## Where a migration spends its time: %s\n\n%s\n\n%s\n' "\`make profile ARM=migrate\`" \
		"![flame graph](reference-profile/plots/flame.svg)" \
		"Each function is as wide as its share of the samples, and lies on the one that called it; the darker, the more of it in itself. What runs with interrupts off, the split itself among it, is counted where they come on again: there was no PMU."
} > "$page.tmp"
mv "$page.tmp" "$page"
stage "done: $page"
