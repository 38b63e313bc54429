# SPDX-License-Identifier: GPL-2.0
# Where an arm's samples are: each function as wide as its share, below it who called it.
# Darker: more of it in the function itself. Hovering over one shows its name and share.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
file = dir."/plots/flame.dat"
if (format eq "svg") set terminal svg size 1200,640 font "DejaVu Sans,12" background "white" mousing standalone
if (format eq "png") set terminal pngcairo size 1500,800 font "DejaVu Sans,14" background "white"
unset border
unset key
unset grid
unset ytics
unset colorbox
set xtics nomirror out format "%g %%"
set title profile_title
set xlabel profile_text
set termoption noenhanced
stats file using 1 nooutput
set xrange [0:100]
set yrange [0:(STATS_max < 7 ? 8 : STATS_max + 1)]
set cbrange [0:100]
set palette defined (0 "#ffffff", 1 "#f4d7b0", 30 "#e08214", 100 "#b2182b")
# About so many letters fit on one percent of the width, at this font's size.
letters = 1.75
fits(name, width) = strlen(name) <= width * letters ? name : \
	width * letters >= 4 ? substr(name, 1, int(width * letters) - 1)."~" : ""
# Narrower ones would be a black line.
seen(x, width) = width >= 0.1 ? x : NaN
share(name, width, self) = sprintf("%s: %.2f %%, %.2f %% in itself", name, width, self)
set style fill solid 1.0 border rgb "#404040"
plot file using (seen(($2 + $3) / 2, $3 - $2)):($1 + 0.5):2:3:($1 + 0.03):($1 + 0.97):4 \
		with boxxyerror fillcolor palette, \
	file using (seen(($2 + $3) / 2, $3 - $2)):($1 + 0.5):(fits(strcol(5), $3 - $2)) \
		with labels font ",9", \
	file using (seen(($2 + $3) / 2, $3 - $2)):($1 + 0.5):(share(strcol(5), $3 - $2, $4)) \
		with labels hypertext point pointtype 5 pointsize 1.5 linecolor rgb "#ff404040"
