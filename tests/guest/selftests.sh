#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest: run the kernel's own tests. Their output goes to a share; printed is a line for each
# result, for comparison.
#
#   tests/guest/selftests.sh BUILD FOLDER-OF-THE-TESTS SWITCH NAME...
#
# SWITCH: 0 or 1, for migrate_split_variant; - for a kernel without it.
set -uo pipefail
build=$1 tests=$2 switch=$3
shift 3

# The root is the host's and read-only.
mount -t tmpfs tmpfs /tmp
cd /tmp || exit
# khugepaged's test wants swap.
insmod "$build/drivers/block/brd.ko" rd_nr=1 rd_size=524288
mkswap /dev/ram0 > /dev/null
swapon /dev/ram0
sysctl -q vm.nr_hugepages=0 vm.overcommit_memory=1
[ "$switch" = - ] || echo "$switch" > /sys/kernel/debug/migrate_split_variant || exit
insmod "$build/lib/test_hmm.ko" || exit
major=$(awk '$2 == "HMM_DMIRROR" { print $1 }' /proc/devices)
for minor in 0 1; do
	[ -e /dev/hmm_dmirror$minor ] || mknod /dev/hmm_dmirror$minor c "$major" $minor
done

for name in "$@"; do
	read -ra command <<< "$name"
	# Some of them lose a race now and then: what fails thrice fails.
	for try in 1 2 3; do
		timeout 800 "$tests/${command[0]}" "${command[@]:1}" > out 2>&1
		code=$?
		echo "status $code" >> out
		cp out "/run/splitbench/results/${name// /_}.$try.log"
		case $code in 0 | 4) break ;; esac
		echo "$name failed, try $try of 3: $(grep -m1 '^not ok' out)" \
			>> /run/splitbench/results/failed
	done
	sed -nE 's/^[^a-z]*(not )?ok [0-9]+ /\1ok /p; /^status/p; s/^(Skip|# SKIP|run_test|Success|Fail)/\1/p' out |
		sed "s/^/${name// /_}: /"
done
exit 0
