# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Assertions of tests, and waiting for events, on the host and in guests. Each says what it saw if it
# fails. Sourced.

# fail WHAT...: print it, and return 1
fail()
{
	echo "$*"
	return 1
}

# want STATUS COMMAND...: the command has to end with that status
want()
{
	local wanted=$1 status=0

	shift
	"$@" || status=$?
	[ $status = "$wanted" ] || fail "wanted status $wanted, got $status: $*"
}

# says TEXT FILE: the text has to be in the file
says()
{
	grep -qF -- "$1" "$2" || {
		echo "'$1' is not in $2, which says:"
		cat "$2"
		return 1
	}
}

# matches REGEX FILE: a line of the file has to match
matches()
{
	grep -E -- "$1" "$2" || {
		echo "no line of $2 matches '$1'; it says:"
		cat "$2"
		return 1
	}
}

# is ACTUAL EXPECTED: the two texts have to be the same
is()
{
	[ "$1" = "$2" ] || fail "expected '$2', got '$1'"
}

# is_not ACTUAL UNWANTED: they have to differ
is_not()
{
	[ "$1" != "$2" ] || fail "got '$1', which it must not be"
}

# number ACTUAL -gt|-ge|-lt|-le LIMIT
number()
{
	case $2 in
	-gt) [ "$1" -gt "$3" ] ;;
	-ge) [ "$1" -ge "$3" ] ;;
	-lt) [ "$1" -lt "$3" ] ;;
	-le) [ "$1" -le "$3" ] ;;
	esac || fail "expected a number $2 $3, got '$1'"
}

# exists FILE...: files, folders or devices
exists()
{
	local file

	for file; do
		[ -e "$file" ] || fail "there is no $file" || return
	done
}

# absent FILE...
absent()
{
	local file

	for file; do
		[ ! -e "$file" ] || fail "$file must not be there" || return
	done
}

# not_empty FILE...
not_empty()
{
	local file

	for file; do
		[ -s "$file" ] || fail "$file is empty or is not there" || return
	done
}

# empty FILE: empty, or not there
empty()
{
	[ ! -s "$1" ] || {
		echo "$1 must be empty and says:"
		cat "$1"
		return 1
	}
}

# holds FILTER FILE: jq's filter has to be true of the file
holds()
{
	jq -e "$1" "$2" > /dev/null || {
		echo "not true of $2: $1"
		jq . "$2" || cat "$2"
		return 1
	}
}

# lines_of FILE: how many lines it has; 0 if it is not there
lines_of()
{
	if [ -e "$1" ]; then
		wc -l < "$1"
	else
		echo 0
	fi
}

# one_error FILE: it has to have one line, besides those about stages, such as waiting for a lock
one_error()
{
	[ "$(grep -vcE '^\[[ a-z0-9]+\] ' "$1")" = 1 ] || {
		echo "$1 has to have one line that is no stage, and says:"
		cat "$1"
		return 1
	}
}

# until_true SECONDS COMMAND...: wait until the command succeeds, trying it ten times a second. Tries
# are counted, not seconds, as the command itself may take long.
until_true()
{
	local looks=$(($1 * 10))

	shift
	while ! "$@" > /dev/null 2>&1; do
		if [ $((looks -= 1)) -le 0 ]; then
			echo "still false after waiting: $*"
			"$@"
			return 1
		fi
		sleep 0.1
	done
}

# has_lines N FILE, has REGEX FILE, is_gone PID, is_there FILE: conditions for until_true
has_lines() { [ "$(lines_of "$2")" -ge "$1" ]; }
has() { grep -qE -- "$1" "$2"; }
is_gone() { ! kill -0 "$1"; }
is_there() { [ -e "$1" ]; }

# show_said DIR BEGUN: print the end of the commands' output in files there that are newer than BEGUN
show_said()
{
	local file

	for file in "$1"/{out,err,error}; do
		if [ -s "$file" ] && [ ! "$2" -nt "$file" ]; then
			echo "# the end of $(basename "$file"):"
			tail -n 15 "$file" | sed 's/^/#   /'
		fi
	done
}

# each_pattern COMMAND...: run a test program, which takes one pattern, with each wanted pattern
each_pattern()
{
	local patterns pattern status=0

	read -ra patterns <<< "${TEST_PATTERN:-}"
	for pattern in "${patterns[@]:-}"; do
		CMOCKA_MESSAGE_OUTPUT=TAP TEST_PATTERN=$pattern "$@" 2>&1 || status=$?
	done
	return $status
}

# memory_left: print the MiB of memory that are available
memory_left() { awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo; }
