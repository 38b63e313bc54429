# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the sourcing script sets tree and out
# Functions that build a kernel from the tree $tree in the folder $out. Sourced by build.sh (kernels
# for VMs) and package.sh (kernels for machines).
#
# This file and build.sh are part of a kernel's key, without their comments: see key_parts().

# The compiler, as one word; see scripts/compiler.sh
readonly COMPILER=${SPLITBENCH_CC:-gcc}

# kmake TARGETS...: run make in the build folder, reproducibly and through ccache
kmake()
{
	local compiler

	mapfile -t compiler < <(compiler_arguments "$COMPILER" ccache)
	# In depend mode, a miss costs hardly more than the compilation. The user's environment is
	# not passed on: KCFLAGS, for one, would build another kernel.
	env -i PATH="$PATH" HOME="$CACHE" LC_ALL=C \
		CCACHE_DIR="$CACHE/ccache" CCACHE_BASEDIR="$CACHE" \
		CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 CCACHE_MAXSIZE=3G \
		KBUILD_BUILD_TIMESTAMP=1970-01-01 \
		KBUILD_BUILD_USER=splitbench KBUILD_BUILD_HOST=splitbench \
		make -C "$tree" O="$out" "${compiler[@]}" \
		-j$(($(nproc) + 1)) "$@"
}

# configure ARGS...: a target of kbuild's that writes the configuration
configure()
{
	kmake "$@" > "$out/log" 2>&1 ||
		die "-$EXIT_KERNEL" "configuring the kernel failed: $out/log"
}

# key_parts SCRIPT: print what a kernel's key is made of, besides its configuration and compiler: the
# tree, and the code of that script and of this file. Without comments, so that no kernel is built
# again for a word.
key_parts()
{
	cat "$tree/.complete"
	sed '/^[[:space:]]*#/d' "$1" "$TOP/kernel/lib.sh"
}

# config_of_release FRAGMENT: print the name of the file next to it with the options that have other
# names in this tree's release, or that it lacks ("is not set"); /dev/null if there is none
config_of_release()
{
	local own

	own=${1%.config}-$(version_of "$tree").config
	[ -e "$own" ] || own=/dev/null
	echo "$own"
}

# without_own_options: a configuration from standard input, with the series' own options off
without_own_options() { sed 's/^\(CONFIG_FOLIO_SPLIT_[A-Z]*\)=y/# \1 is not set/'; }

# Objects of mm/ whose code a split or a migration executes; $LAYOUT changes their layout
readonly MEASURED_OBJECTS="huge_memory migrate_device migrate rmap page_vma_mapped
	memcontrol swap page_alloc mmzone list_lru"

# layout_flags N: print make's variables for layout N of the code: the functions of each object
# are aligned to a power of two that N and the object's name select. 0: the default layout.
layout_flags()
{
	local object draw

	[ "$1" != 0 ] || return 0
	for object in $MEASURED_OBJECTS; do
		draw=$(printf '%s %s' "$1" "$object" | sha256sum | cut -c1-7)
		echo "CFLAGS_$object.o=-falign-functions=$((16 << (0x$draw % 5)))"
	done
}

# take_out_own_options: remove the series' own options from autoconf.h while objects are compiled,
# and print lines NAME FLAGS, which pass them to the files that use them. All objects include that
# header, so ccache would find none of the objects of a kernel that differs in these options only,
# such as a tree without the series.
take_out_own_options()
{
	local header=$out/include/generated/autoconf.h flags files file

	# An interrupted build, or the one that this build was copied from, may have left it so.
	put_back_own_options
	configure -s syncconfig
	flags=$(sed -nE 's/^#define (CONFIG_FOLIO_SPLIT_[A-Z]+) 1$/-D\1=1/p' "$header" | paste -sd' ')
	[ -n "$flags" ] || return 0
	files=$(grep -rlE 'CONFIG_FOLIO_SPLIT_[A-Z]' "$tree" --include='*.[chS]' --include='*.rs')
	# If a header uses them, any file may depend on them.
	! grep -q '[^c]$' <<< "$files" || return 0
	cp -p "$header" "$header.whole"
	sed -E '/^#define CONFIG_FOLIO_SPLIT_[A-Z]+ 1$/d' "$header.whole" > "$header"
	touch -r "$header.whole" "$header"
	for file in $files; do
		echo "$(basename "$file" .c) $flags"
	done
}

# put_back_own_options: restore the header, as modules are compiled against all of it
put_back_own_options()
{
	local header=$out/include/generated/autoconf.h

	[ ! -e "$header.whole" ] || mv "$header.whole" "$header"
}

# flags_of_objects: turn lines NAME FLAGS, several of which may name one object, into make's
# variables
flags_of_objects()
{
	awk '{ name = $1; $1 = ""; flags[name] = flags[name] $0 }
		END { for (name in flags) print "CFLAGS_" name ".o=" substr(flags[name], 2) }' | sort
}

# flags_of_includers: print make's variables that give the objects whose source uses .incbin flags
# of their own. ccache does not see the included file, and would return the configuration or the
# compressed kernel of another build.
flags_of_includers()
{
	local key file name

	key=$({ echo "${out#"$CACHE"/}"; cat "$out/.config"; } | hash_of)
	while read -r file; do
		name=$(basename "$file")
		case $name in
		mkpiggy.c) echo "AFLAGS_piggy.o=-DBUILD_$key" ;;
		*.S) echo "AFLAGS_${name%.S}.o=-DBUILD_$key" ;;
		*.c) echo "CFLAGS_${name%.c}.o=-DBUILD_$key" ;;
		esac
	done < <(grep -rlF .incbin "$tree" --include='*.[cS]') | sort -u
}

# show_progress OBJECTS: show how many of them are built, until killed
show_progress()
{
	local n percent left since=$SECONDS begun=''

	while sleep 2 && kill -0 $$ 2> /dev/null; do
		n=$(grep -cE '^  (CC|AS|AR|LD|HOSTCC) ' "$out/log" || true)
		percent=$((n * 100 / $1))
		[ "$percent" -lt 100 ] || percent=99
		left=''
		# Objects of an earlier, interrupted build say nothing about the speed.
		begun=${begun:-$n}
		if [ "$n" -gt $((begun + $1 / 20)) ]; then
			left=$(((SECONDS - since) * ($1 - n) / (n - begun) / 60))
			[ "$left" -ge 0 ] || left=0
			left=", about $((left + 1)) min left"
		fi
		progress "kernel: building, $percent %$left"
	done
}

# build_objects OBJECTS TARGETS...: build the targets, which take about so many objects
build_objects()
{
	local shown status=0 flags

	mapfile -t flags < <(flags_of_includers)
	# It must hold neither the lock nor standard output: others wait for their release.
	show_progress "$1" 9>&- > /dev/null &
	shown=$!
	shift
	kmake ${flags[@]+"${flags[@]}"} "$@" > "$out/log" 2>&1 || status=$?
	kill $shown 2> /dev/null || true
	wait $shown 2> /dev/null || true
	clear_progress
	[ $status = 0 ] || {
		grep -E '(error|Error|\*\*\*)' "$out/log" | tail -n 20 >&2 || true
		die "-$EXIT_KERNEL" "building the kernel failed: $out/log"
	}
}

# check_config NAME FRAGMENT: fail unless each line of the fragment is in the configuration
check_config()
{
	local line symbol missing=()

	while read -r line; do
		case $line in
		CONFIG_*)
			grep -qxF -- "$line" "$out/.config" || missing+=("$line") ;;
		"# CONFIG_"*" is not set")
			symbol=${line#\# }
			! grep -q "^${symbol%% *}=" "$out/.config" || missing+=("$line") ;;
		esac
	done < "$2"
	[ ${#missing[@]} -eq 0 ] ||
		die "-$EXIT_KERNEL" "the kernel's .config lacks what $1 asks for: ${missing[*]}"
}

# last_wins FILES...: print their options, each with its value in the last file that has it
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

# seed BUILD: start from a copy of that build, or of any build of this tree if BUILD is empty.
# kbuild tracks each option and rebuilds only what depends on a changed one. The compiler has to be
# the same, or everything would be rebuilt.
seed()
{
	local other compiler

	rm -rf "$out.tmp"
	compiler=$(compiler_text)
	for other in ${1:+"$1/.complete"} "$(dirname "$tree")"/*/.complete; do
		other=$(dirname "$other")
		if [ "$other" != "$tree" ] && [ -e "$other/vmlinux" ] &&
			[ "$(cat "$other/compiler" 2> /dev/null)" = "$compiler" ]; then
			cp -a --reflink=auto "$other" "$out.tmp"
			rm "$out.tmp/.complete"
			mv "$out.tmp" "$out"
			return
		fi
	done
	mkdir -p "$out"
	printf '%s\n' "$compiler" > "$out/compiler"
}

# compiler_text: print the contents of a build folder's file `compiler`: the word, and versions
compiler_text()
{
	echo "$COMPILER"
	compiler_version "$COMPILER"
}
