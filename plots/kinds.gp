# SPDX-License-Identifier: GPL-2.0
# What the split of a THP costs, by what folio it is and where its struct pages are.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
set title planted_text."Cost of a split by kind of folio, Linux ".kernel noenhanced
set ylabel unit_text.", median"
set yrange [0:*]
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set xtics rotate by -20 noenhanced
set format y "%.1s%c"
plot for [i=kinds_first:kinds_last] dir."/plots/kinds.dat" using i:xticlabels(1) \
	fillstyle pattern int(word("2 5 7 4 6", (i - 2) % 5 + 1)) linecolor rgb arm_colour(i - 2) \
	title columnheader(i)
