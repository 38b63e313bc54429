#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Download a distribution's own kernel into the cache unless it is there, and print its folder.
# Nothing is installed, and no kernel is built. The folder is laid out like a kernel's build folder:
# it has the image, the configuration, and the kernel's test driver, lib/test_hmm.ko, built for it;
# and an initramfs, as the distribution's 9p is a module, and the file `package`, with the name and
# version of the image's package.
#
#   kernel/stock.sh RELEASE | newest	RELEASE: such as 7.2.13
#   kernel/stock.sh --list		print the releases that the mirror has with headers
#
# Status 4 if the mirror does not have it, or it is too old.
set -Eeuo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/apt.sh"

trap 'as_harness $?' ERR

# Modules that a guest needs to mount its root (vm/run.sh)
readonly MODULES="9pnet_virtio 9p"
# The first release that has folio_split_unmapped()
readonly OLDEST=6.19
# Most of the source: what is not needed to build a module
readonly UNWANTED=('Documentation/*.[a-z]*' 'samples/*.[chS]' 'drivers/*.[chS]' 'sound/*.[chS]' 'fs/*.[chS]'
	'net/*.[chS]' 'arch/*.dts*' 'tools/perf' 'tools/testing')

# releases: print "RELEASE SUITE NAME" of each kernel with headers at the mirror, the newest last;
# NAME is the kernel's release string, as in linux-binary-NAME
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

# fetch PACKAGE WHAT: download it, and set $deb to its file. If the mirror does not have it, write
# WHAT to $tmp/gone, for the parent shell, and return 1.
fetch()
{
	download "$suite" "$1" "$version" || {
		echo "$2" >> "$tmp/gone"
		return 1
	}
}

# unpack_packages: unpack all packages of the kernel into $tmp/root
unpack_packages()
{
	local part deb

	for part in headers base binary modules; do
		fetch "linux-$part-$name" "linux-$part-$name" || return 0
		dpkg-deb -x "$deb" "$tmp/root" || die "unpacking $deb failed"
	done
}

# load_order MODULE...: print the files of these modules in $lib, each after those that it depends on,
# without those that are built in
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

# make_initramfs: with these modules, uncompressed, and the program that loads them
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

# smake ARGS...: run kbuild on the unpacked source, reproducibly, as for our own kernels
smake()
{
	env -i PATH="$PATH" HOME="$CACHE" LC_ALL=C CCACHE_DIR="$CACHE/ccache" CCACHE_BASEDIR="$CACHE" \
		CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=3G make -C "$tmp/src" O="$tmp/kbuild" \
		CC="ccache gcc" HOSTCC="ccache gcc" -j$(($(nproc) + 1)) "$@" >> "$tmp/log" 2>&1 || {
		tail -n 20 "$tmp/log" >&2
		die "-$EXIT_KERNEL" "the test driver of $package cannot be built"
	}
}

# headers_config OWN THEIRS: print the package's autoconf.h, which determines the layout of structs,
# with the compiler's options from ours, as the distribution's compiler is another one
headers_config()
{
	local of_compiler='^#define CONFIG_(AS|CC|CLANG|GCC|LD|RUSTC)_' own=$1 theirs=$2

	grep -vE "$of_compiler" "$theirs"
	grep -E "$of_compiler" "$own"
}

# build_driver: build lib/test_hmm.c of the same release, with our patches to it: see driver.sh
build_driver()
{
	local headers=$tmp/root/usr/src/linux-headers-$name generated=include/generated

	mkdir -p "$tmp/kbuild" "$tmp/driver"
	# If pahole is installed, this option would have BTF generated, which is not needed.
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

# unpack_source: unpack the part of the source that is needed to build modules, into $tmp/src
unpack_source()
{
	local deb source

	source=linux-source-$(cut -d. -f1,2 <<< "$release")
	fetch "$source" "source of $package" || return 0
	mkdir "$tmp/src"
	untar_source "$source" "$tmp/src" "${UNWANTED[@]/#/--exclude=$source/}"
}

# gone PACKAGE: end, as the mirror does not have it
gone()
{
	die "-$EXIT_SKIP" "the mirror does not have $1 any more: STOCK=RELEASE takes one of: $(known); KERNELS= and KSRC= build kernels"
}

# kill_all PID...: kill them and their descendants
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

# end: stop all background jobs, and clean up
# shellcheck disable=SC2317 # reached through the trap
end()
{
	# shellcheck disable=SC2046 # more than one
	kill_all $(jobs -rp)
	wait
	rm -rf "$tmp"
}

# known: print the releases that the mirror has, in a line
known() { releases | cut -d' ' -f1 | uniq | paste -sd' '; }

[ $# = 1 ] || die "-$EXIT_USAGE" "usage: kernel/stock.sh RELEASE | newest | --list"
[ -r $KEYRING ] || die "no $KEYRING: install debian-archive-keyring"
with_lock source
update_indices
has_lists || die "cannot download the list of packages from a Debian mirror (see above)"
if [ "$1" = --list ]; then
	releases | cut -d' ' -f1 | uniq
	exit
fi
if [ "$1" = newest ]; then
	read -r release suite name < <(releases | tail -n 1) || gone linux-headers
else
	[[ $1 =~ ^[0-9]+(\.[0-9]+)+$ ]] || die "-$EXIT_USAGE" "'$1' is not a release such as 7.2.13; the mirror has: $(known)"
	[ "$(printf '%s\n' $OLDEST "$1" | sort -V | head -n 1)" = $OLDEST ] ||
		die "-$EXIT_SKIP" "Linux $1 has no folio_split_unmapped(), which was added in $OLDEST: STOCK=RELEASE takes one of: $(known)"
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
	# In parallel: one waits for the mirror while the other unpacks.
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
