# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # tree and out are of who sources this
# How a kernel is built from the tree $tree in the folder $out, by build.sh for VMs
# and by package.sh for machines. Sourced.

# What compiles it; see scripts/compiler.sh
readonly COMPILER=${SPLITBENCH_CC:-gcc}

# kmake TARGETS...: make in the build folder, reproducibly and through ccache
kmake()
{
	local compiler

	mapfile -t compiler < <(compiler_arguments "$COMPILER" ccache)
	# Depend mode: a miss costs next to nothing beyond the compilation.
	# And nothing of the user's: KCFLAGS would be another kernel.
	env -i PATH="$PATH" HOME="$CACHE" LC_ALL=C \
		CCACHE_DIR="$CACHE/ccache" CCACHE_BASEDIR="$CACHE" \
		CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 CCACHE_MAXSIZE=3G \
		KBUILD_BUILD_TIMESTAMP=1970-01-01 \
		KBUILD_BUILD_USER=splitbench KBUILD_BUILD_HOST=splitbench \
		make -C "$tree" O="$out" "${compiler[@]}" \
		-j$(($(nproc) + 1)) "$@"
}

# Objects whose code a split or a migration executes: what is laid out another way
readonly MEASURED_OBJECTS="huge_memory migrate_device migrate rmap page_vma_mapped
	memcontrol swap page_alloc mmzone list_lru"

# layout_flags N: for make, of layout N of the code: each object's functions are aligned
# to a power of two that N and the object's name draw. 0: as the tree has it.
layout_flags()
{
	local object draw

	[ "$1" != 0 ] || return 0
	for object in $MEASURED_OBJECTS; do
		draw=$(printf '%s %s' "$1" "$object" | sha256sum | cut -c1-7)
		echo "CFLAGS_$object.o=-falign-functions=$((16 << (0x$draw % 5)))"
	done
}

# take_out_own_options: our series' options, out of the header that all objects include,
# for as long as objects are compiled: ccache, which goes by what an object includes, would
# know none of a kernel that differs by them alone, such as a tree without the series. The
# files that name them get them by their command lines: NAME FLAGS a line.
take_out_own_options()
{
	local header=$out/include/generated/autoconf.h flags files file

	# Of a build that was interrupted, or of another one that this begins with
	put_back_own_options
	kmake -s syncconfig >> "$out/log" 2>&1 ||
		die "-$EXIT_KERNEL" "configuring the kernel failed: $out/log"
	flags=$(sed -nE 's/^#define (CONFIG_FOLIO_SPLIT_[A-Z]+) 1$/-D\1=1/p' "$header" | paste -sd' ')
	[ -n "$flags" ] || return 0
	files=$(grep -rlE 'CONFIG_FOLIO_SPLIT_[A-Z]' "$tree" --include='*.[chS]' --include='*.rs')
	# What names them in a header may be anywhere.
	! grep -q '[^c]$' <<< "$files" || return 0
	cp -p "$header" "$header.whole"
	sed -E '/^#define CONFIG_FOLIO_SPLIT_[A-Z]+ 1$/d' "$header.whole" > "$header"
	touch -r "$header.whole" "$header"
	for file in $files; do
		echo "$(basename "$file" .c) $flags"
	done
}

# put_back_own_options: for modules, which are compiled against the whole header
put_back_own_options()
{
	local header=$out/include/generated/autoconf.h

	[ ! -e "$header.whole" ] || mv "$header.whole" "$header"
}

# flags_of_objects: for make, of lines NAME FLAGS, of which several may be of one object
flags_of_objects()
{
	awk '{ name = $1; $1 = ""; flags[name] = flags[name] $0 }
		END { for (name in flags) print "CFLAGS_" name ".o=" substr(flags[name], 2) }' | sort
}

# flags_of_includers: for make, what tells ccache apart the objects whose source takes a
# file in with .incbin: it does not look into that, and would give the configuration, or
# the compressed kernel, of another build.
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

# show_progress OBJECTS: until killed
show_progress()
{
	local n percent left since=$SECONDS begun=''

	while sleep 2 && kill -0 $$ 2> /dev/null; do
		n=$(grep -cE '^  (CC|AS|AR|LD|HOSTCC) ' "$out/log" || true)
		percent=$((n * 100 / $1))
		[ "$percent" -lt 100 ] || percent=99
		left=''
		# Of what goes on with an earlier build, the first is no measure.
		begun=${begun:-$n}
		if [ "$n" -gt $((begun + $1 / 20)) ]; then
			left=$(((SECONDS - since) * ($1 - n) / (n - begun) / 60))
			[ "$left" -ge 0 ] || left=0
			left=", about $((left + 1)) min left"
		fi
		progress "kernel: building, $percent %$left"
	done
}

# build_objects OBJECTS TARGETS...: make them; there are about so many
build_objects()
{
	local shown status=0 flags

	mapfile -t flags < <(flags_of_includers)
	# Without the lock and our output, which others wait for. It ends with us.
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

# check_config NAME FRAGMENT: is each of its lines in the configuration?
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

# seed BUILD: begin with what that, or if it is empty another build of this tree has made; kbuild
# tracks each option, so that only what depends on a changed one is made anew. Of the same
# compiler: of another one's nothing would be left.
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

# compiler_text: what a build folder has in the file `compiler`: the word, and versions
compiler_text()
{
	echo "$COMPILER"
	compiler_version "$COMPILER"
}
