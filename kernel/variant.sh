#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the kernel that KERNEL= or an entry of KERNELS= names, unless it is built already, and print
# its build folder.
#
#   kernel/variant.sh [KERNEL | PROPOSAL | KERNEL+PROPOSAL]
#   kernel/variant.sh --name KERNEL	print what auto means for this tree; another KERNEL unchanged
#   kernel/variant.sh --package KERNEL	build packages for a machine, see kernel/package.sh
#
# KERNEL is one of kernel/build.sh. PROPOSAL, a folder of patches/proposals/, is the kernel `after`
# with that series on top. KERNEL+PROPOSAL is KERNEL with that series on top.
#
# To see the effect of a proposal, compare new with new: `after` with PROPOSAL. In both+PROPOSAL, old
# and new share __split_unmapped_folio(), so that changes to it affect both.
#
# auto is the best that the tree allows: both; or own, which has the new split alone, or the old one
# in a tree from before the change. It is an error if the tree does not even take the exports.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

# resolved KERNEL: print its name; of auto, that of the kernel that it stands for
resolved()
{
	local level

	if [ "$1" != auto ]; then
		echo "$1"
		return
	fi
	level=$("$TOP/kernel/tree.sh" --level) || exit
	case $level in
	both) echo both ;;
	new | before) echo own ;;
	*) die "-$EXIT_KERNEL" "the patches that the benchmark's module needs do not apply to this tree (see above): make refresh KSRC=DIR BASE=X.Y starts a series for it" ;;
	esac
}

if [ "${1:-}" = --name ]; then
	resolved "${2:-both}"
	exit
fi
packaged=''
if [ "${1:-}" = --package ]; then
	packaged=yes
	shift
fi
kernel=$(resolved "${1:-both}") || exit
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
export PROPOSAL
[ -z "$packaged" ] || exec "$TOP/kernel/package.sh" "$kernel"
build=$("$TOP/kernel/build.sh" "$kernel")
# A merged kernel may build, and still have another split than it should.
[ -n "${PROVING:-}" ] || [ ! -e "$(cat "$build/.complete")/.merged" ] ||
	PROPOSAL='' "$TOP/kernel/prove.sh" "$kernel" "$build"
echo "$build"
