#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Draw a run: plots/NAME.svg and .png in its folder, and the ratio figure as
# text on standard output; or one figure, whose data is there already.
#
#   plots/plot.sh RUN [FIGURE]
#   plots/plot.sh --list		print the figures that a run may have
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

{ [ $# = 1 ] || [ $# = 2 ]; } || die "-$EXIT_USAGE" "usage: plots/plot.sh RUN [FIGURE]"
run=${1%/}
figures=(distribution ratio fallback latency throughput breakdown orders kinds nodes
	scaling beside-fault beside-cold beside-isolate beside-wake beside-ping)
if [ "$run" = --list ]; then
	printf '%s\n' "${figures[@]}"
	exit
elif [ $# = 2 ]; then
	figures=("$2")
else
	"$TOP/userspace/build/splitbench" plotdata "$run"
fi

# draw FIGURE FORMAT: on standard output. What is after a dash in its name is for
# the script, which draws more figures than one.
draw()
{
	gnuplot -c "$TOP/plots/${1%%-*}.gp" "$TOP/plots" "$run" "$2" "${1#*-}"
}

for figure in "${figures[@]}"; do
	# Each is drawn from the file of its name, if the run has any of it.
	if [ ! -e "$run/plots/$figure.dat" ]; then
		rm -f "$run/plots/$figure".{svg,png}
		continue
	fi
	for format in svg png; do
		file=$run/plots/$figure.$format
		# gnuplot does not notice a full disk; cat does.
		draw "$figure" $format | cat > "$file.tmp" || {
			rm -f "$file.tmp"
			die "gnuplot could not draw $file"
		}
		mv "$file.tmp" "$file"
	done
done
if [ $# = 1 ] && [ -e "$run/plots/ratio.dat" ]; then
	draw ratio dumb | cat
fi
