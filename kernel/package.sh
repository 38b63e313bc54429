#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build Debian packages of the patched kernel for a machine, with the machine's configuration and
# the options that the benchmark needs (kernel/target.config), unless they are built already, and
# print their folder. The kernel's own bindeb-pkg makes them.
#
#   kernel/package.sh [KERNEL]
#   kernel/package.sh --check		only check the variables
#
# KERNEL is both (default), new, after, before or own; see kernel/build.sh. kernel/variant.sh
# --package also sets $PROPOSAL.
#
# From the environment: BASE or KSRC, see kernel/tree.sh; CONFIG, the configuration to start from
# (default: that of the running kernel); MODULES=all, to build all its modules and not only those
# that this machine has loaded; LSMOD, a file with the names of the modules that another machine has
# loaded; LABEL, appended to the release, for several kernels of one release.
set -Eeuo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/lib.sh"

trap 'as_harness $?' ERR

readonly FRAGMENT=$TOP/kernel/target.config
# Number of objects, with the modules of one machine; for the progress line only
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
		die "-$EXIT_SKIP" "the running kernel's configuration is neither in /boot nor in /proc/config.gz: set CONFIG=FILE to that of a kernel that this machine can boot"
fi
tree=$("$TOP/kernel/tree.sh" ${series[@]+"${series[@]}"})
require_compiler "$COMPILER" "$tree"
sed "s/^\(CONFIG_LOCALVERSION=.*\)\"$/\1${LABEL:+-$LABEL}\"/" "$FRAGMENT" |
	if [ "$kernel" = both ]; then cat; else without_own_options; fi > "$tmp/asked"
# Not those with a text as value: an empty one may be missing from .config.
grep -E '=[ym]$|is not set$' "$tmp/asked" > "$tmp/fragment"
: > "$tmp/modules"
if [ -n "$LSMOD" ]; then
	# In the format of lsmod: name, size, users
	sed 's/$/ 0 0/' "$LSMOD" > "$tmp/modules"
elif [ -z "${CONFIG:-}" ] && [ "${MODULES:-loaded}" != all ] && [ -r /proc/modules ]; then
	cut -d' ' -f1-3 /proc/modules > "$tmp/modules"
fi
key=$({ key_parts "$TOP/kernel/package.sh"; cat "$tmp/config" "$tmp/asked"
	cut -d' ' -f1 "$tmp/modules" | sort; compiler_text; } | hash_of)
out=$(dirname "$tree")/$key
with_lock "build-$key"
if [ ! -e "$out/packages/.complete" ]; then
	stage "kernel: configuring, based on this machine's configuration"
	[ -d "$out" ] || seed ""
	cp "$tmp/config" "$out/.config"
	if [ -s "$tmp/modules" ]; then
		{ yes '' || true; } | kmake LSMOD="$tmp/modules" localmodconfig > "$out/log" 2>&1 ||
			die "-$EXIT_KERNEL" "make localmodconfig failed: $out/log"
	fi
	cat "$tmp/asked" >> "$out/.config"
	configure olddefconfig
	check_config "$FRAGMENT" "$tmp/fragment"
	stage "kernel: building it and its packages (about half an hour on 2 cores; hours with MODULES=all)"
	rm -rf "$out/packages"
	# bindeb-pkg writes into the parent folder, where other builds write too: the version, which
	# has the key, tells the files apart.
	build_objects "$ABOUT_OBJECTS" bindeb-pkg KDEB_PKGVERSION="1~$key" \
		DPKG_FLAGS="-d --build-profiles=pkg.linux-upstream.nokerneldbg"
	mkdir "$out/packages"
	mv "$out/../"linux-{image,headers}-*_"1~${key}"_*.deb "$out/packages/"
	rm -f "$out/../"*_"1~${key}"_*.{deb,buildinfo,changes}
	touch "$out/packages/.complete"
	stage "kernel: packages are in $out/packages"
fi
echo "$out/packages"
