# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Write reports about runs into a folder, which gets all files of a report or stays as it was. Sourced
# by compare.sh and cover.sh.

# runs_are RUN...: set the array runs to their folders
runs_are()
{
	local run

	runs=()
	for run; do
		[ -e "${run:-.}/plan.json" ] ||
			die "-$EXIT_USAGE" "'$run' is not a run: it has no plan.json"
		runs+=("$(realpath -- "$run")")
	done
}

# pair_folder: print the folder A..B next to B; of three runs, A..B..C; names of many runs are
# shortened
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

# several_machines RUN...: are they runs of several machines, as of make bench HOSTS=?
several_machines()
{
	local run

	[ "$(for run; do
		"$TOP/userspace/build/splitbench" plan --show "$run" 2> /dev/null | grep '^machine ' || echo
	done | sort -u | wc -l)" -gt 1 ]
}

# of_machines compare|cover: write and print the table, or the cover letter's text, of all of them
of_machines()
{
	local file=table.txt folder

	folder=$(pair_folder)
	[ "$1" != cover ] || file=cover.txt
	mkdir -p "$folder" || die "cannot write to $folder"
	exec "${PYTHON[@]}" "$TOP/scripts/schedule" "$1" "$folder/$file" "${runs[@]}"
}

# begin_report FOLDER: files are to be written to $tmp; end_report moves them there
begin_report()
{
	out=$1
	tmp=$(mktemp -d "$(dirname "$out")/.report.XXXXXX") ||
		die "cannot write to $(dirname "$out")"
	trap 'rm -rf "$tmp"' EXIT
}

# end_report FILE...: move these files from $tmp into the report's folder
end_report()
{
	local file

	mkdir -p "$out" || die "cannot write to $out"
	for file; do
		mv -- "$tmp/$file" "$out/$file" || die "cannot write to $out"
	done
}

# show FILE: print a file of the report
show() { "$TOP/scripts/paint.sh" < "$out/$1" || die "cannot write to standard output"; }
