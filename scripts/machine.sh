# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# This machine, with its running kernel, as a target: what it lacks, and how to run a command on it
# as root. Sourced.

release=$(uname -r)
build=${KBUILD:-/lib/modules/$release/build}
case ${FIX:-} in 0) FIX='' ;; esac
# What its counter counts: instructions in a guest of the tests that stands for a machine
unit=$(sed -n 's/.*splitbench\.unit=\([a-z]*\).*/\1/p' /proc/cmdline)
# shellcheck disable=SC2034 # for the sourcing script
unit=${unit:-tsc}
splitbench() { "$TOP/userspace/build/splitbench" "$@"; }
# The test driver in the kernel's build folder; otherwise the installed one is used.
test_hmm=$build/lib/test_hmm.ko
[ -e "$test_hmm" ] || test_hmm=''

# root: set the array as_root to the words that run a command as root. Status 1 if sudo needs a
# password.
root()
{
	as_root=(env)
	[ "$(id -u)" != 0 ] || return 0
	as_root=(sudo -n env)
	sudo -n true 2> /dev/null
}

# lacks: print in a line the first thing that prevents measuring, and its fix
lacks() { splitbench doctor --lacks --build "$build" || [ $? -le "$EXIT_SKIP" ]; }

# lacks_as_it_is: the same for measuring migrations on a kernel without patches
lacks_as_it_is() { splitbench doctor --lacks --stock --build "$build" || [ $? -le "$EXIT_SKIP" ]; }

# has_test_hmm: can the test driver be loaded?
has_test_hmm() { [ -n "$test_hmm" ] || modinfo -k "$release" test_hmm > /dev/null 2>&1; }

# mark TEXT: write a line to the kernel's log
# shellcheck disable=SC2016 # root's shell expands it
mark() { "${as_root[@]}" sh -c 'echo "$1" > /dev/kmsg' - "$1"; }

# said_since TEXT: print the kernel's messages after that mark; status 1 if the log does not have the
# mark any more
said_since()
{
	"${as_root[@]}" dmesg | awk -v mark="$1" \
		'index($0, mark) { there = 1; next } there { print } END { exit !there }'
}

# on_machine CONSOLE COMMAND...: run the command as root; the kernel's messages go to the file CONSOLE
on_machine()
{
	local console=$1 mark complaint ended=0

	shift
	mark="splitbench: $(date +%s.%N) begins"
	mark "$mark"
	unannounced "${as_root[@]}" SPLITBENCH_CACHE="$CACHE" SPLITBENCH_START="$SPLITBENCH_START" \
		FIX="${FIX:-}" KBUILD="$build" "$@" || ended=$?
	# A complaint of the kernel is reported before all else, as it may be the cause.
	complaint=$(said_since "$mark" | grep -a -m1 -E "$COMPLAINTS" || true)
	if said_since "$mark" > "$console.tmp" 2> /dev/null; then
		mv "$console.tmp" "$console"
	else
		rm -f "$console.tmp"
		[ $ended != 0 ] ||
			die "cannot write $console, or the kernel's log is too short (boot with log_buf_len=4M): the boot does not count"
	fi
	[ -z "$complaint" ] ||
		die "-$EXIT_KERNEL" "the kernel complained: $complaint; all of it: $console"
	case $ended in
	0) ;;
	# Ctrl-C and the like: passed on to the caller
	129 | 130 | 143) exit $ended ;;
	1[2-9][0-9] | 2*) die "$(basename "$1") was killed (status $ended); what was finished is kept" ;;
	*) exit $ended ;;
	esac
}
