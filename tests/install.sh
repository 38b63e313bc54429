#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make install-kernel, in a guest that stands for a machine: the packages are installed, their kernel
# is booted, and make bench and make profile work on it with nothing but these packages.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
needs_memory 3400

whole_script
tests=$TOP/tests/guest/install.sh
mkdir -p "$TESTDIR/state/kernel/arch/x86/boot"
make -s -C "$TOP/userspace"
build=$("$TOP/kernel/build.sh" both)

test_packages_are_built()
{
	CONFIG=$build/.config "$TOP/scripts/install-kernel.sh" --package 2> "$TESTDIR/err"
	says "done: dpkg -i " "$TESTDIR/err"
}

test_bad_configurations_are_reported()
{
	want 64 env CONFIG=/nowhere "$TOP/kernel/package.sh" 2> "$TESTDIR/err"
	says "CONFIG=/nowhere cannot be read" "$TESTDIR/err"
	want 64 env MODULES=some "$TOP/kernel/package.sh" 2> "$TESTDIR/err"
	says "known: loaded all" "$TESTDIR/err"
}

# machine SCRIPT KERNEL [VM OPTIONS]: boot it, and do what the function of
# tests/guest/install.sh does
machine()
{
	local script=$1 kernel=$2

	shift 2
	"$TOP/vm/run.sh" --kernel "$kernel" --memory 3072 --timeout 900 \
		--share "state=$TESTDIR/state" "$@" -- \
		"$TOP/tests/guest/as_machine.sh" /run/splitbench/state \
		"${wants[@]}" "$tests" "$build" "$script"
}

run_tests
# The compiler is slow where instructions are counted.
guest_tests "installing, on a machine" "$tests#installing" machine installing "$build" --unit emulated --cpus 2
tar -xOf "$TESTDIR/state/disk.tar" --wildcards 'boot/vmlinuz-*' \
	> "$TESTDIR/state/kernel/arch/x86/boot/bzImage"
guest_tests "a machine that has it" "$tests#installed" machine installed "$TESTDIR/state/kernel" --unit instructions
