# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# This machine and the kernel that it runs, as a target: what it lacks, and how to
# do something there as root. Sourced.

release=$(uname -r)
build=${KBUILD:-/lib/modules/$release/build}
case ${FIX:-} in 0) FIX='' ;; esac
# What its counter counts: a guest may play a machine.
unit=$(sed -n 's/.*splitbench\.unit=\([a-z]*\).*/\1/p' /proc/cmdline)
# shellcheck disable=SC2034 # of who sources this
unit=${unit:-tsc}
# The test driver where the kernel was built; else the installed one is taken.
test_hmm=$build/lib/test_hmm.ko
[ -e "$test_hmm" ] || test_hmm=''

# root: the words that make a command root's, in the array as_root. Status 1 if
# that takes a password.
root()
{
	as_root=(env)
	[ "$(id -u)" != 0 ] || return 0
	as_root=(sudo -n env)
	sudo -n true 2> /dev/null
}

# lacks: the first thing that is missing, and how to get it, in a line
lacks() { splitbench doctor --lacks --build "$build" || [ $? -le "$EXIT_SKIP" ]; }

# has_test_hmm: is it there to be loaded?
has_test_hmm() { [ -n "$test_hmm" ] || modinfo -k "$release" test_hmm > /dev/null 2>&1; }

# said_since SECONDS: what the kernel said since it had run for so long
said_since()
{
	"${as_root[@]}" dmesg | awk -v since="$1" \
		'{ time = $0; sub(/^\[ */, "", time); if (time + 0 >= since + 0) print }'
}

# on_machine CONSOLE COMMAND...: as root, and what the kernel says meanwhile
on_machine()
{
	local console=$1 since complaint ended=0

	shift
	since=$(cut -d' ' -f1 /proc/uptime)
	"${as_root[@]}" SPLITBENCH_CACHE="$CACHE" SPLITBENCH_START="$SPLITBENCH_START" \
		FIX="${FIX:-}" KBUILD="$build" "$@" || ended=$?
	if said_since "$since" > "$console.tmp" 2> /dev/null; then
		mv "$console.tmp" "$console"
	else
		rm -f "$console.tmp"
		[ $ended != 0 ] || die "$console cannot be written: is the disk full?"
	fi
	[ $ended = 0 ] || exit $ended
	complaint=$(grep -a -m1 -E "$COMPLAINTS" "$console" || true)
	[ -z "$complaint" ] ||
		die "-$EXIT_KERNEL" "the kernel complained: $complaint; all of it: $console"
}
