# SPDX-License-Identifier: GPL-2.0
# Share of calls within so many ticks, a curve an arm: all calls, none cut.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
set title planted_text."Cost of a call, ".cell.", Linux ".kernel noenhanced
set xlabel unit_text
set ylabel "share of calls"
set yrange [0:1.02]
set xtics rotate by -30
set offsets graph 0.02, graph 0.02, 0, 0
plot for [i=0:arms-1] dir."/plots/distribution.dat" index i using 1:2 \
	with lines linestyle i+1 title columnheader(1) noenhanced
