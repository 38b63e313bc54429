# SPDX-License-Identifier: GPL-2.0
# What the kernel's own split costs, by the nodes of CPU and memory. Colour begins where
# a difference from the cheapest is more than noise; what is white does not differ.
dir = ARG2
format = ARG3
load ARG1."/style.gp"
file = dir."/plots/nodes.dat"
set title planted_text."Cost of a split by NUMA node, arm ".own.", Linux ".kernel noenhanced
set xlabel "node of the CPU"
set ylabel "node of the memory"
set cblabel sprintf("%% above the cheapest; white: noise (up to %.2g %%)", nodes_noise)
set cbrange [nodes_noise:nodes_dark]
set palette defined (0 "white", 1 "#2166ac")
set xtics 1
set ytics 1
unset grid
unset key
set xrange [-0.5:last_node+0.5]
set yrange [-0.5:last_node+0.5]
set tics nomirror out scale 0
set style fill solid border rgb "#808080"
size = last_node < 4 ? 14 : last_node < 8 ? 9 : 6
dark(percent) = percent > (nodes_noise + nodes_dark) / 2
text(cost, ratio, percent) = sprintf("%.0f", cost).(percent == 0 ? "" : sprintf(" (+%.2g %%)", percent)). \
	(ratio > 0 ? sprintf("\nold/new %.4f", ratio) : "")
plot file using 1:2:(0.5):(0.5):($6 > 0 ? $5 : NaN) with boxxyerror linecolor palette, \
	file using 1:2:($6 > 0 ? NaN : 0.5):(0.5) with boxxyerror fillstyle pattern 4 linecolor rgb "#c0c0c0", \
	file using 1:2:($6 > 0 ? dark($5) ? "" : text($3, $4, $5) : "not measured") \
		with labels font ",".size textcolor rgb "black", \
	file using 1:2:($6 > 0 && dark($5) ? text($3, $4, $5) : "") with labels font ",".size textcolor rgb "white"
