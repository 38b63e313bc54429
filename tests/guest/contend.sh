#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest with two CPUs: our cgroups are removed however splitbench ends, and the messages where
# there are no cgroups.
#
#   tests/guest/contend.sh BUILD MODULE PLAN
set -uo pipefail
. "$(dirname "$0")/lib.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
splitbench=$top/userspace/build/splitbench
hmm=$1/lib/test_hmm.ko
plan=$3
tmp=$(mktemp -d)
cg=/sys/fs/cgroup
insmod "$2" || exit

# measured NAME: a run of the plan in $tmp/NAME, one boot
measured()
{
	"$splitbench" plan --run "$tmp/$1" --cells "$plan" --boots 1
	"$splitbench" measure --run "$tmp/$1" --boot 1 --test-hmm "$hmm" 2> "$tmp/err"
}

no_cgroup_is_left()
{
	find $cg -mindepth 1 -type d -name 'splitbench*' > "$tmp/cgroups"
	empty "$tmp/cgroups" && want 1 grep -w memory $cg/cgroup.subtree_control
}

# skipped_for MESSAGE NAME: all but the root cgroup's
skipped_for()
{
	measured "$2"
	says "$1" "$tmp/$2/boot-1.jsonl"
	says '"end"' "$tmp/$2/boot-1.jsonl"
}

# == with

test_cgroups_are_made_and_removed()
{
	measured made
	says '"cell":"contend-1-own"' "$tmp/made/boot-1.jsonl"
	no_cgroup_is_left
	same_state "$tmp/state"
}

# A machine's swap is its owner's: none is made here.
test_swap_that_is_not_there_is_reported()
{
	says '"skip":"swapcache-9-0","why":"there are less than 128 MiB of swap free"' \
		"$tmp/made/boot-1.jsonl"
}

test_without_cgroups_that_is_said()
{
	umount $cg
	skipped_for "cgroup version 2 is not mounted" none
	mount -t cgroup2 cgroup2 $cg
}

test_cgroups_that_cannot_be_written_are_reported()
{
	mount -o remount,ro $cg
	skipped_for "cannot make cgroups in $cg: Read-only file system" ro
	want 1 grep '"cell":"contend-1-root"' "$tmp/ro/boot-1.jsonl"
	mount -o remount,rw $cg
}

# SIGKILL while processes are in their cgroups: the guard takes them away.
test_killed_tool_leaves_no_cgroup()
{
	local pid

	sed 's/"blocks": 1/"blocks": 1000/' "$plan" > "$tmp/long.json"
	"$splitbench" plan --run "$tmp/killed" --cells "$tmp/long.json" --boots 1
	"$splitbench" measure --run "$tmp/killed" --boot 1 --test-hmm "$hmm" 2> "$tmp/err" &
	pid=$!
	until_true 60 has_lines 3 "$tmp/killed/boot-1.jsonl"
	find $cg -mindepth 2 -type d -name 0 > "$tmp/cgroups"
	not_empty "$tmp/cgroups"
	kill -KILL $pid
	wait $pid || true
	until_true 30 no_cgroup_is_left
}

# == without

# As where version 1 has it: this guest was booted without.
test_memory_controller_that_is_elsewhere_is_reported()
{
	skipped_for "$cg has no memory controller: it is with cgroup version 1, or switched off" v1
}

# == end
state > "$tmp/state"
if grep -q cgroup_disable=memory /proc/cmdline; then
	run_section without
else
	run_section with
fi
rmmod folio_split_bench
