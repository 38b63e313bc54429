# SPDX-License-Identifier: GPL-2.0
# Share of fallback migrations within so many ticks, a curve a direction and
# arm: all calls, none cut.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
set title planted_text."Cost of a migration that falls back, Linux ".kernel noenhanced
set xlabel unit_text.", per THP"
set ylabel "share of THPs"
set yrange [0:1.02]
set format x "%.2s%c"
set offsets graph 0.02, graph 0.02, 0, 0
plot for [i=0:latency_curves-1] dir."/plots/latency.dat" index i using 1:2 \
	with lines linestyle (i % arms + 1) linewidth (i < arms ? 2 : 1) \
	title columnheader(1) noenhanced
