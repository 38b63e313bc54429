#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A test of the guest's, again and again, beside load: how often does it fail, and
# which rate do so many rounds exclude? Ended with 1 if any round failed.
#
#   tests/experiments/rounds.sh ROUNDS LOAD KERNEL CPUS PROGRAM [ARGUMENTS]
#
# LOAD is how many processes keep CPUs of the host busy meanwhile. KERNEL is both or
# debug; with one CPU the guest counts instructions. With COLD=1 the guest reads its
# programs from the host anew in each round. For instance
#
#   tests/experiments/rounds.sh 500 6 both 1 test_barrier two_of_one_process_are_refused
#   tests/experiments/rounds.sh 300 6 debug 2 test_abuse 1 0 beside_swapoff
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"
. "$TOP/tests/checks.sh"

# in_guest ROUNDS BUILD MODULE PROGRAM...: what a failed round says is printed
in_guest()
{
	local rounds=$1 build=$2 module=$3 i failed=0

	shift 3
	cd "$TOP"
	dmesg -n 1
	insmod "$build/drivers/block/brd.ko" rd_nr=1 rd_size=262144
	mkswap /dev/ram0 > /dev/null
	swapon /dev/ram0
	insmod "$build/lib/test_hmm.ko"
	[ -e /dev/hmm_dmirror0 ] ||
		mknod /dev/hmm_dmirror0 c "$(awk '$2 == "HMM_DMIRROR" { print $1 }' /proc/devices)" 0
	insmod "$module"
	for ((i = 1; i <= rounds; i++)); do
		[ -z "${COLD:-}" ] || echo 3 > /proc/sys/vm/drop_caches
		if ! "$@" > /run/said 2>&1; then
			failed=$((failed + 1))
			{ echo "round $i:"; grep -v '^ok' /run/said | tail -n 20; } |
				tee -a /run/splitbench/out/said
		fi
		if grep -q "on their way" /run/said; then
			{ echo "round $i:"; grep -E "^# (lost|.*on their way)" /run/said; } \
				>> /run/splitbench/out/said
		fi
		echo "$i $failed" > /run/splitbench/out/rounds
	done
	rmmod folio_split_bench
}

if [ "${1:-}" = in-guest ]; then
	shift
	in_guest "$@"
	exit
fi
rounds=$1 load=$2 kernel=$3 cpus=$4 program=$5
shift 5
tmp=$(mktemp -d)
busy=()
guest=''
# shellcheck disable=SC2317 # reached through the trap
cleanup()
{
	[ ${#busy[@]} = 0 ] || kill "${busy[@]}"
	[ -z "$guest" ] || { kill "$guest" 2> /dev/null; wait "$guest" || true; }
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 143' INT TERM HUP
make -s -C "$TOP/tests"
build=$("$TOP/kernel/build.sh" "$kernel")
module=$("$TOP/bench/build.sh" "$build" FSB_TESTS=y)
for ((i = 0; i < load; i++)); do
	(exec sh -c 'while :; do :; done') &
	busy+=($!)
done
options=(--unit emulated --cpus "$cpus")
[ "$cpus" -gt 1 ] || options=(--unit instructions)
# The checker kernel as tests/debug.sh boots it: without no5lvl it reports what is none.
[ "$kernel" != debug ] || options+=(--append "no5lvl panic_on_warn=1 rcupdate.rcu_cpu_stall_timeout=300 watchdog_thresh=60 workqueue.watchdog_thresh=300 sysctl.vm.mem_profiling=0")
status=0
CMOCKA_MESSAGE_OUTPUT=TAP "$TOP/vm/run.sh" --kernel "$build" "${options[@]}" --timeout 20000 \
	--share "out=$tmp" -- env COLD="${COLD:-}" TEST_PATTERN="${TEST_PATTERN:-}" \
	"$TOP/tests/experiments/rounds.sh" in-guest \
	"$rounds" "$build" "$module" "tests/build/$program" "$@" &
# In the background, so that a signal reaches us.
guest=$!
wait $guest || status=$?
guest=''
read -r made failed < "$tmp/rounds"
[ ! -e "$tmp/said" ] || cat "$tmp/said"
echo "$program $*, kernel $kernel, $cpus CPUs, beside $load busy processes: $failed of $made rounds failed; guest's status $status"
# The rule of three: what would be seen with a probability of 95 %
[ "$failed" != 0 ] || awk -v n="$made" 'BEGIN { printf "a rate above %.2g is excluded at 95 %%\n", 1 - 0.05 ^ (1 / n) }'
[ "$failed" = 0 ] && [ $status = 0 ] && [ "$made" = "$rounds" ]
