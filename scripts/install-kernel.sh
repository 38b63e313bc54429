#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the patched kernel for this machine as Debian packages, and install them
# beside the kernels that are there. Nothing is rebooted.
#
#   scripts/install-kernel.sh [--package]	--package: only build them
#
# From the environment: BASE, KSRC, CONFIG and MODULES as kernel/package.sh takes them;
# FORCE=1: although one of that name is there, which it takes the place of.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/machine.sh"

trap 'as_harness $?' ERR

readonly PACKAGES="debhelper dpkg-dev"

case ${1:-} in '' | --package) ;; *)
	die "-$EXIT_USAGE" "usage: scripts/install-kernel.sh [--package]" ;;
esac

# is_installed PACKAGE: whole, not removed or left half done
is_installed()
{
	# shellcheck disable=SC2016 # dpkg's
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null || true)" = installed ]
}

"$TOP/kernel/package.sh" --check
"$TOP/scripts/deps.sh" "$PACKAGES"
[ -n "${1:-}" ] || root ||
	die "-$EXIT_SKIP" "installing a kernel is for root: run this as root, or make kernel-package and dpkg -i what it makes"
tree=$("$TOP/kernel/tree.sh")
kernel=$(make -s -C "$tree" kernelversion)-splitbench
if [ -z "${1:-}" ] && [ "${FORCE:-}" != 1 ]; then
	if [ "$kernel" = "$release" ]; then
		stage "done: Linux $kernel is what runs: make bench; FORCE=1 builds and installs it anew"
		exit
	elif is_installed "linux-image-$kernel" && is_installed "linux-headers-$kernel"; then
		stage "done: Linux $kernel is installed: reboot into it, then make bench; FORCE=1 builds and installs it anew"
		exit
	fi
fi
folder=$("$TOP/kernel/package.sh")
if [ -n "${1:-}" ]; then
	stage "done: dpkg -i $folder/*.deb installs Linux $kernel"
	exit
fi
stage "kernel: installing Linux $kernel"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"${as_root[@]}" dpkg -i "$folder"/*.deb > "$log" 2>&1 || {
	tail -n 20 "$log" >&2
	die "dpkg failed; by hand: dpkg -i $folder/*.deb; to be rid of it: dpkg -r linux-image-$kernel linux-headers-$kernel"
}
stage "done: Linux $kernel is installed: reboot into it, then make bench; to be rid of it: dpkg -r linux-image-$kernel linux-headers-$kernel"
