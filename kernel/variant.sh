#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print the build folder of the kernel that KERNEL= or an entry of KERNELS= names, building
# it first if need be.
#
#   kernel/variant.sh [KERNEL | PROPOSAL | KERNEL+PROPOSAL]
#
# KERNEL is one of kernel/build.sh. PROPOSAL is a folder of patches/proposals/: the kernel
# `after` with that series on top. KERNEL+PROPOSAL is any other one with it.
#
# To see what a proposal is worth, compare new with new: `after` with PROPOSAL. In
# both+PROPOSAL, `old` is the old code but for __split_unmapped_folio(), which it shares with
# `new`, so what the proposal changes there is in both.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

kernel=${1:-both}
PROPOSAL=''
case $kernel in
*+*)
	PROPOSAL=${kernel#*+}
	kernel=${kernel%%+*}
	is_proposal "$PROPOSAL" ||
		die "-$EXIT_USAGE" "there is no proposal '$PROPOSAL'; known: $(proposals)" ;;
*)
	if is_proposal "$kernel"; then
		PROPOSAL=$kernel
		kernel=after
	fi ;;
esac
PROPOSAL=$PROPOSAL exec "$TOP/kernel/build.sh" "$kernel"
