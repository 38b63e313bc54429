#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The VM as a target: the output and status of commands, and the messages when a guest ends badly.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# guest [OPTIONS] -- COMMAND: in the fastest guest there is
guest()
{
	"$TOP/vm/run.sh" --kernel "$build" --unit emulated --timeout 120 "$@"
}

test_status_and_output_come_back()
{
	want 3 guest -- bash -c 'echo to-stdout; echo to-stderr >&2; exit 3' \
		> "$TESTDIR/out" 2> "$TESTDIR/err"
	is "$(cat "$TESTDIR/out")" to-stdout
	is "$(cat "$TESTDIR/err")" to-stderr
}

test_what_a_failed_command_said_is_kept()
{
	want 3 guest --console "$TESTDIR/console" -- bash -c 'echo to-stderr >&2; exit 3' 2> "$TESTDIR/err"
	says "run.sh: the command ended with status 3 and said:" "$TESTDIR/console"
	says to-stderr "$TESTDIR/console"
}

test_root_is_read_only_and_shares_are_not()
{
	mkdir "$TESTDIR/share"
	guest --share "data=$TESTDIR/share" -- bash -c "
		set -e
		if touch '$TOP/in-the-guest' 2> /dev/null; then
			echo 'the root can be written to'
			exit 1
		fi
		head -c 1 '$TOP/Makefile'
		echo from-the-guest > /run/splitbench/data/file"
	absent "$TOP/in-the-guest"
	is "$(cat "$TESTDIR/share/file")" from-the-guest
}

# A guest that counts instructions and is idle waits in real time. If its clock leapt from
# timer to timer instead, a guest that waits for its disk would run into timeouts.
test_idle_guest_waits_as_long_as_it_says()
{
	local said begun=0 ended=0

	while read -r said; do
		case $said in
		begin) begun=${EPOCHREALTIME/./} ;;
		end) ended=${EPOCHREALTIME/./} ;;
		esac
	done < <("$TOP/vm/run.sh" --kernel "$build" --unit instructions --timeout 120 -- \
		bash -c 'echo begin >&2; sleep 5; echo end >&2' 2>&1)
	number "$begun" -gt 0
	# Not 5 s: what the guest has said is read within 0.2 s.
	number $((ended - begun)) -ge 4000000
}

test_two_cpus_are_two_nodes()
{
	guest --cpus 2 -- cat /sys/devices/system/node/node{0,1}/cpulist > "$TESTDIR/out"
	is "$(paste -sd' ' "$TESTDIR/out")" "0 1"
}

# ends_badly MESSAGE [OPTIONS] -- COMMAND
ends_badly()
{
	local message=$1

	shift
	want 71 guest --console "$TESTDIR/console" "$@" 2> "$TESTDIR/err"
	says "$message" "$TESTDIR/err"
	says "console: $TESTDIR/console" "$TESTDIR/err"
	not_empty "$TESTDIR/console"
}

test_panic_is_reported()
{
	ends_badly "the guest's kernel complained: Kernel panic" -- \
		bash -c 'echo c > /proc/sysrq-trigger'
	says "  | " "$TESTDIR/err"
	is "$(sed -n 's/^  | //p' "$TESTDIR/err")" "$(tail -n 10 "$TESTDIR/console" | tr -d '\r')"
}

# The command itself says that all is well: the console decides.
test_warning_is_reported()
{
	ends_badly "the guest's kernel complained: WARNING: CPU: 0" -- \
		bash -c 'echo "<4>WARNING: CPU: 0 PID: 1 at mm/planted.c" > /dev/kmsg'
}

# Each of these alone, the rest of the console being what it always is.
test_other_complaints_are_reported()
{
	local said

	for said in 'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:' \
		'UBSAN: array-index-out-of-bounds in mm/planted.c:1:2' \
		'list_add corruption. prev->next should be next' \
		'kernel BUG at mm/planted.c:1!'; do
		ends_badly "the guest's kernel complained: $said" -- \
			bash -c "echo '<2>$said' > /dev/kmsg"
	done
}

# The console of another boot must not be taken for this one's.
test_old_console_is_not_read()
{
	echo 'Kernel panic: of yesterday' > "$TESTDIR/console"
	want 70 guest --console "$TESTDIR/console" --memory 99999999 -- true 2> "$TESTDIR/err"
	says "the guest died" "$TESTDIR/err"
	want 1 grep yesterday "$TESTDIR/err"
}

test_hang_is_reported()
{
	ends_badly "the guest hung: no end after 15 s" --timeout 15 -- sleep 1000
}

test_guest_that_just_ends_is_reported()
{
	ends_badly "the guest died" -- bash -c 'echo b > /proc/sysrq-trigger'
}

# failing_emulator TIMES: a QEMU that so many times, while its guest boots, ends as
# one does whose CPU finds a breakpoint that is gone
failing_emulator()
{
	mkdir -p "$TESTDIR/bin"
	echo "$1" > "$TESTDIR/failures"
	cat > "$TESTDIR/bin/qemu-system-x86_64" <<- EOF
	#!/bin/bash
	left=\$(cat "$TESTDIR/failures")
	[ "\$left" -gt 0 ] || exec $(command -v qemu-system-x86_64) "\$@"
	echo \$((left - 1)) > "$TESTDIR/failures"
	echo 'Oops: int3: 0000 [#1] SMP NOPTI' > "$TESTDIR/console"
	EOF
	chmod +x "$TESTDIR/bin/qemu-system-x86_64"
}

test_emulator_that_fails_gets_another_try()
{
	failing_emulator 2
	PATH=$TESTDIR/bin:$PATH guest --cpus 2 --console "$TESTDIR/console" -- echo well \
		> "$TESTDIR/out" 2> "$TESTDIR/err"
	says well "$TESTDIR/out"
	is "$(grep -c 'the emulator failed while the guest booted' "$TESTDIR/err")" 2
	says int3 "$TESTDIR/console.failed-2"
}

test_emulator_that_always_fails_is_reported()
{
	failing_emulator 100
	PATH=$TESTDIR/bin:$PATH ends_badly "the guest's kernel complained: Oops: int3" \
		--cpus 2 -- true
	is "$(cat "$TESTDIR/failures")" 97
}

# A breakpoint that is met by what we measure is another matter.
test_breakpoint_of_the_command_is_reported()
{
	failing_emulator 0
	PATH=$TESTDIR/bin:$PATH ends_badly "the guest's kernel complained: Oops: int3" \
		--cpus 2 -- bash -c "echo '<2>Oops: int3: 0000' > /dev/kmsg"
	want 1 grep "the emulator failed" "$TESTDIR/err"
}

# What it prints is what a guest has printed whose emulator failed so: no int3 is there.
test_breakpoint_that_is_gone_is_the_emulators()
{
	local code='Code: 01 0f 1f 44 00 00 0f <1f> 44 00 00'

	failing_emulator 0
	want 72 guest --cpus 2 -- bash -c "echo '<2>Oops: int3: 0000' > /dev/kmsg; echo '<2>$code' > /dev/kmsg" \
		2> "$TESTDIR/err"
	says "the emulator failed: the guest met a breakpoint that is gone" "$TESTDIR/err"
	ends_badly "the guest's kernel complained: Oops: int3" --cpus 2 -- \
		bash -c "echo '<2>Oops: int3: 0000' > /dev/kmsg; echo '<2>${code/0f </cc <}' > /dev/kmsg"
	# One CPU patches what itself executes.
	ends_badly "the guest's kernel complained: Oops: int3" --cpus 1 -- \
		bash -c "echo '<2>Oops: int3: 0000' > /dev/kmsg; echo '<2>$code' > /dev/kmsg"
}

# qemus: those of this test, by the folder that they share
qemus()
{
	pgrep -f "qemu-system.*$TESTDIR/mine" || true
}

no_qemu() { is "$(qemus)" ''; }

# stopped_by SIGNAL -|"": sent to the whole group, or to run.sh alone
stopped_by()
{
	local pid

	mkdir -p "$TESTDIR/mine"
	# A script's background jobs ignore SIGINT, and are in its own group.
	# shellcheck disable=SC2016
	perl -e '$SIG{INT} = "DEFAULT"; setpgrp; exec @ARGV' \
		"$TOP/vm/run.sh" --kernel "$build" --unit emulated \
		--share "mine=$TESTDIR/mine" -- \
		bash -c 'touch /run/splitbench/mine/up; sleep 1000' &
	pid=$!
	until_true 60 is_there "$TESTDIR/mine/up"
	is_not "$(qemus)" ''
	kill "-$1" -- "$2$pid"
	until_true 10 no_qemu || {
		pkill -KILL -f "qemu-system.*$TESTDIR/mine"
		return 1
	}
}

test_ctrl_c_leaves_no_process() { stopped_by INT -; }
test_termination_leaves_no_process() { stopped_by TERM ""; }
test_sigkill_leaves_no_process() { stopped_by KILL ""; }

test_usage_errors_are_64()
{
	want 64 "$TOP/vm/run.sh"
	want 64 guest --nonsense -- true
	want 64 "$TOP/vm/run.sh" --kernel "$build" --unit metres -- true
	want 64 "$TOP/vm/run.sh" --kernel "$build" --unit instructions --cpus 2 -- true
	want 64 guest --share nothing=/does/not/exist -- true
	want 70 "$TOP/vm/run.sh" --kernel "$TESTDIR" --unit emulated -- true
}

build=$("$TOP/kernel/build.sh")
before_each() { rm -rf "$TESTDIR/mine"; }
run_tests
