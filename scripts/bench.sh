#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make bench: install packages, build splitbench, and run scripts/schedule/, which builds kernels,
# boots them and records a run in results/RUN, or a run of each kernel and a comparison.
#
#   scripts/bench.sh [--sweep]		--sweep: the two runs of make sweep
#
# From the environment: the variables of make help; DEFAULT_PLAN, the default of PLAN;
# LIKE, a run whose plan is copied; PLANT, an injected slowdown for tests.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"

case ${1:-} in '') what=bench ;; --sweep) what=sweep ;; *)
	die "-$EXIT_USAGE" "usage: scripts/bench.sh [--sweep]; see make help" ;;
esac
# For other machines: Ansible, and what builds Debian packages of a kernel.
"$TOP/scripts/deps.sh" "${HOSTS:+ansible-core openssh-client debhelper dpkg-dev}${INVENTORY:+ ansible-core openssh-client debhelper dpkg-dev}"
stage "splitbench: building"
build_splitbench
exec "${PYTHON[@]}" "$TOP/scripts/schedule" $what
