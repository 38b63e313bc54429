#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Stock kernels: what is downloaded, a boot that is measured, and the messages where that is not
# possible.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

export RESULTS=$TESTDIR/results UNIT=instructions
readonly FOLDER=$RESULTS/stock

# A mirror with none of them has nothing to be tested; one that cannot be reached is a failure.
test_mirror_has_some()
{
	"$TOP/kernel/stock.sh" --list > "$TESTDIR/list"
	not_empty "$TESTDIR/list" || return "$EXIT_SKIP"
	matches '^[0-9]+\.[0-9.]+$' "$TESTDIR/list"
}

test_releases_that_are_not_there_are_named()
{
	want 4 "$TOP/kernel/stock.sh" 6.19.1 2> "$TESTDIR/err"
	says "the mirror does not have kernel 6.19.1 with headers any more: STOCK=RELEASE takes one of: 7" "$TESTDIR/err"
	one_error "$TESTDIR/err"
	want 4 "$TOP/kernel/stock.sh" 6.18.3 2> "$TESTDIR/err"
	says "Linux 6.18.3 has no folio_split_unmapped(), which was added in 6.19: STOCK=RELEASE takes one of: 7" "$TESTDIR/err"
	one_error "$TESTDIR/err"
	want 64 "$TOP/kernel/stock.sh" nonsense 2> "$TESTDIR/err"
	says "'nonsense' is not a release such as 7.2.13; the mirror has: 7" "$TESTDIR/err"
}

# The list is of yesterday, and the packages are not there any more.
test_mirror_that_has_moved_on_is_a_line()
{
	mkdir -p "$TESTDIR"/{moved,bin}
	"$TOP/kernel/stock.sh" --list > "$TESTDIR/list"
	cp -r "$CACHE/apt" "$TESTDIR/moved/"
	cat > "$TESTDIR/bin/apt-get" <<- 'END'
		#!/bin/bash
		case " $* " in *" download "*) echo "E: Failed to fetch it  404  Not Found" >&2; exit 100 ;; esac
		exec /usr/bin/apt-get "$@"
	END
	chmod +x "$TESTDIR/bin/apt-get"
	want 4 env PATH="$TESTDIR/bin:$PATH" SPLITBENCH_CACHE="$TESTDIR/moved" "$TOP/kernel/stock.sh" newest 2> "$TESTDIR/err"
	matches "^stock.sh: the mirror does not have (linux-headers|source of linux-binary)-.* any more: STOCK=RELEASE takes one of: .*; KERNELS= and KSRC= build kernels" "$TESTDIR/err"
	one_error "$TESTDIR/err"
	says "Failed to fetch it  404  Not Found" "$TESTDIR/err"
	is "$(find "$TESTDIR/moved"/{download,stock} -type f)" ''
	absent "$TESTDIR/moved/tmp/stock"
	rm -r "$TESTDIR/moved"
}

tiny_plan()
{
	cat > "$TESTDIR/tiny.json" <<- END
	{ "schema": "splitbench.cells/1", "cells": [
		{ "job": "migrate", "direction": "to-dev", "kind": ["none", "flag", "inject"], "thps": 1, "blocks": 1, "warmup": 0 },
		{ "job": "split" } ] }
	END
}

test_stock_kernel_is_measured()
{
	local status

	tiny_plan
	PREVIEW=1 STOCK=newest PLAN=$TESTDIR/tiny.json BOOTS=1 RUN=stock "$TOP/scripts/bench.sh" \
		> "$TESTDIR/out" 2> "$TESTDIR/err" || { status=$?; cat "$TESTDIR/err"; return $status; }
	holds '.cells | map(select(.params.job == "migrate" and .arms.new.n > 0)) | length == 2' "$FOLDER/summary.json"
}

test_table_and_record_name_the_package()
{
	after stock_kernel_is_measured
	matches '^stock: linux-binary-[0-9.]+[^ ]*-amd64 [0-9]' "$FOLDER/table.txt"
	says "as its distribution has built it: migrations only" "$FOLDER/table.txt"
	says "a stock kernel does not export the split: make bench KERNEL=both builds one that does" "$FOLDER/table.txt"
	says "was skipped: this kernel is without CONFIG_FAIL_PAGE_ALLOC" "$FOLDER/table.txt"
	holds '.target.kernel == "stock" and (.target.stock | test("^[0-9]+[.][0-9.]+$")) and
		(.target.title | test("^stock: linux-binary-.* .*-1"))' "$FOLDER/plan.json"
	matches "$(jq -r .target.stock "$FOLDER/plan.json")" <(jq -r .kernel.release "$FOLDER/machine.json")
}

# The parts that probes see are those of a migration: their sum is what the call takes.
test_breakdown_is_there()
{
	after stock_kernel_is_measured
	says "where it goes, with new: percent of the traced call" "$FOLDER/table.txt"
}

# What the configuration and the compiler are worth: a run of ours ends with it.
test_same_release_of_ours_is_held_against_it()	# full
{
	local theirs

	after stock_kernel_is_measured
	theirs=$(jq -r .target.stock "$FOLDER/plan.json")
	[ "$theirs" = "$(sed -E 's/^([0-9.]+).*/\1/' "$("$TOP/kernel/build.sh" both)/include/config/kernel.release")" ] || {
		echo "the mirror's newest kernel is $theirs, which is not the release that is built"
		return "$EXIT_SKIP"
	}
	PLAN=$TESTDIR/tiny.json BOOTS=1 RUN=ours "$TOP/scripts/bench.sh" > "$TESTDIR/out" 2> "$TESTDIR/err"
	says "stock: the same release as built by its distribution (A) and as built here (B)" "$TESTDIR/err"
	holds '.A.run == "stock" and .B.run == "ours" and ([.cells[] | select(.["B/A"]) | .name] | sort) ==
		["to-dev-flag-1", "to-dev-none-1"]' "$RESULTS/stock..ours/compare.json"
}

# Twice the same one: what is compared is what was measured, and there is no difference.
test_stock_kernels_are_compared()	# full
{
	tiny_plan
	STOCK="newest newest" PLAN=$TESTDIR/tiny.json BOOTS=1 RUN=two "$TOP/scripts/bench.sh" \
		> "$TESTDIR/out" 2> "$TESTDIR/err"
	matches '^B: .*stock-newest.2 ' "$TESTDIR/out"
	holds '[.cells[] | select(.["B/A"])] | length == 2 and all(.["B/A"].estimate - 1 | fabs < 0.005)' \
		"$RESULTS/two-stock-newest..two-stock-newest.2/compare.json"
}

# Of a release whose series shares them with another one's, too
test_driver_gets_its_patches_in_each_release()
{
	local source patchlevel

	source=$("$TOP/kernel/fetch.sh")
	for patchlevel in 2 3; do
		mkdir -p "$TESTDIR/src-$patchlevel/lib"
		cp "$source"/lib/test_hmm* "$TESTDIR/src-$patchlevel/lib/"
		sed "s/^PATCHLEVEL = .*/PATCHLEVEL = $patchlevel/" "$source/Makefile" > "$TESTDIR/src-$patchlevel/Makefile"
		"$TOP/kernel/driver.sh" --prepare "$TESTDIR/src-$patchlevel" "$TESTDIR/driver-$patchlevel"
		want 1 cmp -s "$source/lib/test_hmm.c" "$TESTDIR/driver-$patchlevel/lib/test_hmm.c"
	done
	cmp "$TESTDIR"/driver-[23]/lib/test_hmm.c
}

# On the headers of a machine, with its source from the mirror: here those of a kernel of ours
test_driver_is_built_for_a_machine()
{
	local build driver

	build=$("$TOP/kernel/build.sh" both)
	driver=$("$TOP/kernel/driver.sh" "$build")
	is "$(modinfo -F name "$driver")" test_hmm
	is "$(modinfo -F vermagic "$driver")" "$(modinfo -F vermagic "$build/lib/test_hmm.ko")"
	mkdir -p "$TESTDIR/old/include/config"
	cp "$build/include/config/auto.conf" "$TESTDIR/old/include/config/"
	echo 6.18.3 > "$TESTDIR/old/include/config/kernel.release"
	want 4 "$TOP/kernel/driver.sh" "$TESTDIR/old" 2> "$TESTDIR/err"
	says "the mirror has no source of Linux 6.18.3, of which lib/test_hmm.c is needed: KSRC=DIR" "$TESTDIR/err"
}

# machine: a guest with that kernel, which has what its packages would have installed, and a test
# driver that was built before, as the compiler is slow there
machine()
{
	local stock folder=$TESTDIR/build

	stock=$("$TOP/kernel/stock.sh" newest) || return
	mkdir -p "$folder/include/config" "$folder/lib" "$TESTDIR"/{cache,results}
	cp "$stock/include/config/kernel.release" "$folder/include/config/"
	cp "$stock/lib/test_hmm.ko" "$folder/lib/"
	cp "$stock/.config" "$folder/include/config/auto.conf"
	echo "# nothing" | tee "$folder/Makefile" > "$folder/Module.symvers"
	"$TOP/vm/run.sh" --kernel "$stock" --unit instructions --timeout 600 \
		--share "results=$TESTDIR/results" --share "cache=$TESTDIR/cache" -- \
		"${wants[@]}" "$TOP/tests/guest/stock.sh" "$folder" "$TESTDIR/tiny.json"
}

run_tests
make -s -C "$TOP/userspace"
[ -e "$TESTDIR/tiny.json" ] || tiny_plan
guest_tests "a machine with a stock kernel" "$TOP/tests/guest/stock.sh" machine
