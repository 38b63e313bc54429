# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Which kernels are measured, from what make bench was told. Sourced.
#
# Of each, in arrays of the same index: kernel, what is made of the source
# (see kernel/variant.sh); source, a tree, or empty for that of $BASE; rev, a
# revision of it, or empty; label, what its run is called by, or empty if it
# is the only one.

# add_target LABEL KERNEL SOURCE REV
add_target()
{
	local wanted=${1//[^A-Za-z0-9._-]/_} n=1

	label+=("$wanted")
	# The same kernel twice is a way to see what noise there is.
	while [ "$(printf '%s\n' "${label[@]}" | grep -cxF "${label[-1]}")" -gt 1 ]; do
		n=$((n + 1))
		label[-1]=$wanted.$n
	done
	kernel+=("$2")
	source+=("$3")
	rev+=("$(commit_of "$3" "$4")")
}

# commit_of SOURCE REV: a name such as HEAD may be another commit tomorrow
commit_of()
{
	[ -z "$2" ] || git -C "$1" rev-parse --verify --quiet "$2^{commit}" || echo "$2"
}

# choose_targets: fill the arrays
choose_targets()
{
	local entry dir=$RESULTS/${RUN:-}

	command=$(command_of)
	label=() kernel=() source=() rev=()
	[ -z "${KERNELS:-}" ] || [ -z "${REVS:-}${KERNEL:-}" ] ||
		die "-$EXIT_USAGE" "KERNELS, REVS and KERNEL exclude each other"
	[ -z "${REVS:-}" ] || [ -n "${KSRC:-}" ] ||
		die "-$EXIT_USAGE" "REVS are revisions of a git tree: say KSRC=dir too"
	for entry in ${KERNELS:-}; do
		case $entry in
		both | new | after | before | own) add_target "$entry" "$entry" "${KSRC:-}" "${KREV:-}" ;;
		*)
			if is_proposal "${entry#*+}"; then
				add_target "$entry" "$entry" "${KSRC:-}" "${KREV:-}"
				continue
			fi
			[ -d "$entry" ] || die "-$EXIT_USAGE" "KERNELS: $entry is no folder, nor one of: both new after before own $(proposals)"
			add_target "$(basename "$(realpath "$entry")")" own "$(realpath "$entry")" '' ;;
		esac
	done
	for entry in ${REVS:-}; do
		add_target "$entry" "${KERNEL:-own}" "$KSRC" "$entry"
	done
	[ ${#kernel[@]} = 0 ] || return 0
	if [ -n "${RUN:-}" ] && [ -e "$dir/plan.json" ]; then
		# What it was begun with, but for what is said now.
		KERNEL=${KERNEL:-$(planned kernel "$dir")}
		KSRC=${KSRC:-$(planned source "$dir")}
		KREV=${KREV:-$(planned revision "$dir")}
		BASE=${BASE:-$(planned base "$dir")}
		[ -z "${UNIT:-}" ] || [ "$UNIT" = "$(planned unit "$dir")" ] ||
			die "-$EXIT_USAGE" "$dir was begun with UNIT=$(planned unit "$dir"): units are not mixed"
		UNIT=$(planned unit "$dir")
		[ -z "${APPEND:-}" ] || [ "$APPEND" = "$(planned append "$dir")" ] ||
			die "-$EXIT_USAGE" "$dir was begun with APPEND='$(planned append "$dir")': the same kernel boots all of a run"
		APPEND=$(planned append "$dir")
	fi
	label=('')
	kernel=("${KERNEL:-both}")
	source=("${KSRC:-}")
	rev=("$(commit_of "${KSRC:-}" "${KREV:-}")")
}

# build_target K LAYOUT: print its build folder, built first if need be
build_target()
{
	KSRC=${source[$1]} KREV=${rev[$1]} BASE=${BASE:-} LAYOUT=$2 \
		"$TOP/kernel/variant.sh" "${kernel[$1]}"
}

# command_of: what make bench was told, without where that is on this machine
command_of()
{
	local variable value command="make ${DEFAULT_PLAN:-bench}"

	for variable in BASE KSRC KREV KERNEL KERNELS REVS PLAN ARMS BOOTS BLOCKS REPS CPUS BUILDS \
		MARGIN NEW_ORDER UNIT BUDGET APPEND TARGET; do
		value=${!variable:-}
		[ -n "$value" ] || continue
		case $variable in
		KSRC) value=$(basename "$value") ;;
		KERNELS) value=$(for entry in $value; do basename "$entry"; done | paste -sd' ') ;;
		esac
		case $value in *' '*) value="\"$value\"" ;; esac
		command+=" $variable=$value"
	done
	echo "$command"
}

# target_of K: what a run is to remember of it, KEY=VALUE a line
# shellcheck disable=SC2154 # $unit is known by then to who sources this
target_of()
{
	echo "kernel=${kernel[$1]}"
	echo "unit=$unit"
	echo "command=$command"
	[ -z "${source[$1]}" ] || echo "source=$(realpath "${source[$1]}")"
	[ -z "${rev[$1]}" ] || echo "revision=${rev[$1]}"
	[ -z "${BASE:-}" ] || echo "base=$BASE"
	[ -z "${APPEND:-}" ] || echo "append=$APPEND"
}
