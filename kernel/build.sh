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
# $FRAGMENT names another configuration than kernel/bench.config.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

CONFIG=${FRAGMENT:-$TOP/kernel/bench.config}
# Objects of a build of ours, for the progress line only.
readonly ABOUT_OBJECTS=1700

# check_config DOTCONFIG: is each line of the fragment there?
check_config()
{
	local line symbol missing=()

	while read -r line; do
		case $line in
		CONFIG_*)
			grep -qxF -- "$line" "$1" || missing+=("$line") ;;
		"# CONFIG_"*" is not set")
			symbol=${line#\# }
			! grep -q "^${symbol%% *}=" "$1" || missing+=("$line") ;;
		esac
	done < <(fragment)
	[ ${#missing[@]} -eq 0 ] ||
		die "-$EXIT_KERNEL" "the kernel's .config lacks what $CONFIG asks for: ${missing[*]}"
}

# last_wins FILES...: their options, each as the last of them has it
last_wins()
{
	awk '
		match($0, /CONFIG_[A-Z0-9_]+/) && /^(# )?CONFIG_.*(=| is not set$)/ {
			name = substr($0, RSTART, RLENGTH)
			if (!(name in line))
				names[++n] = name
			line[name] = $0
		}
		END { for (i = 1; i <= n; i++) print line[names[i]] }' "$@"
}

# fragment: and what belongs to this release only
fragment()
{
	local own

	own=${CONFIG%.config}-$(version_of "$tree").config
	[ -e "$own" ] || own=/dev/null
	case $ways in
	both | mutants) cat "$CONFIG" "$own" ;;
	locks) last_wins "$CONFIG" "$own" "$TOP/kernel/locks.config" ;;
	debug | debug-mutants) last_wins "$CONFIG" "$own" "$TOP/kernel/debug.config" ;;
	*) sed 's/^\(CONFIG_FOLIO_SPLIT_OLD\)=y/# \1 is not set/' "$CONFIG" "$own" ;;
	esac
}

# kmake TARGETS...: make in the build folder, reproducibly and through ccache
kmake()
{
	# Depend mode: a miss costs next to nothing beyond the compilation.
	# And nothing of the user's: KCFLAGS or LLVM would be another kernel.
	env -i PATH="$PATH" HOME="$CACHE" LC_ALL=C \
		CCACHE_DIR="$CACHE/ccache" CCACHE_BASEDIR="$CACHE" \
		CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 CCACHE_MAXSIZE=3G \
		KBUILD_BUILD_TIMESTAMP=1970-01-01 \
		KBUILD_BUILD_USER=splitbench KBUILD_BUILD_HOST=splitbench \
		make -C "$tree" O="$out" CC="ccache gcc" HOSTCC="ccache gcc" \
		-j$(($(nproc) + 1)) "$@"
}

# show_progress LOG: until killed
show_progress()
{
	local n

	while sleep 2 && kill -0 $$ 2> /dev/null; do
		n=$(grep -cE '^  (CC|AS|AR|LD|HOSTCC)' "$1" || true)
		progress "kernel: building, $n of about $ABOUT_OBJECTS objects"
	done
}

# seed: begin with what another build of this tree has made; kbuild tracks
# each option, so that only what depends on a changed one is made anew
seed()
{
	local other

	for other in "$(dirname "$tree")"/*/.complete; do
		other=$(dirname "$other")
		if [ "$other" != "$tree" ] && [ -e "$other/vmlinux" ]; then
			cp -a --reflink=auto "$other" "$out.tmp"
			rm "$out.tmp/.complete"
			mv "$out.tmp" "$out"
			return
		fi
	done
	mkdir -p "$out"
}

ways=${1:-both}
series=()
case $ways in
both | new | after | locks | debug) ;;
before | own | pristine) series=("$ways") ;;
mutants | debug-mutants) series=(mutants) ;;
*) die "-$EXIT_USAGE" "unknown kernel '$ways'; known: both new after before own locks debug mutants debug-mutants pristine" ;;
esac
tree=$("$TOP/kernel/tree.sh" ${series[@]+"${series[@]}"})
key=$({ cat "$tree/.complete" "$TOP/kernel/build.sh"; fragment; gcc --version; } | hash_of)
# Beside the source: the same relative path for all kernels, so that what
# they have in common hits ccache.
out=$(dirname "$tree")/$key
with_lock "build-$key"
if [ ! -e "$out/.complete" ]; then
	stage "kernel: configuring"
	rm -rf "$out.tmp"
	[ -d "$out" ] || seed
	fragment > "$out/fragment"
	kmake -s KCONFIG_ALLCONFIG="$out/fragment" allnoconfig > "$out/log" 2>&1 ||
		die "-$EXIT_KERNEL" "configuring the kernel failed: $out/log"
	check_config "$out/.config"
	stage "kernel: building (10 minutes or so on 2 cores; 1 if ccache knows it)"
	# Without the lock and our output, which others wait for.
	show_progress "$out/log" 9>&- > /dev/null &
	trap 'kill $! 2>/dev/null || true' EXIT
	kmake bzImage modules > "$out/log" 2>&1 || {
		clear_progress
		grep -E '(error|Error|\*\*\*)' "$out/log" | tail -n 20 >&2 || true
		die "-$EXIT_KERNEL" "building the kernel failed: $out/log"
	}
	printf '%s\n' "$tree" > "$out/.complete.tmp"
	mv "$out/.complete.tmp" "$out/.complete"
	stage "kernel: built $(cat "$out/include/config/kernel.release")"
fi
echo "$out"
