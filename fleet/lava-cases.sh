#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# KTAP on standard input, as splitbench summary and compare write it, becomes test cases of
# LAVA and so of KernelCI: a call of lava-test-case for each result.
#
#   splitbench summary --ktap - RUN | fleet/lava-cases.sh
#
# LAVA_TEST_CASE: what is called instead. Status 1: there was no result.
sed -nE 's/^(not ok|ok) [0-9]+ (- )?([^#]*[^# ])( *# *(SKIP)?.*)?$/\1|\5|\3/p' | {
	none=1
	while IFS='|' read -r result skip name; do
		none=0
		case $result/$skip in
		ok/SKIP) word=skip ;;
		ok/*) word=pass ;;
		*) word=fail ;;
		esac
		# LAVA takes no other characters in a name.
		name=$(printf '%s' "$name" | tr -c 'A-Za-z0-9._/+\n-' '-')
		"${LAVA_TEST_CASE:-lava-test-case}" "$name" --result $word
	done
	exit $none
}
