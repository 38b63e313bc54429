#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Short runs of make bench on a booted kernel: counts are as expected, and an injected slowdown is
# found. Only exact instructions and ratios are asserted, never a time.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

RESULTS=$TESTDIR/results
export RESULTS UNIT=instructions DEFAULT_PLAN=split

# bench NAME: make bench into $RESULTS/NAME, with BOOTS and so on as given
bench()
{
	RUN=$1 "$TOP/scripts/bench.sh"
}

# ratio FILTER RUN: a number of its summary's only cell
cell()
{
	jq ".cells[0] | $1" "$RESULTS/$2/summary.json"
}

test_main_job_records_analyses_and_draws()
{
	local run=$RESULTS/main file

	BOOTS=6 BLOCKS=2 bench main > "$TESTDIR/out"
	says "new costs" "$TESTDIR/out"
	for file in plan.json machine.json config summary.json table.txt \
		ratio.txt schedule.json boot-1.jsonl boot-6.jsonl console-6.log \
		plots/ratio.svg plots/ratio.png plots/distribution.svg \
		plots/distribution.png; do
		not_empty "$run/$file"
	done
	is "$(readlink "$RESULTS/latest")" main
	holds '.schema == "splitbench.schedule/1" and .unit == "instructions" and
		([.steps[] | select(.took > 0) | .boot] == [1, 2, 3, 4, 5, 6])' "$run/schedule.json"
	holds '.complete and .unit == "instructions"' "$run/summary.json"
	holds '.cells[0] | .arms | [.empty.n, .old.n, .new.n, .again.n] == [48, 48, 48, 48]' \
		"$run/summary.json"
}

test_clock_costs_10_instructions_at_most()
{
	after main_job_records_analyses_and_draws
	holds '.cells[0].arms.empty | .median <= 10 and .median > 0' \
		"$RESULTS/main/summary.json"
}

test_new_again_is_new()
{
	after main_job_records_analyses_and_draws
	holds '.cells[0].ratios["again/new"] | .low >= 0.999 and .high <= 1.001' \
		"$RESULTS/main/summary.json"
}

# A specialised copy would be 11 % cheaper than the new split.
test_old_is_not_specialised()
{
	after main_job_records_analyses_and_draws
	holds '.cells[0].ratios["old/new"] | .low > 1 and .high < 1.02 and .boots == 6' \
		"$RESULTS/main/summary.json"
}

test_machine_state_is_recorded()
{
	after main_job_records_analyses_and_draws
	holds '.schema == "splitbench.machine/1" and
		(.kernel.build_id | test("^[0-9a-f]{40}$")) and
		(.kernel.config_sha256 | test("^[0-9a-f]{64}$")) and
		.kernel.tainted and (.kernel.cmdline | test("init=[.]{3}/vm/init.sh")) and
		.cpu.online == 1 and (.memory.nodes | length == 2) and
		(.kernel.debug_options | index("DEBUG_LIST"))' \
		"$RESULTS/main/machine.json"
	is "$(sha256sum < "$RESULTS/main/config" | cut -d' ' -f1)" \
		"$(jq -r .kernel.config_sha256 "$RESULTS/main/machine.json")"
}

# unbalanced FILES...: blocks in which a code is not executed as often as each other one,
# or does not follow each other one as often. Arms 4 and 5, same and same_old, are the code
# of 2 and 1. Of blocks of rounds, rounds are looked at.
unbalanced()
{
	jq -r 'select(.block) | (.round // 1) as $round | [.arm | explode |
		to_entries[] | select(.key % $round == 0) | .value - 48 |
		if . == 4 then 2 elif . == 5 then 1 else . end] as $all |
		($all[(.lead // 0) / $round - 1:] | map(select(. != 0))) as $order |
		($order[1:] | group_by(.) | map(length)) as $calls |
		([range(1; $order | length) as $i | [$order[$i - 1], $order[$i]]] |
			group_by(.) | map(length)) as $pairs |
		($calls | length) as $codes |
		select(.lead == null or ($calls | unique | length) != 1 or
			($pairs | unique | length) != 1 or
			($pairs | length) != $codes * ($codes - 1)) |
		"\(.cell), block \(.block): \($all)"' "$@"
}

# Every boot has an order of its own, drawn from its seed.
test_order_is_drawn_and_balanced()
{
	local orders

	after main_job_records_analyses_and_draws
	orders=$(jq -c 'select(.block) | .arm' "$RESULTS"/main/boot-*.jsonl)
	is "$(wc -l <<< "$orders")" 18
	# Of the 486 that there are, some may be drawn twice.
	is "$(($(sort -u <<< "$orders" | wc -l) >= 12))" 1
	is "$(jq -c '.[1:] | explode | sort | implode' <<< "$orders" | sort -u)" \
		'"0000111122223333"'
	is "$(unbalanced "$RESULTS"/main/boot-*.jsonl)" ''
	holds '.design == "carryover-balanced/1"' <(head -n 1 "$RESULTS/main/boot-1.jsonl")
}

# All of a plan: splits, and rounds of migrations. And the check can fail.
test_whole_plan_is_balanced()
{
	PLAN=default BOOTS=1 BLOCKS=1 bench whole > "$TESTDIR/out"
	is "$(jq -r 'select(.block) | .cell' "$RESULTS/whole/boot-1.jsonl" | sort -u | wc -l)" 8
	is "$(unbalanced "$RESULTS/whole/boot-1.jsonl")" ''
	sed -E '2s/"arm":"(.)(.)(.)(.)/"arm":"\1\3\2\4/' "$RESULTS/whole/boot-1.jsonl" > "$TESTDIR/swapped"
	is "$(unbalanced "$TESTDIR/swapped" | cut -d: -f1)" "anon-9-0, block 1"
}

# The second copy costs what the first costs, and so does the first under another name.
test_controls_are_exact()
{
	ARMS="old new again same" BOOTS=1 BLOCKS=2 bench controls > "$TESTDIR/out"
	is "$(cell .arms.again.median controls)" "$(cell .arms.new.median controls)"
	is "$(cell .arms.same.median controls)" "$(cell .arms.new.median controls)"
	holds '.cells[0] | .control == {"arm": "again", "one_text": false} and
		.ratios["again/new"].estimate == 1' "$RESULTS/controls/summary.json"
	# Codes are executed equally often: new and same share what old has alone.
	holds '.cells[0].arms | [.old.n, .new.n, .same.n, .again.n] == [16, 8, 8, 16]' \
		"$RESULTS/controls/summary.json"
}

test_controls_that_a_kernel_lacks_are_named()
{
	KERNEL=new ARMS="new again" BOOTS=1 BLOCKS=1 bench lacks > "$TESTDIR/out" 2> "$TESTDIR/err"
	says "this kernel does not have arm 'again'" "$TESTDIR/err"
	# Of a run, not of each of its cells and boots
	cat > "$TESTDIR/cells.json" <<- 'END'
		{ "schema": "splitbench.cells/1", "cells": [
		  { "job": "split", "order": [9, 4], "warmup": 0, "blocks": 1 } ] }
	END
	KERNEL=new ARMS="old new again" PLAN=$TESTDIR/cells.json BOOTS=2 bench lacks.2 \
		> "$TESTDIR/out" 2> "$TESTDIR/err"
	is "$(grep "does not have arm" "$TESTDIR/err" | grep -o "'.*'" | paste -sd' ')" "'old' 'again'"
	want 64 env ARMS="new neu" "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "unknown arm 'neu'; bench/arms.c has: old new again same same_old slow" "$TESTDIR/err"
	REPS=3 BOOTS=1 BLOCKS=1 bench rounded > "$TESTDIR/out" 2> "$TESTDIR/err"
	says "reps rounded up from 3 to 4" "$TESTDIR/err"
}

# What went before a call is asked for: calls back to back, and with cold caches.
test_warmth_is_chosen()
{
	cat > "$TESTDIR/warmth.json" <<-EOF
		{ "schema": "splitbench.cells/1", "cells": [
		  { "job": "split", "warmth": ["mixed", "back-to-back", "cold"], "blocks": 5 } ] }
	EOF
	PLAN=$TESTDIR/warmth.json BOOTS=1 bench warmth > "$TESTDIR/out"
	says "first call after other code" "$TESTDIR/out"
	says "anon-9-0 in 3 cells: old/new from" "$TESTDIR/out"
	# Instructions are not warmed: the first call is as the later ones. A timer tick in
	# one of them (of the few of a code, a run each) costs 2 %, so there are more.
	holds '[.cells[].arms.new.median] | unique | length == 1' "$RESULTS/warmth/summary.json"
	holds '.cells[1] | .name == "anon-9-0-back-to-back" and
		(.["first/later"].new.estimate - 1 | fabs < 0.001) and
		.arms.new.n == 20' "$RESULTS/warmth/summary.json"
}

# Laid out another way, the code executes the same instructions at other addresses.
test_builds_differ_in_layout_alone()
{
	local first second

	BUILDS=2 BOOTS=2 BLOCKS=1 bench builds > "$TESTDIR/out"
	holds '.builds == 2 and .boots == 2' "$RESULTS/builds/plan.json"
	says "of single builds, each with another code layout" "$TESTDIR/out"
	says "2 builds" "$TESTDIR/out"
	says "build 2: CFLAGS_huge_memory.o=-falign-functions=" "$RESULTS/builds/layouts"
	holds '.cells[0].ratios["old/new"] | .boots == 2 and .low == .high' \
		"$RESULTS/builds/summary.json"
	first=$("$TOP/kernel/build.sh" both)
	second=$(LAYOUT=1 "$TOP/kernel/build.sh" both)
	is_not "$(jq .kernel.build_id "$RESULTS/builds/machine.json")" \
		"$(jq .kernel.build_id "$RESULTS/builds/machine-2.json")"
	is_not "$(nm "$first/vmlinux" | grep -w folio_split_unmapped)" \
		"$(nm "$second/vmlinux" | grep -w folio_split_unmapped)"
	want 64 env BUILDS=2 BOOTS=3 "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "3 boots cannot be shared evenly by 2 builds" "$TESTDIR/err"
	want 64 env BUILDS=x "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "BUILDS=x is not a number of builds" "$TESTDIR/err"
	want 64 env BUILDS=2 TARGET=host "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "not with TARGET=host" "$TESTDIR/err"
}

test_new_is_exact_from_run_to_run()
{
	after main_job_records_analyses_and_draws
	BOOTS=1 BLOCKS=4 bench exact
	is "$(cell .arms.new.median exact)" "$(cell .arms.new.median main)"
}

test_gate_passes_without_a_slowdown()
{
	after main_job_records_analyses_and_draws
	"$TOP/userspace/build/splitbench" summary --gate --quiet "$RESULTS/main"
}

test_gate_finds_a_planted_slowdown()
{
	BOOTS=6 BLOCKS=1 PLANT=2000 bench planted > "$TESTDIR/out"
	says PLANTED "$TESTDIR/out"
	want 1 "$TOP/userspace/build/splitbench" summary --gate "$RESULTS/planted"
	holds '.cells[0].ratios | .["old/new"].verdict == "REGRESSION" and
		.["again/new"].verdict == "A/A holds"' "$RESULTS/planted/summary.json"
}

# Within 0.2 %: the old split beside it does not change the new one's cost.
test_new_costs_what_it_costs_in_the_pristine_kernel()
{
	after main_job_records_analyses_and_draws
	KERNEL=new BOOTS=1 BLOCKS=2 bench pristine > "$TESTDIR/out"
	says "old      is not in this kernel" "$TESTDIR/out"
	jq -n "($(cell .arms.new.median main) / $(cell .arms.new.median pristine) - 1) |
		fabs" > "$TESTDIR/difference"
	holds '. < 0.002' "$TESTDIR/difference"
}

test_boots_of_another_kernel_are_refused()
{
	after new_costs_what_it_costs_in_the_pristine_kernel
	cp -r "$RESULTS/pristine" "$RESULTS/mixed"
	rm "$RESULTS/mixed/boot-1.jsonl"
	sha256sum "$RESULTS"/mixed/{config,machine.json,plan.json} > "$TESTDIR/before"
	want 70 env RUN=mixed KERNEL=both "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "begin a new run" "$TESTDIR/err"
	sha256sum -c --quiet "$TESTDIR/before"
}

test_plan_of_a_run_is_not_changed()
{
	after main_job_records_analyses_and_draws
	BOOTS=9 want 64 bench main 2> "$TESTDIR/err"
	says "has a plan already" "$TESTDIR/err"
}

# The run that the link latest names is gone on with, and the link stays.
test_latest_can_be_gone_on_with()
{
	after new_costs_what_it_costs_in_the_pristine_kernel
	rm "$RESULTS/pristine/boot-1.jsonl"
	ln -sfn pristine "$RESULTS/latest"
	KERNEL=new bench latest > "$TESTDIR/out"
	is "$(readlink "$RESULTS/latest")" pristine
	want 64 bench a/b
}

# A second one on the same run would take a boot in the making for a crashed one.
test_run_is_not_shared()
{
	after main_job_records_analyses_and_draws
	exec 7> "$RESULTS/main/.lock"
	flock 7
	want 70 bench main 2> "$TESTDIR/err"
	exec 7>&-
	says "another make bench is measuring" "$TESTDIR/err"
}

test_new_order_is_taken()
{
	after main_job_records_analyses_and_draws
	NEW_ORDER=4 BOOTS=1 BLOCKS=1 bench order > "$TESTDIR/out"
	says "anon-9-4" "$TESTDIR/out"
	holds ".cells[0].arms.new.median < $(cell .arms.new.median main)" \
		"$RESULTS/order/summary.json"
}

# copy_project: to $TESTDIR/copy, all that make bench takes
copy_project()
{
	rm -rf "$TESTDIR/copy"
	mkdir "$TESTDIR/copy"
	cp -r "$TOP"/{bench,kernel,patches,plots,scripts,userspace,vm} "$TESTDIR/copy"
}

# with_arm NAME: a copy of the project whose bench/arms.c has one entry more: as new, and
# 5000 iterations of a loop
with_arm()
{
	copy_project
	sed -i -e '/^#define FSB_RUNS(/i FSB_DEFINE_ARM(mine, fsb_slow(fsb_own(folio, page, new_order), 5000))' \
		-e "/^	FSB_MUTANT_OPS/i { .name = \"$1\", .against = \"new\", .splits = true, .run = { fsb_run_mine } }," \
		"$TESTDIR/copy/bench/arms.c"
}

# An arm is one entry: nothing else is touched, and it is wherever old and new are.
test_arm_is_one_entry()
{
	local run=$RESULTS/mine

	with_arm mine
	(cd "$TESTDIR/copy" && ARMS="new mine" BOOTS=6 BLOCKS=1 RUN=mine scripts/bench.sh) > "$TESTDIR/out"
	says "mine against new: REGRESSION at a margin of 2 %" "$TESTDIR/out"
	holds '.cells[0] | (.arms | keys == ["again", "empty", "mine", "new"]) and
		(.ratios["mine/new"] | .estimate > 1.1 and .estimate < 2 and .boots == 6 and .claimed)' \
		"$run/summary.json"
	holds '.arms == ["new", "mine"]' "$run/plan.json"
	is "$(unbalanced "$run"/boot-*.jsonl)" ''
	says "mine/new" "$run/plots/ratio.svg"
	says "mine" "$run/plots/distribution.svg"
	"$TESTDIR/copy/scripts/cover.sh" "$run" > "$TESTDIR/cover"
	matches '^median +new +mine ' "$TESTDIR/cover"
	says "Costs more:          anon-9-0 (+" "$TESTDIR/cover"
	# Two entries of one name are refused before a kernel is built for them.
	with_arm again
	want 70 env RUN=twice "$TESTDIR/copy/scripts/bench.sh" 2> "$TESTDIR/err"
	says 'arms.c: two entries are called "again": rename one of them' "$TESTDIR/err"
	absent "$RESULTS/twice"
}

# A run that was begun with an arm that is not in bench/arms.c any more
test_arm_that_the_module_lacks_is_named()
{
	after arm_is_one_entry
	rm "$RESULTS/mine/boot-6.jsonl"
	want 64 bench mine 2> "$TESTDIR/err"
	says "the plan has arm 'mine', which is not in the module; it has: empty old new again" \
		"$RESULTS/mine/console-6.log"
}

# A job is a file and a row: a loop, of which old makes twice as many iterations as new.
# Nothing else is touched, and it is in plan, record, table and summary.
test_job_is_one_file_and_one_row()
{
	local run=$RESULTS/loop splitbench=$TESTDIR/copy/userspace/build/splitbench

	copy_project
	cp "$TOP/tests/jobs/loop.c" "$TESTDIR/copy/userspace/workload/"
	cat >> "$TESTDIR/copy/userspace/record/jobs.h" <<-'EOF'
		JOB_ROW(LOOP, loop, plain_report,
			.help = "iterations of an empty loop", .calls = "loops",
			.takes = TAKES(order), .usual = { USUALLY(order, 5) })
	EOF
	echo '{ "schema": "splitbench.cells/1", "cells": [ { "job": "loop", "order": [5, 8] } ] }' \
		> "$TESTDIR/loop.json"
	(cd "$TESTDIR/copy" && PLAN=$TESTDIR/loop.json BOOTS=1 RUN=loop scripts/bench.sh) > "$TESTDIR/out"
	says "iterations of an empty loop; less the empty call" "$TESTDIR/out"
	matches '^  loop-order-8 ' "$TESTDIR/out"
	matches '^  loop-order-8 +new( +[0-9.]+){5}$' "$TESTDIR/out"
	"$splitbench" plan --show "$run" > "$TESTDIR/show"
	says "jobs loop" "$TESTDIR/show"
	"$splitbench" plan --list --cells "$TESTDIR/loop.json" > "$TESTDIR/list"
	matches '^loop-order-8 +2 blocks, each 2 loops of each arm$' "$TESTDIR/list"
	"$splitbench" plan --params > "$TESTDIR/params"
	says "loop: iterations of an empty loop" "$TESTDIR/params"
	says "order (split: 9, contend: 9, loop: 5)" "$TESTDIR/params"
	is "$(jq -r 'select(.block) | .cell' "$run/boot-1.jsonl" | sort -u | paste -sd' ')" \
		"loop loop-order-8"
	is "$(unbalanced "$run/boot-1.jsonl")" ''
	holds '[.cells[] | .params.order] == [5, 8] and
		([.cells[].ratios["old/new"].estimate | . > 1.9 and . < 2.1] | all) and
		(.cells[1].arms.new.median / .cells[0].arms.new.median | . > 7 and . < 9)' \
		"$run/summary.json"
}

# make profile itself: of migrations, in which both splits are
test_migrations_are_profiled()	# full
{
	local run=$RESULTS/profile file

	env -u DEFAULT_PLAN ARM=migrate BLOCKS=2 RUN=profile make -s -C "$TOP" profile > "$TESTDIR/out"
	# The hottest function may have no annotation: perf has none of some in assembly.
	for file in plots/flame.svg hot.txt perf.data console.log; do
		not_empty "$run/$file"
	done
	holds '.arm == "migrate" and .below > 10 and .samples >= .below' "$run/profile.json"
	says "dmirror_fops_unlocked_ioctl" "$run/plots/flame.svg"
	# 44 thousand instructions, so between 32 and 64 us of this clock, with either split
	for file in old new; do
		is "$(awk '$1 == 32 && $2 == 64 { print ($3 > 100) }' "$run/latency-$file.txt")" 1
	done
}

# Nothing but building and measuring in the VM, and that without root.
test_ordinary_user_can_measure()
{
	local user=$TESTDIR/user

	[ "$(id -u)" = 0 ] || { echo "this is one: all of these tests show it"; return "$EXIT_SKIP"; }
	mkdir -p "$user/kernel/arch/x86/boot" "$user/run"
	cp "$build/arch/x86/boot/bzImage" "$user/kernel/arch/x86/boot/"
	cp "$("$TOP/bench/build.sh" "$build")" "$user/"
	"$TOP/userspace/build/splitbench" plan --run "$user/run" --boots 1 --blocks 1
	chown -R 65534:65534 "$user"
	(
		cd "$user"
		as_nobody env SPLITBENCH_CACHE="$user/cache" \
			"$TESTDIR/repo/vm/run.sh" --kernel "$user/kernel" \
			--unit instructions --share "run=$user/run" -- \
			"$TESTDIR/repo/scripts/target-measure.sh" /run/splitbench/run 1 \
			"$user/folio_split_bench.ko"
	)
	is "$(stat -c %u "$user/run/boot-1.jsonl")" 65534
	"$TOP/userspace/build/splitbench" summary "$user/run"
}

build=$("$TOP/kernel/build.sh" both)
"$TOP/kernel/build.sh" new > /dev/null
run_tests
