# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts share that run other tools on the target: which splits its kernel has,
# and files that are complete or not there. Sourced after lib.sh, as root.

splitbench=$TOP/userspace/build/splitbench

# Arms that migrations have here, the kernel's own last, and the function of each. Of a kernel
# with more than one, splitbench migrate --arm chooses one.
split_arms=()
declare -A split_function=()
find_splits()
{
	local list arm function

	list=$("$splitbench" migrate --list-arms)
	while read -r arm function; do
		split_arms+=("$arm")
		split_function[$arm]=$function
	done <<< "$list"
}
find_splits

# has_arm ARM: do migrations have it?
has_arm() { [ -n "${split_function[$1]:-}" ]; }

# finish FILE FOLDER: move it from $tmp into the folder, atomically
# shellcheck disable=SC2154 # of who sources this
finish()
{
	cp "$tmp/$1" "$2/$1.tmp"
	# sync fails on a file system that has none: the host has the data by then.
	sync "$2/$1.tmp" || [ "$(stat -f -c %T "$2")" = v9fs ]
	mv "$2/$1.tmp" "$2/$1"
}
