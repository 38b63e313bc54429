#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the guest: test_module on the module given, then test_switch on the
# kernel's test_hmm. That the module can be removed afterwards shows that no
# test has left a reference.
#
#   tests/guest/module.sh MODULE TEST_HMM
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
export CMOCKA_MESSAGE_OUTPUT=TAP
status=0

insmod "$1" || exit
tests/build/test_module || status=1
rmmod folio_split_bench || status=1

mount -t tracefs tracefs /sys/kernel/tracing
insmod "$2" || exit
if [ ! -e /dev/hmm_dmirror0 ]; then
	mknod /dev/hmm_dmirror0 c "$(awk '$2 == "HMM_DMIRROR" { print $1 }' /proc/devices)" 0
fi
tests/build/test_switch || status=1
rmmod test_hmm || status=1
exit $status
