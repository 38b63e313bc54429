#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print what a guest's counter can count on this machine: tsc if KVM works,
# else instructions. KVM works if a guest gets to its init under it: it may be
# there, open, and still never get one past the boot loader.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

readonly PROBE_SECONDS=10

[ $# = 1 ] || die "-$EXIT_USAGE" "usage: vm/unit.sh BUILD"
# The answer holds until this machine boots again.
known=$CACHE/kvm/$(cat /proc/sys/kernel/random/boot_id)-$(id -u)
if [ ! -e "$known" ]; then
	mkdir -p "$CACHE/kvm"
	unit=instructions
	if [ -e /dev/kvm ] && { [ ! -r /dev/kvm ] || [ ! -w /dev/kvm ]; }; then
		stage "target: an emulated CPU: /dev/kvm is for the group $(stat -c %G /dev/kvm): sudo usermod -aG $(stat -c %G /dev/kvm) $(id -un), and log in again"
	elif [ -e /dev/kvm ]; then
		stage "target: does KVM work here?"
		status=0
		"$TOP/vm/run.sh" --kernel "$1" --unit tsc \
			--timeout $PROBE_SECONDS -- true 2> "$CACHE/kvm/log" || status=$?
		case $status in
		0) unit=tsc ;;
		"$EXIT_HARNESS" | "$EXIT_KERNEL") stage "target: no: $(tail -n 1 "$CACHE/kvm/log")" ;;
		# An interrupted probe is no answer.
		*) exit $status ;;
		esac
	fi
	echo $unit > "$known.tmp"
	mv "$known.tmp" "$known"
fi
cat "$known"
