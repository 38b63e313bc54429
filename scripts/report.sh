# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What is written of runs, into a folder that has all of it or what it had
# before. Sourced.

# runs_are RUN...: their folders, in the array runs
runs_are()
{
	local run

	runs=()
	for run; do
		[ -e "${run:-.}/plan.json" ] ||
			die "-$EXIT_USAGE" "'$run' is no run: it has no plan.json"
		runs+=("$(realpath -- "$run")")
	done
}

# pair_folder: A..B, beside B; of more runs than two, A..B..C; of many, their names cut short
pair_folder()
{
	local name run most=$((240 / ${#runs[@]}))

	for run in "${runs[@]}"; do
		run=$(basename "$run")
		[ $((${#runs[@]} * (${#run} + 2))) -le 240 ] || run=${run: -$most}
		name=${name:+$name..}$run
	done
	echo "$(dirname "${runs[-1]}")/$name"
}

# begin_report FOLDER: what is written to $tmp is moved there by end_report
begin_report()
{
	out=$1
	tmp=$(mktemp -d "$(dirname "$out")/.report.XXXXXX") ||
		die "cannot write to $(dirname "$out")"
	trap 'rm -rf "$tmp"' EXIT
}

# end_report FILE...
end_report()
{
	local file

	mkdir -p "$out" || die "cannot write to $out"
	for file; do
		mv -- "$tmp/$file" "$out/$file" || die "cannot write to $out"
	done
}

# show FILE
show() { "$TOP/scripts/paint.sh" < "$out/$1" || die "cannot write to standard output"; }
