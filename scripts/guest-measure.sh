#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On the target, as root: load the module, measure a boot of the plan in the
# share "run", unload the module.
#
#   scripts/guest-split.sh MODULE BOOT
set -euo pipefail
. "$(dirname "$0")/lib.sh"

insmod "$1" || die "-$EXIT_SKIP" "cannot load $1; what the kernel says: dmesg"
status=0
"$TOP/userspace/build/splitbench" split --run /run/splitbench/run --boot "$2" ||
	status=$?
rmmod folio_split_bench || status=$EXIT_HARNESS
exit $status
