#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Draw a run: plots/NAME.svg and .png in its folder, and the ratio figure as
# text on standard output; or one figure, whose data is there already.
#
#   plots/plot.sh RUN [FIGURE]
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

{ [ $# = 1 ] || [ $# = 2 ]; } || die "-$EXIT_USAGE" "usage: plots/plot.sh RUN [FIGURE]"
run=${1%/}
splitbench=$TOP/userspace/build/splitbench
# Which script draws which figure
declare -A script
figures=()
while IFS=$'\t' read -r name gp _; do
	figures+=("$name")
	script[$name]=$gp
done < <("$splitbench" plotdata --list)
if [ $# = 2 ]; then
	figures=("$2")
else
	"$splitbench" plotdata "$run"
fi

# draw FIGURE FORMAT: on standard output. A script that draws more figures than one
# takes what is after the dash in the name.
draw()
{
	gnuplot -c "$TOP/plots/${script[$1]:-$1}.gp" "$TOP/plots" "$run" "$2" "${1#*-}"
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
