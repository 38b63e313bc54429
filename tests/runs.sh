# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Runs made up for the tests of what reads them. Sourced.

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

# make_machine DIR
make_machine()
{
	echo '{"schema": "splitbench.machine/1", "unit": "instructions",
		"counter_khz": 1000000, "tool_version": "test",
		"kernel": {"release": "test", "debug_options": []},
		"cpu": {"model": "none", "online": 1, "governor": "performance"}}' \
		> "$1/machine.json"
}
