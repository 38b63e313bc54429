#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make check, make test, make test-all: run their tests, and count them in the last line. See
# tests/README.md.
#
#   tests/run.sh [--level check|test|rest|all] [SCRIPT[:PATTERN]...]
#
# rest: the tests of level all that test does not have. SCRIPT is tests/SCRIPT.sh; PATTERN is a shell
# pattern for names of its tests. The default is $T.
#
# From the environment: TEST_COUNTS=DIR: a folder in which several runs are counted together;
# TEST_LEAVE_OUT: scripts that are not run unless they are named.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/tests/checks.sh"
. "$TOP/tests/names.sh"

# First what builds the programs; then two lanes in parallel, as a guest seldom takes more than one CPU;
# then what takes long.
readonly FIRST="unit"
readonly LANE="schedule kernel vm module contend bench kernels proposals"
readonly BESIDE="environment compare doctor fakes lint series config contract results migrate stock host install"
readonly LAST="debug selftests before clang restore"
# Only if they are named
# shellcheck disable=SC2034 # tests/lint.sh reads it
readonly ALONE="fleet"
# The scripts of each level. Tags of single tests: see tests/names.sh.
readonly CHECK=" unit environment schedule compare doctor fakes lint "
readonly TEST="$CHECK series kernel config vm module contend contract bench results migrate stock "
# MiB that both lanes take, each with two guests; that one guest takes; that the tests' files take
readonly MEMORY_BESIDE=10500 MEMORY=2600 ROOM=512

level=all
if [ "${1:-}" = --level ]; then
	level=${2:-}
	shift 2
fi
case $level in
check | test | rest | all) ;;
*) die "-$EXIT_USAGE" "unknown level '$level'; known: check test rest all" ;;
esac

# known: print the scripts that have tests
known()
{
	local file

	for file in "$TOP"/tests/*.sh; do
		case $(basename "$file" .sh) in
		checks | lib | names | run | runs) ;;
		*) basename "$file" .sh ;;
		esac
	done
}

# choose WORD...: add SCRIPT or SCRIPT:PATTERN to $chosen and $patterns
declare -A patterns
choose()
{
	local word script pattern name tag found

	for word; do
		script=${word%%:*} pattern='*' found=''
		case $word in *:*) pattern=${word#*:} ;; esac
		case " $(known | paste -sd' ') " in *" $script "*) ;; *)
			die "-$EXIT_USAGE" "there are no tests '$script'; known: $(known | paste -sd' ')" ;;
		esac
		while read -r name tag; do
			# shellcheck disable=SC2053 # a pattern
			[[ $name != $pattern ]] || found=1
		done < <(names_of_script "$TOP/tests/$script.sh")
		[ -n "$found" ] || die "-$EXIT_USAGE" "no test of $script is named '$pattern'; there are: $(names_of_script "$TOP/tests/$script.sh" | cut -d' ' -f1 | paste -sd' ')"
		case " $chosen " in *" $script "*) ;; *) chosen+=" $script" ;; esac
		patterns[$script]+="${patterns[$script]:+ }$pattern"
	done
}

# scripts_of LIST: print those of the level
scripts_of()
{
	local name

	for name in $1; do
		case " ${TEST_LEAVE_OUT:-} " in *" $name "*) continue ;; esac
		case $level in
		check) case $CHECK in *" $name "*) echo "$name" ;; esac ;;
		test) case $TEST in *" $name "*) echo "$name" ;; esac ;;
		rest)
			case $TEST in
			*" $name "*)
				# Not grep -q, which would not read to the end.
				! names_of_script "$TOP/tests/$name.sh" | grep ' full$' > /dev/null ||
					echo "$name" ;;
			*) echo "$name" ;;
			esac ;;
		all) echo "$name" ;;
		esac
	done
}

# run NAME: run a script; its TAP lines are in $counts/NAME.LEVEL. It has its own session, so that it
# can be ended with all its children, and a shell of its own, whose children's CPU seconds are its own.
run()
{
	local status=0 lines=$counts/$1.$level of=$level

	# A script that is for test-all as a whole has no tags.
	case $TEST in *" $1 "*) ;; *) of=all ;; esac
	: > "$lines"
	(
		trap - EXIT INT TERM HUP
		COUNTS=$lines TEST_LEVEL=$of TEST_PATTERN=${patterns[$1]:-} \
			setsid "$TOP/tests/$1.sh" &
		echo $! > "$sessions/$1"
		wait $! || status=$?
		times > "$sessions/.times-$1"
		exit $status
	) &
	wait $! || status=$?
	rm -f "$sessions/$1"
	# Ended early, or with a failure that is in none of its lines.
	if [ $status -gt 1 ] || { [ $status = 1 ] && ! grep -q '^not ok' "$lines"; }; then
		echo "not ok - tests/$1.sh itself (status $status)" | tee -a "$lines"
	fi
}

# cpu_of NAME: print the CPU seconds that the script took
cpu_of()
{
	awk 'NR == 2 { gsub("s", ""); split($1, u, "m"); split($2, s, "m")
		print int(60 * (u[1] + s[1]) + u[2] + s[2]) }' "$sessions/.times-$1"
}

# one_by_one NAME...
one_by_one()
{
	local name begun

	for name; do
		begun=$SECONDS
		stage "tests: $name"
		run "$name"
		# On a busy machine, only CPU seconds say how long a script is.
		stage "tests: $name took $((SECONDS - begun)) s, of CPU $(cpu_of "$name") s"
	done
}

# quietly NAME...: run scripts, and print the output of each when it has ended
quietly()
{
	local name begun

	for name; do
		begun=$SECONDS
		run "$name" > "$sessions/$name.out" 2>&1
		stage "tests: $name, beside others, took $((SECONDS - begun)) s, of CPU $(cpu_of "$name") s"
		cat "$sessions/$name.out"
		rm "$sessions/$name.out"
	done
}

# shellcheck disable=SC2317 # reached through the trap
all_have_ended()
{
	local file

	for file in "$sessions"/*; do
		case $file in
		*.out | *'*') ;;
		*) ! pgrep -s "$(cat "$file")" || return ;;
		esac
	done
}

# interrupted SIGNAL: end all scripts, and die of the signal
# shellcheck disable=SC2317 # reached through the trap
interrupted()
{
	local file

	trap '' INT TERM HUP
	[ -z "$beside" ] || kill -KILL "$beside" 2> /dev/null || true
	for file in "$sessions"/*; do
		case $file in *.out | *'*') ;; *) pkill -TERM -s "$(cat "$file")" || true ;; esac
	done
	{
		until_true 15 all_have_ended ||
			for file in "$sessions"/*; do
				case $file in *.out) ;; *) pkill -KILL -s "$(cat "$file")" || true ;; esac
			done
		# Or bash would print that they were terminated
		wait || true
	} > /dev/null 2>&1
	cleanup
	stage "tests: interrupted; nothing is left running"
	trap - "$1" EXIT
	kill "-$1" $$
}

# shellcheck disable=SC2317 # reached through the trap
cleanup()
{
	rm -rf "$sessions"
	[ -n "${TEST_COUNTS:-}" ] || rm -rf "$counts"
}

# check_room: end if there is no room for the tests' files
check_room()
{
	local dir=${TMPDIR:-/tmp} mib=$ROOM left

	[ "$level" != check ] || mib=$((ROOM / 8))
	left=$(df --output=avail -m "$dir" 2> /dev/null | tail -n 1) ||
		die "there is no folder TMPDIR=$dir"
	[ "$left" -ge "$mib" ] ||
		die "TMPDIR=$dir has $((left)) MiB left, the tests need up to $mib: set TMPDIR=DIR"
	# A disk may have room but no inodes left.
	: > "$dir/.splitbench-test-$$" 2> /dev/null || die "cannot write to TMPDIR=$dir: set TMPDIR=DIR"
	rm "$dir/.splitbench-test-$$"
}

chosen=''
if [ $# -gt 0 ]; then
	choose "$@"
elif [ -n "${T:-}" ]; then
	read -ra words <<< "$T"
	choose "${words[@]}"
fi
unset T
check_room
# shellcheck disable=SC2086 # names
if [ -n "$chosen" ]; then
	level=all
	first=$chosen lane='' second='' last=''
else
	first=$(scripts_of "$FIRST") lane=$(scripts_of "$LANE")
	second=$(scripts_of "$BESIDE") last=$(scripts_of "$LAST")
fi
"$TOP/scripts/deps.sh"
if [ "$level" != check ]; then
	memory=$(memory_left)
	[ "$memory" -ge $MEMORY ] || stage "tests: $memory MiB of memory are available, a guest takes $MEMORY: some tests will fail for lack of it"
	if [ -n "$second" ] && { [ "$(nproc)" = 1 ] || [ "$memory" -lt $MEMORY_BESIDE ]; }; then
		stage "tests: $(nproc) CPU(s), $memory MiB of memory available: one script after the other, which takes longer"
		lane="$lane $second" second=''
	fi
elif [ "$(nproc)" = 1 ]; then
	lane="$lane $second" second=''
fi
if [ -n "${TEST_COUNTS:-}" ]; then
	counts=$TEST_COUNTS
	mkdir -p "$counts"
else
	counts=$(mktemp -d)
fi
sessions=$(mktemp -d)
beside=''
trap cleanup EXIT
for signal in INT TERM HUP; do
	# shellcheck disable=SC2064 # this signal
	trap "interrupted $signal" $signal
done
# Shorter abuse tests than those of make test-debug, which take half an hour
[ "$level" = check ] || [ -n "$chosen" ] || export ABUSE=${ABUSE:-200000 1 200 20}
begun=$SECONDS
# shellcheck disable=SC2086 # names
{
	one_by_one $first
	if [ -n "$second" ]; then
		# The other lane; the main shell ends its children.
		( trap - EXIT INT TERM HUP; quietly $second ) &
		beside=$!
	fi
	one_by_one $lane
	if [ -n "$second" ]; then
		progress "tests: waiting for" $second
		wait $beside || echo "not ok - tests beside others (status $?)" | tee "$counts/beside.$level"
		beside=''
	fi
	one_by_one $last
}
lines() { cat "$counts"/* | grep -E "$1" || true; }
passed=$(lines '^ok' | wc -l)
skipped=$(lines '^skip' | wc -l)
failed=$(lines '^not ok' | wc -l)
stage "tests: done in $((SECONDS - begun)) s"
# Repeat what failed and why: of a long run, often only the end is kept.
for file in "$counts"/*; do
	awk -v most=12 '
		/^(not ok|skip)/ { print; left = /^not/ ? most : 0; next }
		!/^#/ { left = 0 }
		left > 0 { print substr($0, 1, 200); left-- }' "$file"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
