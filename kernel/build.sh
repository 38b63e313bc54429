#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the benchmark's kernel unless it is built already, and print its build folder, which has
# arch/x86/boot/bzImage, the modules, and what external modules are built against.
#
#   kernel/build.sh [both | new | after | before | own | locks | debug | mutants |
#                    debug-mutants | pristine]
#
# both: the old split next to the new one.
# new, after: the same tree without the old split (CONFIG_FOLIO_SPLIT_OLD=n): the pristine kernel
#	with some functions exported.
# before: the kernel from before the change, with the old split alone.
# own: a tree with only those patches that the benchmark needs; see tree.sh.
# locks: both, with lock statistics (kernel/locks.config): for counts, not for costs.
# debug: both, with the kernel's checkers on (kernel/debug.config).
# mutants, debug-mutants: both and debug, with a split that can be broken at run time
#	(tests/mutants/): they show that the tests find faults.
# pristine: no patches.
#
# From the environment: FRAGMENT, a configuration instead of kernel/bench.config; CONFIG, a user's
# configuration (users-config.sh); LAYOUT, a number above 0: another layout of the measured
# objects' code, with the same instructions.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/lib.sh"
. "$TOP/kernel/users-config.sh"

FRAGMENT=${FRAGMENT:-$TOP/kernel/bench.config}
CONFIG=${CONFIG:-}
# Number of objects, for the progress line only
readonly ABOUT_OBJECTS=1700

# fragment: print the options of this kernel, with those of its release
fragment()
{
	local own

	if [ -n "$CONFIG" ]; then
		users_fragment
		return
	fi
	own=$(config_of_release "$FRAGMENT")
	case $variant in
	both | mutants) last_wins "$FRAGMENT" "$own" ;;
	locks) last_wins "$FRAGMENT" "$own" "$TOP/kernel/locks.config" ;;
	debug | debug-mutants) last_wins "$FRAGMENT" "$own" "$TOP/kernel/debug.config" ;;
	*) last_wins "$FRAGMENT" "$own" | without_own_options ;;
	esac
}

variant=${1:-both}
series=()
case $variant in
both | new | after | locks | debug) ;;
before | own | pristine) series=("$variant") ;;
mutants | debug-mutants) series=(mutants) ;;
*) die "-$EXIT_USAGE" "unknown kernel '$variant'; known: both new after before own locks debug mutants debug-mutants pristine" ;;
esac
LAYOUT=${LAYOUT:-0}
case $LAYOUT in *[!0-9]*) die "-$EXIT_USAGE" "LAYOUT=$LAYOUT is not a number" ;; esac
mapfile -t layout < <(layout_flags "$LAYOUT")
[ -z "$CONFIG" ] || require_users_config
tree=$("$TOP/kernel/tree.sh" ${series[@]+"${series[@]}"})
require_compiler "$COMPILER" "$tree"
key=$({ key_parts "$TOP/kernel/build.sh"; fragment; compiler_text; printf '%s\n' ${layout[@]+"${layout[@]}"}; } | hash_of)
# Next to the source: with the same relative path in all kernels, ccache finds the objects that
# they have in common.
out=$(dirname "$tree")/$key
with_lock "build-$key"
if [ ! -e "$out/.complete" ]; then
	stage "kernel: configuring"
	# Compared with the default layout, only the measured objects have to be compiled.
	[ "$LAYOUT" = 0 ] || [ -d "$out" ] || seed "$(LAYOUT=0 "$0" "$variant")"
	[ -d "$out" ] || seed ""
	fragment > "$out/fragment"
	layout_flags "$LAYOUT" > "$out/layout"
	if [ -n "$CONFIG" ]; then
		configure_as_users
	else
		configure -s KCONFIG_ALLCONFIG="$out/fragment" allnoconfig
		check_config "$FRAGMENT" "$out/fragment"
	fi
	stage "kernel: building (about 10 minutes on 2 cores; 1 minute if ccache has the objects)"
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
