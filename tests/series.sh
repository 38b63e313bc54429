#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel series: what it applies to, what it refuses, what it leaves alone.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# small_tree DIR: as much of the pristine tree as the series touches
small_tree()
{
	mkdir -p "$1/mm" "$1/lib" "$1/include/linux" "$1/kernel/events"
	cp "$pristine/Makefile" "$1/"
	cp "$pristine"/mm/{huge_memory.c,migrate_device.c,swap_state.c,swapfile.c,Kconfig.debug,Makefile} "$1/mm/"
	cp "$pristine/lib/test_hmm.c" "$1/lib/"
	cp "$pristine/kernel/events/core.c" "$1/kernel/events/"
	cp "$pristine"/include/linux/{huge_mm,migrate}.h "$1/include/linux/"
}

# in_cache COMMAND...: with a cache of its own, so that nothing is left behind
in_cache()
{
	SPLITBENCH_CACHE=$TESTDIR/cache "$@"
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
	says "git does not take" "$TESTDIR/error"
}

# refused MESSAGE: the tree in $TESTDIR/other is refused with it
refused()
{
	KSRC=$TESTDIR/other in_cache want 71 "$TOP/kernel/tree.sh" 2> "$TESTDIR/error"
	says "$1" "$TESTDIR/error"
	says "supported bases: 7.2 7.3" "$TESTDIR/error"
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

test_fuzz_is_refused()
{
	small_tree "$TESTDIR/other"
	# One line of context: patch would take it with fuzz 1.
	sed -i 's|^ \* min_order_for_split() - .*| * min_order_for_split() - changed|' \
		"$TESTDIR/other/mm/huge_memory.c"
	patch -d "$TESTDIR/other" -p1 --dry-run -s < "$TOP/patches/7.2/"0001-*.patch
	refused "does not apply without fuzz"
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
	says "no series for base 1.0; supported: 7.3 7.2" "$TESTDIR/error"
}

test_applies_to_7_3_where_the_mirror_has_it()
{
	local src

	src=$(BASE=7.3 "$TOP/kernel/fetch.sh" 2> "$TESTDIR/err") || {
		cat "$TESTDIR/err"
		says "no supported kernel source at the mirror" "$TESTDIR/err"
		return "$EXIT_SKIP"
	}
	pristine=$src small_tree "$TESTDIR/other"
	KSRC=$TESTDIR/other in_cache "$TOP/kernel/tree.sh"
	KSRC=$TESTDIR/other in_cache "$TOP/kernel/tree.sh" before
}

pristine=$("$TOP/kernel/fetch.sh")
before_each() { rm -rf "$TESTDIR/other" "$TESTDIR/cache"; }
run_tests
