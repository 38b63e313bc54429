#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest with little memory: splitbench migrate refuses unsuitable machines with one clear line, and
# changes nothing.
#
#   tests/guest/bad_machine.sh BUILD
set -uo pipefail
. "$(dirname "$0")/lib.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
hmm=$1/lib/test_hmm.ko
tmp=$(mktemp -d)
chmod a+rwx "$tmp"
thp=/sys/kernel/mm/transparent_hugepage/enabled

# refused MESSAGE COMMAND...: with the status for a machine that cannot
refused()
{
	local message=$1

	shift
	want 4 "$@" > "$tmp/out" 2> "$tmp/err" || {
		cat "$tmp/out" "$tmp/err"
		return 1
	}
	says "$message" "$tmp/err"
	one_line "$tmp/err"
	same_state "$tmp/state"
}

migrate() { "$top/userspace/build/splitbench" migrate --test-hmm "$hmm" "$@"; }

test_driver_that_is_missing_is_named()
{
	refused "CONFIG_TEST_HMM=m" "$top/userspace/build/splitbench" migrate
	refused "no test_hmm" "$top/userspace/build/splitbench" migrate \
		--test-hmm /does/not/exist.ko
}

test_who_is_not_root_is_reported()
{
	refused "only root " setpriv --reuid 65534 --regid 65534 \
		--clear-groups "$top/userspace/build/splitbench" migrate
}

test_disabled_thps_are_reported()
{
	local was

	was=$(sed 's/.*\[\(.*\)\].*/\1/' $thp)
	echo never > $thp
	want 4 migrate > "$tmp/out" 2> "$tmp/err"
	echo "$was" > $thp
	says "THP is disabled: echo madvise >" "$tmp/err"
	one_line "$tmp/err"
	same_state "$tmp/state"
}

# thps_of_size: the setting of the PMD's size, a file
thps_of_size()
{
	local size

	size=$(cat /sys/kernel/mm/transparent_hugepage/hpage_pmd_size)
	echo "/sys/kernel/mm/transparent_hugepage/hugepages-$((size >> 10))kB/enabled"
}

# As thp_anon=64K:always on the command line leaves it; whatever the general one says.
test_disabled_thps_of_the_pmds_size_are_reported()
{
	local size was

	size=$(thps_of_size)
	was=$(sed 's/.*\[\(.*\)\].*/\1/' $thp)
	echo never > "$size"
	want 4 migrate > "$tmp/out" 2> "$tmp/err"
	says "echo inherit > $size" "$tmp/err"
	one_line "$tmp/err"
	echo madvise > "$size"
	echo never > $thp
	want 0 migrate --kind flag --rounds 2 > "$tmp/out" 2> "$tmp/err"
	echo "$was" > $thp
	echo inherit > "$size"
	same_state "$tmp/state"
}

# without_thps COMMAND...: with PR_SET_THP_DISABLE, which it inherits
without_thps()
{
	"$top/tests/build/without_thps" "$@"
}

test_inherited_prctl_is_undone()
{
	want 0 without_thps grep -x $'THP_enabled:\t0' /proc/self/status
	want 0 without_thps "$top/userspace/build/splitbench" migrate --test-hmm "$hmm" \
		--kind flag --rounds 2 > "$tmp/out" 2> "$tmp/err"
	same_state "$tmp/state"
}

test_prctl_that_cannot_be_undone_is_reported()
{
	refused "THP is disabled for this process by PR_SET_THP_DISABLE" without_thps \
		env SHIM=no-prctl LD_PRELOAD="$top/tests/build/shim.so" \
		"$top/userspace/build/splitbench" migrate --test-hmm "$hmm" --kind flag --rounds 2
}

# Not an oops of the driver, which does not look at what it gets.
test_too_little_memory_is_reported()
{
	refused "MiB of memory for the THPs and the device's copies" \
		migrate --thps 128
}

# Not the end of the process, when it uses more than that
test_limit_of_the_cgroup_is_reported()
{
	local cgroup=/sys/fs/cgroup/limited status=0 was

	was=$(cat /sys/fs/cgroup/cgroup.subtree_control)
	echo +memory > /sys/fs/cgroup/cgroup.subtree_control
	mkdir $cgroup
	echo 100M > $cgroup/memory.max
	# shellcheck disable=SC2016 # of that shell
	want 4 bash -c 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"' - $cgroup \
		"$top/userspace/build/splitbench" migrate --test-hmm "$hmm" --kind flag --thps 16 \
		> "$tmp/out" 2> "$tmp/err" || status=$?
	until_true 20 rmdir $cgroup
	[ -n "$was" ] || echo -memory > /sys/fs/cgroup/cgroup.subtree_control
	matches "needs 128 MiB of memory .* the limit of this cgroup leaves [0-9]* MiB" "$tmp/err"
	is $status 0
	one_line "$tmp/err"
	same_state "$tmp/state"
}

test_missing_fault_injection_is_reported()
{
	umount /sys/kernel/debug
	want 4 migrate --kind inject > "$tmp/out" 2> "$tmp/err"
	mount -t debugfs debugfs /sys/kernel/debug
	says "CONFIG_FAIL_PAGE_ALLOC" "$tmp/err"
	one_line "$tmp/err"
	same_state "$tmp/state"
}

# Whatever the kernel: without debugfs there is no switch.
test_without_the_switch_new_alone_is_measured()
{
	umount /sys/kernel/debug
	migrate --rounds 2 --json > "$tmp/out" 2> "$tmp/err"
	want 4 migrate --rounds 2 --arm old > "$tmp/out2" 2> "$tmp/err2"
	mount -t debugfs debugfs /sys/kernel/debug
	says "does not have arm 'old'" "$tmp/err"
	one_line "$tmp/err"
	holds '.cells[0].arms | keys == ["new"]' "$tmp/out"
	says "does not have arm 'old': build one" "$tmp/err2"
	one_line "$tmp/err2"
	same_state "$tmp/state"
}

state > "$tmp/state"
run_tests
