# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Make up runs for tests of the programs that read them. Sourced.

splitbench() { "$TOP/userspace/build/splitbench" "$@"; }

# make_run DIR BOOTS [OLD NEW]: a run of three blocks a boot. In boot B, calls
# of old and new take so many ticks above the clock's 7, and so many more for
# each of $SPREAD of that boot: a list, one for each boot.
make_run()
{
	local boot block more old=${3:-1010} new=${4:-1000} spread

	read -ra spread <<< "${SPREAD:-}"
	splitbench plan --run "$1" --boots "$2" --blocks 3 --warmup 0 --reps 1
	make_machine "$1"
	echo CONFIG_X86=y > "$1/config"
	for ((boot = 1; boot <= $2; boot++)); do
		more=$((7 + ${spread[boot - 1]:-0}))
		{
			echo "{\"schema\":\"splitbench.samples/1\",\"boot\":$boot,\"seed\":1,\"unit\":\"instructions\",\"arms\":[\"empty\",\"old\",\"new\",\"again\"],\"phases\":[\"fault\"]}"
			for block in 1 2 3; do
				echo "{\"block\":$block,\"cell\":\"anon-9-0\",\"warmup\":false,\"retries\":0,\"arm\":\"0123\",\"ticks\":[7,$((old + more)),$((new + more)),$((new + more))],\"cpu\":0,\"phases\":[1]}"
			done
			echo '{"end":3}'
		} > "$1/boot-$boot.jsonl"
	done
}

# add_arm RUN TICKS: a made-up run has arm "mine" too, which takes so many ticks above
# the clock's 7, and is compared against new
add_arm()
{
	local defs='{"code":"","against":"","control":false},{"code":"old","against":"new","control":false}'

	defs+=',{"code":"new","against":"","control":false},{"code":"again","against":"new","control":true}'
	defs+=',{"code":"mine","against":"new","control":false}'
	sed -i 's/"arms": \[/"arms": ["mine", /' "$1/plan.json"
	sed -i -E "1s/\"again\"\]/\"again\",\"mine\"],\"arm_defs\":[$defs]/
		s/\"arm\":\"0123\",\"ticks\":\[([^]]*)\]/\"arm\":\"01234\",\"ticks\":[\1,$(($2 + 7))]/" \
		"$1"/boot-*.jsonl
}

# make_machine DIR
make_machine()
{
	echo '{"schema": "splitbench.machine/1", "unit": "instructions",
		"counter_khz": 1000000, "tool_version": "test",
		"kernel": {"release": "test", "debug_options": []},
		"cpu": {"model": "none", "online": 1, "governor": "performance"}}' \
		> "$1/machine.json"
}

# is_result STATUS RUN...: of make bench, with few boots and all kinds of cells. An A/A
# fails by chance in one of twenty, which is what it is made for; a broken contract has
# the same status.
is_result()
{
	local status=$1 run

	shift
	for run; do
		holds '.complete and (.cells | all(.faults == 0))' "$RESULTS/$run/summary.json"
	done
	[ "$status" = 0 ] || {
		is "$status" 1
		for run; do
			cat "$RESULTS/$run/table.txt"
		done > "$TESTDIR/tables"
		says "A/A FAILED" "$TESTDIR/tables"
	}
}

# measured_in_turn A B HAS HAS_NOT: kernels A and B, two runs of four boots in
# $RESULTS; each promise of the split is checked after each call, in A as in B.
# A has the way HAS, and not the other one.
measured_in_turn()
{
	local a=$1 b=$2 order status=0

	KERNELS="$a $b" UNIT=instructions RUN=two BOOTS=4 BLOCKS=1 bench > "$TESTDIR/out" || status=$?
	is_result $status two-"$a" two-"$b"
	order=$(grep -oE "measuring: ($a|$b), boot [0-9]" "$TESTDIR/err" |
		awk '{ print $2 $4 }' | paste -sd' ')
	is "$order" "$a,1 $b,1 $b,2 $a,2 $a,3 $b,3 $b,4 $a,4"
	holds ".cells[] | select(.name == \"anon-9-0\") | (.arms | has(\"$3\") and has(\"same\")
		and (has(\"$4\") | not)) and (.ratios | keys == [\"same/$3\"])" \
		"$RESULTS/two-$a/summary.json"
	holds ".cells[] | select(.name == \"to-sys-flag-2\") | .breakdown.$3.split > 0" \
		"$RESULTS/two-$a/summary.json"
	not_empty "$RESULTS/two-$a/plots/fallback.svg"
	is "$(readlink "$RESULTS/latest")" "two-$a"
}
