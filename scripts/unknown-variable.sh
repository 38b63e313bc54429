#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print the error for a make variable that the Makefile does not know, with the nearest one that it
# knows.
#
#   scripts/unknown-variable.sh NAME KNOWN...
set -euo pipefail
. "$(dirname "$0")/lib.sh"

name=$1
shift
case $name in
HOSTCC | LD | AR)
	echo "$name= is not supported: CC= or LLVM= chooses all that compiles"
	exit ;;
ARCH | CROSS_COMPILE)
	echo "$name= is not supported: kernels are built for this machine's architecture"
	exit ;;
O | KBUILD_OUTPUT)
	echo "$name= is not supported: kernels are built in $CACHE; SPLITBENCH_CACHE=DIR names another place, KBUILD=DIR the build folder of the running kernel"
	exit ;;
V | W | C | M | MO | KCFLAGS | KBUILD_* | KCONFIG_* | INSTALL_* | LOCALVERSION)
	echo "$name= is not supported: kernels are built alike everywhere; CONFIG=FILE names another configuration"
	exit ;;
esac
# By Levenshtein distance
printf '%s\n' "$@" | awk -v name="$name" '
	function min(a, b) { return a < b ? a : b }
	function distance(a, b,		i, j, d) {
		for (i = 0; i <= length(a); i++)
			d[i, 0] = i
		for (j = 0; j <= length(b); j++)
			d[0, j] = j
		for (i = 1; i <= length(a); i++)
			for (j = 1; j <= length(b); j++)
				d[i, j] = min(min(d[i - 1, j], d[i, j - 1]) + 1,
					      d[i - 1, j - 1] + (substr(a, i, 1) != substr(b, j, 1)))
		return d[length(a), length(b)]
	}
	{
		n = distance(toupper(name), $0)
		if (NR == 1 || n < least) {
			least = n
			nearest = $0
		}
	}
	END {
		printf "unknown variable %s=", name
		# In a short name, few letters are most of it.
		if (least <= 2 && least * 2 <= length(name))
			printf ", did you mean %s=", nearest
		print "? make help lists all"
	}'
