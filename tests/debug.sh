#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make test-debug: on the kernel with checkers, which panics at the first warning: the contract suite,
# every arm, every kind of migration, and abuse of the module.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
needs_memory 4800

# Mutated requests, seconds of each hostile act, kills, loads of the module
read -r REQUESTS SECONDS_EACH KILLS LOADS <<< "${ABUSE:-1000000 3 1000 100}"

# Without ACPI there is no other node, and no other way to end. What is slow is
# not hung: who runs this may have little of a busy machine. Four levels of page
# tables, since identify_cpu() clears the CPU's features for a moment: KASAN then
# takes a shadow of five levels for one of four, and reports any interrupt.
readonly APPEND="numa=fake=2 reboot=t no5lvl panic_on_warn=1 panic_console_replay \
log_buf_len=8M rcupdate.rcu_cpu_stall_timeout=300 watchdog_thresh=60 \
workqueue.watchdog_thresh=300"

# guest NAME APPEND [OPTIONS] -- COMMAND: to be put into the background; what it
# printed is in $TESTDIR/NAME, and its console is kept if it did not end well
guest()
{
	local name=$1 append=$2

	shift 2
	exec "$TOP/vm/run.sh" --kernel "${KERNEL_BUILD:-$debug}" --unit emulated \
		--timeout 2400 --append "$APPEND $append" "$@" \
		> "$TESTDIR/$name" 2> "$TESTDIR/$name.err"
}

# contract NAME OPTIONS [OPTIONS OF KUNIT]: the suite, in a guest
contract()
{
	guest "$1" "$2" -- "$TOP/tests/guest/contract.sh" "$debug" "$modules" "${@:3}"
}

# well NAME: the guest of that name, which may still be running, ended well
well()
{
	local status=0 begun=$SECONDS

	wait "${guests[$1]}" || status=$?
	clear_progress
	tests_of "$1" > "$TESTDIR/tests"
	cp "$TESTDIR/$1.err" "$TESTDIR/err"
	count_tests "guest $1" $status "$TESTDIR/tests" $((SECONDS - begun))
}

# tests_of NAME: its lines, of KTAP or TAP
tests_of()
{
	if grep -q '^KTAP' "$TESTDIR/$1"; then
		awk -f "$TOP/tests/ktap.awk" "$TESTDIR/$1"
	else
		cat "$TESTDIR/$1"
	fi
}

# Nothing but what breaks the kernel is skipped, and each case is run somewhere.
test_all_cases_were_run_on_the_checker_kernel()
{
	cat "$TESTDIR/contract" "$TESTDIR/owner" |
		sed -n 's/^# Totals: \(pass:[0-9]*\) fail:0 \(skip:[0-9]*\) .*/\1,\2/p' > "$TESTDIR/totals"
	printf '%s\n' pass:8,skip:0 pass:536,skip:16 pass:91,skip:3 pass:56,skip:46 pass:16,skip:0 |
		diff - "$TESTDIR/totals"
}

make -s -C "$TOP/tests"
debug=$("$TOP/kernel/build.sh" debug)
module=$("$TOP/bench/build.sh" "$debug" FSB_TESTS=y)
modules=$(dirname "$module")

# Two at a time, the long ones first. Only page_owner's own case has it on: it
# takes a stack for each page that is freed.
declare -A guests
progress "test: the checker kernel: abuse, contract"
guest abuse 'sysctl.vm.mem_profiling=0' --cpus 2 -- "$TOP/tests/guest/abuse.sh" "$debug" "$modules" \
	"$REQUESTS" "$SECONDS_EACH" "$KILLS" "$LOADS" &
guests[abuse]=$!
contract owner page_owner=on "filter_glob=*.page_owner_follows" &
guests[owner]=$!
well owner
contract contract '' &
guests[contract]=$!
well contract
check all_cases_were_run_on_the_checker_kernel
progress "test: the checker kernel: abuse, every arm, every kind, leaks"
# Without allocation tags: test_hmm splits what backs its folios by hand, and
# leaves the tags behind ("alloc_tag was not set").
guest checked 'kmemleak=on sysctl.vm.mem_profiling=0' --unit instructions -- "$TOP/tests/guest/checked.sh" "$debug" "$modules" &
guests[checked]=$!
well checked
well abuse

# What only this kernel has can fail as well: see tests/contract.sh.
mutants=$("$TOP/kernel/build.sh" debug-mutants)
module=$("$TOP/bench/build.sh" "$mutants" FSB_TESTS=y)
mutant_is_caught()
{
	matches "^    not ok [0-9]+ $case\$" "$TESTDIR/mutant-$number"
}
grep -h '^Mutant: .* checker$' "$TOP"/tests/mutants/*.patch > "$TESTDIR/mutants"
while read -r _ number case _; do
	# The allocation's own check panics, if it may: the case is to be heard.
	KERNEL_BUILD=$mutants guest "mutant-$number" "page_owner=on panic_on_warn=0" -- \
		env MUTANT="$number" "$TOP/tests/guest/contract.sh" "$mutants" \
		"$(dirname "$module")" "filter_glob=*.$case" &
	guests[$number]=$!
done < "$TESTDIR/mutants"
while read -r _ number case _; do
	wait "${guests[$number]}" || true
	eval "test_checker_mutant_${number}_is_caught_by_$case() { mutant_is_caught; }"
	check "checker_mutant_${number}_is_caught_by_$case"
done < "$TESTDIR/mutants"
