#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This machine, under the kernel that it runs, as a target: what is known of it, and what
# is done on it as root.
#
#   scripts/host.sh --lacks [--stock] | --facts | --config
#   scripts/host.sh CONSOLE COMMAND...
#
# --lacks: the first thing that it lacks, if anything; --stock: if its kernel is to do as it is.
# --facts: KEY=VALUE a line. --config: of its kernel. CONSOLE: the file for what the kernel says
# while the command runs.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/machine.sh"

trap 'as_harness $?' ERR

case ${1:-} in
--lacks)
	case ${2:-} in
	'') lacks ;;
	--stock) lacks_as_it_is ;;
	*) die "-$EXIT_USAGE" "unknown option $2" ;;
	esac ;;
--facts)
	printf '%s=%s\n' release "$release" build "$build" unit "$unit" test_hmm "$test_hmm" \
		has_test_hmm "$(! has_test_hmm || echo y)" \
		boot_id "$(cat /proc/sys/kernel/random/boot_id)" ;;
--config) configuration || cat "$build/include/config/auto.conf" ;;
*)
	[ $# -ge 2 ] || die "-$EXIT_USAGE" "usage: scripts/host.sh CONSOLE COMMAND..."
	root
	on_machine "$@" ;;
esac
