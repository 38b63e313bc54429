# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the compiler has made of a source file. Sourced by config-diff.sh and series-check.sh.

# instructions_of BUILD OBJECT: print FUNCTION COUNT for each function of mm/OBJECT.o: how many
# instructions its code has, without NOPs and padding
instructions_of()
{
	objdump -d --no-show-raw-insn "$1/mm/$2.o" | awk '
		/^[0-9a-f]+ <.*>:$/ { name = substr($2, 2, length($2) - 3); next }
		!/^ *[0-9a-f]+:/ || name ~ /^(__pfx_|\.)/ { next }
		{ sub(/^ *[0-9a-f]+:[ \t]*/, "") }
		/^(nop|int3|cs nop|data16|xchg +%ax,%ax)/ { next }
		{ count[name]++ }
		END { for (name in count) print name, count[name] }'
}
