#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print the folder with the disk of a machine for tests, after making it if needed: a Debian with its
# own kernel, boot loader and sshd. disk.qcow2 is the base of images, and is not written to. The key
# next to it is that of root, of `sudoer`, who needs no password for sudo, and of `user`, who does;
# host.pub is the machine's host key.
#
#   tests/guest/disk.sh
set -Eeuo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"

trap 'as_harness $?' ERR

readonly SUITE=bookworm
readonly PACKAGES=linux-image-cloud-amd64,initramfs-tools,systemd-sysv,udev,dbus,openssh-server,python3-minimal,python3,grub2-common,grub-pc-bin,iproute2,ifupdown,isc-dhcp-client,kmod,procps,gzip,sudo

"$TOP/scripts/deps.sh" "mmdebstrap fdisk e2fsprogs openssh-client qemu-utils"
out=$CACHE/fleet/$(hash_of < "$0")
with_lock fleet-disk
if [ ! -e "$out/.complete" ]; then
	stage "tests: making a disk with a Debian (about 5 minutes)"
	rm -rf "$out"
	mkdir -p "$out" "$CACHE/tmp"
	tmp=$(mktemp -d "$CACHE/tmp/disk.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	ssh-keygen -q -t ed25519 -N '' -C splitbench-test -f "$out/key"
	mmdebstrap --quiet --variant=minbase --include="$PACKAGES" --components=main "$SUITE" \
		"$tmp/root.tar" > "$tmp/log" 2>&1 || { tail -n 20 "$tmp/log" >&2; die "mmdebstrap failed"; }
	mkdir "$tmp/root"
	tar -xf "$tmp/root.tar" -C "$tmp/root" --exclude './dev/*'
	rm "$tmp/root.tar"
	cd "$tmp/root"
	echo lab > etc/hostname
	echo '127.0.0.1 localhost lab' > etc/hosts
	echo '/dev/vda1 / ext4 errors=remount-ro 0 1' > etc/fstab
	printf '%s\n' 'auto lo' 'iface lo inet loopback' 'allow-hotplug eth0' 'iface eth0 inet dhcp' > etc/network/interfaces
	install -d -m 700 root/.ssh
	cp "$out/key.pub" root/.ssh/authorized_keys
	for name in sudoer user; do
		chroot . useradd -m -s /bin/bash $name
		install -d -m 700 home/$name/.ssh
		cp "$out/key.pub" home/$name/.ssh/authorized_keys
		chroot . chown -R $name: /home/$name/.ssh
	done
	printf '%s\n' 'sudoer ALL=(ALL) NOPASSWD: ALL' 'user ALL=(ALL) ALL' > etc/sudoers.d/test
	chmod 440 etc/sudoers.d/test
	cp etc/ssh/ssh_host_ed25519_key.pub "$out/host.pub"
	# An emulated CPU would take minutes for compression, timers and logs that nobody looks at.
	printf 'COMPRESS=gzip\nCOMPRESSLEVEL=1\n' > etc/initramfs-tools/conf.d/test
	rm -rf var/cache/apt/* var/lib/apt/lists/* usr/share/{doc,man,locale}/*
	ln -sf /dev/null etc/systemd/system/apt-daily.timer
	ln -sf /dev/null etc/systemd/system/apt-daily-upgrade.timer
	ln -sf /dev/null etc/systemd/system/e2scrub_reap.service
	mkdir -p etc/systemd/journald.conf.d
	printf '[Journal]\nStorage=volatile\n' > etc/systemd/journald.conf.d/test.conf
	sed -i 's/^#\?UseDNS.*/UseDNS no/; s/^#\?UsePAM.*/UsePAM yes/' etc/ssh/sshd_config
	cat > etc/default/grub <<-'END'
		GRUB_DEFAULT=0
		GRUB_TIMEOUT=0
		GRUB_RECORDFAIL_TIMEOUT=0
		GRUB_CMDLINE_LINUX="console=ttyS0 net.ifnames=0 root=/dev/vda1 systemd.default_timeout_start_sec=600"
		GRUB_CMDLINE_LINUX_DEFAULT=""
		GRUB_TERMINAL="console serial"
		GRUB_DISABLE_OS_PROBER=true
	END
	# The boot loader is installed on the machine itself, as its owner would.
	cat > setup.sh <<-'END'
		#!/bin/sh
		mount -o remount,rw /
		mount -t proc proc /proc
		mount -t sysfs sys /sys
		mount -t devtmpfs dev /dev
		grub-install /dev/vda && update-grub && rm /setup.sh && echo "the boot loader is installed"
		sync
		mount -o remount,ro /
		echo o > /proc/sysrq-trigger
		read -r _ < /dev/console
	END
	chmod 755 setup.sh
	cp boot/vmlinuz-* "$tmp/vmlinuz"
	cp boot/initrd.img-* "$tmp/initrd"
	cd "$tmp"
	truncate -s 3G disk
	echo 'start=2048, type=83, bootable' | sfdisk -q disk
	mke2fs -q -t ext4 -d root -E offset=$((2048 * 512)) disk $(((3 * 1024 - 1) * 1024))k
	rm -rf root
	timeout 600 qemu-system-x86_64 -nodefaults -no-user-config -display none -machine pc -accel tcg -cpu max \
		-m 1024 -no-reboot -kernel vmlinuz -initrd initrd -serial file:console.log \
		-append "root=/dev/vda1 rw console=ttyS0 init=/setup.sh panic=-1" \
		-drive file=disk,format=raw,if=virtio,cache=unsafe || true
	grep -q "the boot loader is installed" console.log || { tail -n 20 console.log >&2; die "the guest did not install its boot loader"; }
	qemu-img convert -O qcow2 disk "$out/disk.qcow2"
	touch "$out/.complete"
fi
echo "$out"
