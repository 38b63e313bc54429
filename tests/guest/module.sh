#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest: the tests of folio_split_bench and folio_split_mapped, then those of the switch and of all
# kinds of folios, with the kernel's test_hmm and with swap. Afterwards the modules have to unload, which
# shows that no test left a reference.
#
#   tests/guest/module.sh FOLDER-OF-THE-MODULES TEST_HMM BRD
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
. tests/checks.sh
. tests/names.sh
status=0

# with MODULE TEST [ARGS]: load, run, unload
with()
{
	insmod "$1" || exit
	each_pattern "tests/build/$2" "${@:3}" || status=1
	rmmod "$(basename "$1" .ko)" || status=1
}

if [ "$(nproc)" -gt 1 ]; then
	if is_wanted beside_dontneed || is_wanted beside_dontneed_and_touch; then
		with "$1/folio_split_bench.ko" test_abuse 8 0 'beside_dontneed*'
	fi
	with "$1/folio_split_bench.ko" test_barrier
	exit $status
fi
with "$1/folio_split_bench.ko" test_module
with "$1/folio_split_bench.ko" test_barrier
with "$1/folio_split_mapped.ko" test_mapped

insmod "$2" || exit
if [ ! -e /dev/hmm_dmirror0 ]; then
	mknod /dev/hmm_dmirror0 c "$(awk '$2 == "HMM_DMIRROR" { print $1 }' /proc/devices)" 0
fi
each_pattern tests/build/test_switch || status=1
insmod "$3" rd_nr=1 rd_size=262144 || exit
mkswap /dev/ram0 > /dev/null && swapon /dev/ram0 || exit
with "$1/folio_split_bench.ko" test_kinds
swapoff /dev/ram0 || status=1
rmmod test_hmm || status=1
exit $status
