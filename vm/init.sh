#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guest's init. Its root is the host's, read-only. The command to run and its results are in the
# control share (see vm/run.sh).
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mount -t debugfs debugfs /sys/kernel/debug
mount -t tracefs tracefs /sys/kernel/tracing
mount -t cgroup2 cgroup2 /sys/fs/cgroup
# Usually made by udev; bash needs it for <(...)
ln -s /proc/self/fd /dev/fd
# khugepaged would collapse what tests and the benchmark have just split.
echo 4000000000 > /sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs
mkdir -p /dev/shm /dev/pts /run/splitbench/control /run/tmp
mount -t tmpfs tmpfs /dev/shm
export TMPDIR=/run/tmp HOME=/run

control=/run/splitbench/control
share() { mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=none "$1" "$2"; }

if share control $control; then
	while read -r tag; do
		mkdir -p "/run/splitbench/$tag"
		share "$tag" "/run/splitbench/$tag" ||
			echo "splitbench: cannot mount share $tag" > /dev/console
	done < $control/shares
	: > $control/begun
	if [ -e $control/interactive ]; then
		setsid -c bash $control/command \
			< /dev/ttyS0 > /dev/ttyS0 2>&1
	else
		bash $control/command \
			< /dev/null > $control/stdout 2> $control/stderr
	fi
	# Last and atomically: without a status, the guest did not get this far.
	echo $? > $control/status.tmp
	mv $control/status.tmp $control/status
	sync
fi
# The VM does not reboot: QEMU exits instead.
echo b > /proc/sysrq-trigger
