#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make lint: checkpatch --strict, kernel-doc, shellcheck, pyflakes, sparse and W=1; the layers of
# userspace/; and rules for tests.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/kernel/series.sh"

# Checks that only make sense in kernel code (its types and helpers); long strings, as messages are not
# broken in two; and unused macro arguments, as rows of jobs.h have columns for several rooms.
readonly USERSPACE_IGNORES=PREFER_KERNEL_TYPES,STRCPY,BIT_MACRO,CAMELCASE,EMBEDDED_FUNCTION_NAME,VOLATILE,MACRO_ARG_REUSE,TRAILING_SEMICOLON,PREFER_DEFINED_ATTRIBUTE_MACRO,ENOSYS,LONG_LINE_STRING,MACRO_ARG_UNUSED
# checkpatch takes the minus of 1e-9 for a subtraction.
readonly TEST_IGNORES=$USERSPACE_IGNORES,SPACING,STATIC_CONST_CHAR_ARRAY

# C files of splitbench, in all rooms
mapfile -t SPLITBENCH < <(find "$TOP/userspace" -name build -prune -o -name '*.[ch]' -print)

# checkpatch OPTIONS -- FILES...: fails and prints its messages, if there are any
checkpatch()
{
	local options=() tree

	tree=$("$TOP/kernel/tree.sh")
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	# On all CPUs, a few files at a time; and without the user's ~/.checkpatch.conf
	printf '%s\0' "$@" | HOME=$TESTDIR xargs -0 -P "$(nproc)" -n 8 perl "$tree/scripts/checkpatch.pl" \
		--strict --root="$tree" --terse --show-types --quiet "${options[@]}" \
		> "$TESTDIR/said" 2>&1 || true
	sed -i '/^total: 0 errors, 0 warnings, 0 checks,/d' "$TESTDIR/said"
	empty "$TESTDIR/said"
}

test_module_is_checkpatch_clean()	# kernel
{
	# The list of initialisers that a table takes cannot be parenthesised.
	checkpatch -f --ignore COMPLEX_MACRO -- "$TOP"/bench/*.[ch]
}

test_userspace_is_checkpatch_clean()	# kernel
{
	checkpatch -f --ignore "$USERSPACE_IGNORES" -- "${SPLITBENCH[@]}" "$TOP"/vm/*.c
	checkpatch -f --ignore "$TEST_IGNORES" -- "$TOP"/tests/*/*.[ch] "$TOP"/tests/*.h
}

# headless FILES...: print those that do not begin with a comment, after the lines with the
# interpreter and the licence
headless()
{
	awk 'FNR == 1 || (FNR == 2 && first ~ /^#!/ && /SPDX/) { first = $0; next }
		{
			if (FILENAME ~ /\.[ch]$/ ? !/^\/\*/ : !/^(# ..|"""..)/)
				if (!/^# shellcheck/ || (getline) <= 0 || !/^# ../)
					print FILENAME ": " $0
			nextfile
		}' "$@"
}

test_files_begin_with_what_they_are()
{
	local file

	cd "$TOP"
	mapfile -t file < <(git ls-files -co --exclude-standard '*.[ch]' '*.sh' '*.py' '*.awk' | grep -v /build/)
	is "$((${#file[@]} > 200))" 1
	headless "${file[@]}" > "$TESTDIR/found"
	empty "$TESTDIR/found"
	# The check can fail.
	printf '%s\n' '// SPDX-License-Identifier: GPL-2.0' '#include <stdio.h>' > "$TESTDIR/none.c"
	printf '%s\n' '#!/bin/bash' '# SPDX-License-Identifier: GPL-2.0' 'set -e' > "$TESTDIR/none.sh"
	printf '%s\n' '#!/bin/bash' '# SPDX-License-Identifier: GPL-2.0' '# What it is' > "$TESTDIR/some.sh"
	is "$(headless "$TESTDIR"/{none.c,none.sh,some.sh} | sed 's/.*\///' | paste -sd' ')" \
		"none.c: #include <stdio.h> none.sh: set -e"
}

test_patches_are_checkpatch_clean()	# kernel
{
	local patches release

	mapfile -t patches < <(find "$TOP"/{patches,tests/mutants} -name '*.patch' ! -name '0000-*')
	number ${#patches[@]} -gt 20
	# A release's checkpatch only checks the patches for that release.
	if [ -n "${BASE:-}${KSRC:-}" ]; then
		release=${BASE:-$(version_of "$KSRC")}
		mapfile -t patches < <(patches_of "$TOP/patches/$release"; patches_of "$TOP/patches/before/$release")
		number ${#patches[@]} -gt 10
	fi
	# A distribution's source has no commits to look up.
	checkpatch --no-signoff --ignore UNKNOWN_COMMIT_ID -- "${patches[@]}"
}

test_patches_are_not_for_merge()
{
	local file

	while read -r file; do
		says "NOT FOR MERGE" "$file"
		want 1 grep -l '^Signed-off-by' "$file"
	done < <(find "$TOP/patches" -name '*.patch')
}

test_scripts_are_shellcheck_clean()
{
	git -C "$TOP" ls-files -z '*.sh' .ci/run |
		(cd "$TOP" && xargs -0 -P "$(nproc)" -n 12 shellcheck)
}

# pyflakes FILE...: fails and prints its messages, if there are any
pyflakes()
{
	"${PYTHON[@]}" -c 'import sys
for file in sys.argv[1:]:
    compile(open(file, encoding="utf-8").read(), file, "exec")' "$@"
	"${PYTHON[@]}" -m pyflakes "$@"
}

test_python_is_pyflakes_clean()
{
	local files

	mapfile -t files < <(git -C "$TOP" ls-files '*.py')
	number ${#files[@]} -gt 5
	(cd "$TOP" && pyflakes "${files[@]}")
	printf 'import os\n' > "$TESTDIR/bad.py"
	want 1 pyflakes "$TESTDIR/bad.py"
	printf 'def x(:\n' > "$TESTDIR/bad.py"
	want 1 pyflakes "$TESTDIR/bad.py"
}

test_module_is_warning_and_sparse_clean()	# kernel
{
	local out=$TESTDIR/module build

	build=$("$TOP/kernel/build.sh")
	mkdir "$out"
	# Debian 12's sparse does not know typeof_unqual, and takes the string
	# checks in MODULE_DESCRIPTION and MODULE_LICENSE for no constants.
	make -C "$build" M="$TOP/bench" MO="$out" W=1 C=2 KCFLAGS=-Werror \
		CHECK="sparse -D__typeof_unqual__=__typeof__" FSB_TESTS=y > "$out/log" 2>&1 || { cat "$out/log"; return 1; }
	grep -q '^  CHECK' "$out/log" || { echo "sparse did not run"; cat "$out/log"; return 1; }
	grep -E 'bench/.*(warning|error):' "$out/log" > "$out/said" || true
	want 1 grep -v ':[0-9]*:1: error: bad constant expression' "$out/said"
}

test_checkpatch_can_fail()	# kernel
{
	printf 'int x(void){return 1;}\n' > "$TESTDIR/bad.c"
	want 1 checkpatch -f -- "$TESTDIR/bad.c"
}

# kernel_doc FILE...: fails and prints its messages, if a kernel-doc comment is incomplete
kernel_doc()
{
	"$("$TOP/kernel/tree.sh")/scripts/kernel-doc" -none -Wall "$@" > "$TESTDIR/said" 2>&1 || true
	empty "$TESTDIR/said"
}

test_kernel_doc_is_complete()	# kernel
{
	kernel_doc "$TOP"/bench/*.[ch] "${SPLITBENCH[@]}"
}

test_kernel_doc_can_fail()	# kernel
{
	sed '/^ \* @dir: a folder$/d' "$TOP/userspace/util/util.h" > "$TESTDIR/bad.h"
	want 1 kernel_doc "$TESTDIR/bad.h"
}

# arrows DIR: print for rooms.awk which units each unit of a userspace/ uses
arrows()
{
	local file object

	cd "$1"
	find . -name build -prune -o -name '*.[ch]' -printf '%P\n' | while read -r file; do
		sed -nE "s,^#include \"([^.].*)\"\$,include $file \1,p" "$file"
		object=build/${file%.c}.o
		[ "$file" = "${file%.c}" ] || nm "$object" |
			awk -v file="$file" '{ print "nm", file, $(NF - 1), $NF }'
	done
}

# By headers and by calls: units use their own room and rooms below, and there are no circles.
test_units_use_rooms_below()
{
	make -s -C "$TOP/userspace"
	arrows "$TOP/userspace" > "$TESTDIR/arrows"
	number "$(grep -c '^nm' "$TESTDIR/arrows")" -gt 1000
	awk -f "$TOP/tests/rooms.awk" "$TESTDIR/arrows" > "$TESTDIR/found"
	empty "$TESTDIR/found"
}

test_arrows_upward_and_circles_are_found()
{
	make -s -C "$TOP/userspace"
	arrows "$TOP/userspace" > "$TESTDIR/arrows"
	{
		cat "$TESTDIR/arrows"
		echo "include stats/stats.h workload/job.h"
		echo "nm util/util.c U analyse"
		echo "nm record/cell.c U plan_load"
		echo "include attic/old.c util/util.h"
	} | awk -f "$TOP/tests/rooms.awk" > "$TESTDIR/found"
	says "stats/stats includes workload/job.h, which is no room below stats" "$TESTDIR/found"
	says "util/util calls analyse of analysis/load, which is no room below util" "$TESTDIR/found"
	says "record/cell calls plan_load of record/plan: a circle" "$TESTDIR/found"
	says "attic/old: there is no room attic" "$TESTDIR/found"
}

# Where a test may sleep, and why: FILE, the line, the reason
readonly SLEEPS='
checks.sh|sleep 0.1|until_true: between two looks
vm.sh|ends_badly "the guest hung: no end after 15 s" --timeout 15 -- sleep 1000|a command that does not end
vm.sh|bash -c '"'touch /run/splitbench/mine/up; sleep 1000'"' &|a command that does not end
vm.sh|bash -c '"'echo begin >&2; sleep 5; echo end >&2'"' 2>&1)|how long it takes is what is looked at
guest/checked.sh|sleep 6|kmemleak takes nothing for lost that is younger than 5 s
guest/test_module.c|usleep(20000 + i % 50 * 1733);|killed at any moment: no order is expected
guest/test_abuse.c|usleep(200000);|between two looks
guest/test_abuse.c|usleep(1000);|merging is given a chance: no order is expected
guest/test_abuse.c|usleep(10000);|a CPU is away for a while: no order is expected
guest/test_abuse.c|usleep(1000 + rand() % 60000);|exits at any moment: no order is expected
guest/test_abuse.c|usleep(rand() % span);|killed at any moment: no order is expected
experiments/pageout_leak.c|usleep(100 + rand_r(&seed) % 5000);|wakes up in the middle of a scan: no order is expected
experiments/pageout_leak.c|sleep(seconds);|as long as was asked for
'

# sleeps DIR: print those that are not listed above
sleeps()
{
	(cd "$1" && grep -rnE --include='*.sh' --include='*.[ch]' '\b(u|nano|clock_nano)?sleep[ (]' .) |
		sed -E 's,^\./,,; s,^([^:]*):([0-9]+):[[:space:]]*,\1|\2|,' |
		awk -F'|' -v known="$SLEEPS" '
			BEGIN {
				n = split(known, lines, "\n")
				for (i = 1; i <= n; i++) {
					split(lines[i], f, "|")
					explained[f[1] "|" f[2]]
				}
			}
			{
				text = $0
				sub(/^[^|]*\|[0-9]+\|/, "", text)
				if (text ~ /^(#|\/?\*)/ || $1 == "lint.sh" || ($1 "|" text) in explained)
					next
				print
			}'
}

test_assertions_say_what_they_saw()
{
	local file files=()

	for file in "$TOP"/tests/*.sh "$TOP"/tests/guest/*.sh; do
		case $(basename "$file") in run.sh | checks.sh | names.sh) continue ;; esac
		files+=("$file")
	done
	awk -f "$TOP/tests/bare.awk" "${files[@]}" > "$TESTDIR/found"
	empty "$TESTDIR/found"
}

test_sleeps_are_explained()
{
	sleeps "$TOP/tests" > "$TESTDIR/found"
	empty "$TESTDIR/found"
}

# A test without the prefix test_ would silently not be run.
test_functions_are_used()
{
	local file name

	for file in "$TOP"/tests/*.sh "$TOP"/tests/guest/*.sh; do
		while read -r name; do
			case $name in test_* | before_each) continue ;; esac
			[ "$(cat "$TOP"/tests/*.sh "$TOP"/tests/guest/*.sh | grep -cw -- "$name")" -gt 1 ] ||
				fail "$file: nobody uses $name(): is it a test, test_$name()?"
		done < <(sed -n 's/^\([a-z_][a-z0-9_]*\)().*/\1/p' "$file")
	done
}

# unknown_tests FILE...: print SCRIPT:PATTERN there that no test is named by
unknown_tests()
{
	local word name found

	while read -r word; do
		[ -e "$TOP/tests/${word%%:*}.sh" ] || continue
		found=''
		while read -r name _; do
			# shellcheck disable=SC2053 # a pattern
			[[ $name != ${word#*:} ]] || found=1
		done < <(names_of_script "$TOP/tests/${word%%:*}.sh")
		[ -n "$found" ] || echo "$word"
	done < <(grep -hoE '\b[a-z]+:[a-z][a-z_]+[*]?' "$@" | sort -u)
}

# A test that was renamed is not run by those who name it.
test_tests_that_are_named_exist()
{
	unknown_tests "$TOP"/kernel/series-check.sh "$TOP"/tests/clang.sh "$TOP"/Makefile > "$TESTDIR/found"
	empty "$TESTDIR/found"
	echo 'tests/run.sh "kernel:old_way*" "kernel:switch*"' > "$TESTDIR/caller"
	is "$(unknown_tests "$TESTDIR/caller")" "kernel:old_way*"
}

# A comment does not run the test whose results are needed, as after() does for who runs one alone.
test_needed_tests_are_named_by_after()
{
	want 1 grep -nE '^# after [a-z_]+$' "$TOP"/tests/*.sh
}

test_scripts_are_in_a_level()
{
	local file lists

	lists=" $(sed -n 's/^readonly \(FIRST\|LANE\|BESIDE\|LAST\|ALONE\)="\(.*\)"$/\2/p' "$TOP/tests/run.sh" | paste -sd' ') "
	for file in "$TOP"/tests/*.sh; do
		case $(basename "$file" .sh) in checks | lib | names | run | runs) continue ;; esac
		case $lists in
		*" $(basename "$file" .sh) "*) ;;
		*) fail "tests/run.sh runs $(basename "$file") in no level" ;;
		esac
	done
}

# Each of these planted faults has to be found.
test_bad_tests_are_found()
{
	mkdir -p "$TESTDIR/planted/guest"
	# shellcheck disable=SC2016 # not to be expanded
	{
		echo 'test_one()'
		printf '\t%s\n' '[ "$(cat file)" = text ]' 'grep -q text file' \
			'! grep text file' 'cat file | grep -q text' \
			'[ -s file ] &&' '	[ -s other ]' "jq -e '.a' file" \
			'[ -s file ] || fail "file is empty"' \
			'if [ -s file ]; then' '	sleep 1' 'fi'
		echo 'test_two() { [ "$a" = 1 ]; }'
	} > "$TESTDIR/planted/bad.sh"
	printf '\tusleep(1000);\n\tnanosleep(&t, NULL);\n\t/* sleep (a word) */\n' > "$TESTDIR/planted/guest/bad.c"
	awk -f "$TOP/tests/bare.awk" "$TESTDIR/planted/bad.sh" > "$TESTDIR/found"
	is "$(sed 's/.*bad.sh:\([0-9]*\): .*/\1/' "$TESTDIR/found" | paste -sd' ')" "2 3 4 5 6 8 13"
	sleeps "$TESTDIR/planted" > "$TESTDIR/found"
	is "$(cut -d'|' -f1,2 "$TESTDIR/found" | sort | paste -sd' ')" "bad.sh|11 guest/bad.c|1 guest/bad.c|2"
}

run_tests
