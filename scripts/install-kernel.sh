#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build Debian packages of the patched kernel for this machine, and install them next to the
# kernels that it has. The machine is not rebooted.
#
#   scripts/install-kernel.sh [--package]	--package: only build them
#
# From the environment: BASE, KSRC, CONFIG and MODULES, see kernel/package.sh; FORCE=1: replace an
# installed kernel of the same name.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/machine.sh"

trap 'as_harness $?' ERR

readonly PACKAGES="debhelper dpkg-dev"

case ${1:-} in '' | --package) ;; *)
	die "-$EXIT_USAGE" "usage: scripts/install-kernel.sh [--package]" ;;
esac

# is_installed PACKAGE: is it installed completely?
is_installed()
{
	# shellcheck disable=SC2016 # dpkg's
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null || true)" = installed ]
}

"$TOP/kernel/package.sh" --check
"$TOP/scripts/deps.sh" "$PACKAGES"
[ -n "${1:-}" ] || root ||
	die "-$EXIT_SKIP" "only root can install a kernel: run this as root, or install the packages of make kernel-package with dpkg -i"
tree=$("$TOP/kernel/tree.sh")
kernel=$(make -s -C "$tree" kernelversion)-splitbench
if [ -z "${1:-}" ] && [ "${FORCE:-}" != 1 ]; then
	if [ "$kernel" = "$release" ]; then
		stage "done: Linux $kernel is running already: make bench; FORCE=1 builds and installs it again"
		exit
	elif is_installed "linux-image-$kernel" && is_installed "linux-headers-$kernel"; then
		stage "done: Linux $kernel is installed: reboot into it, then make bench; FORCE=1 builds and installs it again"
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
	die "dpkg failed; try dpkg -i $folder/*.deb; to remove the kernel: dpkg -r linux-image-$kernel linux-headers-$kernel"
}
stage "done: Linux $kernel is installed: reboot into it, then make bench; to remove it: dpkg -r linux-image-$kernel linux-headers-$kernel"
