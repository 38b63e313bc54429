# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the tests that run in the guest share: TAP lines on standard output.
. "$(dirname "${BASH_SOURCE[0]}")/../checks.sh"

# check NAME: run the function NAME; what it prints is told if it fails
check()
{
	local log

	log=$(mktemp)
	set +e
	( set -eu; "$1" ) > "$log" 2>&1 < /dev/null
	# shellcheck disable=SC2181 # not in a condition: bash would ignore set -e
	if [ $? = 0 ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		sed 's/^/# /' "$log"
	fi
	rm -f "$log"
}

# one_line FILE: an error is one line
one_line()
{
	[ "$(wc -l < "$1")" = 1 ] || {
		echo "more than one line:"
		cat "$1"
		return 1
	}
}

# state: all that splitbench may change on a machine
state()
{
	local file

	for file in /sys/kernel/debug/migrate_split_variant \
		/sys/kernel/debug/fail_page_alloc/* \
		/proc/sys/vm/compact_unevictable_allowed \
		/sys/kernel/tracing/kprobe_events \
		/sys/kernel/mm/transparent_hugepage/enabled \
		/sys/kernel/mm/transparent_hugepage/shrink_underused \
		/sys/fs/cgroup/cgroup.subtree_control; do
		echo "$file: $(cat "$file")"
	done
	find /sys/fs/cgroup -mindepth 1 -type d
	ls /sys/kernel/tracing/instances /dev
	cut -d' ' -f1 /proc/modules
}

# same FILE COMMAND...: does it say what is in FILE? Given 20 s to do so.
same()
{
	local file=$1 i

	shift
	for ((i = 0; i < 100; i++)); do
		"$@" > "$file.now"
		! cmp -s "$file" "$file.now" || return 0
		sleep 0.2
	done
	diff "$file" "$file.now"
}

# same_state FILE: is it the one that was saved there?
same_state() { same "$1" state; }
