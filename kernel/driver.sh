#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel's test driver, test_hmm, as a module for a kernel that was built without it: all
# that it takes is exported. Our series' patches to the driver alone are applied, so that it does
# not warn of an allocation that it has planned to fail, nor oopses when memory runs out.
#
#   kernel/driver.sh BUILD			print its file, built against a distribution's headers
#   kernel/driver.sh --prepare SOURCE FOLDER	only make a folder that it can be built from
#
# The source is $KSRC, or what Debian's mirror has of the same release; SOURCE: a kernel's, or
# all of it that is Makefile and lib/test_hmm*.
set -Eeuo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/apt.sh"
. "$TOP/kernel/series.sh"

trap 'as_harness $?' ERR

# prepare SOURCE FOLDER
prepare()
{
	local source=$1 folder=$2 series patch

	[ -r "$source/lib/test_hmm.c" ] ||
		die "-$EXIT_USAGE" "$source has no lib/test_hmm.c: it is not the source of a kernel"
	series=$(series_for "$(version_of "$source")" | head -n 1)
	mkdir -p "$folder/lib"
	cp "$source/lib/test_hmm.c" "$source/lib/test_hmm_uapi.h" "$folder/lib/"
	for patch in $(patches_of "$TOP/patches/$series" | grep -F -- -lib-test_hmm-); do
		patch -d "$folder" -p1 -s --no-backup-if-mismatch < "$patch" > "$folder/log" 2>&1 ||
			die "-$EXIT_KERNEL" "$(basename "$patch") does not apply to the test driver of $source: $(tail -n 1 "$folder/log")"
	done
	echo 'obj-m := lib/test_hmm.o' > "$folder/Kbuild"
}

# versions PACKAGE: "SUITE VERSION" of each that the mirror has
versions()
{
	local suite

	for suite in $SUITES; do
		update_index "$suite" || continue
		private_apt apt-cache "$suite" madison "$1" |
			awk -F '|' -v suite="$suite" '{ gsub(/ /, "", $2); print suite, $2 }'
	done
}

# fetch_source RELEASE FOLDER: what is needed of the source of that release, such as 7.2.13, into
# the folder; fails if the mirror does not have it
fetch_source()
{
	local deb suite version package

	package=linux-source-$(cut -d. -f1,2 <<< "$1")
	read -r suite version < <(versions "$package" | awk -v release="$1" \
		'index($2, release "-") == 1 || index($2, release "~") == 1') || return 1
	download "$suite" "$package" "$version" || return 1
	mkdir -p "$2"
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/$package.tar.xz" | xz -T0 -dc |
		tar -x --strip-components=1 -C "$2" "$package"/{Makefile,lib/test_hmm.c,lib/test_hmm_uapi.h} ||
		die "unpacking $deb failed"
}

case ${1:-}/$# in
--prepare/3) prepare "$2" "$3"; exit ;;
-*/* | */[!1]) die "-$EXIT_USAGE" "usage: kernel/driver.sh BUILD" ;;
esac
build=$1
release=$(sed -E 's/^([0-9.]+).*/\1/' "$build/include/config/kernel.release")
options=()
! grep -qx CONFIG_CC_IS_CLANG=y "$build/include/config/auto.conf" || options=(LLVM=1)
with_lock source
mkdir -p "$CACHE/tmp" "$CACHE/stock"
tmp=$(mktemp -d "$CACHE/tmp/driver.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
source=${KSRC:-}
if [ -z "$source" ]; then
	source=$CACHE/stock/source-$release
	if [ ! -e "$source/Makefile" ]; then
		fetch_source "$release" "$tmp/source" || die "-$EXIT_SKIP" "the mirror has no source of Linux $release, of which lib/test_hmm.c is needed: KSRC=DIR names a tree of it"
		rm -rf "$source"
		mv "$tmp/source" "$source"
	fi
fi
prepare "$source" "$tmp/driver"
key=$({ echo "$build"; cat "$build/include/config/auto.conf" "$build/include/config/kernel.release" \
	"$build/Module.symvers" "$tmp/driver/lib/test_hmm.c" "$0"; } | hash_of)
out=$CACHE/stock/driver-$key
if [ ! -e "$out/test_hmm.ko" ]; then
	stage "test driver: building it for Linux $(cat "$build/include/config/kernel.release")"
	env -i PATH="$PATH" HOME="$CACHE" LC_ALL=C make -C "$build" M="$tmp/driver" \
		${options[@]+"${options[@]}"} > "$tmp/log" 2>&1 || {
		tail -n 20 "$tmp/log" >&2
		die "-$EXIT_KERNEL" "the test driver cannot be built against $build (see above)"
	}
	mkdir -p "$out"
	mv "$tmp/driver/lib/test_hmm.ko" "$out/test_hmm.ko"
fi
echo "$out/test_hmm.ko"
