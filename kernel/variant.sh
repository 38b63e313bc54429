#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print the build folder of the kernel that KERNEL= or an entry of KERNELS= names, building
# it first if need be.
#
#   kernel/variant.sh [KERNEL | PROPOSAL | KERNEL+PROPOSAL]
#   kernel/variant.sh --name KERNEL	print what auto is of this tree, or KERNEL as it is
#   kernel/variant.sh --package KERNEL	of a machine: the folder that kernel/package.sh prints
#
# KERNEL is one of kernel/build.sh. PROPOSAL is a folder of patches/proposals/: the kernel
# `after` with that series on top. KERNEL+PROPOSAL is any other one with it.
#
# To see what a proposal is worth, compare new with new: `after` with PROPOSAL. In
# both+PROPOSAL, `old` is the old code but for __split_unmapped_folio(), which it shares with
# `new`, so what the proposal changes there is in both.
#
# auto is the best that can be made of the tree: both; own, which is the new split alone, or
# the old one where that is native; else nothing, as a module of ours has to be let in.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

# resolved KERNEL: another name for auto
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
	*) die "-$EXIT_KERNEL" "this tree does not take what the benchmark's module needs (see above): make refresh KSRC=DIR BASE=X.Y begins a series for it" ;;
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
# What was merged may apply, build, and be another split.
[ -n "${PROVING:-}" ] || [ ! -e "$(cat "$build/.complete")/.merged" ] ||
	PROPOSAL='' "$TOP/kernel/prove.sh" "$kernel" "$build"
echo "$build"
