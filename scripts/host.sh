#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Use this machine, with its running kernel, as a target: ask for facts about it, or run a command as
# root.
#
#   scripts/host.sh --lacks [--stock]	print what prevents measuring, if anything; with --stock: what
#					prevents measuring migrations on a kernel without patches
#   scripts/host.sh --facts		print KEY=VALUE lines
#   scripts/host.sh --config		print its kernel's configuration
#   scripts/host.sh CONSOLE COMMAND...	run the command; the kernel's messages go to the file CONSOLE
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
