#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On the target, as root, with test_hmm loaded: measure whole commands with common tools.
#
#   scripts/target-commands.sh RUN UNIT
#
# The run's folder gets hyperfine.json, with old and new in alternation, and perf-ARM.json, which says
# "not supported" where the machine does not count something. Times are of the target's clock, which
# counts UNIT: under icount, instructions. If a tool does not work on this kernel, its file says why
# under "missing", and the rest of the run is complete.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/target-lib.sh"

trap 'as_harness $?' ERR

readonly PAIRS=3
readonly EVENTS=task-clock,page-faults,context-switches,cpu-migrations,instructions,cycles,cache-misses,branch-misses
run=$1 unit=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# command_of ARM: print the command; recorded ARM: the same without this machine's path
command_of() { echo "$splitbench migrate --kind flag --thps 2 --rounds 4 --arm $1"; }
recorded() { local command; command=$(command_of "$1"); echo "splitbench${command#"$splitbench"}"; }

# works WHAT COMMAND...: does the tool work with a command that does nothing? If not, say so, and set
# $why to its first line of output.
works()
{
	local what=$1 status=0

	shift
	"$@" > "$tmp/said" 2>&1 || status=$?
	[ $status != 0 ] || return 0
	why="$1 ended with status $status: $(grep -m1 . "$tmp/said" | tr -d '\042\134' | tr -c '[:print:]\n' '?')"
	stage "measuring: no $what, as $1 does not work on Linux $(uname -r): $why. The rest of the run is complete."
	return 1
}

# missing FILE SCHEMA LIST: write the file with the reason why its list is empty
missing()
{
	printf '{"schema": "%s", "unit": "%s", "missing": "%s", "%s": []}\n' "$2" "$unit" "$why" "$3" > "$tmp/$1"
	finish "$1" "$run"
}

counts=yes
works "counters of whole commands" perf stat -j -e task-clock -o "$tmp/perf" -- true || counts=''
for arm in "${split_arms[@]}"; do
	[ -n "$counts" ] || {
		missing "perf-$arm.json" splitbench.perf/1 events
		continue
	}
	# shellcheck disable=SC2046
	perf stat -j -e $EVENTS -o "$tmp/perf" -- $(command_of "$arm") > "$tmp/out"
	{
		printf '{"schema": "splitbench.perf/1", "unit": "%s", "arm": "%s", "command": "%s", "events": [\n' \
			"$unit" "$arm" "$(recorded "$arm")"
		# perf prints one object a line; a list has commas between them.
		sed -n '/^{/p' "$tmp/perf" | sed '$!s/$/,/'
		echo ']}'
	} > "$tmp/perf-$arm.json"
	finish "perf-$arm.json" "$run"
done
works "times of whole commands" hyperfine -N --style none --warmup 0 --runs 2 true || {
	missing hyperfine.json splitbench.hyperfine/1 pairs
	give_back "$run"
	exit
}
for ((pair = 0; pair < PAIRS; pair++)); do
	commands=()
	for ((i = 0; i < ${#split_arms[@]}; i++)); do
		arm=${split_arms[(i + pair) % ${#split_arms[@]}]}
		commands+=(-n "$arm" "$(command_of "$arm")")
	done
	hyperfine -N --style none --warmup 0 --runs 2 \
		--export-json "$tmp/pair-$pair" "${commands[@]}" > "$tmp/out" 2>&1 ||
		{ cat "$tmp/out" >&2; die "hyperfine failed"; }
done
{
	printf '{"schema": "splitbench.hyperfine/1", "unit": "%s", "command": "%s", "pairs": [\n' \
		"$unit" "$(recorded ARM)"
	for ((pair = 0; pair < PAIRS; pair++)); do
		[ $pair = 0 ] || echo ,
		cat "$tmp/pair-$pair"
	done
	echo ']}'
} > "$tmp/hyperfine.json"
finish hyperfine.json "$run"
give_back "$run"
