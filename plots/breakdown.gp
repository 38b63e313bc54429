# SPDX-License-Identifier: GPL-2.0
# Where a migration goes: the parts of its ioctl, traced, one on the other.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
set title planted_text."Where a migration of a THP goes, with ".own.", Linux ".kernel noenhanced
set ylabel unit_text.", median per THP"
set yrange [0:*]
set style data histogram
set style histogram rowstacked
set boxwidth 0.7
set format y "%.1s%c"
set key invert
set bmargin 4
# A pattern and a colour for each part; the split is the solid one.
patterns = "0 6 4 7 3 5 2 1 0"
parts = "#404040 #2166ac #4d4d4d #e08214 #b2182b #1b7837 #2166ac #4d4d4d #404040"
plot for [i=2:10] dir."/plots/breakdown.dat" using i:xticlabels(1) \
	linecolor rgb word(parts, i - 1) \
	fillstyle pattern int(word(patterns, i - 1)) border rgb "#404040" \
	title columnheader(i) noenhanced
