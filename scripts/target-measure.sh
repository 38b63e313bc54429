#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On the target, as root: measure a boot of a run's plan, with the benchmark's
# module, or without splits if MODULE is empty, as on a stock kernel; with the test driver TEST_HMM, or the installed one; and with swap on
# the RAM disk BRD, if the plan takes any: a machine's swap is its owner's business.
#
# With FIX=1 it fixes meanwhile what splitbench doctor finds and can fix. KBUILD is
# where the kernel was built, if that is not where its modules say.
#
#   scripts/target-measure.sh RUN BOOT MODULE [TEST_HMM [BRD]]
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
# If we are killed, it has things to put back.
unannounced setpriv --pdeathsig TERM "$splitbench" measure --run "$run" --boot "$2" "${what[@]}" \
	${FIX:+--fix} ${KBUILD:+--build "$KBUILD"} ${hmm:+--test-hmm "$hmm"} || status=$?
give_back "$run" || [ $status != 0 ] || status=$EXIT_HARNESS
exit $status
