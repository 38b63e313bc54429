# SPDX-License-Identifier: GPL-2.0
# What all figures share. Legible without colour: arms differ by dash and
# point as well.
#   dir     the run's folder
#   format  svg, png, or dumb for a terminal
# Each figure gets them as arguments, as of gnuplot -c, which does not take
# them for commands; what it loads has none of its own.
if (format eq "svg") set terminal svg size 720,420 font "DejaVu Sans,12" background "white"
if (format eq "png") set terminal pngcairo size 1080,630 font "DejaVu Sans,14" background "white"
if (format eq "dumb") set terminal dumb 72 20
load dir."/plots/labels.gp"

unit_text = unit eq "instructions" ? "instructions (emulated CPU; not time)" \
	: unit eq "emulated" ? "ticks of an emulated CPU (not hardware time)" \
	: "TSC ticks"
planted_text = planted ? "PLANTED SLOWDOWN: " : ""

set style line 1 linewidth 2 dashtype 1 pointtype 7 linecolor rgb "#b2182b"
set style line 2 linewidth 2 dashtype 2 pointtype 5 linecolor rgb "#2166ac"
set style line 3 linewidth 2 dashtype 4 pointtype 9 linecolor rgb "#4d4d4d"
set style line 4 linewidth 2 dashtype 5 pointtype 11 linecolor rgb "#1b7837"
set style line 5 linewidth 2 dashtype 3 pointtype 13 linecolor rgb "#e08214"
set style line 6 linewidth 2 dashtype 2 pointtype 15 linecolor rgb "#762a83"
# Arms in the order old, new, variants; a figure of more than two says how many it has.
arm_colour(i) = word("#b2182b #2166ac #1b7837 #e08214 #762a83", i % 5 + 1)
if (!exists("order_arms")) order_arms = 2
if (!exists("scaling_arms")) scaling_arms = 2
set border 3
set tics nomirror out
if (format ne "dumb") set grid ytics linetype 1 linecolor rgb "#d0d0d0" linewidth 0.5
set key outside top right samplen 3

# Ticks in numbers of a few digits: what they are divided by, and what that is called
scale_of(most) = most < 1e4 ? 1 : most < 1e7 ? 1e3 : 1e6
scale_text(scale) = scale == 1 ? "" : scale == 1e3 ? "thousand " : "million "

# A step of 1, 2 or 5 times a power of ten that makes at most eight labels of a range
step_of(e, f) = 10 ** e * (f <= 1 ? 1 : f <= 2 ? 2 : f <= 5 ? 5 : 10)
tic_step(range) = range > 0 ? \
	step_of(floor(log10(range / 8.0)), range / 8.0 / 10 ** floor(log10(range / 8.0))) : 1
