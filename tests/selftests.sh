#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make test-kernel: the kernel's own tests of migration and THPs, from the same source and not modified,
# have the same results on the pristine kernel, on the patched one with either split chosen, and on one
# with each proposal.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
needs_memory 4600

# What migrates, splits or collapses anonymous folios.
readonly NAMES=(hmm-tests split_huge_page_test folio_split_race_test migration
	"khugepaged all:anon" prctl_thp_disable rmap "transhuge-stress -d 5")

# build_tests: the programs, in $tests; built in a copy of the tree, as their
# Makefile writes beside itself
build_tests()
{
	local copy=$CACHE/tmp/selftests targets=() name

	tests=$CACHE/selftests/$(cat "$tree/.complete" "$TOP/tests/selftests.sh" | hash_of)
	with_lock selftests
	for name in "${NAMES[@]}"; do
		targets+=("$tests/${name%% *}")
	done
	[ ! -e "$tests/.complete" ] || return 0
	stage "kernel's own tests: building"
	rm -rf "$tests" "$copy"
	mkdir -p "$tests" "$copy"
	cp -al "$tree" "$copy/tree"
	make -C "$tree" O="$copy/headers" headers_install \
		INSTALL_HDR_PATH="$copy/usr" > "$tests/log" 2>&1
	make -C "$copy/tree/tools/testing/selftests/mm" OUTPUT="$tests" \
		KHDR_INCLUDES="-isystem $copy/usr/include" "${targets[@]}" >> "$tests/log" 2>&1
	rm -rf "$copy"
	ls "${targets[@]}" > "$tests/.complete"
}

# own_tests NAME BUILD SWITCH: all of them, in a guest; logs in $LOGS/NAME
own_tests()
{
	mkdir -p "$LOGS/$1"
	"$TOP/vm/run.sh" --kernel "$2" --unit emulated --cpus 4 --memory 4096 \
		--timeout 3000 --share "results=$LOGS/$1" --console "$LOGS/$1/console" -- \
		"$TOP/tests/guest/selftests.sh" "$2" "$tests" "$3" "${NAMES[@]}" \
		> "$LOGS/$1/results"
}

test_pristine_kernel_runs_them() { own_tests pristine "$pristine" -; }
test_patched_kernel_runs_them_with_the_new_split() { own_tests new "$both" 0; }
test_patched_kernel_runs_them_with_the_old_split() { own_tests old "$both" 1; }

test_results_are_the_same()
{
	# No test that could not be run, was killed or ran into its time limit
	want 1 grep -E ': status (12[4-7]|13[0-9])$' "$LOGS/pristine/results"
	is "$(grep -c ': status ' "$LOGS/pristine/results")" ${#NAMES[@]}
	number "$(grep -c ': ok ' "$LOGS/pristine/results")" -gt 50
	diff "$LOGS/pristine/results" "$LOGS/new/results"
	diff "$LOGS/pristine/results" "$LOGS/old/results"
}

test_kernels_with_proposals_say_the_same()
{
	local proposal build

	after pristine_kernel_runs_them
	for proposal in $(proposals); do
		build=$(PROPOSAL=$proposal "$TOP/kernel/build.sh" pristine)
		own_tests "$proposal" "$build" -
		diff "$LOGS/pristine/results" "$LOGS/$proposal/results"
	done
}

pristine=$("$TOP/kernel/build.sh" pristine)
both=$("$TOP/kernel/build.sh" both)
tree=$("$TOP/kernel/tree.sh" pristine)
build_tests
LOGS=${LOGS:-$TESTDIR/logs}
run_tests
# What failed and was tried again, with success or not
for file in "$LOGS"/*/failed; do
	[ ! -e "$file" ] || sed "s,^,# $(basename "$(dirname "$file")"): ," "$file"
done
[ $failed != 0 ] || stage "kernel's own tests: $(grep -c ': ok ' "$LOGS/pristine/results") passed, $(grep -c ': not ok ' "$LOGS/pristine/results" || true) failed, $(grep -c 'SKIP' "$LOGS/pristine/results" || true) skipped, alike on each"
