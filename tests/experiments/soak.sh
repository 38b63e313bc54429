#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# So many forced fallbacks in one boot, both directions, old and new: without a
# warning of the kernel (the guest is ended by one), a leak or a wrong byte.
#
#   tests/experiments/soak.sh [FALLBACKS]
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"

readonly THPS=16
splitbench=$TOP/userspace/build/splitbench

free_pages()
{
	awk '$1 == "nr_free_pages" { n += $2 } $1 == "count:" { n += $2 } END { print n }' \
		/proc/zoneinfo
}

tell()
{
	echo "$1: $(free_pages) free pages; $(grep '^nr_anon_transparent_hugepages' /proc/vmstat); $(grep -c hmm_dmirror /proc/iomem || true) chunks of the device; $(grep '^thp_split_pmd' /proc/vmstat)"
}

in_guest()
{
	local rounds=$(($1 / THPS / 4 + 1)) direction free lost

	insmod "$2/lib/test_hmm.ko"
	"$splitbench" migrate --direction to-dev,to-sys --thps $THPS --rounds 2 > /dev/null
	tell before
	free=$(free_pages)
	for direction in to-dev to-sys; do
		"$splitbench" migrate --direction $direction --kind flag \
			--thps $THPS --rounds $rounds
	done
	tell after
	rmmod test_hmm
	tell "driver unloaded"
	# Less than one page for each ten fallbacks.
	lost=$((free - $(free_pages)))
	echo "lost: $lost pages in $(($1 / 10 * 10)) fallbacks"
	[ $lost -lt $(($1 / 10)) ]
	grep '^nr_anon_transparent_hugepages 0$' /proc/vmstat
	[ "$(grep -c hmm_dmirror /proc/iomem)" = 0 ]
}

if [ "${1:-}" = in-guest ]; then
	in_guest "$2" "$3"
	exit
fi
build=$("$TOP/kernel/build.sh" both)
make -s -C "$TOP/userspace"
# All but the counts would be the same under icount, and take twice as long.
"$TOP/vm/run.sh" --kernel "$build" --unit emulated --timeout 3600 -- \
	"$TOP/tests/experiments/soak.sh" in-guest "${1:-10000}" "$build"
