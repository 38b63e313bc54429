#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The main job, from nothing to a recorded, plotted run: results/RUN. With more kernels
# than one, a run of each, their boots in turn, and then the comparison. What each stage
# makes is kept, and skipped when it is current. scripts/schedule/ does it.
#
#   scripts/bench.sh [--sweep]		--sweep: the two runs of make sweep
#
# From the environment: the variables of make help; DEFAULT_PLAN, where PLAN is not said;
# LIKE, a run whose plan is taken; PLANT, an injected slowdown for tests.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"

case ${1:-} in '') what=bench ;; --sweep) what=sweep ;; *)
	die "-$EXIT_USAGE" "usage: scripts/bench.sh [--sweep]; see make help" ;;
esac
# Other machines are reached by Ansible, and get Debian's packages of a kernel.
"$TOP/scripts/deps.sh" "${HOSTS:+ansible-core openssh-client debhelper dpkg-dev}${INVENTORY:+ ansible-core openssh-client debhelper dpkg-dev}"
stage "splitbench: building"
build_splitbench
exec "${PYTHON[@]}" "$TOP/scripts/schedule" $what
