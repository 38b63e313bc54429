# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The cost of a split in a run of PLAN=split, and whether it is plausible. Sourced by prove.sh and
# series-check.sh.

# forget_request: unset make's variables but those that choose the kernel, as checks have a plan and a
# target of their own
forget_request()
{
	unset APPEND ARMS BLOCKS BUDGET BUILDS CCS CPUS DEFAULT_PLAN DRYRUN FIX HOSTS INVENTORY \
		KERNELS LIKE MARGIN MORE NEW_ORDER REPS REVS SEED STOCK
}

# figures_of RUN: print the instructions of a split from order 9 to 0: empty, new, old, again; "none" for
# an arm that was not measured
figures_of()
{
	jq -r '.cells[] | select(.name == "anon-9-0") |
		[.arms[("empty", "new", "old", "again")].median // "none"] | @tsv' "$1/summary.json"
}

# figures_are_sound EMPTY NEW OLD AGAIN: does an empty call cost less than 1 % of the new split, the
# control the same, and is the old split within 3 % of it? Old or control may be "none".
figures_are_sound()
{
	awk -v empty="$1" -v new="$2" -v old="$3" -v again="$4" 'BEGIN {
		exit !(new > 0 && empty < new / 100 && (again == "none" || again == new) &&
			(old == "none" || (old > new * 0.97 && old < new * 1.03))) }'
}
