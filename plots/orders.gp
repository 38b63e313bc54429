# SPDX-License-Identifier: GPL-2.0
# Cost of a call against how many folios it makes, and a line fitted to it.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
set title planted_text."Cost of a split by its orders, Linux ".kernel noenhanced
set xlabel "folios that a call makes"
set ylabel unit_text
set logscale x 2
set logscale y
set key bottom right inside maxrows 2 * order_arms
fit_of(i) = sprintf("%.0f + %.2f n, R^2 = %.4f", value(sprintf("order_fixed%d", i)), \
	value(sprintf("order_each%d", i)), value(sprintf("order_r2%d", i)))
line(i, n) = value(sprintf("order_fixed%d", i)) + value(sprintf("order_each%d", i)) * n
plot for [i=0:order_curves-1] dir."/plots/orders.dat" index i using 1:2 \
	with points pointtype 4 + 2 * i + i % 2 pointsize 1.2 linecolor rgb arm_colour(i % order_arms) \
	title columnheader(1) noenhanced, \
	for [i=0:order_curves-1] [n=2:512] line(i, n) dashtype 1 + i \
	linecolor rgb arm_colour(i % order_arms) title fit_of(i)
