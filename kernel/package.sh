#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print the folder with the Debian packages of the patched kernel for a machine: its
# configuration and what the benchmark takes (kernel/target.config). Built first if
# need be, by the kernel's own bindeb-pkg.
#
#   kernel/package.sh [--check | KERNEL]	--check: only what is asked for
#
# KERNEL is both (default), new, after, before or own, as kernel/build.sh has them; with
# $PROPOSAL, as kernel/variant.sh --package calls it.
#
# From the environment: BASE or KSRC, as kernel/tree.sh takes them; CONFIG, the
# configuration to begin with (that of the kernel that runs here); MODULES=all for
# all modules that it has, not just those that this machine has loaded; LSMOD, a file with
# the names of those that another machine has loaded; LABEL, appended to the release, where
# a machine gets several kernels of one.
set -Eeuo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/lib.sh"

trap 'as_harness $?' ERR

readonly FRAGMENT=$TOP/kernel/target.config
# Of a kernel with the modules of one machine, for the progress line only
readonly ABOUT_OBJECTS=6000

case ${MODULES:-loaded} in loaded | all) ;; *)
	die "-$EXIT_USAGE" "unknown MODULES=$MODULES; known: loaded all" ;;
esac
[ -z "${CONFIG:-}" ] || [ -r "$CONFIG" ] || die "-$EXIT_USAGE" "CONFIG=$CONFIG cannot be read"
LSMOD=${LSMOD:-}
[ -z "$LSMOD" ] || [ -r "$LSMOD" ] || die "-$EXIT_USAGE" "LSMOD=$LSMOD cannot be read"
kernel=${1:-both} series=()
case $kernel in
--check) exit 0 ;;
both | new | after) ;;
before | own) series=("$kernel") ;;
*) die "-$EXIT_USAGE" "unknown kernel '$kernel' of a package; known: both new after before own" ;;
esac
mkdir -p "$CACHE/tmp"
tmp=$(mktemp -d "$CACHE/tmp/package.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
if [ -n "${CONFIG:-}" ]; then
	cat "$CONFIG" > "$tmp/config"
else
	configuration > "$tmp/config" ||
		die "-$EXIT_SKIP" "the running kernel's configuration is neither in /boot nor in /proc/config.gz: say CONFIG=FILE, of a kernel that this machine can boot"
fi
tree=$("$TOP/kernel/tree.sh" ${series[@]+"${series[@]}"})
require_compiler "$COMPILER" "$tree"
sed "s/^\(CONFIG_LOCALVERSION=.*\)\"$/\1${LABEL:+-$LABEL}\"/" "$FRAGMENT" |
	if [ "$kernel" = both ]; then cat; else
		sed 's/^\(CONFIG_FOLIO_SPLIT_[A-Z]*\)=y/# \1 is not set/'
	fi > "$tmp/asked"
# What is to be empty may not be there at all.
grep -E '=[ym]$|is not set$' "$tmp/asked" > "$tmp/fragment"
: > "$tmp/modules"
if [ -n "$LSMOD" ]; then
	# As lsmod has them: a name, a size, how many use it
	sed 's/$/ 0 0/' "$LSMOD" > "$tmp/modules"
elif [ -z "${CONFIG:-}" ] && [ "${MODULES:-loaded}" != all ] && [ -r /proc/modules ]; then
	cut -d' ' -f1-3 /proc/modules > "$tmp/modules"
fi
key=$({ cat "$tree/.complete" "$TOP"/kernel/{package,lib}.sh "$tmp/config" "$tmp/asked"
	cut -d' ' -f1 "$tmp/modules" | sort; compiler_text; } | hash_of)
out=$(dirname "$tree")/$key
with_lock "build-$key"
if [ ! -e "$out/packages/.complete" ]; then
	stage "kernel: configuring, as this machine's is"
	[ -d "$out" ] || seed ""
	cp "$tmp/config" "$out/.config"
	if [ -s "$tmp/modules" ]; then
		{ yes '' || true; } | kmake LSMOD="$tmp/modules" localmodconfig > "$out/log" 2>&1 ||
			die "-$EXIT_KERNEL" "make localmodconfig failed: $out/log"
	fi
	cat "$tmp/asked" >> "$out/.config"
	kmake olddefconfig > "$out/log" 2>&1 ||
		die "-$EXIT_KERNEL" "configuring the kernel failed: $out/log"
	check_config "$FRAGMENT" "$tmp/fragment"
	stage "kernel: building, and its packages (half an hour or so on 2 cores; MODULES=all takes hours)"
	rm -rf "$out/packages"
	# Beside the folder is where others' may be, of other versions.
	build_objects "$ABOUT_OBJECTS" bindeb-pkg KDEB_PKGVERSION="1~$key" \
		DPKG_FLAGS="-d --build-profiles=pkg.linux-upstream.nokerneldbg"
	mkdir "$out/packages"
	mv "$out/../"linux-{image,headers}-*_"1~${key}"_*.deb "$out/packages/"
	rm -f "$out/../"*_"1~${key}"_*.{deb,buildinfo,changes}
	touch "$out/packages/.complete"
	stage "kernel: packages are in $out/packages"
fi
echo "$out/packages"
