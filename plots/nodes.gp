# SPDX-License-Identifier: GPL-2.0
# What the kernel's own split costs, by the nodes of CPU and memory.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
stats dir."/plots/nodes.dat" using 3 nooutput
# Exact counts may be the same everywhere.
if (STATS_min == STATS_max) set cbrange [STATS_min * 0.99:STATS_max * 1.01]
set title planted_text."Cost of a split by NUMA node, arm ".own.", Linux ".kernel noenhanced
set xlabel "node of the CPU"
set ylabel "node of the memory"
set cblabel unit_text
set palette gray negative
set xtics 1
set ytics 1
unset grid
set xrange [-0.5:last_node+0.5]
set yrange [-0.5:last_node+0.5]
set tics nomirror out scale 0
set format cb "%.2s%c"
set style fill solid
plot dir."/plots/nodes.dat" using 1:2:(0.5):(0.5):3 with boxxyerror linecolor palette notitle, \
	"" using 1:2:($4 > 0 ? sprintf("%.0f\nold/new %.4f", $3, $4) : sprintf("%.0f", $3)) with labels \
	font ",14" textcolor rgb "#b2182b" notitle
