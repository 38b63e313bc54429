#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On a machine (see as_machine.sh): install the kernel with BUILD's configuration; or test it, after
# that kernel was booted.
#
#   tests/guest/install.sh BUILD installing | installed
# shellcheck disable=SC2317 # called by check
set -uo pipefail
. "$(dirname "$0")/lib.sh"

build=$1 what=$2
cd "$(dirname "$0")/../.." || exit
tmp=$(mktemp -d)
release=$(uname -r)
state=/run/splitbench/state
export RESULTS=$state/results

# tracing: what perf changes there
tracing()
{
	cat /sys/kernel/tracing/{current_tracer,tracing_on,set_ftrace_filter,max_graph_depth,trace_options} \
		/proc/sys/kernel/perf_event_max_sample_rate
}

# == installing

# This guest's kernel has the name of the one that is to be installed.
test_running_kernel_is_left_alone()
{
	CONFIG=$build/.config scripts/install-kernel.sh 2> "$tmp/err"
	says "done: Linux $release is running already: make bench" "$tmp/err"
	want 1 dpkg -s "linux-image-$release"
}

test_kernel_is_installed()
{
	CONFIG=$build/.config FORCE=1 scripts/install-kernel.sh 2> "$tmp/err"
	says "done: Linux $release is installed: reboot into it, then make bench" "$tmp/err"
	exists "/boot/vmlinuz-$release"
	exists "/lib/modules/$release/build/include/config/auto.conf"
	absent "/lib/modules/$release/build/mm/swap.h"
	modinfo -k "$release" test_hmm > /dev/null
	dpkg -s "linux-image-$release" "linux-headers-$release" > /dev/null
}

# With what is installed there, and nothing of where the kernel was built.
test_module_is_built_against_the_headers()
{
	not_empty "$(SPLITBENCH_CACHE=$state/cache bench/build.sh "/lib/modules/$release/build")"
}

# == installed

test_machine_is_measured_itself()
{
	state > "$tmp/before"
	SPLITBENCH_CACHE=$state/cache PLAN=split BLOCKS=1 RUN=auto scripts/bench.sh \
		> "$tmp/out" 2> "$tmp/err"
	says "target: this machine" "$tmp/err"
	says "1 of 6 boots are there" "$tmp/err"
	says "old/new" "$tmp/out"
	cmp "$RESULTS/auto/config" <(zcat /proc/config.gz)
	same_state "$tmp/before"
}

test_arm_is_profiled_and_all_is_put_back()
{
	local out=$RESULTS/profile

	state > "$tmp/before"
	tracing > "$tmp/tracing"
	SPLITBENCH_CACHE=$state/cache ARM=new BLOCKS=2 RUN=profile scripts/profile.sh \
		> "$tmp/out" 2> "$tmp/err"
	says "folio_split_unmapped" "$out/hot.txt"
	holds '.below > 10 and .hot[0].function == "folio_split_unmapped" and
		.event == "cpu-clock:k" and (.note | startswith("no PMU"))' "$out/profile.json"
	not_empty "$out/plots/flame.svg"
	not_empty "$out/perf.data"
	says "profile: no annotation: neither a vmlinux nor /proc/kcore" "$tmp/err"
	# 44 thousand instructions, so between 32 and 64 us of this clock
	is "$(awk '$1 == 32 && $2 == 64 { print ($3 > 100) }' "$out/latency-new.txt")" 1
	same_state "$tmp/before"
	tracing | diff "$tmp/tracing" -
}

test_unknown_arms_are_reported()
{
	want 64 env ARM=middle scripts/profile.sh 2> "$tmp/err"
	says "unknown ARM=middle; known: old new migrate" "$tmp/err"
	one_line "$tmp/err"
}

# == end
run_section "$what"
if [ "$what" = installing ]; then
	tar -cf $state/disk.tar /boot/*"$release" "/usr/lib/modules/$release" \
		"/usr/src/linux-headers-$release" /var/lib/dpkg 2> /dev/null
fi
