#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest: run the contract suite, and print its results.
#
#   tests/guest/contract.sh BUILD FOLDER-OF-THE-MODULES [OPTIONS OF KUNIT]
#
# From the environment: MUTANT, in a kernel with mutants: the one to enable; PARAMETERS of the suite's
# module. The results are also on the console, in case the guest crashes.
set -euo pipefail
. "$(dirname "$0")/../checks.sh"
build=$1 modules=$2
shift 2
group=/sys/fs/cgroup/contract

# comes_true COMMAND: statistics lag behind
comes_true()
{
	until_true 20 "$@" >&2 || {
		cat /proc/swaps /sys/fs/cgroup/cgroup.stat $group/memory.stat >&2 || true
		return 1
	}
}

swap_is_empty() { [ "$(awk 'NR == 2 { print $4 }' /proc/swaps)" = 0 ]; }

# Swap, to have folios in the swapcache; and a memcg, to see who is charged.
insmod "$build/drivers/block/brd.ko" rd_nr=1 rd_size=65536
mkswap /dev/ram0 > /dev/null
swapon /dev/ram0
echo +memory > /sys/fs/cgroup/cgroup.subtree_control
mkdir $group

insmod "$build/lib/kunit/kunit.ko" enable=1 autorun=1 "$@"
insmod "$modules/folio_split_bench.ko"
[ -z "${MUTANT:-}" ] || echo "$MUTANT" > /sys/kernel/debug/folio_split_mutant
dmesg -n 7
# What the kernel says only once has to be heard again.
echo 1 > /sys/kernel/debug/clear_warn_once
# By a process of the group's, which the folios are charged to.
(
	echo "$BASHPID" > $group/cgroup.procs
	# shellcheck disable=SC2086 # more than one
	exec insmod "$modules/folio_split_contract.ko" ${PARAMETERS:-}
)
dmesg -n 5
dmesg | sed 's/^\[[^]]*\] //' | sed -n '/^KTAP version 1/,$p'
# Nothing is left behind: no reference to a module or to the device's memory,
# no page in the swap, none of the owner's. What waits in batches is let go.
rmmod folio_split_contract folio_split_bench
echo 1 > /proc/sys/vm/drop_caches
comes_true swap_is_empty
swapoff /dev/ram0
comes_true grep -qx 'anon 0' $group/memory.stat
rmdir $group
# The group is freed in the background, and complains if references are amiss: its memory
# controller first, by which it is held.
comes_true grep -qx 'nr_dying_descendants 0' /sys/fs/cgroup/cgroup.stat
