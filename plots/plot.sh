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
	plot "$TOP/plots/${script[$1]:-$1}.gp" "$TOP/plots" "$run" "$2" "${1#*-}"
}

# draw_file FIGURE FORMAT: into the run's folder. A figure that gnuplot cannot draw is
# named, and costs no other; a disk that is full is the end.
draw_file()
{
	local file=$run/plots/$1.$2 ended

	set +e
	# gnuplot does not notice a full disk; cat does.
	draw "$1" "$2" | cat > "$file.tmp"
	ended=("${PIPESTATUS[@]}")
	set -e
	if [ "${ended[1]}" != 0 ]; then
		rm -f "$file.tmp"
		die "$file cannot be written"
	elif [ "${ended[0]}" != 0 ]; then
		rm -f "$file.tmp" "$file"
		stage "plots: no figure $file: gnuplot could not draw it"
		return 1
	fi
	mv "$file.tmp" "$file"
}

status=0
for figure in "${figures[@]}"; do
	# Each is drawn from the file of its name, if the run has any of it.
	if [ ! -e "$run/plots/$figure.dat" ]; then
		rm -f "$run/plots/$figure".{svg,png}
		continue
	fi
	for format in svg png; do
		draw_file "$figure" $format || status=1
	done
done
if [ $# = 1 ] && [ -e "$run/plots/ratio.dat" ]; then
	draw ratio dumb | cat || status=1
fi
[ $# = 1 ] || [ $status = 0 ] || exit "$EXIT_HARNESS"
