# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the test scripts share. Each test is a function, run by `check` in a
# shell of its own; one line tells how it went, in TAP's words.
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/checks.sh"

# The counts of a whole `make test` go through a file that scripts add to.
COUNTS=${COUNTS:-/dev/null}
TESTDIR=$(mktemp -d "${TMPDIR:-/tmp}/splitbench-test.XXXXXX")
failed=0
# Alone, a script ends with 1 if one of its tests failed; run.sh counts them.
trap 'status=$?; end_jobs; rm -rf "$TESTDIR"; [ $status != 0 ] || exit $failed' EXIT
# What make bench takes from the environment is for tests to choose.
unset BASE KSRC KERNEL PLAN ARMS BUILDS LAYOUT DEFAULT_PLAN CPUS BOOTS BLOCKS REPS MARGIN SEED NEW_ORDER UNIT RUN RESULTS \
	PLANT APPEND FRAGMENT KERNELS REVS KREV LIKE MORE BUDGET ONLY_BOOTS GOOD \
	KBUILD FIX ARM CONFIG MODULES FORCE SPLITBENCH_GUARD
# Whatever this machine could do: the tests are of the VM.
export TARGET=vm
# checkpatch leaves files where it runs.
cd "$TESTDIR"

# end_jobs: what was left in the background, guests among it
end_jobs()
{
	local pid

	for pid in $(jobs -rp); do
		pkill -TERM -P "$pid" || true
		kill "$pid" 2> /dev/null || true
	done
}

# check NAME: run the function NAME; it passes if it returns 0, and is skipped
# if it returns 4
check()
{
	local log=$TESTDIR/$1.log status

	progress "test: $1"
	# Not before || or in a condition: bash would ignore set -e in there.
	set +e
	( set -eu; "$1" ) > "$log" 2>&1 < /dev/null
	status=$?
	set -e
	clear_progress
	if [ $status = 0 ]; then
		echo "ok - $1"
	elif [ $status = "$EXIT_SKIP" ]; then
		echo "skip - $1: $(tail -n 1 "$log")"
	else
		failed=1
		echo "not ok - $1 (status $status)"
		sed 's/^/# /' "$log"
	fi > "$TESTDIR/line"
	tee -a "$COUNTS" < "$TESTDIR/line"
}

# guest_tests WHAT COMMAND...: run it, which boots a guest, and count those of its
# lines that are tests
guest_tests()
{
	local what=$1 status=0

	shift
	progress "test: $what"
	"$@" > "$TESTDIR/out" || status=$?
	clear_progress
	grep -E '^(ok|not ok|#)' "$TESTDIR/out" | tee -a "$COUNTS"
	[ $status = 0 ] || echo "not ok - $what itself (status $status)" | tee -a "$COUNTS"
	if [ $status != 0 ] || grep -q '^not ok' "$TESTDIR/out"; then
		failed=1
	fi
}

# holds FILTER FILE: jq's filter has to be true of the file
holds()
{
	jq -e "$1" "$2" > /dev/null || {
		echo "not true of $2: $1"
		jq . "$2"
		return 1
	}
}

# as_nobody COMMAND...: as a user who owns nothing, on a copy of the project in
# $TESTDIR/repo, as the project itself may lie where only root can read
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
