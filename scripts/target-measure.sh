#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On the target, as root: measure one boot of a run.
#
#   scripts/target-measure.sh RUN BOOT MODULE [TEST_HMM [BRD]]
#
# MODULE is the benchmark's module; if it is empty, as for a stock kernel, no splits are measured.
# TEST_HMM is the test driver (default: the installed one). BRD is the RAM disk's module: if the plan
# needs swap, it is on a RAM disk. Without BRD, as on a real machine, its own swap is used.
#
# From the environment: FIX=1: for the time of the boot, fix what splitbench doctor finds and can fix;
# KBUILD: the kernel's build folder, if it is not the one that /lib/modules names.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"

trap 'as_harness $?' ERR

status=0 run=$1 hmm=${4:-} brd=${5:-}
splitbench=$TOP/userspace/build/splitbench

what=(--stock)
[ -z "$3" ] || what=(--module "$3")
swap=$("$splitbench" plan --show "$run" | sed -n 's/^swap //p')
if [ "$swap" -gt 0 ] && [ -n "$brd" ]; then
	insmod "$brd" rd_nr=1 rd_size=$((swap * 1024))
	mkswap /dev/ram0 > /dev/null
	swapon /dev/ram0
fi
# If this script is killed, splitbench has settings to restore: it gets a signal.
unannounced setpriv --pdeathsig TERM "$splitbench" measure --run "$run" --boot "$2" "${what[@]}" \
	${FIX:+--fix} ${KBUILD:+--build "$KBUILD"} ${hmm:+--test-hmm "$hmm"} || status=$?
give_back "$run" || [ $status != 0 ] || status=$EXIT_HARNESS
exit $status
