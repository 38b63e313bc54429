# SPDX-License-Identifier: GPL-2.0
# The rooms of userspace/: a unit, a .c and its .h, uses units of its own room and of
# rooms below, and no two use each other, through however many others. Reads
#
#	include FILE INCLUDED		of each #include "..." but those of bench/
#	nm FILE TYPE SYMBOL		of each symbol that an object has or needs
#
# and prints what is not so; with -v count=1, how many units, arrows and levels.
BEGIN {
	below["util"] = " "
	below["stats"] = " util "
	below["machine"] = " stats util "
	below["record"] = " machine stats util "
	below["sys"] = " record machine stats util "
	below["analysis"] = " record machine stats util "
	below["workload"] = " sys record machine stats util "
	below["report"] = " analysis record machine stats util "
	below["report/figures"] = " report analysis record machine stats util "
	below["cmd"] = " workload report report/figures analysis sys record machine stats util "
	below["."] = " cmd machine util "
}

function unit(file)
{
	sub(/\.[cho]$/, "", file)
	return file
}

function room(file)
{
	return sub(/\/[^\/]*$/, "", file) ? file : "."
}

$1 == "include" { add(unit($2), unit($3), "includes " $3) }
$1 == "nm" && $3 ~ /^[A-TV-Z]$/ { has[$4] = unit($2) }
$1 == "nm" && $3 == "U" { needs[++nr] = unit($2) " " $4 }

function add(from, to, how)
{
	if (from == to || (from, to) in seen)
		return
	seen[from, to]
	arrows++
	from_of[arrows] = from
	to_of[arrows] = to
	how_of[arrows] = how
	units[from]
	units[to]
}

# strip(used): take away units that use none that are left, or that none uses. Returns
# how often that was possible.
function strip(used,		i, u, times, n, again)
{
	do {
		again = 0
		for (u in units)
			n[u] = 0
		for (i = 1; i <= arrows; i++)
			if (from_of[i] in units && to_of[i] in units)
				n[used ? to_of[i] : from_of[i]]++
		for (u in n)
			if (u in units && !n[u]) {
				delete units[u]
				again = 1
			}
		times += again
	} while (again)
	return times
}

END {
	for (i = 1; i <= nr; i++) {
		split(needs[i], word, " ")
		if (word[2] in has)
			add(word[1], has[word[2]], "calls " word[2] " of " has[word[2]])
	}
	for (i = 1; i <= arrows; i++) {
		from = room(from_of[i])
		to = room(to_of[i])
		if (!(from in below))
			print from_of[i] ": there is no room " from
		else if (from != to && !index(below[from], " " to " "))
			print from_of[i] " " how_of[i] ", which is no room below " from
	}
	for (u in units)
		n++
	high = strip(0)
	# What stays is in a circle, or between two.
	strip(1)
	for (i = 1; i <= arrows; i++)
		if (from_of[i] in units && to_of[i] in units)
			print from_of[i] " " how_of[i] ": a circle"
	if (count)
		print n " units, " arrows " arrows, " high " levels"
}
