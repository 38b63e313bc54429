#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a patch's cover letter needs, of a run (old against new) or of run B
# against run A: cover.txt, which is printed too, cover.html, change.svg and
# .png; in RUN/cover, or in the folder A..B beside B.
#
#   scripts/cover.sh RUN | A B
set -euo pipefail
. "$(dirname "$0")/lib.sh"

{ [ $# = 1 ] || [ $# = 2 ]; } || die "-$EXIT_USAGE" "usage: scripts/cover.sh RUN | A B"
runs=()
for run; do
	[ -e "$run/plan.json" ] || die "-$EXIT_USAGE" "$run is no run: it has no plan.json"
	runs+=("$(realpath "$run")")
done
if [ $# = 1 ]; then
	out=${runs[0]}/cover
else
	out=$(dirname "${runs[1]}")/$(basename "${runs[0]}")..$(basename "${runs[1]}")
fi
mkdir -p "$out"
cover() { "$TOP/userspace/build/splitbench" cover "$@" "${runs[@]}"; }

cover --data "$out"
for format in svg png dumb; do
	# gnuplot does not notice a full disk; cat does.
	gnuplot -e "dir='$out'; format='$format'" "$TOP/plots/change.gp" |
		cat > "$out/change.$format.tmp" || {
		rm -f "$out/change.$format.tmp"
		die "gnuplot could not draw $out/change.$format"
	}
	mv "$out/change.$format.tmp" "$out/change.$format"
done
figures=(--figure "$out/change.svg")
for figure in "${runs[-1]}"/plots/{distribution,fallback,breakdown}.svg; do
	[ ! -e "$figure" ] || figures+=(--figure "$figure")
done
cover --text "$out/cover.txt" --plot "$out/change.dumb" \
	--html "$out/cover.html" "${figures[@]}"
cat "$out/cover.txt"
stage "cover letter: $out/cover.txt, cover.html, change.svg and .png"
