# SPDX-License-Identifier: GPL-2.0
# Throughput against the size of a round.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
set title planted_text."Throughput of migrations, Linux ".kernel noenhanced
set xlabel "THPs of 2 MiB in a round"
set ylabel throughput_unit.", in the calls of the busiest thread"
set logscale x 2
set yrange [0:*]
plot for [i=0:throughput_curves-1] dir."/plots/throughput.dat" index i using 1:2 \
	with linespoints linetype i+1 dashtype i%5+1 pointtype i+4 \
	linewidth (i < throughput_curves / 2 ? 2 : 1) \
	title columnheader(1) noenhanced
