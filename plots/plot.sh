#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Draw a run: plots/NAME.svg and .png in its folder, and the ratio figure as
# text on standard output.
#
#   plots/plot.sh RUN
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

[ $# = 1 ] || die "-$EXIT_USAGE" "usage: plots/plot.sh RUN"
run=${1%/}
"$TOP/userspace/build/splitbench" plotdata "$run"

# draw FIGURE FORMAT: on standard output. What is after a dash in its name is for
# the script, which draws more figures than one.
draw()
{
	gnuplot -c "$TOP/plots/${1%%-*}.gp" "$TOP/plots" "$run" "$2" "${1#*-}"
}

for figure in distribution ratio fallback latency throughput breakdown orders \
	kinds nodes scaling beside-fault beside-cold beside-isolate beside-wake \
	beside-ping; do
	# Each is drawn from the file of its name, if the run has any of it.
	if [ ! -e "$run/plots/$figure.dat" ]; then
		rm -f "$run/plots/$figure".{svg,png}
		continue
	fi
	for format in svg png; do
		file=$run/plots/$figure.$format
		# gnuplot does not notice a full disk; cat does.
		draw $figure $format | cat > "$file.tmp" || {
			rm -f "$file.tmp"
			die "gnuplot could not draw $file"
		}
		mv "$file.tmp" "$file"
	done
done
if [ -e "$run/plots/ratio.dat" ]; then
	draw ratio dumb | cat
fi
