#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest with two CPUs: abuse of the module. The kernel's complaints are searched for here, as one
# of the tests runs out of memory, which the kernel reports with a call trace.
#
#   tests/guest/abuse.sh BUILD FOLDER-OF-THE-MODULES REQUESTS SECONDS KILLS LOADS
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
. scripts/lib.sh
export CMOCKA_MESSAGE_OUTPUT=TAP
build=$1 bench=$2/folio_split_bench.ko
status=0

# report NAME: how the command before went
report()
{
	local result=$?

	if [ $result = 0 ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		status=1
	fi
}

dmesg -n 1
insmod "$build/drivers/block/brd.ko" rd_nr=1 rd_size=262144
mkswap /dev/ram0 > /dev/null
swapon /dev/ram0
insmod "$build/lib/test_hmm.ko"
mknod /dev/hmm_dmirror0 c "$(awk '$2 == "HMM_DMIRROR" { print $1 }' /proc/devices)" 0 2> /dev/null

for ((i = 0; i < $6; i++)); do
	insmod "$bench" || break
	rmmod folio_split_bench || break
done
[ "$i" = "$6" ]
report "module is loaded and unloaded $i times"

insmod "$bench" || exit
tests/build/test_fuzz "$3" || status=1
tests/build/test_abuse "$4" "$5" || status=1
# After all that, a request is what it always was.
tests/build/test_module 'splits_keep_promises_and_data' || status=1
rmmod folio_split_bench
report "module is in use by nobody"
rmmod test_hmm
report "driver is in use by nobody"
swapoff /dev/ram0
report "swap is in use by nobody"
# All of it: nothing has been pushed out at the other end.
dmesg > "$TMPDIR/dmesg" && grep -q 'Linux version' "$TMPDIR/dmesg"
report "all that the kernel said is here"
! grep -E "$COMPLAINTS" "$TMPDIR/dmesg" | sed 's/^/# /' | grep .
report "kernel complains of nothing"
exit $status
