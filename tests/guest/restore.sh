#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest: check page tables after migrations that fall back, and after splits.
#
#   tests/guest/restore.sh BUILD
#
# From the environment: MUTANT, in a kernel with mutants: the one to enable.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
. tests/checks.sh
. tests/names.sh

insmod "$1/lib/test_hmm.ko" || exit
major=$(awk '$2 == "HMM_DMIRROR" { print $1 }' /proc/devices)
for minor in 0 1; do
	[ -e /dev/hmm_dmirror$minor ] || mknod /dev/hmm_dmirror$minor c "$major" $minor
done
[ -z "${MUTANT:-}" ] || echo "$MUTANT" > /sys/kernel/debug/folio_split_mutant || exit
each_pattern tests/build/test_restore
