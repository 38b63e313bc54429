#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Check a merged kernel before anything is measured in it: its splits have to keep the contract
# (bench/CONTRACT.md), and their costs have to be plausible (figures.sh). Takes three boots; a kernel
# that has passed is not checked again.
#
#   kernel/prove.sh KERNEL BUILD
#
# BUILD is the build folder of the variant KERNEL of $KSRC, $KREV and $BASE. The figures are printed
# in one line, and kept in BUILD/proof/.
set -Eeuo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/figures.sh"

trap 'as_harness $?' ERR
[ $# = 2 ] || die "-$EXIT_USAGE" "usage: kernel/prove.sh KERNEL BUILD"
kernel=$1 build=$2
proof=$build/proof
[ ! -e "$proof/passed" ] || exit 0

# refused WHAT...: end, and say why this kernel is not measured
refused()
{
	local instead=''

	[ "$kernel" = own ] || instead="; KERNEL=own leaves the old split out"
	die "-$EXIT_KERNEL" "this kernel is not measured: $*; see $proof$instead"
}

rm -rf "$proof"
mkdir -p "$proof"
stage "kernel: checking that it splits as it should"
modules=$(dirname "$("$TOP/bench/build.sh" "$build" FSB_TESTS=y)")
"$TOP/vm/run.sh" --kernel "$build" --unit instructions --timeout 300 \
	--console "$proof/console" -- "$TOP/tests/guest/contract.sh" "$build" "$modules" \
	> "$proof/contract" || refused "the contract suite does not end well (status $?)"
! grep -qE '^ *not ok' "$proof/contract" ||
	refused "it breaks the contract: $(grep -m 1 -oE 'not ok .*' "$proof/contract")"
passed=$(grep -cE '^ *ok ' "$proof/contract") || refused "the contract suite has not run"

forget_request
PROVING=1 KERNEL=$kernel RESULTS=$proof RUN=run PLAN=split UNIT=instructions BOOTS=2 TARGET=vm \
	"$TOP/scripts/bench.sh" > "$proof/table" 2> "$proof/log" ||
	refused "it cannot be measured: $(tail -n 1 "$proof/log")"
read -r empty new old again <<< "$(figures_of "$proof/run")"
[ -n "$again" ] || refused "no split was measured"
if [ "$old" = none ] && grep -qx CONFIG_FOLIO_SPLIT_OLD=y "$build/.config"; then
	refused "its old split was not measured"
fi
figures_are_sound "$empty" "$new" "$old" "$again" ||
	refused "its figures are not those of the splits: old $old, new $new, again $again, empty $empty instructions"
echo "contract: $passed ok; old $old, new $new, again $again, empty $empty instructions" > "$proof/passed"
stage "kernel: $(cat "$proof/passed")"
