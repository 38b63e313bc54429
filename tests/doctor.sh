#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# splitbench doctor on made-up machines: it finds nothing on a good one, and each planted fault.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

readonly root=$TESTDIR/root
cpu=sys/devices/system/cpu thp=sys/kernel/mm/transparent_hugepage
build=lib/modules/7.9.9-test/build
options=$build/include/config/auto.conf

# plant FILE TEXT
plant()
{
	mkdir -p "$(dirname "$root/$1")"
	printf '%s\n' "$2" > "$root/$1"
}

# suitable: the least that a machine has to have
suitable()
{
	rm -rf "$root"
	plant proc/sys/kernel/osrelease 7.9.9-test
	plant proc/mounts "debugfs /sys/kernel/debug debugfs rw 0 0"
	plant proc/cmdline isolcpus=1
	mkdir -p "$root"/sys/devices/system/node/node{0,1}
	plant $build/Makefile "# kbuild"
	plant $build/include/config/kernel.release 7.9.9-test
	plant $build/Module.symvers $'0x1\tfolio_split_unmapped\tvmlinux\tEXPORT_SYMBOL_GPL\t'
	plant $options "# its configuration
CONFIG_TRANSPARENT_HUGEPAGE=y
CONFIG_DEVICE_PRIVATE=y
CONFIG_DEBUG_FS=y
CONFIG_MODULES=y
CONFIG_MODULE_UNLOAD=y
CONFIG_PROC_PAGE_MONITOR=y
CONFIG_NUMA=y
CONFIG_TEST_HMM=m
CONFIG_X86_KERNEL_IBT=y
# the end"
}

# healthy: a machine of two nodes and four CPUs, of which the last one measures
healthy()
{
	suitable
	plant proc/cmdline "ro quiet isolcpus=2,3 nohz_full=2,3"
	plant proc/meminfo $'MemAvailable: 8000000 kB\nSwapTotal: 100 kB\nSwapFree: 100 kB'
	plant proc/loadavg "0.02 0.05 0.00 1/90 1234"
	plant proc/buddyinfo "Node 0, zone   Normal  1 1 1 1 1 1 1 1 1 100 900"
	plant proc/cpuinfo "flags		: fpu tsc"
	plant proc/sys/kernel/numa_balancing 0
	plant proc/sys/kernel/nmi_watchdog 0
	plant proc/1/comm init
	plant $thp/enabled "always [madvise] never"
	plant $thp/khugepaged/scan_sleep_millisecs 4000000000
	plant $cpu/cpu0/cpufreq/scaling_governor performance
	plant $cpu/cpu1/cpufreq/scaling_governor performance
	plant $cpu/intel_pstate/no_turbo 1
	plant $cpu/cpufreq/boost 0
	plant $cpu/online 0-3
	plant $cpu/cpu3/topology/thread_siblings_list 3
	plant proc/irq/24/effective_affinity_list 0-2
	mkdir "$root/proc/irq/24/disk"
	plant proc/irq/25/effective_affinity_list 3
	plant sys/kernel/security/lockdown "[none] integrity confidentiality"
	plant sys/module/module/parameters/sig_enforce N
	plant $cpu/cpu0/thermal_throttle/core_throttle_count 0
	plant sys/kernel/mm/ksm/run 0
	plant sys/devices/system/clocksource/clocksource0/current_clocksource tsc
}

# shellcheck disable=SC2120 # they are: by want
doctor() { "$TOP/userspace/build/splitbench" doctor --root "$root" "$@"; }

test_healthy_machine_is_left_alone()
{
	healthy
	want 0 doctor > "$TESTDIR/out"
	says "no noise sources were found" "$TESTDIR/out"
}

# One is a kernel without cpufreq, SMT, KSM, swap and the like: nothing to say.
test_machine_without_any_of_it_is_well()
{
	suitable
	want 0 doctor > "$TESTDIR/out"
	says "no noise sources were found" "$TESTDIR/out"
}

# finds NAME STATUS FILE TEXT: it and nothing else, and says how to fix it
finds()
{
	healthy
	[ -z "${3:-}" ] || plant "$3" "$4"
	want "$2" doctor > "$TESTDIR/out"
	says " $1 " "$TESTDIR/out"
	is "$(wc -l < "$TESTDIR/out")" 2
	want "$2" doctor --json > "$TESTDIR/json"
	holds "keys == [\"$1\"] and (.[] | .what != \"\" and .fix != \"\")" "$TESTDIR/json"
}

# One at a time, and the machine is said to be without just that.
test_planted_hindrances_are_found()
{
	local option

	finds exports 4 $build/Module.symvers $'0x1\tfolio_split\tvmlinux\tEXPORT_SYMBOL_GPL\t'
	finds build 4 $build/include/config/kernel.release 7.9.8-other
	says "is of Linux 7.9.8-other, and 7.9.9-test is running" "$TESTDIR/out"
	for option in TRANSPARENT_HUGEPAGE DEVICE_PRIVATE DEBUG_FS MODULES \
		MODULE_UNLOAD PROC_PAGE_MONITOR NUMA; do
		healthy
		finds kernel 4 $options "$(grep -v "CONFIG_$option=" "$root/$options")"
		says "the kernel is without CONFIG_$option" "$TESTDIR/out"
		is "$(grep -o CONFIG_ "$TESTDIR/out" | wc -l)" 1
	done
	finds lockdown 4 sys/kernel/security/lockdown "none [integrity] confidentiality"
	finds signing 4 sys/module/module/parameters/sig_enforce Y
	finds debugfs 4 proc/mounts "proc /proc proc rw 0 0"
	healthy
	finds test-hmm 0 $options "$(grep -v CONFIG_TEST_HMM "$root/$options")"
	healthy
	rm -r "${root:?}/$build"
	want 4 doctor > "$TESTDIR/out"
	says "nor has Linux 7.9.9-test the split: make install-kernel" "$TESTDIR/out"
	plant proc/kallsyms $'0 T folio_split_unmapped\n0 T other'
	want 4 doctor > "$TESTDIR/out"
	says "install linux-headers-7.9.9-test, or set KBUILD=DIR" "$TESTDIR/out"
	healthy
	rm "$root/$options"
	want 4 doctor > "$TESTDIR/out"
	says "was never built" "$TESTDIR/out"
}

# The first that prevents it is said in a line; what does not is no hindrance.
test_first_hindrance_is_a_line()
{
	healthy
	plant proc/mounts none
	plant $build/include/config/kernel.release 7.9.8-other
	want 4 doctor --lacks > "$TESTDIR/out"
	is "$(wc -l < "$TESTDIR/out")" 1
	says "7.9.9-test is running: boot that one, or set KBUILD=DIR" "$TESTDIR/out"
	healthy
	plant sys/kernel/mm/ksm/run 1
	want 1 doctor --lacks > "$TESTDIR/out"
	empty "$TESTDIR/out"
}

# What a distribution's kernel is without is no hindrance to what takes no patch.
test_kernels_without_patches_will_do_for_migrations()
{
	healthy
	plant $build/Module.symvers $'0x1\tfolio_split\tvmlinux\tEXPORT_SYMBOL_GPL\t'
	plant $options "$(grep -v CONFIG_TEST_HMM "$root/$options")"
	want 4 doctor --lacks > "$TESTDIR/out"
	says "does not export the split" "$TESTDIR/out"
	want 4 doctor --lacks --stock > "$TESTDIR/out"
	says "Linux 7.9.9-test has no folio_split_unmapped(), which is there since 6.19: make install-kernel" "$TESTDIR/out"
	plant proc/kallsyms $'0 T folio_split_unmapped\n0 T other'
	want 0 doctor --stock > "$TESTDIR/out"
	says "no noise sources were found" "$TESTDIR/out"
	plant $options "$(grep -v CONFIG_DEVICE_PRIVATE "$root/$options")"
	want 4 doctor --lacks --stock > "$TESTDIR/out"
	says "the kernel is without CONFIG_DEVICE_PRIVATE: make install-kernel" "$TESTDIR/out"
}

test_planted_faults_are_found()
{
	finds thp 4 $thp/enabled "always madvise [never]"
	says "echo madvise > /$thp/enabled" "$TESTDIR/out"
	finds thp 4 proc/self/status $'Name:\tsplitbench\nTHP_enabled:\t0'
	says "PR_SET_THP_DISABLE" "$TESTDIR/out"
	finds khugepaged 1 $thp/khugepaged/scan_sleep_millisecs 10000
	finds governor 1 $cpu/cpu1/cpufreq/scaling_governor powersave
	finds turbo 1 $cpu/intel_pstate/no_turbo 0
	finds boost 1 $cpu/cpufreq/boost 1
	finds smt 0 $cpu/cpu3/topology/thread_siblings_list 1,3
	says "CPU 3, which measures, shares its core with CPU 1" "$TESTDIR/out"
	finds irqs 1 proc/irq/24/effective_affinity_list 2-3
	finds ibt 0 proc/cpuinfo "flags		: fpu tsc ibt"
	finds isolation 0 proc/cmdline "ro quiet"
	finds irqbalance 0 proc/77/comm irqbalance
	finds swap 1 proc/meminfo $'MemAvailable: 8000000 kB\nSwapTotal: 9000 kB\nSwapFree: 100 kB'
	finds memory 1 proc/meminfo "MemAvailable: 500000 kB"
	finds ksm 1 sys/kernel/mm/ksm/run 1
	finds numa-balancing 1 proc/sys/kernel/numa_balancing 1
	finds nmi-watchdog 0 proc/sys/kernel/nmi_watchdog 1
	finds load 1 proc/loadavg "0.10 0.05 0.00 3/90 1234"
	finds throttling 1 $cpu/cpu0/thermal_throttle/core_throttle_count 3
	finds clocksource 1 sys/devices/system/clocksource/clocksource0/current_clocksource hpet
	finds virtual 1 proc/cpuinfo "flags		: fpu tsc hypervisor"
	finds fragments 1 proc/buddyinfo "Node 0, zone   Normal  1 1 1 1 1 1 1 1 1 9 9"
}

# Each size has a setting of its own, which thp_anon= sets too; sizes differ by machine.
test_setting_of_the_pmds_size_is_looked_at()
{
	local size

	for size in 2048 524288; do
		healthy
		plant $thp/hpage_pmd_size $((size << 10))
		plant $thp/hugepages-16kB/enabled "always inherit madvise [never]"
		plant $thp/hugepages-${size}kB/enabled "always inherit madvise [never]"
		want 4 doctor > "$TESTDIR/out"
		says "echo inherit > /$thp/hugepages-${size}kB/enabled" "$TESTDIR/out"
		is "$(wc -l < "$TESTDIR/out")" 2
		plant $thp/hugepages-${size}kB/enabled "always [inherit] madvise never"
		want 0 doctor > "$TESTDIR/out"
		says "no noise sources were found" "$TESTDIR/out"
		plant $thp/enabled "always madvise [never]"
		want 4 doctor > "$TESTDIR/out"
		says "echo madvise > /$thp/enabled" "$TESTDIR/out"
		# This size alone, whatever the general one says
		plant $thp/hugepages-${size}kB/enabled "always inherit [madvise] never"
		want 0 doctor > "$TESTDIR/out"
		says "no noise sources were found" "$TESTDIR/out"
	done
}

# The least that a cgroup or one above it leaves; "max" is no limit.
test_limits_of_the_cgroup_are_looked_at()
{
	local dir=sys/fs/cgroup

	healthy
	plant proc/self/cgroup $'3:cpu:/elsewhere\n0::/user/shell'
	plant $dir/user/shell/memory.max max
	plant $dir/user/shell/memory.current 1000000
	plant $dir/user/memory.max $((300 << 20))
	plant $dir/user/memory.current $((100 << 20))
	want 1 doctor > "$TESTDIR/out"
	says " memory         the limit of this cgroup leaves 200 MiB of memory" "$TESTDIR/out"
	is "$(wc -l < "$TESTDIR/out")" 2
	# As in a container, whose own is the root that it sees
	healthy
	plant proc/self/cgroup 0::/
	plant $dir/memory.max $((200 << 20))
	plant $dir/memory.current $((300 << 20))
	want 1 doctor > "$TESTDIR/out"
	says "the limit of this cgroup leaves 0 MiB of memory" "$TESTDIR/out"
	plant $dir/memory.max $((8 << 30))
	want 0 doctor > "$TESTDIR/out"
	says "no noise sources were found" "$TESTDIR/out"
	# What is cached of files goes when it is needed.
	plant $dir/memory.current $((8 << 30))
	plant $dir/memory.stat $'anon 5\ninactive_file 6000000000\nactive_file 1000000000'
	want 0 doctor > "$TESTDIR/out"
	says "no noise sources were found" "$TESTDIR/out"
	# Version 1, which counts what is in the cgroups below separately
	healthy
	plant proc/self/cgroup $'5:cpu,cpuacct:/elsewhere\n4:memory:/user/shell\n0::/'
	plant $dir/memory/user/memory.limit_in_bytes $((400 << 20))
	plant $dir/memory/user/memory.usage_in_bytes $((300 << 20))
	plant $dir/memory/user/memory.stat $'inactive_file 0\nactive_file 0\ntotal_inactive_file 52428800\ntotal_active_file 52428800'
	plant $dir/memory/user/shell/memory.limit_in_bytes 9223372036854771712
	plant $dir/memory/user/shell/memory.usage_in_bytes $((300 << 20))
	want 1 doctor > "$TESTDIR/out"
	says "the limit of this cgroup leaves 200 MiB of memory" "$TESTDIR/out"
}

test_one_node_is_reported()
{
	healthy
	rmdir "$root/sys/devices/system/node/node1"
	want 0 doctor > "$TESTDIR/out"
	says " nodes " "$TESTDIR/out"
}

test_nothing_is_changed()
{
	healthy
	plant $cpu/cpu0/cpufreq/scaling_governor powersave
	(cd "$root" && find . -type f -exec sha256sum {} + | sort) > "$TESTDIR/before"
	want 1 doctor > "$TESTDIR/out"
	(cd "$root" && find . -type f -exec sha256sum {} + | sort) | diff "$TESTDIR/before" -
}

test_full_disk_is_reported()
{
	healthy
	want 70 doctor > /dev/full 2> "$TESTDIR/err"
}

make -s -C "$TOP/userspace"
run_tests
