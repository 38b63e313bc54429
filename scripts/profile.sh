#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Profile one arm with perf, on this machine if it is suitable, otherwise in a VM. A new folder in
# results/ gets a flame graph, the hottest functions, the annotated code of the hottest one,
# histograms of the split inside migrations, and perf.data.
#
#   scripts/profile.sh
#
# From the environment: ARM (old, new or migrate); BLOCKS (how long to sample); RUN (the folder's
# name); TARGET, KERNEL, BASE, KSRC, KBUILD and UNIT as in make bench.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/machine.sh"

trap 'as_harness $?' ERR

readonly SECONDS_AT_MOST=1800

RESULTS=${RESULTS:-$TOP/results}
arm=${ARM:-new}
case $arm in old | new | migrate) ;; *)
	die "-$EXIT_USAGE" "unknown ARM=$arm; known: old new migrate" ;;
esac
case ${BLOCKS:=8} in *[!0-9]* | 0* | ??????*)
	die "-$EXIT_USAGE" "BLOCKS=$BLOCKS is not a number of blocks, 1 to 99999" ;;
esac
case ${RUN:-} in */* | .* | -* | latest) die "-$EXIT_USAGE" "RUN=$RUN is not a name for a new folder in $RESULTS" ;; esac

# choose_target: set $target to host or vm, as make bench does
choose_target()
{
	target=${TARGET:-auto}
	case $target in
	vm) return ;;
	host | auto) ;;
	*) die "-$EXIT_USAGE" "unknown TARGET=$target; known: auto host vm" ;;
	esac
	missing=$(lacks)
	if [ "$target" = host ]; then
		[ -z "${KERNEL:-}${KSRC:-}${BASE:-}${UNIT:-}${CC:-}" ] ||
			die "-$EXIT_USAGE" "TARGET=host measures the running kernel: KERNEL, KSRC, BASE, UNIT and a compiler are for TARGET=vm"
		[ -z "$missing" ] || die "-$EXIT_SKIP" "$missing"
	elif [ -n "${KERNEL:-}${KSRC:-}${BASE:-}${UNIT:-}${CC:-}" ]; then
		target=vm
	elif [ -n "$missing" ]; then
		stage "target: a VM; this machine is not suitable: $missing"
		target=vm
	else
		target=host
	fi
}

# on_target COMMAND...: run it there as root; a VM has $out at /run/splitbench/out
on_target()
{
	if [ "$target" = host ]; then
		root
		on_machine "$out/console.log" "$@"
		return
	fi
	"$TOP/vm/run.sh" --kernel "$build" --unit "$unit" --share "out=$out" \
		--timeout "$SECONDS_AT_MOST" --console "$out/console.log" -- "$@"
}

# fact KEY: print the fact of that name from profile.json
fact() { sed -n "s/^  \"$1\": \"\\(.*\\)\",\\{0,1\\}$/\\1/p" "$out/profile.json"; }

# draw: draw the flame graph
draw()
{
	mkdir -p "$out/plots"
	mv "$out/flame.dat" "$out/plots/"
	cat > "$out/plots/labels.gp" <<-LABELS
		unit = "$unit"
		planted = 0
		profile_title = "Where the samples of $arm are, Linux $(fact kernel)"
		profile_text = "percent of $(sed -n '1s/.*samples, \([0-9]*\) .*/\1/p' "$out/hot.txt") samples by $(fact event); the target's clock counts $unit"
	LABELS
	"$TOP/plots/plot.sh" "$out" flame
}

[ $# = 0 ] || die "-$EXIT_USAGE" "usage: scripts/profile.sh; see make help"
[ -z "${RUN:-}" ] || [ ! -e "$RESULTS/$RUN" ] ||
	die "-$EXIT_USAGE" "$RESULTS/$RUN exists already: choose another RUN=NAME"
"$TOP/scripts/deps.sh"
stage "splitbench: building"
build_splitbench
choose_target
if [ "$target" = vm ]; then
	build=$("$TOP/kernel/variant.sh" "${KERNEL:-both}")
	unit=${UNIT:-$("$TOP/vm/unit.sh" "$build")}
	test_hmm=$build/lib/test_hmm.ko
fi
module=$("$TOP/bench/build.sh" "$build")
vmlinux=$build/vmlinux
[ -e "$vmlinux" ] || vmlinux=/usr/lib/debug/boot/vmlinux-$release
[ -e "$vmlinux" ] || vmlinux=''
out=$RESULTS/${RUN:-$(date -u +%Y%m%dT%H%M%SZ)-profile-$arm}
mkdir -p "$RESULTS"
there=$out
[ "$target" = host ] || there=/run/splitbench/out
mkdir "$out" || die "cannot write to $RESULTS"
hmm=$test_hmm
[ -n "$hmm" ] || ! has_test_hmm || hmm=-
on_target "$TOP/scripts/target-profile.sh" "$there" "$arm" "$unit" "$BLOCKS" \
	"$module" "$hmm" "$vmlinux"
draw
cat "$out/hot.txt"
cat "$out"/latency-*.txt 2> /dev/null || true
stage "done: $out: $(cd "$out" && find . -name '*.svg' -o -name '*.txt' -o -name perf.data | sed 's|^\./||' | sort | paste -sd' ')"
