#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Make everything that is derived from the committed samples of the reference runs: their tables and
# figures, the README's picture among them, the example of a cover letter, and results/README.md,
# the page that shows them.
#
#   scripts/gallery.sh
#
# The runs are measured by
#
#   make bench RUN=reference; make sweep RUN=reference
#   make profile ARM=migrate RUN=reference-profile
#   make bench KERNELS="after PROPOSAL" ARMS=new PLAN=proposal RUN=reference
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"

trap 'as_harness $?' ERR

readonly RUNS="reference reference-alone reference-beside"

# report RUN: make its table and figures; a difference that it finds is not a failure
report() { "${PYTHON[@]}" "$TOP/scripts/schedule" report "$1" || [ $? -le "$EXIT_INCONCLUSIVE" ]; }

# what_of RUN: print its heading
what_of()
{
	case $1 in
	reference) echo "What \`make bench\` measures: the split of a THP, and migrations" ;;
	reference-alone) echo "What \`make sweep\` measures with one process: orders, kinds, nodes" ;;
	reference-beside) echo "What \`make sweep\` measures with several at a time" ;;
	esac
}

# show RUN: print its part of the page
show()
{
	local figure caption file

	printf '\n## %s\n\n[table](%s/table.txt) · [summary.json](%s/summary.json) · [machine.json](%s/machine.json)\n' \
		"$(what_of "$1")" "$1" "$1" "$1"
	while IFS=$'\t' read -r figure _ caption; do
		file=$RESULTS/$1/plots/$figure.svg
		[ -e "$file" ] || continue
		printf '\n![%s](%s/plots/%s.svg)\n\n%s\n' "$figure" "$1" "$figure" \
			"$caption"
	done < <("$TOP/userspace/build/splitbench" plotdata --list)
}

# pair_of PROPOSAL: print the folder of its comparison with the kernel without it
pair_of() { echo "reference-after..reference-$1"; }

# show_proposal NAME: print its part of the page
show_proposal()
{
	local pair

	pair=$(pair_of "$1")
	printf '\n## The proposal %s\n\n[series](../patches/proposals/%s) · [cover letter](%s/cover.txt) · [table](%s/table.txt)\n' \
		"$1" "$1" "$pair" "$pair"
	printf '\n![change](%s/change.svg)\n\n%s\n' "$pair" \
		"The kernel with the series against the same one without it, new split against new."
}

RESULTS=$TOP/results
[ $# = 0 ] || die "-$EXIT_USAGE" "usage: scripts/gallery.sh"
"$TOP/scripts/deps.sh"
build_splitbench
for run in $RUNS; do
	[ -e "$RESULTS/$run/plan.json" ] || die "-$EXIT_USAGE" "there is no run $RESULTS/$run: the head of $0 says how to measure it"
done
for run in $RUNS; do
	stage "gallery: $run"
	report "$RESULTS/$run"
done
stage "gallery: the cover letter"
"$TOP/scripts/cover.sh" "$RESULTS/reference" > /dev/null
for proposal in $(proposals); do
	[ -e "$RESULTS/reference-$proposal/plan.json" ] || continue
	stage "gallery: the proposal $proposal"
	report "$RESULTS/reference-after"
	report "$RESULTS/reference-$proposal"
	"$TOP/scripts/cover.sh" "$RESULTS/reference-after" "$RESULTS/reference-$proposal" > /dev/null
done
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
	for proposal in $(proposals); do
		[ ! -e "$RESULTS/$(pair_of "$proposal")/cover.txt" ] || show_proposal "$proposal"
	done
} > "$page.tmp"
mv "$page.tmp" "$page"
stage "done: $page"
