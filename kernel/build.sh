#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print the build folder of the benchmark's kernel, building it first if need
# be. In it: arch/x86/boot/bzImage, the modules, and what a module of our own
# is built against.
#
#   kernel/build.sh [both | new | after | before | own | locks | debug | mutants |
#                    debug-mutants | pristine]
#
# both: the old way of splitting beside the new one. new, or after: without
# the old one (CONFIG_FOLIO_SPLIT_OLD=n), which is the pristine kernel but for
# exports. before: the kernel from before the change, with the old way alone.
# own: a tree as it is, with what the benchmark cannot do without; see tree.sh.
# locks: both, with statistics of locks (kernel/locks.config): for counts, not for
# times. debug: both, with all checkers that the kernel has (kernel/debug.config).
# mutants, debug-mutants: both and debug, with a split that can be broken
# (tests/mutants/), for the tests of the tests. pristine: no patch at all.
# $FRAGMENT names another configuration than kernel/bench.config. $CONFIG is somebody's own:
# see users-config.sh. $LAYOUT, a number from 1 on, lays the code of the measured objects out
# another way, and changes nothing else.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/lib.sh"
. "$TOP/kernel/users-config.sh"

FRAGMENT=${FRAGMENT:-$TOP/kernel/bench.config}
CONFIG=${CONFIG:-}
# Objects of a build of ours, for the progress line only.
readonly ABOUT_OBJECTS=1700

# fragment: and what belongs to this release only; where it says that an option is not set, the
# release does not have it
fragment()
{
	local own

	if [ -n "$CONFIG" ]; then
		users_fragment
		return
	fi
	own=${FRAGMENT%.config}-$(version_of "$tree").config
	[ -e "$own" ] || own=/dev/null
	case $ways in
	both | mutants) last_wins "$FRAGMENT" "$own" ;;
	locks) last_wins "$FRAGMENT" "$own" "$TOP/kernel/locks.config" ;;
	debug | debug-mutants) last_wins "$FRAGMENT" "$own" "$TOP/kernel/debug.config" ;;
	*) last_wins "$FRAGMENT" "$own" |
		sed 's/^\(CONFIG_FOLIO_SPLIT_[A-Z]*\)=y/# \1 is not set/' ;;
	esac
}

ways=${1:-both}
series=()
case $ways in
both | new | after | locks | debug) ;;
before | own | pristine) series=("$ways") ;;
mutants | debug-mutants) series=(mutants) ;;
*) die "-$EXIT_USAGE" "unknown kernel '$ways'; known: both new after before own locks debug mutants debug-mutants pristine" ;;
esac
LAYOUT=${LAYOUT:-0}
case $LAYOUT in *[!0-9]*) die "-$EXIT_USAGE" "LAYOUT=$LAYOUT is not a number" ;; esac
mapfile -t layout < <(layout_flags "$LAYOUT")
[ -z "$CONFIG" ] || require_users_config
tree=$("$TOP/kernel/tree.sh" ${series[@]+"${series[@]}"})
require_compiler "$COMPILER" "$tree"
key=$({ cat "$tree/.complete" "$TOP/kernel/build.sh" "$TOP/kernel/lib.sh"; fragment; compiler_text; printf '%s\n' ${layout[@]+"${layout[@]}"}; } | hash_of)
# Beside the source: the same relative path for all kernels, so that what
# they have in common hits ccache.
out=$(dirname "$tree")/$key
with_lock "build-$key"
if [ ! -e "$out/.complete" ]; then
	stage "kernel: configuring"
	# Of the same kernel but for its layout, only these objects are compiled.
	[ "$LAYOUT" = 0 ] || [ -d "$out" ] || seed "$(LAYOUT=0 "$0" "$ways")"
	[ -d "$out" ] || seed ""
	fragment > "$out/fragment"
	layout_flags "$LAYOUT" > "$out/layout"
	if [ -n "$CONFIG" ]; then
		configure_as_users
	else
		kmake -s KCONFIG_ALLCONFIG="$out/fragment" allnoconfig > "$out/log" 2>&1 ||
			die "-$EXIT_KERNEL" "configuring the kernel failed: $out/log"
		check_config "$FRAGMENT" "$out/fragment"
	fi
	stage "kernel: building (10 minutes or so on 2 cores; 1 if ccache knows it)"
	take_out_own_options > "$out/own-options"
	mapfile -t options < <(sed -E 's/^CFLAGS_(.*)\.o=/\1 /' "$out/layout" "$out/own-options" |
		flags_of_objects)
	build_objects "$ABOUT_OBJECTS" ${options[@]+"${options[@]}"} bzImage modules
	put_back_own_options
	printf '%s\n' "$tree" > "$out/.complete.tmp"
	mv "$out/.complete.tmp" "$out/.complete"
	stage "kernel: built $(cat "$out/include/config/kernel.release")"
fi
[ -z "$CONFIG" ] || say_changes
echo "$out"
