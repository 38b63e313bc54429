#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make test-kernel: the kernel's own tests of migration and of THPs, built from
# the same source and not modified, say the same on the pristine kernel and on
# the patched one, whichever way of splitting is chosen.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# What migrates, splits or collapses anonymous folios.
readonly NAMES=(hmm-tests split_huge_page_test folio_split_race_test migration
	"khugepaged all:anon" prctl_thp_disable rmap "transhuge-stress -d 5")

# build_tests: the programs, in $CACHE/selftests; builds in a copy of the tree,
# as the tests' Makefile writes beside itself
build_tests()
{
	local tree=$1 out targets=() name

	out=$CACHE/selftests/$(hash_of < "$tree/.complete")
	if [ ! -e "$out/.complete" ]; then
		stage "kernel's own tests: building"
		rm -rf "$out"
		mkdir -p "$out/bin"
		for name in "${NAMES[@]}"; do
			targets+=("$out/bin/${name%% *}")
		done
		cp -al "$tree" "$TESTDIR/tree"
		{
			make -C "$tree" O="$TESTDIR/headers" headers_install \
				INSTALL_HDR_PATH="$TESTDIR/usr"
			make -C "$TESTDIR/tree/tools/testing/selftests/mm" OUTPUT="$out/bin" \
				KHDR_INCLUDES="-isystem $TESTDIR/usr/include" "${targets[@]}"
		} > "$out/log" 2>&1
		touch "$out/.complete"
	fi
	echo "$out/bin"
}

# own_tests NAME BUILD SWITCH: all of them, in a guest; logs in $LOGS/NAME
own_tests()
{
	mkdir -p "$LOGS/$1"
	"$TOP/vm/run.sh" --kernel "$2" --unit emulated --cpus 2 --memory 4096 \
		--timeout 3000 --share "results=$LOGS/$1" --console "$LOGS/$1/console" -- \
		"$TOP/tests/guest/selftests.sh" "$2" "$tests" "$3" "${NAMES[@]}" \
		> "$LOGS/$1/results"
}

pristine_kernel_runs_them() { own_tests pristine "$pristine" -; }
patched_kernel_runs_them_the_new_way() { own_tests new "$both" 0; }
patched_kernel_runs_them_the_old_way() { own_tests old "$both" 1; }

results_are_the_same()
{
	grep -c '' "$LOGS/pristine/results"
	[ "$(grep -c ': ok ' "$LOGS/pristine/results")" -gt 50 ]
	diff "$LOGS/pristine/results" "$LOGS/new/results"
	diff "$LOGS/pristine/results" "$LOGS/old/results"
}

pristine=$("$TOP/kernel/build.sh" pristine)
both=$("$TOP/kernel/build.sh" both)
tests=$(build_tests "$("$TOP/kernel/tree.sh" pristine)")
LOGS=${LOGS:-$TESTDIR/logs}
for name in pristine_kernel_runs_them patched_kernel_runs_them_the_new_way \
	patched_kernel_runs_them_the_old_way results_are_the_same; do
	check $name
done
stage "kernel's own tests: $(grep -c ': ok ' "$LOGS/pristine/results") passed, $(grep -c ': not ok ' "$LOGS/pristine/results" || true) failed, $(grep -c 'SKIP' "$LOGS/pristine/results" || true) skipped, alike on each"
