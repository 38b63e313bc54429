#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On the target, as root: measure a boot of the plan in the share "run", with
# the modules of a build.
#
#   scripts/guest-measure.sh BUILD MODULE BOOT
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"

# What fails by itself is the harness: 1 would be a broken promise.
trap 'status=$?; [ $status != 1 ] || status=$EXIT_HARNESS; exit $status' ERR

run=/run/splitbench/run
splitbench=$TOP/userspace/build/splitbench
planned() { "$splitbench" plan --show $run | sed -n "s/^$1 //p"; }

jobs=" $(planned jobs)"
case "$jobs " in *" split "* | *" contend "*)
	insmod "$2" || die "-$EXIT_SKIP" "cannot load $2; what the kernel says: dmesg"
	;;
esac
# Of the VM's own: a machine's swap is its owner's business.
swap=$(planned swap)
if [ "$swap" -gt 0 ] && grep -q splitbench.unit= /proc/cmdline; then
	insmod "$1/drivers/block/brd.ko" rd_nr=1 rd_size=$((swap * 1024))
	mkswap /dev/ram0 > /dev/null
	swapon /dev/ram0
fi
status=0
"$splitbench" measure --run $run --boot "$3" --test-hmm "$1/lib/test_hmm.ko" ||
	status=$?
# unload: a process of ours that is being killed may still have it open
unload()
{
	local i

	for ((i = 0; i < 50; i++)); do
		! rmmod folio_split_bench || return 0
		sleep 0.1
	done 2> /dev/null
	rmmod folio_split_bench
}

[ ! -e /sys/module/folio_split_bench ] || unload || [ $status != 0 ] || status=$EXIT_HARNESS
exit $status
