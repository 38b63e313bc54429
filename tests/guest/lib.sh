# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What all test scripts in guests share: they print TAP lines on standard output. Sourced.
. "$(dirname "${BASH_SOURCE[0]}")/../checks.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../names.sh"
STATUS_DIR=$(mktemp -d)
SCRIPT=$(realpath "$0")

# check NAME: run the function test_NAME; what it prints is shown if it fails
check()
{
	local log status

	log=$(mktemp)
	touch "$STATUS_DIR/begun"
	set +e
	# Not in a condition: bash would ignore set -e in there.
	( set -eEu; trap 'say_where $? "$LINENO" "$BASH_COMMAND"' ERR; "test_$1" ) \
		> "$log" 2>&1 < /dev/null
	status=$?
	if [ $status = 0 ]; then
		echo "ok - $1"
	else
		echo "not ok - $1 (status $status)"
		sed 's/^/# /' "$log"
		show_said "${tmp:-}" "$STATUS_DIR/begun"
	fi
	echo $status > "$STATUS_DIR/.status-$1"
	rm -f "$log"
}

# say_where STATUS LINE COMMAND: the first line of it will do
say_where() { echo "at line $2, status $1: ${3%%$'\n'*}" >&2; }

# one_line FILE: an error is one line
one_line()
{
	[ "$(wc -l < "$1")" = 1 ] || {
		echo "expected one line in $1, which says:"
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
		/proc/sys/vm/percpu_pagelist_high_fraction \
		/sys/kernel/tracing/kprobe_events \
		/sys/kernel/tracing/dynamic_events \
		/sys/kernel/mm/transparent_hugepage/enabled \
		/sys/kernel/mm/transparent_hugepage/shrink_underused \
		/sys/fs/cgroup/cgroup.subtree_control; do
		echo "$file: $(cat "$file")"
	done
	find /sys/fs/cgroup -mindepth 1 -type d
	ls /sys/kernel/tracing/instances /dev
	cut -d' ' -f1 /proc/modules
}

# same FILE COMMAND...: it comes to say what is in FILE
same()
{
	local file=$1

	shift
	until_true 20 says_the_same "$file" "$@"
}

says_the_same()
{
	local file=$1

	shift
	"$@" > "$file.now"
	diff "$file" "$file.now"
}

# same_state FILE: is it the one that was saved there?
same_state() { same "$1" state; }
