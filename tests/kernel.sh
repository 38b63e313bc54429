#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The built kernel: does it have the requested options, is the old split not specialised, is the
# current one unchanged?
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/kernel/source.sh"
. "$TOP/kernel/series.sh"

test_missing_options_are_named()
{
	local tree

	tree=$("$TOP/kernel/tree.sh")
	printf '%s\n' CONFIG_64BIT=y CONFIG_NO_SUCH_OPTION=y > "$TESTDIR/fragment"
	FRAGMENT=$TESTDIR/fragment want 71 "$TOP/kernel/build.sh" 2> "$TESTDIR/error"
	says "lacks what $TESTDIR/fragment asks for: CONFIG_NO_SUCH_OPTION=y" \
		"$TESTDIR/error"
	grep -lx CONFIG_NO_SUCH_OPTION=y "$(dirname "$tree")"/*/fragment |
		xargs -n1 dirname | xargs rm -rf
}

# fake_compiler NAME VERSION: make a compiler that claims to be of this version, and is gcc
fake_compiler()
{
	mkdir -p "$TESTDIR/bin"
	cat > "$TESTDIR/bin/$1" <<- EOF
		#!/bin/sh
		case \$1 in
		--version) echo "$1 (a fake) $2" ;;
		-dump*version) echo "$2" ;;
		*) exec gcc "\$@" ;;
		esac
	EOF
	chmod +x "$TESTDIR/bin/$1"
}

# Of the same tree and configuration, which is one that is refused before it is compiled
test_compiler_is_part_of_the_key()
{
	local tree word

	tree=$("$TOP/kernel/tree.sh")
	fake_compiler gcc-98 98.1.0
	printf '%s\n' CONFIG_64BIT=y CONFIG_NO_SUCH_COMPILER=y > "$TESTDIR/fragment"
	for word in gcc gcc-98; do
		FRAGMENT=$TESTDIR/fragment SPLITBENCH_CC=$word PATH=$TESTDIR/bin:$PATH \
			want 71 "$TOP/kernel/build.sh" 2> "$TESTDIR/error"
	done
	grep -lx CONFIG_NO_SUCH_COMPILER=y "$(dirname "$tree")"/*/fragment | xargs -n1 dirname > "$TESTDIR/builds"
	is "$(lines_of "$TESTDIR/builds")" 2
	is "$(xargs -I{} head -n 1 {}/compiler < "$TESTDIR/builds" | sort | paste -sd' ')" "gcc gcc-98"
	xargs rm -rf < "$TESTDIR/builds"
}

test_compiler_that_does_not_do_is_named()
{
	local pair

	fake_compiler gcc-5 5.1.0
	fake_compiler clang-9 9.0.0
	for pair in "gcc-5:gcc-5 is 5.1.0, and Linux $(version_of "$tree") takes gcc" \
		"clang-9:clang-9 takes ld.lld-9, which is not here: install lld-9" \
		"clang-97:there is no compiler clang-97 here"; do
		SPLITBENCH_CC=${pair%%:*} PATH=$TESTDIR/bin:$PATH want 4 "$TOP/kernel/build.sh" 2> "$TESTDIR/error"
		says "${pair#*:}" "$TESTDIR/error"
		one_error "$TESTDIR/error"
	done
	for pair in ld.lld llvm-ar llvm-nm llvm-objcopy llvm-strip; do
		fake_compiler $pair-9 9.0.0
	done
	SPLITBENCH_CC=clang-9 PATH=$TESTDIR/bin:$PATH want 4 "$TOP/kernel/build.sh" 2> "$TESTDIR/error"
	matches "clang-9 is 9.0.0, and Linux [0-9.]+ takes llvm [0-9.]+ or newer" "$TESTDIR/error"
}

# refused_config STATUS TEXT: of the configuration in $TESTDIR/config
refused_config()
{
	CONFIG=$TESTDIR/config want "$1" "$TOP/kernel/build.sh" 2> "$TESTDIR/error"
	says "$2" "$TESTDIR/error"
	is "$(grep -vc '^\[' "$TESTDIR/error")" 1
}

# A kernel for real-time has no THPs.
test_configuration_that_does_not_do_is_named()
{
	CONFIG=/does/not/exist want 64 "$TOP/kernel/build.sh" 2> "$TESTDIR/error"
	says "CONFIG=/does/not/exist cannot be read" "$TESTDIR/error"
	echo "a letter" > "$TESTDIR/config"
	refused_config 64 "is not a kernel's configuration"
	printf '#\n# Automatically generated file; DO NOT EDIT.\n# Linux/riscv 7.2.13 Kernel Configuration\n' \
		> "$TESTDIR/config"
	echo CONFIG_64BIT=y >> "$TESTDIR/config"
	refused_config 64 "is a configuration for riscv, and this machine is $(uname -m)"
	sed 's/^# CONFIG_PREEMPT_RT is not set/CONFIG_PREEMPT_RT=y/; s/^# CONFIG_EXPERT .*/CONFIG_EXPERT=y/' \
		"$both/.config" > "$TESTDIR/config"
	refused_config 71 "lacks what the suite, on top of $TESTDIR/config, asks for: CONFIG_"
	says CONFIG_TRANSPARENT_HUGEPAGE=y "$TESTDIR/error"
	grep -lx CONFIG_PREEMPT_RT=y "$(dirname "$tree")"/*/fragment | xargs -n1 dirname | xargs rm -rf
}

# That of our own kernel, as a user's: modules and options are others, the measured code is not.
test_users_configuration_is_taken() # full
{
	local build

	{
		grep -vE '^CONFIG_(9P_FS|TRANSPARENT_HUGEPAGE|DEVICE_PRIVATE|TEST_HMM|FAULT_INJECTION|FOLIO_SPLIT_[A-Z]*)=' "$both/.config"
		echo CONFIG_ISO9660_FS=m
	} > "$TESTDIR/config"
	build=$(CONFIG=$TESTDIR/config "$TOP/kernel/build.sh" both 2> "$TESTDIR/error")
	matches "kernel: [1-9][0-9]* of the [0-9]* modules of the configuration are left out" "$TESTDIR/error"
	matches "kernel: on for suite or guest: .*9P_FS.* DEVICE_PRIVATE.* FAULT_INJECTION" "$TESTDIR/error"
	says CONFIG_TRANSPARENT_HUGEPAGE=y "$build/.config"
	is_not "$build" "$both"
	want 1 grep -x CONFIG_ISO9660_FS=m "$build/.config"
	text_of "$both/mm/huge_memory.o" > "$TESTDIR/ours"
	text_of "$build/mm/huge_memory.o" > "$TESTDIR/users"
	diff "$TESTDIR/ours" "$TESTDIR/users"
	# That it was built before changes nothing of what is said.
	is "$(CONFIG=$TESTDIR/config "$TOP/kernel/build.sh" both 2> "$TESTDIR/error")" "$build"
	matches "kernel: on for suite or guest: .*9P_FS.* FAULT_INJECTION" "$TESTDIR/error"
}

# build_id FILE: the linker's, of an ELF file
build_id() { readelf -n "$1" | sed -n 's/^ *Build ID: //p'; }

# What is taken in from a file is this build's, and not what ccache knows of another one.
test_kernels_contain_their_own_configuration_and_code()
{
	local build

	for build in "$both" "$new"; do
		"$tree/scripts/extract-ikconfig" "$build/vmlinux" > "$TESTDIR/config"
		diff "$TESTDIR/config" "$build/.config"
		"$tree/scripts/extract-vmlinux" "$build/arch/x86/boot/bzImage" > "$TESTDIR/vmlinux"
		is "$(build_id "$TESTDIR/vmlinux")" "$(build_id "$build/vmlinux")"
	done
	is_not "$(build_id "$both/vmlinux")" "$(build_id "$new/vmlinux")"
}

# text_of OBJECT: its functions by name, with what the linker is to fill in
# and without where they happen to lie or how UBSAN's records are numbered: an
# export moves a function. Of clang's, also without where a string lies: the name of the file
# is among them.
text_of()
{
	local clang=0

	! is_clang "${SPLITBENCH_CC:-gcc}" || clang=1
	objdump -dr --no-show-raw-insn -j .text "$1" | awk -v clang=$clang '
		/^[0-9a-f]+ <.*>:$/ { name = $2; next }
		name == "" || NF < 2 { next }
		{
			sub(/^[ \t]*[0-9a-f]+:[ \t]*/, "")
			gsub(/[0-9a-f]+ </, "<")
			gsub(/\.text[.a-z]*[-+]0x[0-9a-f]+/, ".text")
			sub(/\.Lubsan_data[0-9]+/, ".Lubsan_data")
			if (clang)
				gsub(/\.rodata\.str[0-9.]*[-+]0x[0-9a-f]+/, ".rodata.str")
		}
		/^(nop|int3|cs nop|data16|xchg +%ax,%ax)/ { next }
		{ print name, $0 }' | LC_ALL=C sort -s -k1,1
}

# compiled BUILD FILE SOURCE OBJECT: SOURCE, as BUILD compiled mm/FILE.c, but
# each variable in a section of its own: an export moves variables too
compiled()
{
	local build=$1 file=mm/$2.c source=$3 object=$4 command

	command=$(sed -n 's/^savedcmd_[^ ]* := //p' "$build/mm/.$2.o.cmd")
	command=${command%% ; *}
	command=${command/ccache /}
	command=${command/"-c -o mm/$2.o"/"-fdata-sections -fmacro-prefix-map=${source%"$file"}= -c -o $object"}
	command=${command/"$tree/$file"/"$source"}
	case $command in
	*"$object"*"$source"*) ;;
	*) echo "cannot redirect: $command"; return 1 ;;
	esac
	(cd "$build" && eval "$command")
}

# pristine_files DIR FILES...: those of the source that the series is applied to
pristine_files()
{
	local tmp=$TESTDIR/source

	mkdir -p "$tmp"
	open_source
	extract "$@"
	rm -rf "$tmp"
}

# Only the exports are between the kernel without the old split and a pristine
# one: what the compiler makes of the two files is the same.
test_new_split_is_the_pristine_one()
{
	local file

	pristine_files "$TESTDIR/src" mm/huge_memory.c mm/migrate_device.c
	for file in huge_memory migrate_device; do
		compiled "$new" $file "$TESTDIR/src/mm/$file.c" "$TESTDIR/pristine.o"
		compiled "$new" $file "$tree/mm/$file.c" "$TESTDIR/ours.o"
		text_of "$TESTDIR/pristine.o" > "$TESTDIR/pristine"
		text_of "$TESTDIR/ours.o" > "$TESTDIR/ours"
		number "$(wc -l < "$TESTDIR/ours")" -gt 1000
		diff "$TESTDIR/pristine" "$TESTDIR/ours"
	done
}

# warnings DIR FILES...: those of the compiler with W=1 and of sparse, a line each, of these
# source files there, compiled with the headers and the configuration of $both. The old split and
# the control have the names of the functions that they are copies of, whose warnings they inherit.
warnings()
{
	local dir=$1 file name flags objects=() work=$TESTDIR/warnings

	shift
	rm -rf "$work"
	mkdir "$work"
	for file; do
		cp "$dir/$file" "$work/"
		name=$(basename "$file" .c)
		objects+=("$name.o")
		echo "CFLAGS_$name.o := -I\$(srctree)/$(dirname "$file")" >> "$work/Kbuild"
	done
	echo "obj-m := ${objects[*]}" >> "$work/Kbuild"
	mapfile -t flags < <(compiler_arguments "$(compiler_of "$both")")
	# No module, though compiled as one. Debian 12's sparse does not know typeof_unqual.
	make -C "$both" M="$work" W=1 C=2 "${flags[@]}" \
		CFLAGS_MODULE="-UMODULE -DKBUILD_MODFILE=KBUILD_MODNAME" \
		CHECK="sparse -D__typeof_unqual__=__typeof__" \
		"${objects[@]}" > "$TESTDIR/log" 2>&1 || { cat "$TESTDIR/log" >&2; return 1; }
	is "$(grep -c '^  CHECK' "$TESTDIR/log")" $# >&2
	sed -nE 's,^(.*/)?([a-z_]+\.[ch]):[0-9:]+ ((warning|error): ),\2: \3,p' "$TESTDIR/log" |
		sed -E "s/^huge_memory_again\.h:/huge_memory.c:/; s/ '([a-z_]+)_(old|again)' / '\1' /" | LC_ALL=C sort -u
}

# What the pristine source is warned of is not ours.
test_series_adds_no_warning()
{
	local files file

	mapfile -t files < <(cd "$TOP/patches" && touched_by ./*/*.patch | grep '\.c$' |
		(cd "$tree" && xargs ls -d 2> /dev/null))
	number ${#files[@]} -ge 4
	pristine_files "$TESTDIR/src" "${files[@]}"
	warnings "$TESTDIR/src" "${files[@]}" > "$TESTDIR/pristine"
	warnings "$tree" "${files[@]}" > "$TESTDIR/ours"
	comm -13 "$TESTDIR/pristine" "$TESTDIR/ours" > "$TESTDIR/added"
	empty "$TESTDIR/added"
	# And both would be seen.
	mkdir -p "$TESTDIR/planted/mm"
	cp "$tree/mm/migrate_device.c" "$TESTDIR/planted/mm/"
	printf 'static int planted(void)\n{\n\treturn 0;\n}\nvoid *pointer;\n' >> "$TESTDIR/planted/mm/migrate_device.c"
	warnings "$TESTDIR/planted" mm/migrate_device.c | comm -13 "$TESTDIR/pristine" - > "$TESTDIR/added"
	matches "warning: .*planted.*\[-Wunused-function\]" "$TESTDIR/added"
	says "symbol 'pointer' was not declared" "$TESTDIR/added"
}

test_comparing_text_can_fail()
{
	text_of "$new/mm/huge_memory.o" > "$TESTDIR/new"
	text_of "$both/mm/huge_memory.o" > "$TESTDIR/both"
	want 1 diff -q "$TESTDIR/new" "$TESTDIR/both"
}

# function_text FUNCTION BUILD: what it executes, without where that is
function_text()
{
	disassembly "$1" "$2/mm/huge_memory.o" |
		sed -E 's/^ *[0-9a-f]+:[[:space:]]*//; s/<[^>]*>//g; s/[0-9a-f]{4,}\b/X/g
			s/(R_X86_64_[A-Z0-9]+[[:space:]]+\.[a-z.]+).*/\1/; s/_again//g' |
		grep -vE '^(nop|data16|cs nop|xchg +%ax,%ax)'
}

# No clone for constant arguments, none for parts, and both callers' steps.
test_old_split_is_one_body_for_both_callers()
{
	local step lock=list_lru_lock

	# Its cold blocks may lie elsewhere: they are part of it, no clone.
	nm "$both/mm/huge_memory.o" | awk '{ print $3 }' |
		sed -n '/folio_split_old/{/\.cold$/!p}' > "$TESTDIR/symbols"
	is "$(cat "$TESTDIR/symbols")" __folio_split_old
	nm "$both/mm/huge_memory.o" | awk '$3 ~ /list_to_order_old/ &&
		$3 !~ /^__(export|ksymtab|pfx|UNIQUE)/ { print $3 }' > "$TESTDIR/symbols"
	says __split_huge_page_to_list_to_order_old "$TESTDIR/symbols"
	want 1 grep -E '\.(constprop|isra|part)' "$TESTDIR/symbols"
	disassembly __folio_split_old "$both/mm/huge_memory.o" > "$TESTDIR/body"
	disassembly folio_split_unmapped "$both/mm/huge_memory.o" > "$TESTDIR/other"
	# Before 7.2, the list of deferred splits has a lock of its own, taken in line.
	grep -q list_lru_lock "$tree/mm/huge_memory.c" || lock=_raw_spin_lock
	for step in folio_get_anon_vma xas_split_alloc $lock \
		folio_lruvec_lock __split_unmapped_folio free_folio_and_swap_cache; do
		says "$step" "$TESTDIR/body"
	done
	# Of this function alone: another one of the file has no such step.
	want 1 grep xas_split_alloc "$TESTDIR/other"
}

# calls BUILD FUNCTION: calls of it in its migrate_device.o
calls()
{
	objdump -dr --no-show-raw-insn -j .text "$1/mm/migrate_device.o" |
		awk -v f="$2" '$2 ~ /^R_X86_64_P/ { sub(/-0x4$/, "", $3); n += $3 == f } END { print n + 0 }'
}

# A migration calls what was chosen directly: no load and no test of a variable.
test_switch_is_a_static_call()
{
	local found

	found="$(calls "$both" __SCT__migrate_split_call) $(calls "$both" folio_split_unmapped)"
	is "static and direct calls: $found" "static and direct calls: 1 0"
	# Its call is patched to be a direct one; else it would go through a trampoline.
	says CONFIG_HAVE_STATIC_CALL_INLINE=y "$both/.config"
	found="$(calls "$new" __SCT__migrate_split_call) $(calls "$new" folio_split_unmapped)"
	is "static and direct calls: $found" "static and direct calls: 0 1"
	nm "$new/mm/migrate_device.o" > "$TESTDIR/symbols"
	want 1 grep -E 'migrate_split_(variant|call|old)' "$TESTDIR/symbols"
}

# The control is at another address, and the same instruction by instruction.
test_control_is_the_same_code_elsewhere()
{
	local f

	for f in __folio_freeze_and_split_unmapped folio_split_unmapped; do
		function_text $f "$both" > "$TESTDIR/text"
		function_text ${f}_again "$both" > "$TESTDIR/again"
		is_not "$(sed -n 20p "$TESTDIR/text")" ''
		diff "$TESTDIR/text" "$TESTDIR/again"
	done
	# The comparison can fail: the old split is another text.
	function_text __folio_split_old "$both" > "$TESTDIR/other"
	want 1 diff -q "$TESTDIR/text" "$TESTDIR/other"
}

# control_makefile: the part of mm/Makefile that makes the control, by itself
control_makefile()
{
	mkdir -p "$TESTDIR/mm"
	{
		echo 'CONFIG_FOLIO_SPLIT_AGAIN = y'
		# shellcheck disable=SC2016 # for make
		echo 'filechk = mkdir -p $(dir $@); { $(filechk_$(1)); } > $@'
		echo 'obj = .'
		echo 'src = .'
		sed -n '/^ifdef CONFIG_FOLIO_SPLIT_AGAIN/,$p' "$tree/mm/Makefile"
		echo 'FORCE:'
	} > "$TESTDIR/mm/Makefile"
	cp "$tree/mm/huge_memory.c" "$TESTDIR/mm/huge_memory.c"
}

# Where it is generated, for kbuild to find and remove
readonly CONTROL=include/generated/huge_memory_again.h

# It is made of the tree's own source, and of nothing if that is not there.
test_control_is_made_of_the_trees_own_source()
{
	control_makefile
	sed -i '/^int folio_split_unmapped/,/^}/s/int ret = 0;/int ret = 0, mine;/' \
		"$TESTDIR/mm/huge_memory.c"
	make -C "$TESTDIR/mm" "$CONTROL" > "$TESTDIR/out" 2>&1
	says "int ret = 0, mine;" "$TESTDIR/mm/$CONTROL"
	says "__noipa noinline int folio_split_unmapped_again(" "$TESTDIR/mm/$CONTROL"
	sed -i 's/^int folio_split_unmapped(/int another(/' "$TESTDIR/mm/huge_memory.c"
	want 2 make -C "$TESTDIR/mm" "$CONTROL" > "$TESTDIR/out" 2>&1
	says "not the functions that the control is made of" "$TESTDIR/out"
}

# A declaration before the definition is no part of it.
test_control_passes_over_declarations()
{
	control_makefile
	make -C "$TESTDIR/mm" "$CONTROL" > "$TESTDIR/out" 2>&1
	cp "$TESTDIR/mm/$CONTROL" "$TESTDIR/plain.h"
	sed -i '/^static int __folio_freeze_and_split_unmapped(/{
		i int folio_split_unmapped(struct folio *folio,
		i \			 unsigned int new_order);
		i static int __folio_freeze_and_split_unmapped(struct folio *folio);
	}' "$TESTDIR/mm/huge_memory.c"
	is "$(grep -c '^int folio_split_unmapped(' "$TESTDIR/mm/huge_memory.c")" 2
	make -C "$TESTDIR/mm" "$CONTROL" > "$TESTDIR/out" 2>&1
	diff "$TESTDIR/plain.h" "$TESTDIR/mm/$CONTROL"
}

# Whatever kbuild makes of huge_memory.c is made after it.
test_control_is_made_before_what_includes_it()
{
	local suffix

	control_makefile
	for suffix in o i s ll lst; do
		rm -f "$TESTDIR/mm/$CONTROL"
		make -C "$TESTDIR/mm" -r ./huge_memory.$suffix > "$TESTDIR/out" 2>&1
		not_empty "$TESTDIR/mm/$CONTROL"
	done
}

both=$("$TOP/kernel/build.sh" both)
new=$("$TOP/kernel/build.sh" new)
tree=$("$TOP/kernel/tree.sh")
run_tests
