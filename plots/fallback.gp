# SPDX-License-Identifier: GPL-2.0
# What a THP costs to migrate, by direction and by why it falls back.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
set title planted_text."Cost of migrating a THP, Linux ".kernel noenhanced
set ylabel unit_text.", median per THP"
set xlabel "none: whole, pages: small pages only; else what makes it fall back"
set yrange [0:*]
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set format y "%.1s%c"
plot for [i=2:1 + fallback_columns] dir."/plots/fallback.dat" using i:xticlabels(1) \
	fillstyle pattern (i == 2 ? 2 : 5) linecolor rgb (i == 2 ? "#b2182b" : "#2166ac") \
	title columnheader(i)
