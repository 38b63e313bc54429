#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# One step of git bisect run: is the kernel tree in this folder worse than the kernel of the recorded
# run GOOD? See scripts/README.md.
#
#   cd linux; git bisect run .../scripts/bisect-step.sh GOOD
#
# Exit codes, as git expects them: 0 not worse; 1 worse, beyond the margin of GOOD's plan; 125
# inconclusive, or the kernel does not build, boot or run without complaints; 128 and more: the
# harness failed, which ends the bisection.
set -uo pipefail
readonly CANNOT_TELL=125

# Exit with 1, which means bad to git, only after a comparison that says so.
# shellcheck disable=SC2317 # reached through the trap
leave()
{
	local status=$?

	[ -z "${child:-}" ] || kill -TERM "$child" 2> /dev/null
	case $status in
	0 | "$CANNOT_TELL") ;;
	1) [ -n "${is_bad:-}" ] || exit 129 ;;
	*) [ "$status" -ge 128 ] || exit $((128 + status)) ;;
	esac
}
trap leave EXIT
for signal in INT TERM HUP; do
	# shellcheck disable=SC2064
	trap "trap - $signal; [ -z \"\${child:-}\" ] || { kill -TERM \$child; wait \$child; }; exit 130" $signal
done
. "$(dirname "$0")/lib.sh"

# give_up STATUS WHAT...: end the bisection; the status of a signal is passed on
give_up()
{
	local status=$1

	shift
	[ "$status" -ge 128 ] || status=$((128 + status))
	die "-$status" "$*"
}

[ $# = 1 ] || give_up "$EXIT_USAGE" "usage: scripts/bisect-step.sh GOOD"
[ -e "$1/plan.json" ] || give_up "$EXIT_USAGE" "$1 is not a run: it has no plan.json"
good=$(realpath "$1")
KSRC=$(realpath "${KSRC:-$PWD}")
RESULTS=${RESULTS:-$(dirname "$good")}
unset BASE KERNELS REVS KREV PLAN DEFAULT_PLAN BOOTS BLOCKS REPS CPUS MARGIN SEED NEW_ORDER \
	MORE BUDGET PLANT DRYRUN
"$TOP/scripts/deps.sh" >&2 || give_up $? "packages are missing"
make -s -C "$TOP/userspace" >&2 || give_up "$EXIT_HARNESS" "splitbench cannot be built"
# A bad GOOD run must not be blamed on this tree.
"$TOP/userspace/build/splitbench" summary --check "$good" > /dev/null ||
	give_up "$EXIT_USAGE" "$good is not a good run: splitbench summary says why"
UNIT=$(sed -n 's/^  "unit": "\([a-z]*\)",*$/\1/p' "$good/machine.json")
[ -n "$UNIT" ] || give_up "$EXIT_USAGE" "$good/machine.json does not have its unit"
export KSRC RESULTS RUN LIKE UNIT KERNEL=own

# measured STATUS: continue if it is 0; otherwise end this step, or the bisection
measured()
{
	case $1 in
	0) ;;
	# A broken contract is a finding too, but not the one that is searched for.
	"$EXIT_DIFFERS" | "$EXIT_SKIP" | "$EXIT_KERNEL")
		stage "bisect: cannot tell (status $1)"
		exit $CANNOT_TELL ;;
	*) give_up "$1" "measuring failed (status $1)" ;;
	esac
}

stage "bisect: $(git -C "$KSRC" log -1 --format='%h %s' 2> /dev/null || echo "$KSRC")"
status=0
# The run's name depends on all that decides its result: the tree with its uncommitted changes, the
# configuration, the compiler, and GOOD's plan.
build=$("$TOP/kernel/build.sh" own) || status=$?
[ $status != 1 ] || give_up "$EXIT_HARNESS" "building failed (status 1)"
measured $status
RUN=bisect-$(basename "$(dirname "$build")")-$({ echo "$build"; cat "$good/plan.json"; } | hash_of)
LIKE=$good
[ ! -e "$RESULTS/$RUN/plan.json" ] || LIKE=''
mkdir -p "$RESULTS" || give_up "$EXIT_HARNESS" "cannot write to $RESULTS"
# In the background, as bash handles a signal only after a foreground command has ended.
"$TOP/scripts/bench.sh" >&2 &
child=$!
wait $child || status=$?
child=''
measured $status
"$TOP/userspace/build/splitbench" compare "$good" "$RESULTS/$RUN" >&2 || status=$?
case $status in
0) stage "bisect: good" ;;
"$EXIT_DIFFERS")
	is_bad=1
	stage "bisect: bad" ;;
"$EXIT_INCONCLUSIVE")
	stage "bisect: inconclusive: make more RUN=$good, or a larger MARGIN from the start"
	status=$CANNOT_TELL ;;
*) give_up $status "comparing failed (status $status)" ;;
esac
exit $status
