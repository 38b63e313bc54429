#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On the target, as root: measure a boot of the plan in the share "run", with
# the modules of a build.
#
#   scripts/guest-measure.sh BUILD MODULE BOOT
set -euo pipefail
. "$(dirname "$0")/lib.sh"

run=/run/splitbench/run
splitbench=$TOP/userspace/build/splitbench
jobs=$("$splitbench" plan --show $run | sed -n 's/^jobs//p')
case "$jobs " in *" split "* | *" contend "*)
	insmod "$2" || die "-$EXIT_SKIP" "cannot load $2; what the kernel says: dmesg"
	;;
esac
status=0
"$splitbench" measure --run $run --boot "$3" --test-hmm "$1/lib/test_hmm.ko" ||
	status=$?
[ ! -e /sys/module/folio_split_bench ] || rmmod folio_split_bench ||
	status=$EXIT_HARNESS
exit $status
