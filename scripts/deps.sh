#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Install missing Debian packages as root or with password-less sudo; otherwise print one line with
# the command that installs them.
#
#   scripts/deps.sh [MORE PACKAGES]
set -euo pipefail
. "$(dirname "$0")/lib.sh"

readonly PACKAGES=(
	# the kernel: source, series, build
	debian-archive-keyring xz-utils patch git make gcc libc6-dev
	flex bison bc libelf-dev libssl-dev lz4 kmod ccache cpio
	# the schedule of make bench
	python3
	# splitbench
	pkg-config libjansson-dev libgsl-dev libnuma-dev libmd-dev zlib1g-dev
	libkmod-dev libtracefs-dev libtraceevent-dev
	# the target
	qemu-system-x86 seabios util-linux procps
	# whole commands in it
	hyperfine linux-perf
	# figures
	gnuplot-nox fonts-dejavu-core
	# tests
	libcmocka-dev shellcheck pyflakes3 binutils sparse perl jq rsync
)

is_installed()
{
	# shellcheck disable=SC2016
	dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

missing=()
# Compilers other than gcc only if they are asked for
for word in ${SPLITBENCH_CC:-gcc} ${CCS:-}; do
	mapfile -t -O ${#missing[@]} missing < <(compiler_packages "$word")
done
# shellcheck disable=SC2086 # a list of words
for package in "${PACKAGES[@]}" ${1:-}; do
	is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get > /dev/null ||
	die "-$EXIT_SKIP" "this is not Debian: install your distribution's packages for: ${missing[*]}"
if [ "$(id -u)" = 0 ]; then
	as_root=(env)
elif sudo -n true 2>/dev/null; then
	as_root=(sudo -n env)
	# sudo drops the proxies.
	for name in http_proxy https_proxy ftp_proxy all_proxy no_proxy APT_CONFIG; do
		[ -z "${!name:-}" ] || as_root+=("$name=${!name}")
	done
else
	die "-$EXIT_SKIP" "run as root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
fi
stage "packages: installing ${#missing[@]}: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" > "$log" 2>&1; }
{ apt update && apt install -y --no-install-recommends "${missing[@]}"; } || {
	tail -n 20 "$log" >&2
	die "apt-get failed; by hand: apt-get install --no-install-recommends ${missing[*]}"
}
