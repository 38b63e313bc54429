# SPDX-License-Identifier: GPL-2.0
# The paired ratio of each boot, and the estimate over boots with its interval.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
set title planted_text."Ratio of medians, ".cell.", Linux ".kernel noenhanced
set xlabel level.(format eq "dumb" ? " (rightmost: all ".level."s and 95 % interval)" : "")
set ylabel "ratio of ".unit
set xrange [0.5:boots + 1.7]
set xtics 1, 1, boots
if (format ne "dumb") set xtics add ("all ".level."s,\n95 %% interval" boots + 1)
if (format eq "dumb") set xtics add ("all" boots + 1)
set yrange [ratio_low:ratio_high]
step = tic_step(ratio_high - ratio_low)
set ytics step
# As many digits as make them differ
set format y sprintf("%%.%df", step < 0.01 ? ceil(-log10(step)) : 2)
file = dir."/plots/ratio.dat"
# old/new, again/new: each the boots' ratios and then the interval
plot 1 with lines linewidth 1 linecolor rgb "#808080" notitle, \
	for [i=0:pairs-1] file index 2*i using ($1 - 0.05 + 0.1*i):2 \
		with points linestyle i+1 pointsize 1.1 title columnheader(1) noenhanced, \
	for [i=0:pairs-1] file index 2*i+1 using (boots + 0.9 + 0.2*i):2:3:4 \
		with yerrorbars linestyle i+1 dashtype 1 notitle
