# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # arrays of targets.sh
# The builds of each kernel: one, or with BUILDS= several that differ in where code
# lies. Sourced after targets.sh.

# choose_builds: how many of each kernel, in $builds
choose_builds()
{
	local dir=$RESULTS/${RUN:-}${label[0]:+-${label[0]}}

	builds=${BUILDS:-1}
	[ -z "${LIKE:-}" ] || builds=$(planned builds "$LIKE")
	[ -z "${RUN:-}" ] || [ ! -e "$dir/plan.json" ] || builds=$(planned builds "$dir")
}

# build_all: each build of each kernel, and the module for it; build[K] and module[K]
# have a list of paths
build_all()
{
	local k layout path

	for k in "${!kernel[@]}"; do
		for ((layout = 0; layout < builds; layout++)); do
			[ "$builds" = 1 ] || stage "kernel: build $((layout + 1)) of $builds${label[k]:+ of ${label[k]}}"
			path=$(build_target "$k" "$layout")
			build[k]+="$path "
			module[k]+="$("$TOP/bench/build.sh" "$path") "
		done
	done
}

# of_boot LIST BOOT: what that boot takes of a list of builds, which take turns
of_boot()
{
	local list

	read -ra list <<< "$1"
	echo "${list[($2 - 1) % ${#list[@]}]}"
}
