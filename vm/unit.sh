#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print what a guest's counter can count on this machine: tsc if KVM works,
# else instructions, and to standard error why. KVM works if a guest gets to its init
# under it: it may be there, open, and still never get one past the boot loader. That it does not
# boot one kernel says nothing of another. Without the build of a kernel nothing is booted: what
# is not known yet is "tsc, or instructions ...".
#
#   vm/unit.sh [BUILD]
#
# For tests: KVM_DEVICE, KVM_MODULES and KVM_SECONDS stand for the device, for
# /sys/module, and for how long the probe may take.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

readonly DEVICE=${KVM_DEVICE:-/dev/kvm} MODULES=${KVM_MODULES:-/sys/module} SECONDS_OF_PROBE=${KVM_SECONDS:-10}

# who_may: who may use a device that we may not, and how to become one of them
who_may()
{
	local me group

	me=$(id -un 2> /dev/null || id -u)
	group=$(stat -c %G "$DEVICE")
	[ "$group" != UNKNOWN ] || group=$(stat -c %g "$DEVICE")
	case $group/$(stat -c %A "$DEVICE") in
	root/* | 0/*) echo "$DEVICE is for root alone: sudo chgrp kvm $DEVICE && sudo chmod g+rw $DEVICE" ;;
	*/????rw*)
		if id -nG "$me" 2> /dev/null | tr ' ' '\n' | grep -qxF "$group"; then
			echo "$DEVICE is for the group $group, which $me is in since this login: log in again, or use sg $group -c COMMAND"
		else
			echo "$DEVICE is for the group $group: sudo usermod -aG $group $me, and log in again"
		fi ;;
	*) echo "$DEVICE is for $(stat -c %U "$DEVICE") alone: sudo chmod g+rw $DEVICE" ;;
	esac
}

# modules: those that may be what KVM is made of here
modules()
{
	local names

	names=$(cd "$MODULES" 2> /dev/null && find . -maxdepth 1 -name 'kvm_*' -printf '%f\n' | sort | paste -sd' ')
	echo "${names:-built into the kernel}"
}

# what_failed LOG: of a probe, what QEMU or run.sh said
what_failed()
{
	grep -m1 '^qemu-system[^:]*: ' "$1" || tail -n 1 "$1" | sed 's/; console: .*//; s/^run\.sh: //'
}

# probe BUILD: boot it under KVM; what came of it is remembered until this machine boots again: that
# it works, as $works; of a kernel that does not boot, why, as $refused
probe()
{
	local status=0

	require_cache kvm/log
	stage "target: does KVM work here?"
	"$TOP/vm/run.sh" --kernel "$1" --unit tsc \
		--timeout "$SECONDS_OF_PROBE" -- true 2> "$CACHE/kvm/log" || status=$?
	case $status in
	0) touch "$works" ;;
	"$EXIT_HARNESS" | "$EXIT_KERNEL")
		{
			printf 'KVM (%s) does not boot this kernel' "$(modules)"
			case $(modules) in *kvm_pvm*) printf ', as kvm_pvm is for guests that are made for it' ;; esac
			printf ': %s\n' "$(what_failed "$CACHE/kvm/log")"
		} > "$refused.tmp"
		mv "$refused.tmp" "$refused" ;;
	# An interrupted probe is no answer.
	*) exit $status ;;
	esac
}

[ $# -le 1 ] || die "-$EXIT_USAGE" "usage: vm/unit.sh [BUILD]"
known=$CACHE/kvm/$(cat /proc/sys/kernel/random/boot_id)-$(id -u)
works=$known.works
refused=$known.$(echo "${1:-}" | hash_of).why
# Without a build, the last one that did not boot
[ $# = 1 ] || refused=$(find "$CACHE/kvm" -name "${known##*/}.*.why" -printf '%T@ %p\n' 2> /dev/null |
	sort -n | tail -n 1 | cut -d' ' -f2- || true)
unit=instructions why=''
if [ ! -e "$DEVICE" ]; then
	why="there is no $DEVICE: load kvm_intel or kvm_amd, if the firmware has virtualization enabled"
elif [ ! -r "$DEVICE" ] || [ ! -w "$DEVICE" ]; then
	why=$(who_may)
else
	[ -e "$works" ] || [ -e "$refused" ] || [ $# = 0 ] || probe "$1"
	if [ -e "$works" ]; then
		unit=tsc
	elif [ -e "$refused" ]; then
		why=$(cat "$refused")
	else
		unit="tsc, or instructions if KVM does not work"
	fi
fi
[ -z "$why" ] || stage "target: an emulated CPU: $why"
echo "$unit"
