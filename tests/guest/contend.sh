#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest with two CPUs: cgroups of ours that are put back on every way out,
# and what is said where there are none.
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
	! find $cg -mindepth 1 -type d -name 'splitbench*' | grep . &&
		! grep -w memory $cg/cgroup.subtree_control
}

cgroups_are_made_and_removed()
{
	measured made
	grep -c '"cell":"contend-1-own"' "$tmp/made/boot-1.jsonl"
	no_cgroup_is_left
	same_state "$tmp/state"
}

# A machine's swap is its owner's: none is made here.
swap_that_is_not_there_is_told()
{
	says '"skip":"swapcache-9-0","why":"there are less than 128 MiB of swap free"' \
		"$tmp/made/boot-1.jsonl"
}

# skipped_for MESSAGE NAME: all but the root cgroup's
skipped_for()
{
	measured "$2"
	says "$1" "$tmp/$2/boot-1.jsonl"
	grep '"end"' "$tmp/$2/boot-1.jsonl"
}

without_cgroups_that_is_said()
{
	umount $cg
	skipped_for "cgroup version 2 is not mounted" none
	mount -t cgroup2 cgroup2 $cg
}

cgroups_that_cannot_be_written_are_told()
{
	mount -o remount,ro $cg
	skipped_for "cannot make cgroups in $cg: Read-only file system" ro
	grep '"cell":"contend-1-root"' "$tmp/ro/boot-1.jsonl" && return 1
	mount -o remount,rw $cg
}

# As where version 1 has it: this guest was booted without.
memory_controller_that_is_elsewhere_is_told()
{
	skipped_for "$cg has no memory controller: it is with cgroup version 1, or switched off" v1
}

# SIGKILL while processes are in their cgroups: the guard takes them away.
killed_tool_leaves_no_cgroup()
{
	local pid i

	sed 's/"blocks": 1/"blocks": 1000/' "$plan" > "$tmp/long.json"
	"$splitbench" plan --run "$tmp/killed" --cells "$tmp/long.json" --boots 1
	"$splitbench" measure --run "$tmp/killed" --boot 1 --test-hmm "$hmm" 2> "$tmp/err" &
	pid=$!
	for ((i = 0; i < 300; i++)); do
		[ "$(wc -l < "$tmp/killed/boot-1.jsonl" 2> /dev/null || echo 0)" -lt 3 ] || break
		sleep 0.1
	done
	find $cg -mindepth 2 -type d -name 0 | grep .
	kill -KILL $pid
	wait $pid || true
	for ((i = 0; i < 100; i++)); do
		! no_cgroup_is_left > "$tmp/left" 2>&1 || return 0
		sleep 0.1
	done
	cat "$tmp/left"
	return 1
}

state > "$tmp/state"
names=(cgroups_are_made_and_removed swap_that_is_not_there_is_told
	without_cgroups_that_is_said cgroups_that_cannot_be_written_are_told
	killed_tool_leaves_no_cgroup)
! grep -q cgroup_disable=memory /proc/cmdline ||
	names=(memory_controller_that_is_elsewhere_is_told)
for name in "${names[@]}"; do
	check "$name"
done
rmmod folio_split_bench
