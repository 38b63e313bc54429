#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# checkpatch --strict, shellcheck, sparse and W=1.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# What checkpatch wants of kernel code only: its types and helpers. And lines
# of the manual kind: what a message says is not broken in two.
readonly USERSPACE_IGNORES=PREFER_KERNEL_TYPES,STRCPY,BIT_MACRO,CAMELCASE,EMBEDDED_FUNCTION_NAME,VOLATILE,PREFER_DEFINED_ATTRIBUTE_MACRO,ENOSYS,LONG_LINE_STRING
# It takes the minus of 1e-9 for a subtraction.
readonly TEST_IGNORES=$USERSPACE_IGNORES,SPACING,STATIC_CONST_CHAR_ARRAY

# checkpatch OPTIONS FILES...: prints nothing if there is nothing to say
checkpatch()
{
	local out

	out=$(perl "$tree/scripts/checkpatch.pl" --strict --root="$tree" --terse \
		--show-types --quiet "$@" 2>&1 |
		grep -v '^total: 0 errors, 0 warnings, 0 checks,') || true
	[ -z "$out" ] || { echo "$out"; return 1; }
}

module_is_checkpatch_clean()
{
	# The list of initialisers that a table takes cannot be parenthesised.
	checkpatch -f --ignore COMPLEX_MACRO "$TOP"/bench/*.[ch]
}

userspace_is_checkpatch_clean()
{
	checkpatch -f --ignore "$USERSPACE_IGNORES" "$TOP"/userspace/*.[ch]
	checkpatch -f --ignore "$TEST_IGNORES" "$TOP"/tests/*/*.c
}

patches_are_checkpatch_clean()
{
	checkpatch --no-signoff "$TOP"/patches/7.2/000[1-9]*.patch \
		"$TOP"/patches/before/7.2/000[4-6]*.patch "$TOP"/tests/mutants/*.patch
}

patches_are_not_for_merge()
{
	local file

	for file in "$TOP"/patches/{,before/}7.2/*.patch; do
		says "NOT FOR MERGE" "$file"
		want 1 grep -l '^Signed-off-by' "$file"
	done
}

scripts_are_shellcheck_clean()
{
	git -C "$TOP" ls-files -z '*.sh' .ci/run |
		(cd "$TOP" && xargs -0 shellcheck)
}

module_is_warning_and_sparse_clean()
{
	local out=$TESTDIR/module

	mkdir "$out"
	# Debian 12's sparse does not know typeof_unqual, and takes the string
	# checks in MODULE_DESCRIPTION and MODULE_LICENSE for no constants.
	make -C "$build" M="$TOP/bench" MO="$out" W=1 C=2 KCFLAGS=-Werror \
		CHECK="sparse -D__typeof_unqual__=__typeof__" FSB_TESTS=y > "$out/log" 2>&1 || { cat "$out/log"; return 1; }
	grep -q '^  CHECK' "$out/log" || { echo "sparse did not run"; cat "$out/log"; return 1; }
	grep -E 'bench/.*(warning|error):' "$out/log" > "$out/said" || true
	want 1 grep -v ':[0-9]*:1: error: bad constant expression' "$out/said"
}

checkpatch_can_fail()
{
	printf 'int x(void){return 1;}\n' > "$TESTDIR/bad.c"
	want 1 checkpatch -f "$TESTDIR/bad.c"
}

tree=$("$TOP/kernel/tree.sh")
build=$("$TOP/kernel/build.sh")
for name in module_is_checkpatch_clean userspace_is_checkpatch_clean \
	patches_are_checkpatch_clean patches_are_not_for_merge \
	scripts_are_shellcheck_clean module_is_warning_and_sparse_clean \
	checkpatch_can_fail; do
	check $name
done
