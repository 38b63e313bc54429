#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel series: which trees it applies to and which it refuses, and that the user's tree is not
# modified.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/kernel/series.sh"
. "$TOP/kernel/code.sh"

# small_tree DIR: as much of the pristine tree as the series touches
small_tree()
{
	mkdir -p "$1/mm" "$1/lib" "$1/include/linux" "$1/kernel/events"
	cp "$pristine/Makefile" "$1/"
	cp "$pristine"/mm/{huge_memory.c,migrate_device.c,swap_state.c,swapfile.c,Kconfig,Kconfig.debug,Makefile} "$1/mm/"
	cp "$pristine/lib/test_hmm.c" "$1/lib/"
	cp "$pristine/kernel/events/core.c" "$1/kernel/events/"
	cp "$pristine"/include/linux/{huge_mm,migrate}.h "$1/include/linux/"
}

# in_cache COMMAND...: with a cache of its own, so that nothing is left behind
in_cache()
{
	SPLITBENCH_CACHE=$TESTDIR/cache "$@"
}

# The same, with the sources that are at hand here
in_cache_with_sources()
{
	mkdir -p "$TESTDIR/cache"
	ln -sfn "$CACHE/src" "$TESTDIR/cache/src"
	ln -sfn "$CACHE/apt" "$TESTDIR/cache/apt"
	in_cache "$@"
}

test_tree_of_a_user_is_taken_and_not_modified()
{
	local tree

	small_tree "$TESTDIR/user"
	chmod -R a-w "$TESTDIR/user"
	# Root is not stopped by modes: be somebody else where that is possible.
	if [ "$(id -u)" = 0 ]; then
		mkdir "$TESTDIR/cache"
		chown 65534:65534 "$TESTDIR/cache"
		KSRC=$TESTDIR/user in_cache as_nobody "$TESTDIR/repo/kernel/tree.sh"
		rm -rf "$TESTDIR/cache"
	fi
	find "$TESTDIR/user" -type f -exec sha256sum {} + > "$TESTDIR/before"
	tree=$(KSRC=$TESTDIR/user in_cache "$TOP/kernel/tree.sh")
	find "$TESTDIR/user" -type f -exec sha256sum {} + > "$TESTDIR/after"
	cmp "$TESTDIR/before" "$TESTDIR/after"
	says FOLIO_SPLIT_OLD "$tree/mm/Kconfig.debug"
	chmod -R u+w "$TESTDIR/user"
}

test_git_tree_is_taken_with_uncommitted_changes()
{
	local tree

	small_tree "$TESTDIR/git"
	# git trusts an index only for files that are older than it.
	find "$TESTDIR/git" -type f -exec touch -d '1 minute ago' {} +
	git -C "$TESTDIR/git" init -q
	git -C "$TESTDIR/git" add -A
	git -C "$TESTDIR/git" -c user.name=x -c user.email=x@localhost commit -qm x
	git -C "$TESTDIR/git" update-index -q --really-refresh
	echo '/* mine */' >> "$TESTDIR/git/mm/migrate_device.c"
	git -C "$TESTDIR/git" status --porcelain > "$TESTDIR/before"
	tree=$(KSRC=$TESTDIR/git in_cache "$TOP/kernel/tree.sh")
	git -C "$TESTDIR/git" status --porcelain > "$TESTDIR/after"
	cmp "$TESTDIR/before" "$TESTDIR/after"
	says '/* mine */' "$tree/mm/migrate_device.c"
	git -C "$TESTDIR/git" fsck --unreachable > "$TESTDIR/fsck" 2>&1
	want 1 grep unreachable "$TESTDIR/fsck"
}

test_worktree_is_taken()
{
	local tree

	after git_tree_is_taken_with_uncommitted_changes
	git -C "$TESTDIR/git" worktree add -q "$TESTDIR/worktree"
	echo '/* of the worktree */' >> "$TESTDIR/worktree/mm/migrate_device.c"
	tree=$(KSRC=$TESTDIR/worktree in_cache "$TOP/kernel/tree.sh")
	says '/* of the worktree */' "$tree/mm/migrate_device.c"
}

# Not as a plain folder: its .git would come along, and what git ignores.
test_git_tree_that_git_refuses_is_refused()
{
	mkdir -p "$TESTDIR/other"
	small_tree "$TESTDIR/other"
	echo 'gitdir: /does/not/exist' > "$TESTDIR/other/.git"
	KSRC=$TESTDIR/other in_cache want 70 "$TOP/kernel/tree.sh" 2> "$TESTDIR/error"
	says "git refuses to read" "$TESTDIR/error"
}

# refused MESSAGE: the tree in $TESTDIR/other is refused with it
refused()
{
	KSRC=$TESTDIR/other in_cache want 71 "$TOP/kernel/tree.sh" 2> "$TESTDIR/error"
	says "$1" "$TESTDIR/error"
	says "supported bases: 6.19 7.0 7.1 7.2 7.3" "$TESTDIR/error"
	is "$(find "$TESTDIR/cache/kernel" -name .complete)" ''
	is "$(ls "$TESTDIR/cache/tmp")" ''
}

# The tree from before the change has nothing of its name, and the same exports.
test_series_before_takes_the_change_back()
{
	local tree

	small_tree "$TESTDIR/other"
	tree=$(KSRC=$TESTDIR/other in_cache "$TOP/kernel/tree.sh" before)
	want 1 grep -rE 'folio_split_unmapped|__folio_freeze_and_split' \
		"$tree/mm" "$tree/include"
	says "unsigned int new_order, bool unmapped)" "$tree/include/linux/huge_mm.h"
	says "EXPORT_SYMBOL_FOR_MODULES(split_huge_pmd_address" "$tree/mm/huge_memory.c"
	says GFP_NOWARN "$tree/lib/test_hmm.c"
}

# Of a tree of the user's nothing but exports and the test driver is changed.
test_own_tree_keeps_its_code()
{
	local tree

	small_tree "$TESTDIR/other"
	tree=$(KSRC=$TESTDIR/other in_cache "$TOP/kernel/tree.sh" own)
	diff -r "$TESTDIR/other/include" "$tree/include"
	diff -r "$TESTDIR/other/mm" "$tree/mm" > "$TESTDIR/diff" || true
	want 1 grep -vE '^(diff|[0-9]+a[0-9]+$|> EXPORT_SYMBOL_FOR_MODULES|> #include <linux/export.h>)' "$TESTDIR/diff"
	is "$(grep -c "^> EXPORT" "$TESTDIR/diff")" 6
}

test_revision_is_read_without_a_trace()
{
	local tree

	after git_tree_is_taken_with_uncommitted_changes
	git -C "$TESTDIR/git" status --porcelain > "$TESTDIR/before"
	find "$TESTDIR/git/.git" | sort > "$TESTDIR/files"
	tree=$(KSRC=$TESTDIR/git KREV=HEAD in_cache "$TOP/kernel/tree.sh" own)
	# What is changed and not committed is not in it.
	want 1 grep -F '/* mine */' "$tree/mm/migrate_device.c"
	git -C "$TESTDIR/git" status --porcelain | cmp - "$TESTDIR/before"
	find "$TESTDIR/git/.git" | sort | cmp - "$TESTDIR/files"
	KSRC=$TESTDIR/git KREV=nonsense in_cache want 64 "$TOP/kernel/tree.sh" own 2> "$TESTDIR/error"
	says "git cannot read revision nonsense" "$TESTDIR/error"
	small_tree "$TESTDIR/other"
	KSRC=$TESTDIR/other KREV=HEAD in_cache want 64 "$TOP/kernel/tree.sh" 2> "$TESTDIR/error"
	says "is not a git tree" "$TESTDIR/error"
}

test_other_trees_are_refused()
{
	small_tree "$TESTDIR/other"
	sed -i '/^int folio_split_unmapped/,/^}/d' "$TESTDIR/other/mm/huge_memory.c"
	refused "does not apply without fuzz"
}

# One line of context: patch would take it with fuzz 1.
other_context()
{
	small_tree "$TESTDIR/other"
	sed -i 's|^ \* min_order_for_split() - .*| * min_order_for_split() - changed|' \
		"$TESTDIR/other/mm/huge_memory.c"
}

test_fuzz_is_refused()
{
	other_context
	patch -d "$TESTDIR/other" -p1 --dry-run -s < "$TOP/patches/7.2/"0001-*.patch
	STRICT=1 refused "does not apply without fuzz"
	# Which hunk it is, and what is in its way
	says "0007-mm-huge_memory-put-the-old-unmapped-split-back-besid.patch" "$TESTDIR/error"
	says 'mm/huge_memory.c, near line 4392: it needs "* min_order_for_split() - ' "$TESTDIR/error"
}

# Instead, what the series makes of the release is merged, and the kernel has to prove itself.
test_series_is_merged_with_the_release_it_is_for()
{
	local tree

	other_context
	tree=$(KSRC=$TESTDIR/other in_cache_with_sources "$TOP/kernel/tree.sh" 2> "$TESTDIR/error")
	says "with Linux 7.2, as 0007-" "$tree/.merged"
	says "min_order_for_split() - changed" "$tree/mm/huge_memory.c"
	says "FOLIO_SPLIT_OLD" "$tree/mm/huge_memory.c"
	small_tree "$TESTDIR/pristine"
	tree=$(KSRC=$TESTDIR/pristine in_cache_with_sources "$TOP/kernel/tree.sh" 2> "$TESTDIR/error")
	want 1 test -e "$tree/.merged"
	rm -rf "$TESTDIR/pristine"
}

# level_is LEVEL MESSAGE: of the tree in $TESTDIR/other, which is left as it is
level_is()
{
	find "$TESTDIR/other" -type f -exec sha256sum {} + > "$TESTDIR/before"
	is "$(KSRC=$TESTDIR/other in_cache_with_sources "$TOP/kernel/tree.sh" --level 2> "$TESTDIR/error")" "$1"
	says "$2" "$TESTDIR/error"
	is "$(wc -l < "$TESTDIR/error")" 1
	find "$TESTDIR/other" -type f -exec sha256sum {} + | cmp - "$TESTDIR/before"
	is "$(ls "$TESTDIR/cache/tmp")" ''
}

test_levels_are_found_by_looking()
{
	local tree

	small_tree "$TESTDIR/other"
	level_is both "Linux 7.2, both: the old split beside the new one"
	# The version does not decide.
	sed -i 's/^VERSION = .*/VERSION = 9/' "$TESTDIR/other/Makefile"
	level_is both "Linux 9.2, both"
	other_context
	level_is both "merged with Linux 7.2"
	# What the series inserts meets another change.
	small_tree "$TESTDIR/other"
	sed -i 's|^#endif /\* CONFIG_MIGRATION \*/|int mine(void);\n&|' "$TESTDIR/other/include/linux/migrate.h"
	level_is new "new: exports only, as 0007-mm-huge_memory-put-the-old-unmapped-split-back-besid.patch does not apply (include/linux/migrate.h, near line 201:"
	small_tree "$TESTDIR/other"
	sed -i '/^void split_huge_pmd_address/,/^}/d' "$TESTDIR/other/mm/huge_memory.c"
	level_is stock "stock: no patch applies: 0003-"
	small_tree "$TESTDIR/other"
	tree=$(KSRC=$TESTDIR/other in_cache_with_sources "$TOP/kernel/tree.sh" before 2> "$TESTDIR/error")
	rm -rf "$TESTDIR/other"
	pristine=$tree small_tree "$TESTDIR/other"
	level_is before "before: the old split alone, which is native here"
	small_tree "$TESTDIR/native"
	(cd "$TESTDIR/native" && tail -qn +1 "$TOP"/patches/before/7.2/0006-*.patch | patch -p1 -s -F3)
	rm -rf "$TESTDIR/other"
	mv "$TESTDIR/native" "$TESTDIR/other"
	level_is before "before: the old split alone, which is native here"
	KSRC=$TESTDIR/other in_cache_with_sources want 71 "$TOP/kernel/tree.sh" 2> "$TESTDIR/error"
	says "has the old split alone, natively: measure it with KERNEL=own" "$TESTDIR/error"
}

# As the series posted for 7.4 have it: what the old split calls has another name there. The
# patches would apply.
test_function_of_another_name_is_named()
{
	small_tree "$TESTDIR/other"
	sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 4/' "$TESTDIR/other/Makefile"
	sed -i '/^[[:space:]]*\*/!s/__split_unmapped_folio/__split_frozen_folio/' "$TESTDIR/other/mm/huge_memory.c"
	says "* __split_unmapped_folio() - " "$TESTDIR/other/mm/huge_memory.c"
	level_is new "Linux 7.4, new: exports only, as 0007-mm-huge_memory-put-the-old-unmapped-split-back-besid.patch does not apply (mm/huge_memory.c: it needs \"__split_unmapped_folio\", which is not there); the new split and migrations can be measured, old/new cannot"
	is "$(KSRC=$TESTDIR/other in_cache_with_sources "$TOP/kernel/variant.sh" --name auto 2> "$TESTDIR/error")" own
	refused "__split_unmapped_folio"
	# As REVS= would have it measured
	KSRC=$TESTDIR/other in_cache "$TOP/kernel/tree.sh" own
}

# half_applied WHAT: the tree in $TESTDIR/other is refused as such, in a line
half_applied()
{
	KSRC=$TESTDIR/other in_cache_with_sources want 71 "$TOP/kernel/tree.sh" "$1" 2> "$TESTDIR/error"
	says "a part of the series for 7.2 is applied to this 7.2 tree already: use the tree without it, or with all of it" \
		"$TESTDIR/error"
	one_error "$TESTDIR/error"
}

# HACKING.md: an arm of the user's is exported to the module.
test_arm_of_the_tree_is_no_part_of_the_series()
{
	small_tree "$TESTDIR/other"
	printf '%s\n' 'EXPORT_SYMBOL_FOR_MODULES(my_folio_split, "folio_split_bench");' >> "$TESTDIR/other/mm/huge_memory.c"
	level_is both "both: the old split beside the new one"
}

# A series that is there already is taken for what it is, and half of one refused.
test_applied_series_is_recognised()
{
	local tree file

	small_tree "$TESTDIR/other"
	tree=$(KSRC=$TESTDIR/other in_cache_with_sources "$TOP/kernel/tree.sh" 2> "$TESTDIR/error")
	pristine=$tree small_tree "$TESTDIR/other"
	level_is both "both: the old split beside the new one"
	cp "$pristine/mm/Kconfig.debug" "$TESTDIR/other/mm/"
	half_applied both
	half_applied --level
	KSRC=$TESTDIR/other in_cache_with_sources want 71 "$TOP/kernel/variant.sh" auto 2> "$TESTDIR/error"
	one_error "$TESTDIR/error"
	small_tree "$TESTDIR/other"
	for file in "$TOP"/patches/7.2/000[1-7]-*.patch; do
		patch -d "$TESTDIR/other" -p1 -s < "$file"
	done
	level_is both "both: the old split beside the new one"
}

test_unusable_trees_are_refused_in_a_line()
{
	local option

	small_tree "$TESTDIR/other"
	sed -i '/folio_split_unmapped/d' "$TESTDIR/other/include/linux/huge_mm.h"
	KSRC=$TESTDIR/other in_cache want 71 "$TOP/kernel/tree.sh" --level 2> "$TESTDIR/error"
	says "is older than Linux 6.19" "$TESTDIR/error"
	KSRC=$TESTDIR/other in_cache want 71 "$TOP/kernel/variant.sh" auto 2> "$TESTDIR/error-auto"
	one_error "$TESTDIR/error-auto"
	small_tree "$TESTDIR/other"
	sed -i '100i <<<<<<< HEAD' "$TESTDIR/other/mm/migrate_device.c"
	KSRC=$TESTDIR/other in_cache want 71 "$TOP/kernel/tree.sh" 2>> "$TESTDIR/error"
	says "mm/migrate_device.c of this tree has conflict markers" "$TESTDIR/error"
	for option in TRANSPARENT_HUGEPAGE DEVICE_PRIVATE; do
		small_tree "$TESTDIR/other"
		sed -Ei "/^(menu)?config $option\$/,/^\$/d" "$TESTDIR/other/mm/Kconfig"
		KSRC=$TESTDIR/other in_cache want 71 "$TOP/kernel/tree.sh" 2>> "$TESTDIR/error"
		says "has no option $option in mm/Kconfig" "$TESTDIR/error"
	done
	is "$(wc -l < "$TESTDIR/error")" 4
	is "$(find "$TESTDIR/cache/tmp" "$TESTDIR/cache/kernel" -mindepth 1 ! -name .writable)" ''
}

test_uncommitted_changes_in_the_way_are_named()
{
	after git_tree_is_taken_with_uncommitted_changes
	cp -r "$TESTDIR/git" "$TESTDIR/other"
	sed -i 's|^#endif /\* CONFIG_MIGRATION \*/|int mine(void);\n&|' "$TESTDIR/other/include/linux/migrate.h"
	KSRC=$TESTDIR/other in_cache_with_sources want 71 "$TOP/kernel/tree.sh" 2> "$TESTDIR/error"
	says "not committed are changes of include/linux/migrate.h" "$TESTDIR/error"
	one_error "$TESTDIR/error"
}

test_bare_repository_is_read_by_its_revisions()
{
	local tree

	after git_tree_is_taken_with_uncommitted_changes
	git clone -q --bare "$TESTDIR/git" "$TESTDIR/bare"
	find "$TESTDIR/bare" -type f | sort | xargs sha256sum > "$TESTDIR/files"
	tree=$(KSRC=$TESTDIR/bare KREV=HEAD in_cache "$TOP/kernel/tree.sh")
	says FOLIO_SPLIT_OLD "$tree/mm/Kconfig.debug"
	find "$TESTDIR/bare" -type f | sort | xargs sha256sum | cmp - "$TESTDIR/files"
	KSRC=$TESTDIR/bare in_cache want 64 "$TOP/kernel/tree.sh" 2> "$TESTDIR/error"
	says "is a bare repository: name revisions" "$TESTDIR/error"
}

# What applies is shared, what does not is left to be resolved and then written anew.
test_refresh_begins_the_series_of_a_release()
{
	local repo=$TESTDIR/refreshed work=$TESTDIR/cache/refresh/9.2

	mkdir "$repo"
	cp -r "$TOP"/{kernel,patches,scripts} "$repo/"
	rm -r "$repo"/patches/{,before/}7.3
	small_tree "$TESTDIR/other"
	sed -i 's/^VERSION = .*/VERSION = 9/' "$TESTDIR/other/Makefile"
	sed -i 's|^#endif /\* CONFIG_MIGRATION \*/|int mine(void);\n&|' "$TESTDIR/other/include/linux/migrate.h"
	KSRC=$TESTDIR/other BASE=9.1 in_cache want 64 "$repo/kernel/refresh.sh" 2> "$TESTDIR/error"
	says "is Linux 9.2, and not 9.1" "$TESTDIR/error"
	KSRC=$TESTDIR/other BASE=9.2 in_cache want 1 "$repo/kernel/refresh.sh" 2> "$TESTDIR/error"
	says "0007-mm-huge_memory-put-the-old-unmapped-split-back-besid.patch does not apply to 9.2" "$TESTDIR/error"
	says "resolve the conflicts in $work (include/linux/migrate.h)" "$TESTDIR/error"
	KSRC=$TESTDIR/other BASE=9.2 in_cache want 1 "$repo/kernel/refresh.sh" 2> "$TESTDIR/error"
	says "there are conflict markers left" "$TESTDIR/error"
	sed -i '/^\(<<<<<<<\|=======\|>>>>>>>\)/d' "$work/include/linux/migrate.h"
	until KSRC=$TESTDIR/other BASE=9.2 in_cache "$repo/kernel/refresh.sh" 2> "$TESTDIR/error"; do
		says "0008-mm-huge_memory-compile-folio_split_unmapped-a-second.patch does not apply" "$TESTDIR/error"
		sed -i '/^\(<<<<<<<\|=======\|>>>>>>>\)/d' "$work/include/linux/migrate.h"
	done
	is "$(grep -c '^../7.2/' "$repo/patches/9.2/series")" "$((9 - $(find "$repo/patches/9.2" -name '*.patch' | wc -l)))"
	exists "$repo/patches/9.2/0007-mm-huge_memory-put-the-old-unmapped-split-back-besid.patch"
	is "$(grep -vc '^#' "$repo/patches/before/9.2/series")" 6
	is "$(ls "$TESTDIR/cache/refresh")" ''
	KSRC=$TESTDIR/other STRICT=1 in_cache "$repo/kernel/tree.sh" > "$TESTDIR/out"
	KSRC=$TESTDIR/other STRICT=1 in_cache "$repo/kernel/tree.sh" before > "$TESTDIR/out"
	rm -rf "$repo"
}

# Each series names files that are there, and each patch is of a series.
test_each_patch_is_in_a_series()
{
	(cd "$TOP/patches" && for folder in [0-9]* before/[0-9]*; do
		sed '/^#/d' "$folder/series" | (cd "$folder" && xargs realpath -e --relative-to="$TOP/patches")
	done) > "$TESTDIR/named"
	(cd "$TOP/patches" && find [0-9]* before -name '*.patch' ! -name '0000-*' | sort) > "$TESTDIR/there"
	sort -u "$TESTDIR/named" | diff - "$TESTDIR/there"
}

# series_check STATUS BASES: of a copy of the project, with a cache of its own
series_check()
{
	BASES=$2 in_cache_with_sources want "$1" "$TESTDIR/checked/kernel/series-check.sh" \
		> "$TESTDIR/out" 2> "$TESTDIR/error"
}

# What it goes on to, if they apply, is what other tests do; see kernel/series-check.sh.
test_series_check_names_what_does_not_apply()
{
	local repo=$TESTDIR/checked row=$TESTDIR/cache/series-check/7.2-gcc/table-row

	mkdir "$repo"
	cp -r "$TOP"/{kernel,patches,scripts} "$repo/"
	small_tree "$TESTDIR/other"
	other_context
	series_check 1 "$TESTDIR/other"
	matches "^7\.2 +gcc +applies +FAIL .*0007-mm-huge_memory-put-the-old-.* does not apply without fuzz" "$TESTDIR/out"
	is "$(grep -cE '^[0-9.]+ +gcc' "$TESTDIR/out")" 1
	sed -i 's/^VERSION = .*/VERSION = 9/' "$TESTDIR/other/Makefile"
	series_check 1 "$TESTDIR/other"
	matches "^9\.2 +gcc +applies +FAIL .*there is no series for 9.2" "$TESTDIR/out"
	series_check 64 "$TESTDIR"
	says "BASES: $TESTDIR is neither a release with a series (6.19 7.0 7.1 7.2 7.3) nor a kernel tree" "$TESTDIR/error"
	one_error "$TESTDIR/error"
	# Of what has passed, the table has what was of these patches.
	mkdir -p "${row%/*}" "${row%/*/*}/7.2-clang-19"
	patches_of "$repo/patches/7.2" | xargs cat | hash_of | sed 's/^/7.2 /; $a | current |' > "$row"
	printf '7.2 0123456789abcdef\n| stale |\n' > "${row%/*/*}/7.2-clang-19/table-row"
	series_check 1 "$TESTDIR/other"
	says "| current |" "$TESTDIR/out"
	want 1 grep -F stale "$TESTDIR/out"
	rm -rf "$repo"
}

# What pads a function, or precedes it, is not its code.
test_instructions_of_a_function_are_counted()
{
	mkdir -p "$TESTDIR/object/mm"
	printf '%s\n' .text __pfx_first: nop nop first: endbr64 nop 'xchg %ax, %ax' 'mov %rax, %rbx' 'jmp second' \
		'.balign 64, 0xcc' second: 'nopl (%rax)' ret |
		gcc -c -x assembler - -o "$TESTDIR/object/mm/two.o"
	is "$(instructions_of "$TESTDIR/object" two | sort | paste -sd' ')" "first 3 second 1"
}

test_no_kernel_tree_is_a_usage_error()
{
	mkdir "$TESTDIR/empty"
	KSRC=$TESTDIR/empty want 64 "$TOP/kernel/tree.sh" 2> "$TESTDIR/error"
	says "is not a kernel tree" "$TESTDIR/error"
}

test_unknown_base_is_a_usage_error()
{
	BASE=1.0 want 64 "$TOP/kernel/fetch.sh" 2> "$TESTDIR/error"
	says "no series for base 1.0; supported: 6.19 7.0 7.1 7.2 7.3" "$TESTDIR/error"
}

test_applies_to_7_3_where_the_mirror_has_it()
{
	local src

	src=$(BASE=7.3 "$TOP/kernel/fetch.sh" 2> "$TESTDIR/err") || {
		cat "$TESTDIR/err"
		says "the mirror has no supported kernel source" "$TESTDIR/err"
		return "$EXIT_SKIP"
	}
	pristine=$src small_tree "$TESTDIR/other"
	KSRC=$TESTDIR/other in_cache "$TOP/kernel/tree.sh"
	KSRC=$TESTDIR/other in_cache "$TOP/kernel/tree.sh" before
}

pristine=$("$TOP/kernel/fetch.sh")
before_each() { rm -rf "$TESTDIR/other" "$TESTDIR/cache"; }
run_tests
