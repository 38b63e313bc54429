#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel that was built: is it what was asked for, is the old way not
# specialised, is the new way untouched?
set -euo pipefail
. "$(dirname "$0")/lib.sh"

missing_options_are_named()
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

# text_of OBJECT: its functions by name, with what the linker is to fill in
# and without where they happen to lie or how UBSAN's records are numbered: an
# export moves a function
text_of()
{
	objdump -dr --no-show-raw-insn -j .text "$1" | awk '
		/^[0-9a-f]+ <.*>:$/ { name = $2; next }
		name == "" || NF < 2 { next }
		{
			sub(/^[ \t]*[0-9a-f]+:[ \t]*/, "")
			gsub(/[0-9a-f]+ </, "<")
			gsub(/\.text[.a-z]*[-+]0x[0-9a-f]+/, ".text")
			sub(/\.Lubsan_data[0-9]+/, ".Lubsan_data")
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

# Only the exports are between the kernel without the old way and a pristine
# one: what the compiler makes of the two files is the same.
new_way_is_the_pristine_one()
{
	local file pristine

	pristine=$("$TOP/kernel/fetch.sh")
	mkdir -p "$TESTDIR/src/mm"
	cp "$pristine"/mm/{huge_memory.c,migrate_device.c} "$TESTDIR/src/mm/"
	for file in huge_memory migrate_device; do
		compiled "$new" $file "$TESTDIR/src/mm/$file.c" "$TESTDIR/pristine.o"
		compiled "$new" $file "$tree/mm/$file.c" "$TESTDIR/ours.o"
		text_of "$TESTDIR/pristine.o" > "$TESTDIR/pristine"
		text_of "$TESTDIR/ours.o" > "$TESTDIR/ours"
		[ "$(wc -l < "$TESTDIR/ours")" -gt 1000 ]
		diff -q "$TESTDIR/pristine" "$TESTDIR/ours"
	done
}

comparing_text_can_fail()
{
	text_of "$new/mm/huge_memory.o" > "$TESTDIR/new"
	text_of "$both/mm/huge_memory.o" > "$TESTDIR/both"
	want 1 diff -q "$TESTDIR/new" "$TESTDIR/both"
}

# No clone for constant arguments, none for parts, and both callers' steps.
old_way_is_one_body_for_both_callers()
{
	# Its cold blocks may lie elsewhere: they are part of it, no clone.
	nm "$both/mm/huge_memory.o" | awk '{ print $3 }' |
		grep folio_split_old | grep -v '\.cold$' > "$TESTDIR/symbols"
	[ "$(cat "$TESTDIR/symbols")" = __folio_split_old ]
	nm "$both/mm/huge_memory.o" | awk '/list_to_order_old/ { print $3 }' |
		grep -v '^__\(export\|ksymtab\|pfx\|UNIQUE\)' > "$TESTDIR/symbols"
	says __split_huge_page_to_list_to_order_old "$TESTDIR/symbols"
	want 1 grep -E '\.(constprop|isra|part)' "$TESTDIR/symbols"
	objdump -dr --no-show-raw-insn --disassemble=__folio_split_old \
		"$both/mm/huge_memory.o" > "$TESTDIR/body"
	for step in folio_get_anon_vma xas_split_alloc list_lru_lock \
		folio_lruvec_lock __split_unmapped_folio free_folio_and_swap_cache; do
		says $step "$TESTDIR/body"
	done
}

# labels BUILD: jump labels in its migrate_device.o, three relocations each
labels()
{
	echo $(($(objdump -r -j __jump_table "$1/mm/migrate_device.o" |
		grep -c R_X86_64) / 3))
}

# Off, the switch is a jump label: no load and no test of a variable.
switch_is_a_jump_label()
{
	local key

	[ $(($(labels "$both") - $(labels "$new"))) = 1 ]
	# Code that only the debugfs file's two functions may refer to.
	key=$(nm "$both/mm/migrate_device.o" |
		awk '$3 == "migrate_split_old_key" { print $1 }')
	[ -n "$key" ]
	objdump -dr --no-show-raw-insn -j .text "$both/mm/migrate_device.o" |
		awk -v key="\\\\.bss([-+]0x[0-9a-f]+)?\$" '
			/^[0-9a-f]+ </ { name = $2 }
			$0 ~ key { print name }' | sort -u > "$TESTDIR/users"
	[ -s "$TESTDIR/users" ]
	want 1 grep -v migrate_split_old "$TESTDIR/users"
	nm "$new/mm/migrate_device.o" > "$TESTDIR/symbols"
	want 1 grep migrate_split_old "$TESTDIR/symbols"
}

both=$("$TOP/kernel/build.sh" both)
new=$("$TOP/kernel/build.sh" new)
tree=$("$TOP/kernel/tree.sh")
for name in missing_options_are_named new_way_is_the_pristine_one \
	comparing_text_can_fail old_way_is_one_body_for_both_callers \
	switch_is_a_jump_label; do
	check $name
done
