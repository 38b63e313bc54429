#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the patched kernel for this machine as Debian packages, and install them
# beside the kernels that are there. Nothing is removed, and nothing is rebooted.
#
#   scripts/install-kernel.sh [--package]	--package: only build them
#
# From the environment: BASE, KSRC, CONFIG and MODULES as kernel/package.sh takes them.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/runs.sh"
. "$TOP/scripts/machine.sh"

trap 'as_harness $?' ERR

readonly PACKAGES="debhelper dpkg-dev"

case ${1:-} in '' | --package) ;; *)
	die "-$EXIT_USAGE" "usage: scripts/install-kernel.sh [--package]" ;;
esac
"$TOP/scripts/deps.sh" "$PACKAGES"
[ -n "${1:-}" ] || root ||
	die "-$EXIT_SKIP" "installing a kernel is for root: run this as root, or make kernel-package and dpkg -i what it makes"
folder=$("$TOP/kernel/package.sh")
image=$(find "$folder" -name 'linux-image-*.deb')
kernel=$(dpkg-deb -f "$image" Package)
kernel=${kernel#linux-image-}
if [ -n "${1:-}" ]; then
	stage "done: dpkg -i $folder/*.deb installs Linux $kernel"
	exit
fi
version=$(dpkg-deb -f "$image" Version)
# shellcheck disable=SC2016 # dpkg's
there=$(dpkg-query -W -f '${Version}' "linux-image-$kernel" 2> /dev/null || true)
if [ "$there" = "$version" ]; then
	stage "done: Linux $kernel is installed already: reboot into it if another one is running, then make bench"
	exit
fi
# Its modules would be gone under its feet.
[ "$kernel" != "$release" ] || [ "${FORCE:-}" = 1 ] ||
	die "-$EXIT_USAGE" "another build of Linux $kernel is running: boot another kernel first, or FORCE=1"
stage "kernel: installing Linux $kernel"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"${as_root[@]}" dpkg -i "$folder"/*.deb > "$log" 2>&1 || {
	tail -n 20 "$log" >&2
	die "dpkg failed; by hand: dpkg -i $folder/*.deb; to be rid of it: dpkg -r linux-image-$kernel linux-headers-$kernel"
}
stage "done: Linux $kernel is installed: reboot into it, then make bench; to be rid of it: dpkg -r linux-image-$kernel linux-headers-$kernel"
