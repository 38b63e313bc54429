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
splitbench() { "$TOP/userspace/build/splitbench" "$@"; }
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

# lacks_as_it_is: the same for migrations on a kernel without patches
lacks_as_it_is() { splitbench doctor --lacks --stock --build "$build" || [ $? -le "$EXIT_SKIP" ]; }

# has_test_hmm: is it there to be loaded?
has_test_hmm() { [ -n "$test_hmm" ] || modinfo -k "$release" test_hmm > /dev/null 2>&1; }

# mark TEXT: a line in the kernel's log
# shellcheck disable=SC2016 # root's shell expands it
mark() { "${as_root[@]}" sh -c 'echo "$1" > /dev/kmsg' - "$1"; }

# said_since TEXT: what the kernel said since that was marked; status 1 if its log does
# not reach back so far
said_since()
{
	"${as_root[@]}" dmesg | awk -v mark="$1" \
		'index($0, mark) { there = 1; next } there { print } END { exit !there }'
}

# on_machine CONSOLE COMMAND...: as root, and what the kernel says meanwhile
on_machine()
{
	local console=$1 mark complaint ended=0

	shift
	mark="splitbench: $(date +%s.%N) begins"
	mark "$mark"
	unannounced "${as_root[@]}" SPLITBENCH_CACHE="$CACHE" SPLITBENCH_START="$SPLITBENCH_START" \
		FIX="${FIX:-}" KBUILD="$build" "$@" || ended=$?
	# A kernel that is not well is worse than all else, and may be why.
	complaint=$(said_since "$mark" | grep -a -m1 -E "$COMPLAINTS" || true)
	if said_since "$mark" > "$console.tmp" 2> /dev/null; then
		mv "$console.tmp" "$console"
	else
		rm -f "$console.tmp"
		[ $ended != 0 ] ||
			die "$console cannot be written, or the kernel's log is too short (log_buf_len=4M): the boot does not count"
	fi
	[ -z "$complaint" ] ||
		die "-$EXIT_KERNEL" "the kernel complained: $complaint; all of it: $console"
	case $ended in
	0) ;;
	# Ctrl-C and the like are for who waits for us.
	129 | 130 | 143) exit $ended ;;
	1[2-9][0-9] | 2*) die "$(basename "$1") was killed (status $ended); what was finished is kept" ;;
	*) exit $ended ;;
	esac
}
