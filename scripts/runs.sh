# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Folders of runs, wherever they are measured: their plans, what of them is there,
# their reports. Sourced.

RESULTS=${RESULTS:-$TOP/results}
# Runs that are to be compared draw the same order of calls.
job_seed=$((RANDOM << 15 | RANDOM))

splitbench() { "$TOP/userspace/build/splitbench" "$@"; }

# What measures whole commands: the driver is loaded once, or each would load it.
# shellcheck disable=SC2034 # of who sources this
commands=("$TOP/userspace/build/splitbench" guard --load)

# planned KEY RUN: what the run's plan says of boots, cpus, kernel, ...
planned()
{
	splitbench plan --show "$2" | sed -n "s/^$1 //p"
}

# plan_options: what is said of the plan, in the array options
plan_options()
{
	local cells=${PLAN:-${DEFAULT_PLAN:-default}}

	options=()
	if [ -n "${LIKE:-}" ]; then
		[ -z "${PLAN:-}${ARMS:-}${BUILDS:-}${BLOCKS:-}${REPS:-}${CPUS:-}${MARGIN:-}${NEW_ORDER:-}" ] ||
			die "-$EXIT_USAGE" "LIKE takes all of a plan: not with PLAN, ARMS, BUILDS, BLOCKS, REPS, CPUS, MARGIN or NEW_ORDER"
		options+=(--like "$LIKE")
	else
		# A name that is none of the plans' is a file's.
		if [ -e "$TOP/userspace/plans/$cells.json" ] || [ ! -r "$cells" ]; then
			case $cells in */*) ;; *) cells=$TOP/userspace/plans/$cells.json ;; esac
		fi
		[ -r "$cells" ] || die "-$EXIT_USAGE" "no plan $cells; known:$(known_plans)"
		# shellcheck disable=SC2034 # of who sources this
		cells_file=$cells
		options+=(--cells "$cells")
		[ -z "${ARMS:-}" ] || options+=(--arms "$ARMS")
		[ -z "${BLOCKS:-}" ] || options+=(--blocks "$BLOCKS")
		[ -z "${REPS:-}" ] || options+=(--reps "$REPS")
		[ -z "${CPUS:-}" ] || options+=(--cpus "$CPUS")
		[ -z "${MARGIN:-}" ] || options+=(--margin "$MARGIN")
		[ -z "${NEW_ORDER:-}" ] || options+=(--new-order "$NEW_ORDER")
	fi
	[ -z "${BOOTS:-}" ] || options+=(--boots "$BOOTS")
	[ -z "${BUILDS:-}" ] || options+=(--builds "$BUILDS")
	options+=(--seed "${SEED:-$job_seed}")
	[ -z "${PLANT:-}" ] || options+=(--plant "$PLANT")
}

known_plans()
{
	local file

	for file in "$TOP"/userspace/plans/*.json; do
		printf ' %s' "$(basename "$file" .json)"
	done
}

# set_aside FILE: what a crash has left is kept under another name
set_aside()
{
	local old=1

	[ -e "$1" ] || return 0
	while [ -e "${1%.*}.broken-$old.${1##*.}" ]; do
		old=$((old + 1))
	done
	mv "$1" "${1%.*}.broken-$old.${1##*.}"
	case $1 in
	*.jsonl)
		stage "measuring: $(basename "$1") was begun and did not end: what there is of it is kept as $(basename "${1%.*}.broken-$old.${1##*.}"), and it is measured anew" ;;
	esac
}

# is_measured RUN BOOT: is it there whole, and did the target end well? As far as is
# known of one whose folder was copied from elsewhere.
is_measured()
{
	[ ! -e "$1/.boot-$2.begun" ] && [ -e "$1/boot-$2.jsonl" ] &&
		tail -n 1 "$1/boot-$2.jsonl" | grep -q '^{"end"'
}

# begin_boot RUN BOOT: what there is of it is put aside; not measured until it is
# said to be well, as a kernel may complain after the last line
begin_boot()
{
	: > "$1/.boot-$2.begun"
	set_aside "$1/boot-$2.jsonl"
	set_aside "$1/console-$2.log"
}

boot_is_well() { rm "$1/.boot-$2.begun"; }

# boots_there RUN: how many of those that are planned are measured
boots_there()
{
	local n made=0 all

	all=$(planned boots "$1")
	for ((n = 1; n <= all; n++)); do
		! is_measured "$1" "$n" || made=$((made + 1))
	done
	echo "$made"
}

# report DIR [quiet]: its table and figures. Either may fail: what there was before
# stays then, and it is told. Leaves the status of the analysis in $status.
report()
{
	local dir=$1

	status=0
	splitbench summary "$dir" > "$dir/table.txt.tmp" || status=$?
	if [ ! -s "$dir/table.txt.tmp" ]; then
		rm -f "$dir/table.txt.tmp"
		die "-$status" "the analysis of $dir failed"
	fi
	mv "$dir/table.txt.tmp" "$dir/table.txt"
	[ -n "${2:-}" ] || "$TOP/scripts/paint.sh" < "$dir/table.txt"
	if ! "$TOP/plots/plot.sh" "$dir" > "$dir/ratio.txt.tmp"; then
		rm -f "$dir/ratio.txt.tmp"
		die "drawing $dir failed"
	fi
	mv "$dir/ratio.txt.tmp" "$dir/ratio.txt"
	[ -n "${2:-}" ] || cat "$dir/ratio.txt"
}

# point_latest_to DIR: so that it can be named results/latest
point_latest_to()
{
	ln -sfn "$(basename "$1")" "$RESULTS/latest.tmp"
	mv -T "$RESULTS/latest.tmp" "$RESULTS/latest"
}
