#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest: splitbench migrate with each kind; it has to detect wrong paths, and restore what it
# changes.
#
#   tests/guest/migrate.sh BUILD
set -uo pipefail
. "$(dirname "$0")/lib.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
hmm=$1/lib/test_hmm.ko
tmp=$(mktemp -d)

migrate() { "$top/userspace/build/splitbench" migrate --test-hmm "$hmm" "$@"; }

# each_kind_takes KIND: both directions, old and new
each_kind_takes()
{
	local direction

	for direction in to-dev to-sys; do
		migrate --direction $direction --kind "$1" --thps 2 --rounds 4 \
			--json > "$tmp/json"
		holds ".cells[0] | .name == \"$direction-$1-2\" and
			.arms.old.n == 6 and .arms.new.n == 6 and
			.arms.new.median > 100000" "$tmp/json"
	done
	same_state "$tmp/state"
}

test_whole_thps_migrate() { each_kind_takes none; }
test_small_pages_migrate() { each_kind_takes pages; }
test_flag_makes_it_fall_back() { each_kind_takes flag; }
test_injection_makes_it_fall_back() { each_kind_takes inject; }
test_fragmented_memory_makes_it_fall_back() { each_kind_takes fragment; }	# full

# In turn, in one process: a fallback costs more than the whole at once.
test_lists_are_measured_in_turn()
{
	migrate --direction to-dev,to-sys --kind none,flag --rounds 3 --arm new \
		--json > "$tmp/json"
	holds '[.cells[] | {key: .name, value: .arms.new.median}] | from_entries |
		.["to-dev-flag-1"] > 1.5 * .["to-dev-none-1"] and
		.["to-sys-flag-1"] > 1.5 * .["to-sys-none-1"]' "$tmp/json"
	same_state "$tmp/state"
}

# free_pages: those that CPUs keep in their own lists among them
free_pages()
{
	awk '$1 == "nr_free_pages" { n += $2 } $1 == "count:" { n += $2 } END { print n }' \
		/proc/zoneinfo
}

# The limit of the per-CPU lists is lowered for a moment before each round.
test_limit_of_the_lists_is_put_back()
{
	local fraction=/proc/sys/vm/percpu_pagelist_high_fraction

	echo 1000 > $fraction
	migrate --rounds 2 > "$tmp/out"
	is "$(cat $fraction)" 1000
	echo 0 > $fraction
	same_state "$tmp/state"
}

# Killed while it is lowered, which it is for a tenth of the time
test_killed_with_the_limit_lowered_all_is_put_back()
{
	local fraction=/proc/sys/vm/percpu_pagelist_high_fraction pid i value=0

	"$top/userspace/build/splitbench" migrate --test-hmm "$hmm" \
		--rounds 10000 > "$tmp/out" 2>&1 &
	pid=$!
	for ((i = 0; i < 1000000 && value == 0; i++)); do
		read -r value < $fraction
	done
	kill -KILL $pid
	wait $pid || true
	is "$value" 2147483647
	same_state "$tmp/state"
}

# 464 fallbacks: the device's memory runs through several chunks.
test_nothing_leaks()
{
	local before after

	insmod "$hmm"
	# All that is used once and kept is there after the first.
	migrate --direction to-sys --kind flag --thps 8 --rounds 2 > "$tmp/out"
	before=$(free_pages)
	migrate --direction to-sys --kind flag --thps 8 --rounds 30 > "$tmp/out"
	after=$(free_pages)
	rmmod test_hmm
	says "232 THPs" "$tmp/out"
	echo "free: $before pages, then $after pages"
	# Less than one page of each fallback, and less than one THP.
	number $((before - after)) -lt 400
	is "$(awk '$1 == "nr_anon_transparent_hugepages" { print $2 }' /proc/vmstat)" 0
	is "$(grep -c hmm_dmirror /proc/iomem)" 0
}

# shim WHAT STATUS MESSAGE OPTIONS...: with that broken, it has to be found
shim()
{
	local what=$1 status=$2 message=$3

	shift 3
	want "$status" env SHIM="$what" LD_PRELOAD="$top/tests/build/shim.so" \
		"$top/userspace/build/splitbench" migrate --test-hmm "$hmm" \
		--kind flag "$@" > "$tmp/out" 2> "$tmp/err"
	says "$message" "$tmp/err"
	one_line "$tmp/err"
	same_state "$tmp/state"
}

test_fallback_that_did_not_happen_is_found()
{
	shim no-flag 1 "thp_split_pmd +0, not +1" --direction to-dev
	shim no-flag 1 "thp_split_pmd +0, not +1" --direction to-sys
}

test_byte_that_the_device_has_wrong_is_found()
{
	shim flip-device 1 "not what was written, as seen by the device"
}

test_byte_that_comes_back_wrong_is_found()
{
	shim flip-system 1 "not what was written, as seen by the CPU" \
		--direction to-sys
}

# The guard has the shim too: it is put back by hand.
test_way_that_is_not_the_wanted_one_is_found()
{
	want 1 env SHIM=swap-switch LD_PRELOAD="$top/tests/build/shim.so" \
		"$top/userspace/build/splitbench" migrate --test-hmm "$hmm" \
		> "$tmp/out" 2> "$tmp/err"
	says "the switch is 0, not 1" "$tmp/err"
	echo 0 > /sys/kernel/debug/migrate_split_variant
	same_state "$tmp/state"
}

# killed SIGNAL KIND ROUNDS FILE VALUE: killed once FILE has VALUE, as it had not
killed()
{
	local pid

	want 1 grep -qx -- "$5" "$4"
	# Not through the function: the signal is for the program itself.
	"$top/userspace/build/splitbench" migrate --test-hmm "$hmm" \
		--kind "$2" --arm old --rounds "$3" > "$tmp/out" 2>&1 &
	pid=$!
	until_true 60 grep -x -- "$5" "$4" || { cat "$tmp/out"; return 1; }
	kill "-$1" $pid
	wait $pid || true
	same_state "$tmp/state"
}

test_killed_in_mid_round_all_is_put_back()
{
	killed KILL flag 10000 /sys/kernel/debug/migrate_split_variant 1
}

test_killed_with_injection_on_all_is_put_back()
{
	killed KILL inject 10000 /sys/kernel/debug/fail_page_alloc/probability 100
}

# blocks: of a THP's size and more that are free, of the first node, which is the one
# that is fragmented
blocks()
{
	awk '/^Node 0/ { n += $(NF - 1) + 2 * $NF } END { print n + 0 }' /proc/buddyinfo
}

has_blocks() { [ "$(blocks)" -ge "$1" ]; }

test_fragmented_memory_is_put_together()	# full
{
	local before

	before=$(blocks)
	migrate --kind fragment --rounds 4 > "$tmp/out"
	number "$(blocks)" -ge $((before * 3 / 4))
}

test_killed_with_memory_fragmented_all_is_put_back()	# full
{
	local before

	before=$(blocks)
	killed KILL fragment 30 /proc/sys/vm/compact_unevictable_allowed 0
	until_true 20 has_blocks $((before * 3 / 4))
}

test_terminated_all_is_put_back()
{
	killed TERM flag 10000 /sys/kernel/debug/migrate_split_variant 1
}

# Only runs are traced: probes and instance have to go.
test_killed_while_tracing_all_is_put_back()
{
	local pid

	mkdir -p "$tmp/run"
	echo '{"schema": "splitbench.cells/1", "cells": [{"job": "migrate",
		"blocks": 1, "warmup": 0}]}' > "$tmp/cells.json"
	"$top/userspace/build/splitbench" plan --run "$tmp/run" --cells "$tmp/cells.json"
	"$top/userspace/build/splitbench" measure --run "$tmp/run" --boot 1 \
		--test-hmm "$hmm" > "$tmp/out" 2>&1 &
	pid=$!
	until_true 60 is_there /sys/kernel/tracing/instances/splitbench
	kill -KILL $pid
	wait $pid || true
	says split_new /sys/kernel/tracing/kprobe_events
	same_state "$tmp/state"
	# What was measured before is there.
	is "$(grep -c '^{"block"' "$tmp/run/boot-1.jsonl")" 1
}

watch() { "$top/userspace/build/splitbench" watch "$@"; }

# What it has seen is what the workload did: 4 rounds of 2 THPs that either code splits in
# one cell, each there and back; and before each of the 2 cells a THP goes there and back,
# whole and then split.
test_watch_counts_what_the_workload_did()
{
	watch --json --output "$tmp/json" -- "$top/userspace/build/splitbench" migrate \
		--test-hmm "$hmm" --kind none,flag --thps 2 --rounds 4 > "$tmp/out"
	holds '.schema == "splitbench.watch/1" and .unit == "instructions" and
		([.functions[] | {key: .function, value: .calls}] | from_entries) == {
			migrate_vma_setup: 72, migrate_vma_pages: 72, migrate_vma_finalize: 72,
			folio_split_unmapped: 10, __split_huge_page_to_list_to_order_old: 8 } and
		([.results[] | select(.function | test("split")) |
			[.order, .new_order, .result, .calls]] | sort) == [[9, 0, 0, 8], [9, 0, 0, 10]]' \
		"$tmp/json"
	holds '([.functions[] | .partial] | add == 0) and .lost == 0 and .missed == 0 and
		.share.inside == 18 and .share.outside == 0' "$tmp/json"
	# A split is some 47 thousand instructions, and each of its probes some hundreds.
	holds '(.functions[] | select(.function == "folio_split_unmapped") | .median > 40000 and
			.median < 60000) and
		.share.pages > 0.05 and .share.pages < 0.5 and .share.whole < .share.pages and
		.cost.inside > 100 and .cost.call > .cost.inside and .cost.call < 10000' "$tmp/json"
	same_state "$tmp/state"
}

test_watch_without_a_command_ends_on_a_signal()
{
	local signal pid

	for signal in INT TERM; do
		# What bash starts in the background would not hear of Ctrl-C.
		env --default-signal=INT "$top/userspace/build/splitbench" watch \
			> "$tmp/out" 2> "$tmp/err" &
		pid=$!
		until_true 60 has "Ctrl-C ends it" "$tmp/err"
		kill "-$signal" $pid
		wait $pid
		matches "^folio_split_unmapped +0$" "$tmp/out"
		says "no migration was seen" "$tmp/out"
		same_state "$tmp/state"
	done
}

test_watch_that_is_killed_leaves_nothing()
{
	local pid

	# Not through the function: the signal is for the program itself.
	"$top/userspace/build/splitbench" watch 2> "$tmp/err" &
	pid=$!
	until_true 60 has "Ctrl-C ends it" "$tmp/err"
	says splitbench_watch/watch_folio_split_unmapped /sys/kernel/tracing/dynamic_events
	exists /sys/kernel/tracing/instances/splitbench_watch
	kill -KILL $pid
	wait $pid || true
	same_state "$tmp/state"
}

# Two pages for the events of a CPU, and those of hundreds of calls while it is stopped
test_watch_says_what_it_has_lost()
{
	# shellcheck disable=SC2016 # for that shell
	watch --buffer 4 --json --output "$tmp/json" -- sh -c \
		'kill -STOP $PPID; "$@"; kill -CONT $PPID' sh \
		"$top/userspace/build/splitbench" migrate --test-hmm "$hmm" --arm new \
		--thps 40 --rounds 2 > "$tmp/out"
	# Each event is one of a call that was seen, or of one that was seen in part, or lost: of
	# 164 migrations, two for each of 80 THPs and 4 before them, and 81 splits.
	holds '.lost > 100 and .lost + 2 * ([.functions[].calls] | add) +
			([.functions[].partial] | add) == 2 * (3 * 164 + 81) and
		([.functions[] | select(.function == "migrate_vma_finalize") |
			.calls > 0 and .calls < 164 and .max < 3000000] == [true])' \
		"$tmp/json"
	same_state "$tmp/state"
}

test_watch_exits_as_the_command_does()
{
	want 7 watch -- sh -c 'exit 7' > "$tmp/out"
	want 143 watch --output "$tmp/table" -- sh -c 'kill -TERM $$' > "$tmp/out"
	says "folio_split_unmapped" "$tmp/table"
	want 64 watch -- /nowhere/command > "$tmp/out" 2> "$tmp/err"
	says "/nowhere/command: No such file or directory" "$tmp/err"
	one_line "$tmp/err"
	empty "$tmp/out"
	same_state "$tmp/state"
}

test_watch_says_why_it_cannot()
{
	want 4 setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$top/userspace/build/splitbench" watch --seconds 1 2> "$tmp/err"
	says "only root " "$tmp/err"
	one_line "$tmp/err"
	umount /sys/kernel/tracing
	want 4 watch --seconds 1 2> "$tmp/err"
	mount -t tracefs tracefs /sys/kernel/tracing
	says "tracefs is not mounted: mount -t tracefs nodev" "$tmp/err"
	one_line "$tmp/err"
}

# Two would undo each other's changes: the second one waits, and then says so.
test_second_one_at_a_time_is_refused()
{
	local pid

	"$top/userspace/build/splitbench" migrate --test-hmm "$hmm" \
		--rounds 100000 > "$tmp/out" 2>&1 &
	pid=$!
	until_true 60 is_there /sys/module/test_hmm
	want 4 migrate 2> "$tmp/err"
	says "another splitbench measures on this machine" "$tmp/err"
	kill -KILL $pid
	wait $pid || true
	same_state "$tmp/state"
}

test_module_that_was_there_stays()
{
	insmod "$hmm"
	migrate --rounds 2 > "$tmp/out"
	exists /sys/module/test_hmm
	# Its memory is not for two: somebody else has it open.
	mknod "$tmp/device" c "$(awk '$2 == "HMM_DMIRROR" { print $1 }' /proc/devices)" 0
	exec 5< "$tmp/device"
	want 4 migrate --rounds 2 > "$tmp/out" 2> "$tmp/err"
	says "is in use by another process" "$tmp/err"
	one_line "$tmp/err"
	exec 5<&-
	rmmod test_hmm
	same_state "$tmp/state"
}

test_module_that_was_loaded_here_is_unloaded()
{
	migrate --rounds 2 > "$tmp/out"
	absent /sys/module/test_hmm
}

# A disk that is full is no result.
test_result_that_cannot_be_written_is_no_success()
{
	want 70 migrate --rounds 2 > /dev/full 2> "$tmp/err"
	says "writing the result" "$tmp/err"
	same_state "$tmp/state"
}

state > "$tmp/state"
run_tests
