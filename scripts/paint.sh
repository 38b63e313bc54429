#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Copy files or standard input to standard output. On a terminal with colours, the words that say how
# a result is judged are coloured, unless NO_COLOR is set.
set -euo pipefail

if [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ] || [ "${TERM:-dumb}" = dumb ]; then
	exec cat -- "$@"
fi
esc=$'\033['
sed -E "
	s/NO REGRESSION|IMPROVEMENT|A\/A holds/${esc}32m&${esc}0m/g
	t
	s/REGRESSION|A\/A FAILED|BROKEN CONTRACT|INCOMPLETE|PREVENTS/${esc}1;31m&${esc}0m/g
	s/INCONCLUSIVE|SPOILED|SPOILS|no inference|BEYOND/${esc}33m&${esc}0m/g
" -- "$@"
