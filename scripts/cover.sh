#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Write text and figures for a patch's cover letter, from a run (old against new) or from run B
# against run A: cover.txt, which is also printed, cover.html, change.svg and .png, in RUN/cover or
# in the folder A..B next to B.
#
#   scripts/cover.sh RUN | A B | RUN...
#
# Of several machines, one or two runs of each: the text has a section for each machine.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/report.sh"

[ $# -ge 1 ] || die "-$EXIT_USAGE" "usage: scripts/cover.sh RUN | A B | RUN..."
runs_are "$@"
build_splitbench
! several_machines "${runs[@]}" || of_machines cover
[ $# -le 2 ] || die "-$EXIT_USAGE" "usage: scripts/cover.sh RUN | A B; more are for runs of several machines"
if [ $# = 1 ]; then
	begin_report "${runs[0]}/cover"
else
	begin_report "$(pair_folder)"
fi
cover() { "$TOP/userspace/build/splitbench" cover "$@" "${runs[@]}"; }

cover --data "$tmp"
for format in svg png dumb; do
	# cat reports a full disk; gnuplot does not.
	plot "$TOP/plots/change.gp" "$tmp" $format | cat > "$tmp/change.$format" ||
		die "gnuplot could not draw $out/change.$format"
done
figures=(--figure "$tmp/change.svg")
for figure in "${runs[-1]}"/plots/{distribution,fallback,breakdown}.svg; do
	[ ! -e "$figure" ] || figures+=(--figure "$figure")
done
cover --text "$tmp/cover.txt" --plot "$tmp/change.dumb" \
	--html "$tmp/cover.html" "${figures[@]}"
end_report change.dat change-labels.gp change.svg change.png change.dumb \
	cover.txt cover.html
show cover.txt
stage "cover letter: $out/cover.txt, cover.html, change.svg and .png"
