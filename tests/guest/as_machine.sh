#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest: stand for a user's machine with a writable disk. It is the host's root under an overlay
# in memory; to survive a boot, the overlay is saved in a share.
#
#   tests/guest/as_machine.sh STATE COMMAND...
#
# STATE is a folder; in it, disk.tar is unpacked before, if it is there. COMMAND runs
# as root of that machine, and can leave another one.
set -euo pipefail

state=$1
shift
mkdir -p /run/machine
mount -t tmpfs -o size=80% tmpfs /run/machine
mkdir -p /run/machine/{upper,work,root}
mount -t overlay -o lowerdir=/,upperdir=/run/machine/upper,workdir=/run/machine/work \
	overlay /run/machine/root
for dir in proc sys dev run; do
	mount --rbind /$dir /run/machine/root/$dir
done
[ ! -e "$state/disk.tar" ] || tar -xf "$state/disk.tar" -C /run/machine/root
exec chroot /run/machine/root env -u TMPDIR -u SPLITBENCH_START HOME=/root "$@"
