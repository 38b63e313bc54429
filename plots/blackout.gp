# SPDX-License-Identifier: GPL-2.0
# Share of touches that had their page within so many ticks, a curve a direction and
# arm: all touches, none cut.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
set title planted_text."A page of a THP whose migration falls back, Linux ".kernel noenhanced
file = dir."/plots/blackout.dat"
stats file using 1 nooutput
scale = scale_of(STATS_max)
set xlabel "until it can be had, ".scale_text(scale).unit_text
set ylabel "share of pages"
set yrange [0:1.02]
set xtics tic_step((STATS_max > STATS_min ? STATS_max - STATS_min : 0.02 * STATS_max) / scale)
# Exact counts may be all the same.
if (STATS_min == STATS_max) set xrange [STATS_min * 0.99 / scale:STATS_max * 1.01 / scale]
set offsets graph 0.02, graph 0.02, 0, 0
plot for [i=0:blackout_curves-1] file index i using ($1 / scale):2 \
	with lines linestyle (i % arms + 1) linewidth (i < arms ? 2 : 1) \
	title columnheader(1) noenhanced
