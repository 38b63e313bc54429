#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the kernel's test driver, test_hmm, as a module for a kernel that was built without it: all
# symbols that it needs are exported. Of our series, only the patches to the driver are applied. With
# them, it does not warn of allocations that it makes fail on purpose, and does not oops when memory
# runs out.
#
#   kernel/driver.sh BUILD			build it against a distribution's headers, print its file
#   kernel/driver.sh --prepare SOURCE FOLDER	only make a folder to build it from
#
# The source is $KSRC, or that of the same release from Debian's mirror. SOURCE is a kernel tree, or
# its Makefile and lib/test_hmm* alone.
set -Eeuo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/apt.sh"
. "$TOP/kernel/series.sh"

trap 'as_harness $?' ERR

# prepare SOURCE FOLDER: copy the driver's source, patched, into the folder
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

# versions_in_suites PACKAGE: print "SUITE VERSION" of each version that the mirror has
versions_in_suites()
{
	local suite

	for suite in $SUITES; do
		update_index "$suite" || continue
		versions "$suite" "$1" | sed "s/^/$suite /"
	done
}

# fetch_source RELEASE FOLDER: put the needed files of that release's source, such as 7.2.13, into
# the folder; fails if the mirror does not have it
fetch_source()
{
	local deb suite version package

	package=linux-source-$(cut -d. -f1,2 <<< "$1")
	read -r suite version < <(versions_in_suites "$package" | awk -v release="$1" \
		'index($2, release "-") == 1 || index($2, release "~") == 1') || return 1
	download "$suite" "$package" "$version" || return 1
	mkdir -p "$2"
	untar_source "$package" "$2" "$package"/{Makefile,lib/test_hmm.c,lib/test_hmm_uapi.h}
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
