# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What a split costs in a run of PLAN=split, and whether that can be true. Sourced.

# figures_of RUN: instructions of a split from order 9 to 0: empty, new, old, again. What the
# kernel does not have is taken for new.
figures_of()
{
	jq -r '.cells[] | select(.name == "anon-9-0") |
		[.arms.empty.median, .arms.new.median, (.arms.old.median // .arms.new.median),
		 (.arms.again.median // .arms.new.median)] | @tsv' "$1/summary.json"
}

# figures_are_sound EMPTY NEW OLD AGAIN: an empty call costs next to nothing, the control what the
# new split costs, and the old split is within 3 % of that
figures_are_sound()
{
	awk -v empty="$1" -v new="$2" -v old="$3" -v again="$4" 'BEGIN {
		exit !(new > 0 && empty < new / 100 && again == new && old > new * 0.97 && old < new * 1.03) }'
}
