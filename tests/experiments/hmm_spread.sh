#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# How far do ten runs of one thing lie apart? Ours against the benchmark in the
# kernel's own hmm-tests, in one guest, in turn, on the host's clock: of THPs
# that migrate whole, one and two at a time, in both directions, and what that
# saves against small pages. The spread is (largest - smallest) / median of what
# each run reports; of what is saved, in percent, it is largest - smallest.
#
#   tests/experiments/hmm_spread.sh [RUNS]
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"

# Rounds of ours that take about as long as one run of theirs.
readonly ROUNDS=${ROUNDS:-60}
splitbench=$TOP/userspace/build/splitbench

# theirs: "NAME VALUE" a line, of the rows for one and two THPs, in ms
theirs()
{
	"$1" -t benchmark_thp_migration 2>&1 | awk '
		/^=== Single THP/ { thps = 1 }
		/^=== Two THP/ { thps = 2 }
		/^=== (Four|Small|Half)/ { thps = 0 }
		thps && /^Sys->Dev Migration/ { tell("to-dev") }
		thps && /^Dev->Sys Migration/ { tell("to-sys") }
		function tell(way) {
			print way "-none-" thps, $4
			print way "-saved-" thps, $10 + 0
		}'
}

# ours: the same, in ticks for each THP: median, lowest quarter and tenth, and least
ours()
{
	"$splitbench" migrate --direction to-dev,to-sys --kind none,pages \
		--thps 1,2 --rounds "$ROUNDS" --arm new --json | jq -r '
		[.cells[] | {key: .name, value: .arms.new}] | from_entries as $all |
		$all | keys[] | select(contains("none")) | . as $none |
		sub("none"; "pages") as $pages | sub("none"; "saved") as $saved |
		("median", "p25", "p10", "min") | . as $q | $all[$none][$q] as $n |
		$all[$pages][$q] as $p |
		"\($none)-\($q) \($n)", "\($saved)-\($q) \(100 * ($p - $n) / $p)"'
}

# spread FILE: of each name's values
spread()
{
	sort -k1,1 -k2,2n "$1" | awk '
		function tell(middle, apart) {
			if (!n)
				return
			middle = v[int((n + 1) / 2)]
			apart = v[n] - v[1]
			if (name !~ /saved/)
				apart *= 100 / middle
			printf "  %-20s %3d runs  median %.6g  spread %.1f %%\n",
				name, n, middle, apart
		}
		$1 != name { tell(); name = $1; n = 0 }
		{ v[++n] = $2 }
		END { tell() }'
}

in_guest()
{
	local runs=$1 tests=$2 build=$3 i start seconds=(0 0)

	insmod "$build/lib/test_hmm.ko"
	for ((i = 0; i < runs; i++)); do
		progress "run $((i + 1)) of $runs"
		start=$SECONDS
		theirs "$tests" >> /run/theirs
		seconds[0]=$((seconds[0] + SECONDS - start))
		start=$SECONDS
		ours >> /run/ours
		seconds[1]=$((seconds[1] + SECONDS - start))
	done
	echo "hmm-tests, ms for all THPs (${seconds[0]} s in all)"
	spread /run/theirs | tee /run/theirs.spread
	echo "splitbench migrate, ticks for each THP (${seconds[1]} s in all)"
	spread /run/ours | tee /run/ours.spread
	compare
}

# compare: our spread over theirs, by each estimator; 1 if there is none by which it is
# a fifth at most in all rows
compare()
{
	echo "ours over theirs"
	awk 'NR == FNR { theirs[$1] = $(NF - 1); next }
		{
			estimator = $1
			sub(/.*-/, "", estimator)
			row = $1
			sub(/-[^-]*$/, "", row)
			share = $(NF - 1) / theirs[row]
			printf "  %-24s %.3f\n", $1, share
			if (share > worst[estimator])
				worst[estimator] = share
		}
		END {
			for (estimator in worst) {
				printf "  worst row by %-10s %.3f\n", estimator, worst[estimator]
				good = good || worst[estimator] <= 0.2
			}
			exit !good
		}' /run/theirs.spread /run/ours.spread
}

if [ "${1:-}" = in-guest ]; then
	in_guest "$2" "$3" "$4"
	exit
fi
build=$("$TOP/kernel/build.sh" both)
tree=$(cat "$build/.complete")
make -s -C "$TOP/userspace"
out=$CACHE/selftests/$(basename "$build")
mkdir -p "$out"
mm=$tree/tools/testing/selftests/mm
[ -e "$out/hmm-tests" ] || gcc -O2 -D_GNU_SOURCE -I"$tree" -I"$mm" \
	-I"$tree/tools/testing/selftests" -I"$tree/tools/include/uapi" -w \
	-o "$out/hmm-tests" "$mm"/{hmm-tests,vm_util,hugepage_settings}.c -pthread -lm
"$TOP/vm/run.sh" --kernel "$build" --unit emulated --timeout 3000 -- \
	"$TOP/tests/experiments/hmm_spread.sh" in-guest "${1:-10}" "$out/hmm-tests" "$build"
