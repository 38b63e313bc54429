# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What all test scripts share. Each test is a function test_NAME of its script. They are run in the
# order of the script, each in a subshell, and print a TAP line each. Sourced.
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/checks.sh"
. "$(dirname "${BASH_SOURCE[0]}")/names.sh"

# A file that all scripts of a make test append their results to
COUNTS=${COUNTS:-/dev/null}
TESTDIR=$(mktemp -d "${TMPDIR:-/tmp}/splitbench-test.XXXXXX") ||
	die "TMPDIR, ${TMPDIR:-/tmp}, cannot be written to"
STATUS_DIR=$TESTDIR
SCRIPT=$(realpath "$0")
failed=0
# Passes on to a guest which tests are wanted
# shellcheck disable=SC2034 # of who sources this
wants=(env "TEST_PATTERN=${TEST_PATTERN:-}" "TEST_LEVEL=${TEST_LEVEL:-}")
# Alone, a script ends with 1 if one of its tests failed; run.sh counts them.
trap 'status=$?; end_jobs; keep_logs $status; rm -rf "$TESTDIR"; [ $status != 0 ] || exit $failed' EXIT
# Tests set these themselves: make's variables, but for ABUSE, which is for a test, and variables
# that scripts set for each other.
# shellcheck disable=SC2046 # a list of names
unset $(sed -n '/^VARIABLES := /,/[^\\]$/{ s/^VARIABLES := //; s/\\$//; s/\bABUSE\b//; p }' "$TOP/Makefile") \
	LAYOUT DEFAULT_PLAN PLANT FRAGMENT PREVIEW MORE PROPOSAL SPLITBENCH_GUARD LSMOD LABEL \
	SHELLCHECK_OPTS PYFLAKES_BUILTINS
# The default base, unless kernel/series-check.sh names one
[ -z "${TEST_BASE:-}" ] || export BASE=$TEST_BASE
[ -z "${TEST_KSRC:-}" ] || export KSRC=$TEST_KSRC
# The tests use the VM, even if this machine is suitable.
export TARGET=vm
# checkpatch writes files into the current folder.
cd "$TESTDIR"

# end_jobs: end background jobs that are left, such as guests
end_jobs()
{
	local pid

	for pid in $(jobs -rp); do
		pkill -TERM -P "$pid" || true
		kill "$pid" 2> /dev/null || true
	done
}

# keep_logs STATUS: keep the output of guests and tools if a test failed
keep_logs()
{
	local logs

	[ "$1" != 0 ] || [ $failed != 0 ] || return 0
	logs=$CACHE/failed/$(basename "$0" .sh)-$(date +%Y%m%dT%H%M%S)-$$
	mkdir -p "$logs"
	find "$CACHE/failed" -mindepth 1 -maxdepth 1 -mtime +7 -exec rm -rf {} +
	(cd "$TESTDIR" && find . -type f \( -name '*console*' -o -name '*.log' -o -name '*err*' \) \
		-size -10M -exec cp --parents {} "$logs" \;)
	rmdir "$logs" 2> /dev/null || echo "# consoles and logs are kept in $logs"
}

# check NAME: run the test test_NAME. It passes if it returns 0, and is skipped if it returns 4.
check()
{
	local log=$TESTDIR/$1.log status begun=$SECONDS took

	progress "test: $1"
	: > "$TESTDIR/begun"
	! declare -F before_each > /dev/null || before_each
	# Not before || or in a condition: bash would ignore set -e in there.
	set +e
	( set -eEu; trap_errors; "test_$1" ) > "$log" 2>&1 < /dev/null
	status=$?
	set -e
	clear_progress
	took="($((SECONDS - begun)) s)"
	if [ $status = 0 ]; then
		echo "ok - $1 $took"
	elif [ $status = "$EXIT_SKIP" ]; then
		echo "skip - $1: $(grep -v '^at ' "$log" | tail -n 1)"
	else
		failed=1
		echo "not ok - $1 (status $status) $took"
		sed 's/^/# /' "$log"
		show_said "$TESTDIR" "$TESTDIR/begun"
	fi > "$TESTDIR/line"
	echo $status > "$STATUS_DIR/.status-$1"
	tee -a "$COUNTS" < "$TESTDIR/line"
}

# trap_errors: have the failing command printed
trap_errors()
{
	trap 'say_where $? "$LINENO" "${BASH_SOURCE[0]}" "$BASH_COMMAND"' ERR
}

# say_where STATUS LINE FILE COMMAND: print where it failed, with the command's first line
say_where() { echo "at ${3#"$TOP/"}:$2, status $1: ${4%%$'\n'*}" >&2; }

# guest_tests WHAT FILE[#SECTION] COMMAND...: run the command, which boots a guest, and count its TAP
# lines; FILE has the tests
guest_tests()
{
	local what=$1 status=0 begun=$SECONDS of try

	IFS='#' read -ra of <<< "$2"
	shift 2
	any_is_wanted "${of[@]}" || return 0
	progress "test: $what"
	for ((try = 1; ; try++)); do
		status=0
		"$@" > "$TESTDIR/out" 2> "$TESTDIR/err" || status=$?
		if [ $status != "$EXIT_EMULATOR" ] || [ $try = 3 ]; then
			break
		fi
		echo "# $what: $(tail -n 1 "$TESTDIR/err")"
	done
	clear_progress
	count_tests "$what" $status "$TESTDIR/out" $((SECONDS - begun))
}

# count_tests WHAT STATUS FILE SECONDS: count the TAP lines that a guest or program has printed into
# the file, and whether it ended well. A failed test is reported only once.
count_tests()
{
	sed -E '/^(ok|not ok|skip|#)/!d; /^# (not )?ok - /d; s/^((not )?ok) [0-9]+ -/\1 -/' "$3" | tee -a "$COUNTS"
	if [ "$2" = 0 ]; then
		echo "ok - $1 ends well ($4 s)" | tee -a "$COUNTS"
	elif [ "$2" -gt 1 ] || ! grep -q '^not ok' "$3"; then
		echo "not ok - $1 ends well (status $2) ($4 s)" | tee -a "$COUNTS"
		touch -d @0 "$TESTDIR/begun"
		show_said "$TESTDIR" "$TESTDIR/begun"
	fi
	if [ "$2" != 0 ] || grep -q '^not ok' "$3"; then
		failed=1
	fi
}

# disassembly FUNCTION OBJECT: print that of a function. objdump --disassemble=FUNCTION would
# print the relocations of other functions too.
disassembly()
{
	objdump -dr --no-show-raw-insn -j .text "$2" |
		awk -v f="<$1>:" '$2 == f { on = 1; next } /^$/ { on = 0 } on'
}

# each COMMAND...: run it with the name of each proposal as last argument
each()
{
	local proposal

	for proposal in $(proposals); do
		"$@" "$proposal"
	done
}

# needs_memory MIB: skip all tests of this script if less is available
needs_memory()
{
	local left name tag

	left=$(memory_left)
	[ "$left" -lt "$1" ] || return 0
	while read -r name tag; do
		is_wanted "$name" "$tag" || continue
		echo "skip - $name: its guests take $1 MiB, $left MiB are available" | tee -a "$COUNTS"
	done < <(names_of_script "$SCRIPT")
	exit 0
}

# whole_script: run all tests of this script, as they build on each other, whatever the pattern
whole_script()
{
	[ -z "${TEST_PATTERN:-}" ] || stage "tests: those of $(basename "$0") build on each other: all are run"
	unset TEST_PATTERN
	# shellcheck disable=SC2034 # of who sources this
	wants=(env TEST_PATTERN= "TEST_LEVEL=${TEST_LEVEL:-}")
}

# as_nobody COMMAND...: run it as a user who owns nothing, on a copy of the project in $TESTDIR/repo,
# as the project itself may be where only root can read
as_nobody()
{
	if [ ! -d "$TESTDIR/repo" ]; then
		mkdir "$TESTDIR/repo"
		cp -r "$TOP"/{kernel,patches,scripts,userspace,vm} "$TESTDIR/repo/"
		chmod -R a+rX "$TESTDIR/repo"
		chmod a+rx "$TESTDIR"
	fi
	if ! nobody test -r "$TESTDIR/repo"; then
		echo "only root can get to $TESTDIR: is TMPDIR private?"
		return "$EXIT_SKIP"
	fi
	nobody env HOME="$TESTDIR" "$@"
}

nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

# in_environment VARIABLE=VALUE... -- COMMAND: in a shell of ours, begun in that
in_environment()
{
	local variables=()

	while [ "$1" != -- ]; do
		variables+=("$1")
		shift
	done
	env "${variables[@]}" bash -euc ". '$TOP/scripts/lib.sh'; $2"
}
