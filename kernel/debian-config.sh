#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print the name of a file with the configuration of Debian's kernel (amd64) of a release. It is
# from the package linux-config-RELEASE, which is downloaded into the cache. Status 4 if neither the
# mirror nor the cache has it.
#
#   kernel/debian-config.sh RELEASE
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/apt.sh"

[[ ${1:-} =~ ^[0-9]+\.[0-9]+$ ]] || die "-$EXIT_USAGE" "usage: kernel/debian-config.sh RELEASE, such as 7.2"
release=$1
name=linux-config-$release

# unpack VERSION: unpack the configuration from the package in $deb, and print its file
unpack()
{
	local file=$CACHE/config/${name}_$1

	if [ ! -e "$file" ]; then
		mkdir -p "$CACHE/config" || die "cannot write to $CACHE"
		dpkg-deb --fsys-tarfile "$deb" |
			tar -xO "./usr/src/$name/config.amd64_none_amd64.xz" |
			xz -d > "$file.tmp" || die "unpacking $deb failed"
		mv "$file.tmp" "$file" || die "cannot write $file"
	fi
	echo "$file"
}

with_lock source
if [ -r $KEYRING ]; then
	# The second time with a new list: download() has removed one that is out of date.
	for _ in 1 2; do
		read -r suite version < <(newest "$name") || break
		if download "$suite" "$name" "$version"; then
			unpack "$version"
			exit
		fi
	done
fi
# The mirror may have removed the package; one in the cache will do.
file=$(find "$CACHE/config" -name "${name}_*" ! -name '*.tmp' 2> /dev/null | sort -V | tail -n 1)
[ -n "$file" ] || die "-$EXIT_SKIP" "the mirror has no $name, the configuration of Debian's kernel"
echo "$file"
