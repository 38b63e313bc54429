# SPDX-License-Identifier: GPL-2.0
# By how much each cell costs more or less after the change, with its interval.
# Arguments, as of gnuplot -c:
#   ARG1  where change.dat and change-labels.gp are
#   ARG2  svg, png, or dumb for text
dir = ARG1
format = ARG2
load dir."/change-labels.gp"
# A few rows are a figure, too, and not a strip; each has room for its numbers then.
few = rows < 8
height = few ? 320 : rows * 24 + 120
if (format eq "svg") set terminal svg size 720,height font "DejaVu Sans,12" background "white"
if (format eq "png") set terminal pngcairo size 1080,int(1.5*height) font "DejaVu Sans,14" background "white"
if (format eq "dumb") set terminal dumb 72 rows+9
unit_text = unit eq "instructions" ? "instructions (emulated CPU; not time)" \
	: unit eq "emulated" ? "ticks of an emulated CPU (not hardware time)" \
	: "TSC ticks"
if (format eq "dumb") unit_text = unit
set title "Change from ".base." to ".patched.", percent of ".unit_text noenhanced
set border 3
set errorbars 0
set tics nomirror out
unset key
set yrange [rows + 0.6:0.4]
# Numbers are wider than their point, which may be at the end of the axis.
room = few && format ne "dumb" ? 0.12 * (high - low) : 0
set xtics format "%+g"
if (format ne "dumb") set xlabel "left of 0: costs less; dashed: the margin of a regression"
if (format ne "dumb") set grid xtics linetype 1 linecolor rgb "#d0d0d0" linewidth 0.5
set arrow from 0, graph 0 to 0, graph 1 nohead linetype 1 linecolor rgb "#808080"
set arrow from margin, graph 0 to margin, graph 1 nohead linetype 1 dashtype 2 linecolor rgb "#b2182b"
set xrange [low - room:high + room]
if (format eq "dumb") {
	unset arrow
	plot dir."/change.dat" using 3:1:4:5:yticlabels(2) with xerrorbars pointtype 15
} else {
	plot dir."/change.dat" using 3:1:4:5:yticlabels(2) \
		with xerrorbars linewidth 2 pointtype 7 linecolor rgb "#2166ac", \
		dir."/change.dat" using (few ? $3 : NaN):1:(sprintf("%+.2f %% [%+.2f, %+.2f]", $3, $4, $5)) \
		with labels offset 0,1 noenhanced
}
