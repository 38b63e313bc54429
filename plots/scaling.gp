# SPDX-License-Identifier: GPL-2.0
# Splits of all processes in a time, against how many there are.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
set title planted_text."Splits of several processes at a time, Linux ".kernel noenhanced
set xlabel "processes, each on a CPU; by the cgroups that they are charged to"
set ylabel rate_unit.", all processes"
set logscale x 2
set yrange [0:*]
set xrange [0.9:*]
set format y "%.1s%c"
plot for [i=0:scaling_curves-1] dir."/plots/scaling.dat" index i using 1:2 \
	with linespoints linewidth 2 dashtype 1 + i / scaling_arms pointtype 4 + i pointsize 1.2 \
	linecolor rgb arm_colour(i % scaling_arms) \
	title columnheader(1) noenhanced
