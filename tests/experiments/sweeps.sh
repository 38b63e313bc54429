#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The small sweep of tests/contend.sh, again and again, beside load: how often does a boot of it
# fail, and which rate do so many rounds exclude? The runs of a failed round are kept. Exits with 1
# if any round failed.
#
#   tests/experiments/sweeps.sh ROUNDS LOAD FOLDER
#
# LOAD is how many processes keep CPUs of the host busy meanwhile. FOLDER gets a line for each round;
# another call with the same folder adds to it, and the rate is of all its rounds.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"

[ $# = 3 ] || die "-$EXIT_USAGE" "usage: tests/experiments/sweeps.sh ROUNDS LOAD FOLDER"
rounds=$1 load=$2 folder=$(realpath -m "$3")
mkdir -p "$folder"
busy=()
# shellcheck disable=SC2317 # reached through the trap
cleanup()
{
	[ ${#busy[@]} = 0 ] || kill "${busy[@]}"
	rm -rf "$folder/runs"
}
trap cleanup EXIT
for ((i = 0; i < load; i++)); do
	(exec sh -c 'while :; do :; done') &
	busy+=($!)
done
touch "$folder/rounds"
for ((i = 1; i <= rounds; i++)); do
	rm -rf "$folder/runs"
	mkdir "$folder/runs"
	status=0
	RESULTS=$folder/runs RUN=s BOOTS=1 BLOCKS=1 CPUS=2 UNIT=instructions \
		"$TOP/scripts/bench.sh" --sweep > "$folder/runs/table" 2> "$folder/runs/err" || status=$?
	number=$(wc -l < "$folder/rounds")
	for part in alone beside; do
		[ "$(jq .complete "$folder/runs/s-$part/summary.json" 2> /dev/null)" = true ] || status=70
	done
	again=$(grep -cE "booting it again|measuring: .* again" "$folder/runs/err" || true)
	echo "$(date -u +%FT%TZ) status $status, guests booted again $again" >> "$folder/rounds"
	if [ $status != 0 ]; then
		mv "$folder/runs" "$folder/failed-$((number + 1))"
	fi
	progress "sweeps: $i of $rounds"
done
made=$(wc -l < "$folder/rounds")
failed=$(grep -vc "status 0," "$folder/rounds" || true)
echo "$failed of $made small sweeps failed, beside $load busy processes the last time"
[ "$failed" != 0 ] ||
	awk -v n="$made" 'BEGIN { printf "a rate above %.2g is excluded at 95 %%\n", 1 - 0.05 ^ (1 / n) }'
[ "$failed" = 0 ]
