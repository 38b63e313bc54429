# SPDX-License-Identifier: GPL-2.0
# How long what is done beside the splits takes: the share of operations that
# take at least so long.
dir = ARG2
format = ARG3
what = ARG4
load ARG1."/style.gp"
set title planted_text."Beside splits: ".what.", Linux ".kernel noenhanced
set xlabel unit_text.", of an operation"
set ylabel "share of operations that take at least that"
set logscale xy
set format x "%.0s%c"
set format y "10^{%L}"
plot for [i=0:value("beside_".what)-1] dir."/plots/beside-".what.".dat" index i using 1:2 \
	with steps linestyle (i == 0 ? 3 : i < 3 ? i : i + 1) title columnheader(1) noenhanced
