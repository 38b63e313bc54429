#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The main job on a booted kernel, short: what the counts have to be, that a
# planted slowdown is found. Exact instructions and ratios only, never a time.
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

main_job_records_analyses_and_draws()
{
	local run=$RESULTS/main file

	BOOTS=6 BLOCKS=2 bench main > "$TESTDIR/out"
	says "new costs" "$TESTDIR/out"
	for file in plan.json machine.json config summary.json table.txt \
		ratio.txt boot-1.jsonl boot-6.jsonl console-6.log \
		plots/ratio.svg plots/ratio.png plots/distribution.svg \
		plots/distribution.png; do
		[ -s "$run/$file" ] || { echo "no $file"; return 1; }
	done
	[ "$(readlink "$RESULTS/latest")" = main ]
	holds '.complete and .unit == "instructions"' "$run/summary.json"
	holds '.cells[0] | .arms | [.empty.n, .old.n, .new.n, .again.n] == [48, 48, 48, 48]' \
		"$run/summary.json"
}

clock_costs_10_instructions_at_most()
{
	holds '.cells[0].arms.empty | .median <= 10 and .median > 0' \
		"$RESULTS/main/summary.json"
}

new_again_is_new()
{
	holds '.cells[0].ratios["again/new"] | .low >= 0.999 and .high <= 1.001' \
		"$RESULTS/main/summary.json"
}

# A specialised copy would be 11 % cheaper than the new way.
old_is_not_specialised()
{
	holds '.cells[0].ratios["old/new"] | .low > 1 and .high < 1.02 and .boots == 6' \
		"$RESULTS/main/summary.json"
}

machine_state_is_recorded()
{
	holds '.schema == "splitbench.machine/1" and
		(.kernel.build_id | test("^[0-9a-f]{40}$")) and
		(.kernel.config_sha256 | test("^[0-9a-f]{64}$")) and
		.kernel.tainted and (.kernel.cmdline | test("init=")) and
		.cpu.online == 1 and (.memory.nodes | length == 2) and
		(.kernel.debug_options | index("DEBUG_LIST"))' \
		"$RESULTS/main/machine.json"
	[ "$(sha256sum < "$RESULTS/main/config" | cut -d' ' -f1)" = \
	  "$(jq -r .kernel.config_sha256 "$RESULTS/main/machine.json")" ]
}

# Every boot has an order of its own, balanced, and drawn from its seed.
order_is_shuffled_and_balanced()
{
	local orders

	orders=$(jq -c 'select(.block) | .arm' "$RESULTS"/main/boot-*.jsonl)
	[ "$(wc -l <<< "$orders")" = 18 ]
	[ "$(sort -u <<< "$orders" | wc -l)" = 18 ]
	[ "$(jq -c 'explode | sort | implode' <<< "$orders" | sort -u)" = \
	  '"0000111122223333"' ]
}

new_is_exact_from_run_to_run()
{
	BOOTS=1 BLOCKS=4 bench exact
	[ "$(cell .arms.new.median exact)" = "$(cell .arms.new.median main)" ]
}

gate_passes_without_a_slowdown()
{
	"$TOP/userspace/build/splitbench" summary --gate --quiet "$RESULTS/main"
}

gate_finds_a_planted_slowdown()
{
	BOOTS=6 BLOCKS=1 PLANT=2000 bench planted > "$TESTDIR/out"
	says PLANTED "$TESTDIR/out"
	want 1 "$TOP/userspace/build/splitbench" summary --gate "$RESULTS/planted"
	holds '.cells[0].ratios | .["old/new"].verdict == "REGRESSION" and
		.["again/new"].verdict == "A/A holds"' "$RESULTS/planted/summary.json"
}

# Within 0.2 %: the old way beside it does not change the new one's cost.
new_costs_what_it_costs_in_the_pristine_kernel()
{
	KERNEL=new BOOTS=1 BLOCKS=2 bench pristine > "$TESTDIR/out"
	says "old    is not in this kernel" "$TESTDIR/out"
	jq -n "($(cell .arms.new.median main) / $(cell .arms.new.median pristine) - 1) |
		fabs" | tee /dev/stderr | jq -e '. < 0.002'
}

boots_of_another_kernel_are_refused()
{
	cp -r "$RESULTS/pristine" "$RESULTS/mixed"
	rm "$RESULTS/mixed/boot-1.jsonl"
	sha256sum "$RESULTS"/mixed/{config,machine.json,plan.json} > "$TESTDIR/before"
	want 70 env RUN=mixed KERNEL=both "$TOP/scripts/bench.sh" 2> "$TESTDIR/err"
	says "begin a new run" "$TESTDIR/err"
	sha256sum -c --quiet "$TESTDIR/before"
}

new_order_is_taken()
{
	NEW_ORDER=4 BOOTS=1 BLOCKS=1 bench order > "$TESTDIR/out"
	says "anon-9-4" "$TESTDIR/out"
	jq -e ".cells[0].arms.new.median < $(cell .arms.new.median main)" \
		"$RESULTS/order/summary.json"
}

# The run that the link latest names is gone on with, and the link stays.
latest_can_be_gone_on_with()
{
	rm "$RESULTS/pristine/boot-1.jsonl"
	ln -sfn pristine "$RESULTS/latest"
	KERNEL=new bench latest > "$TESTDIR/out"
	[ "$(readlink "$RESULTS/latest")" = pristine ]
	want 64 bench a/b
}

# A second one on the same run would take a boot in the making for a crashed one.
run_is_not_shared()
{
	exec 7> "$RESULTS/main/.lock"
	flock 7
	want 70 bench main 2> "$TESTDIR/err"
	exec 7>&-
	says "another make bench is at work" "$TESTDIR/err"
}

plan_of_a_run_is_not_changed()
{
	BOOTS=9 want 64 bench main 2> "$TESTDIR/err"
	says "has its plan already" "$TESTDIR/err"
}

# Nothing but building and measuring in the VM, and that without root.
ordinary_user_can_measure()
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
	[ "$(stat -c %u "$user/run/boot-1.jsonl")" = 65534 ]
	"$TOP/userspace/build/splitbench" summary "$user/run"
}

build=$("$TOP/kernel/build.sh" both)
"$TOP/kernel/build.sh" new > /dev/null
for name in main_job_records_analyses_and_draws \
	clock_costs_10_instructions_at_most new_again_is_new \
	old_is_not_specialised machine_state_is_recorded \
	order_is_shuffled_and_balanced new_is_exact_from_run_to_run \
	gate_passes_without_a_slowdown gate_finds_a_planted_slowdown \
	new_costs_what_it_costs_in_the_pristine_kernel \
	boots_of_another_kernel_are_refused plan_of_a_run_is_not_changed \
	latest_can_be_gone_on_with run_is_not_shared new_order_is_taken \
	ordinary_user_can_measure; do
	check $name
done
