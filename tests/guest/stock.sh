#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest with a distribution's own kernel, which plays the machine of somebody's, with the
# shares "cache" and "results": make bench on it. BUILD is what was installed of its headers,
# and of the test driver.
#
#   tests/guest/stock.sh BUILD PLAN
set -uo pipefail
. "$(dirname "$0")/lib.sh"

build=$1 plan=$2
cd "$(dirname "$0")/../.." || exit
export SPLITBENCH_CACHE=/run/splitbench/cache RESULTS=/run/splitbench/results
tmp=$(mktemp -d)

# lacks MESSAGE VARIABLE=VALUE...: said by make bench, in a line
lacks()
{
	want 4 env TARGET=host KBUILD="$build" PLAN="$plan" RUN=lacks "${@:2}" scripts/bench.sh 2> "$tmp/err"
	grep -v '^\[' "$tmp/err" > "$tmp/line"
	says "bench: $1" "$tmp/line"
	says "; TARGET=vm measures in a VM" "$tmp/line"
	one_line "$tmp/line"
	absent "$RESULTS/lacks"
}

test_kernel_is_measured_as_it_is()	# full
{
	state > "$tmp/before"
	TARGET=host KBUILD=$build PLAN=$plan RUN=host scripts/bench.sh > "$tmp/out" 2> "$tmp/err"
	says "its kernel as it is: migrations only, as Linux $(uname -r) does not export the split of an unmapped folio: make install-kernel" "$tmp/err"
	says "stock: Linux $(uname -r), as it runs here" "$tmp/out"
	holds '[.cells[] | select(.arms.new.n > 0)] | length == 2' "$RESULTS/host/summary.json"
	same_state "$tmp/before"
}

test_auto_says_what_this_machine_could()	# full
{
	# No VM within the guest, whose cache is a share
	want 64 env TARGET=auto KBUILD="$build" PLAN="$plan" scripts/bench.sh 2> "$tmp/err"
	says "TARGET=host measures migrations on its kernel as it is" "$tmp/err"
}

test_what_it_lacks_is_a_line()	# full
{
	lacks "there is no /nowhere to build a module against: install linux-headers-$(uname -r), or set KBUILD=DIR" KBUILD=/nowhere
	cp -r "$build/." "$tmp/build"
	echo 7.2.1-other > "$tmp/build/include/config/kernel.release"
	lacks "what a module is built against is of Linux 7.2.1-other, and $(uname -r) is running: boot that one" KBUILD="$tmp/build"
	cp "$build/include/config/kernel.release" "$tmp/build/include/config/"
	sed -i /CONFIG_DEVICE_PRIVATE=/d "$tmp/build/include/config/auto.conf"
	lacks "the kernel is without CONFIG_DEVICE_PRIVATE: make install-kernel" KBUILD="$tmp/build"
}

# Last, as there is no way back
test_lockdown_is_a_line()	# full
{
	[ -w /sys/kernel/security/lockdown ] || mount -t securityfs securityfs /sys/kernel/security
	echo integrity > /sys/kernel/security/lockdown
	lacks "the kernel is locked down (none [integrity] confidentiality): switch Secure Boot off" A=
}

run_tests
