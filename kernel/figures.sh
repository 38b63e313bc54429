# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The cost of a split in a run of PLAN=split, and whether it is plausible. Sourced by prove.sh and
# series-check.sh.

# figures_of RUN: print the instructions of a split from order 9 to 0: empty, new, old, again. An arm
# that the kernel does not have gets the value of new.
figures_of()
{
	jq -r '.cells[] | select(.name == "anon-9-0") |
		[.arms.empty.median, .arms.new.median, (.arms.old.median // .arms.new.median),
		 (.arms.again.median // .arms.new.median)] | @tsv' "$1/summary.json"
}

# figures_are_sound EMPTY NEW OLD AGAIN: does an empty call cost less than 1 % of the new split, the
# control the same, and is the old split within 3 % of it?
figures_are_sound()
{
	awk -v empty="$1" -v new="$2" -v old="$3" -v again="$4" 'BEGIN {
		exit !(new > 0 && empty < new / 100 && again == new && old > new * 0.97 && old < new * 1.03) }'
}
