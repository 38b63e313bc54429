# SPDX-License-Identifier: GPL-2.0
# Share of calls within so many ticks, a curve an arm: all calls, none cut.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
file = dir."/plots/distribution.dat"
stats file using 1 nooutput
scale = scale_of(STATS_max)
set title planted_text."Cost of a call, ".cell.", Linux ".kernel noenhanced
set xlabel scale_text(scale).unit_text
set ylabel "share of calls"
set yrange [0:1.02]
set xtics tic_step((STATS_max > STATS_min ? STATS_max - STATS_min : 0.02 * STATS_max) / scale)
# Exact counts may be all the same.
if (STATS_min == STATS_max) set xrange [STATS_min * 0.99 / scale:STATS_max * 1.01 / scale]
set offsets graph 0.02, graph 0.02, 0, 0
plot for [i=0:arms-1] file index i using ($1 / scale):2 \
	with lines linestyle i+1 title columnheader(1) noenhanced
