#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Open a shell in the guest that make bench measures in; exit leaves it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ -t 0 ] || die "-$EXIT_USAGE" "a shell needs a terminal"
"$TOP/scripts/deps.sh"
build=$("$TOP/kernel/variant.sh" "${KERNEL:-both}")
module=$("$TOP/bench/build.sh" "$build")
build_splitbench
stage "the module is $module"
"$TOP/vm/run.sh" --kernel "$build" --unit "${UNIT:-$("$TOP/vm/unit.sh" "$build")}" \
	--timeout 86400 --interactive -- bash -i
