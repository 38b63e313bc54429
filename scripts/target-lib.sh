# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What scripts share that time other tools on the target: which split paths its kernel has,
# and files that are in a run whole or not at all. Sourced after lib.sh, as root.

# Functions of the new split, and of the old one beside it or alone; empty: not there
new_function=folio_split_unmapped old_function=__split_huge_page_to_list_to_order_old
grep -q " $new_function$" /proc/kallsyms || new_function=''
grep -q " $old_function$" /proc/kallsyms || old_function=__split_huge_page_to_list_to_order
# Arms that migrations have; of a kernel with the switch, one is chosen by --arm
split_arms=(old new)
if [ ! -e /sys/kernel/debug/migrate_split_variant ]; then
	split_arms=("$([ -n "$new_function" ] && echo new || echo old)")
fi

# has_arm ARM: do migrations have it?
has_arm() { [[ " ${split_arms[*]} " = *" $1 "* ]]; }

# choose_arm ARM: the words that choose it of splitbench migrate, in the array choice
choose_arm()
{
	# shellcheck disable=SC2034 # of who sources this
	[ ${#split_arms[@]} = 1 ] && choice=() || choice=(--arm "$1")
}

# finish FILE FOLDER: from $tmp into the folder, atomically
# shellcheck disable=SC2154 # of who sources this
finish()
{
	cp "$tmp/$1" "$2/$1.tmp"
	# sync fails on a file system that has none: the host has the data by then.
	sync "$2/$1.tmp" || [ "$(stat -f -c %T "$2")" = v9fs ]
	mv "$2/$1.tmp" "$2/$1"
}
