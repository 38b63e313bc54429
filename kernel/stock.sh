#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print the folder of a distribution's own kernel, fetching its packages from the mirror and
# unpacking them into the cache first if need be: nothing is installed, and no kernel is built. In
# it are, where the build of a kernel has them, its image and configuration, and the
# kernel's test driver, lib/test_hmm.ko, built for it; an initramfs, as its 9p are modules; and
# `package`, the name and version of the package that the image is from.
#
#   kernel/stock.sh RELEASE | newest	RELEASE: such as 7.2.13
#   kernel/stock.sh --list		those that the mirror has with headers, a line each
#
# Status 4 if the mirror does not have it, or it is older than what is measured.
set -Eeuo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/apt.sh"

trap 'as_harness $?' ERR

# What the root of a guest needs (vm/run.sh)
readonly MODULES="9pnet_virtio 9p"
# The first release that has folio_split_unmapped()
readonly OLDEST=6.19
# Of the source, what the tools that build a module do not need, and which is most of it
readonly UNWANTED=('Documentation/*.[a-z]*' 'samples/*.[chS]' 'drivers/*.[chS]' 'sound/*.[chS]' 'fs/*.[chS]'
	'net/*.[chS]' 'arch/*.dts*' 'tools/perf' 'tools/testing')

# releases: "RELEASE SUITE NAME" of each kernel with headers at the mirror, the newest last; NAME
# is what it calls itself, as in linux-binary-NAME
releases()
{
	local from

	for from in $SUITES; do
		[ ! -e "$APT/$from/updated" ] || private_apt apt-cache "$from" pkgnames linux-headers- |
			sed -nE "s/^linux-headers-(([0-9]+(\.[0-9]+)+)(\+[a-z0-9]+)?-amd64)$/\2 $from \1/p"
	done | sort -V | awk -v oldest=$OLDEST '
		function number(release, f) { split(release, f, "."); return f[1] * 1000 + f[2] }
		number($1) >= number(oldest)'
}

# fetch PACKAGE WHAT: set $deb to the package's file; if the mirror does not have it, that is noted
# in $tmp/gone, and the status 1
fetch()
{
	download "$suite" "$1" "$version" || {
		echo "$2" >> "$tmp/gone"
		return 1
	}
}

# unpack_packages: all of the kernel, into $tmp/root
unpack_packages()
{
	local part deb

	for part in headers base binary modules; do
		fetch "linux-$part-$name" "linux-$part-$name" || return 0
		dpkg-deb -x "$deb" "$tmp/root" || die "unpacking $deb failed"
	done
}

# load_order MODULE...: the files of these in $lib, each after those that it needs; what is
# built into the kernel is there already
load_order()
{
	local name file

	for name; do
		! grep -q "/$name\.ko\$" "$lib/modules.builtin" || continue
		file=$(find "$lib/kernel" -name "$name.ko*" -print -quit)
		[ -n "$file" ] || die "-$EXIT_KERNEL" "$package has no module $name, which a guest needs for its root"
		# shellcheck disable=SC2046 # names have no spaces
		load_order $(modinfo -F depends "$file" | tr , ' ')
		echo "$file"
	done
}

# make_initramfs: with these modules, as the kernel reads them, and the program that loads them
make_initramfs()
{
	local dir=$tmp/initramfs file name

	mkdir -p "$dir"/{proc,sysroot}
	gcc -static -Os -s -Wall -Werror -o "$dir/init" "$TOP/vm/initramfs.c" ||
		die "the program in the initramfs cannot be compiled"
	# shellcheck disable=SC2086 # more than one
	load_order $MODULES | awk '!seen[$0]++' > "$tmp/order"
	while read -r file; do
		name=$(basename "$file" | sed 's/\.ko.*/.ko/')
		case $file in
		*.xz) xz -dc "$file" ;;
		*.zst) zstd -dcq "$file" ;;
		*.gz) gzip -dc "$file" ;;
		*) cat "$file" ;;
		esac > "$dir/$name" || die "cannot unpack $file"
		echo "/$name" >> "$dir/modules"
	done < "$tmp/order"
	(cd "$dir" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort |
		cpio --quiet -o -H newc -R 0:0) > "$tmp/out/initramfs" ||
		die "cannot make the initramfs"
}

# smake ARGS...: kbuild of the unpacked source, reproducibly, as that of our own kernels
smake()
{
	env -i PATH="$PATH" HOME="$CACHE" LC_ALL=C CCACHE_DIR="$CACHE/ccache" CCACHE_BASEDIR="$CACHE" \
		CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=3G make -C "$tmp/src" O="$tmp/kbuild" \
		CC="ccache gcc" HOSTCC="ccache gcc" -j$(($(nproc) + 1)) "$@" >> "$tmp/log" 2>&1 || {
		tail -n 20 "$tmp/log" >&2
		die "-$EXIT_KERNEL" "the test driver of $package cannot be built"
	}
}

# headers_config: autoconf.h of the package, which decides how structs are laid out, but for what
# is of the compiler: ours is another one than the distribution's
headers_config()
{
	local of_compiler='^#define CONFIG_(AS|CC|CLANG|GCC|LD|RUSTC)_' own=$1 theirs=$2

	grep -vE "$of_compiler" "$theirs"
	grep -E "$of_compiler" "$own"
}

# build_driver: lib/test_hmm.c of the same release, with what our series has of it, so that it does
# not warn of an allocation that it has planned to fail, nor oops when memory runs out
build_driver()
{
	local headers=$tmp/root/usr/src/linux-headers-$name generated=include/generated

	mkdir -p "$tmp/kbuild" "$tmp/driver"
	# Where pahole is installed, it would be built for the types of modules, which nobody asks for.
	sed 's/^CONFIG_DEBUG_INFO_BTF=y/# CONFIG_DEBUG_INFO_BTF is not set/' "$headers/.config" > "$tmp/kbuild/.config"
	: > "$tmp/log"
	smake modules_prepare
	headers_config "$tmp/kbuild/$generated/autoconf.h" "$headers/$generated/autoconf.h" \
		> "$tmp/autoconf.h"
	cp -r "$headers/$generated/." "$tmp/kbuild/$generated/"
	cp "$tmp/autoconf.h" "$tmp/kbuild/$generated/"
	cp "$headers/include/config/kernel.release" "$tmp/kbuild/include/config/"
	cp "$headers/Module.symvers" "$tmp/kbuild/"
	"$TOP/kernel/driver.sh" --prepare "$tmp/src" "$tmp/driver"
	smake M="$tmp/driver"
	mkdir -p "$tmp/out/lib" "$tmp/out/include/config"
	cp "$tmp/driver/lib/test_hmm.ko" "$tmp/out/lib/"
	cp "$headers/include/config/kernel.release" "$tmp/out/include/config/"
}

# unpack_source: what of it builds modules
unpack_source()
{
	local deb source

	source=linux-source-$(cut -d. -f1,2 <<< "$release")
	fetch "$source" "source of $package" || return 0
	mkdir "$tmp/src"
	# Its blocks are decompressed beside each other.
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/$source.tar.xz" | xz -T0 -dc |
		tar -x --strip-components=1 -C "$tmp/src" "${UNWANTED[@]/#/--exclude=$source/}" ||
		die "unpacking $deb failed"
}

# gone PACKAGE: the mirror does not have it
gone()
{
	die "-$EXIT_SKIP" "the mirror has no $1 any more: STOCK=RELEASE takes one of: $(known); KERNELS= and KSRC= build kernels"
}

# kill_all PID...: with their descendants
# shellcheck disable=SC2317 # reached through the trap
kill_all()
{
	local pid

	for pid; do
		# shellcheck disable=SC2046 # more than one
		kill_all $(pgrep -P "$pid")
		kill "$pid" 2> /dev/null || true
	done
}

# end: with all that was begun
# shellcheck disable=SC2317 # reached through the trap
end()
{
	# shellcheck disable=SC2046 # more than one
	kill_all $(jobs -rp)
	wait
	rm -rf "$tmp"
}

# known: releases that there are, in a line
known() { releases | cut -d' ' -f1 | uniq | paste -sd' '; }

[ $# = 1 ] || die "-$EXIT_USAGE" "usage: kernel/stock.sh RELEASE | newest | --list"
[ -r $KEYRING ] || die "no $KEYRING: install debian-archive-keyring"
with_lock source
update_indices
has_lists || die "no list of packages could be had from a mirror of Debian's (see above)"
if [ "$1" = --list ]; then
	releases | cut -d' ' -f1 | uniq
	exit
fi
if [ "$1" = newest ]; then
	read -r release suite name < <(releases | tail -n 1) || gone linux-headers
else
	[[ $1 =~ ^[0-9]+(\.[0-9]+)+$ ]] || die "-$EXIT_USAGE" "'$1' is not a release such as 7.2.13; the mirror has: $(known)"
	[ "$(printf '%s\n' $OLDEST "$1" | sort -V | head -n 1)" = $OLDEST ] ||
		die "-$EXIT_SKIP" "Linux $1 has no folio_split_unmapped(), which is there since $OLDEST: STOCK=RELEASE takes one of: $(known)"
	read -r release suite name < <(releases | awk -v release="$1" '$1 == release' | tail -n 1) ||
		gone "kernel $1 with headers"
fi
version=$(candidate "$suite" "linux-binary-$name")
[ -n "$version" ] || gone "linux-binary-$name"
package="linux-binary-$name $version"
key=$({ echo "$package"; cat "$0" "$TOP/kernel/driver.sh" "$TOP/vm/initramfs.c" "$TOP"/patches/*/*lib-test_hmm*; gcc --version; } | hash_of)
dir=$CACHE/stock/$name-$key
if [ ! -e "$dir/.complete" ]; then
	mkdir -p "$CACHE/tmp" "$CACHE/stock"
	tmp=$CACHE/tmp/stock
	rm -rf "$tmp"
	trap end EXIT
	mkdir -p "$tmp/root" "$tmp/out/arch/x86/boot"
	lib=$tmp/root/usr/lib/modules/$name
	# Beside each other, as one waits for the mirror while the other unpacks
	unpack_packages &
	unpack_source
	wait $!
	[ ! -e "$tmp/gone" ] || gone "$(head -n 1 "$tmp/gone")"
	stage "stock kernel: the test driver and an initramfs for $package"
	cp "$lib/vmlinuz" "$tmp/out/arch/x86/boot/bzImage"
	cp "$lib/config" "$tmp/out/.config"
	make_initramfs
	build_driver
	echo "$package" > "$tmp/out/package"
	rm -rf "$dir"
	echo "stock $package" > "$tmp/out/.complete"
	mv "$tmp/out" "$dir"
fi
echo "$dir"
