#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Port the series of the nearest release to a new one: make refresh KSRC=DIR BASE=X.Y
#
# Its patches are applied one by one, as commits, to the files of $KSRC that they change, in a
# scratch repository in the cache. If one does not apply, conflict markers are left there, and the
# script ends with what to do; the next call continues. At the end, patches/X.Y/ and
# patches/before/X.Y/ have a series each: it shares the patches that still apply unchanged, and has
# new versions of the others.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/source.sh"
. "$TOP/kernel/series.sh"

if [ -z "${KSRC:-}" ] || [[ ! ${BASE:-} =~ ^[0-9]+\.[0-9]+$ ]]; then
	die "-$EXIT_USAGE" "usage: make refresh KSRC=DIR BASE=X.Y: a tree of the new release, and the release"
fi

# scratch ARGS...: run git in the scratch repository
scratch()
{
	git -C "$work" -c user.name=splitbench -c user.email=splitbench@localhost \
		-c commit.gpgsign=false -c core.hooksPath=/dev/null "$@"
}

# begin PATCHES...: create the scratch repository with the files that they change
begin()
{
	local names

	rm -rf "$work"
	mkdir -p "$work"
	mapfile -t names < <(touched_by "$@")
	extract "$work" "${names[@]}"
	scratch init -q
	scratch add -A
	scratch commit -qm base
	scratch tag base
}

# message_of PATCH: print its commit message
message_of()
{
	git mailinfo "$tmp/body" /dev/null < "$1" | sed -n 's/^Subject: //p'
	echo
	sed '/^---$/,$d' "$tmp/body"
}

# commit PATCH: commit all changes, with its message
commit() { message_of "$1" > "$tmp/message"; scratch add -A; scratch commit -qF "$tmp/message"; }

# with_markers PATCH: make its changes, with conflict markers where they do not apply, and end
with_markers()
{
	local why open

	why=$(first_hunk "$work" "$1")
	patch -d "$work" -p1 -F0 -f -s --merge --no-backup-if-mismatch -r - < "$1" > "$tmp/said" 2>&1 || true
	basename "$1" > "$work/.git/pending"
	stage "refresh: $(basename "$1") does not apply to $BASE: $why"
	open=$(scratch grep -lE '^<<<<<<<' | paste -sd' ' || true)
	[ -n "$open" ] ||
		die "-$EXIT_DIFFERS" "patch guessed where it belongs: check git diff in $work, then run make refresh again"
	die "-$EXIT_DIFFERS" "resolve the conflicts in $work ($open), then run make refresh again"
}

# resolved PATCH: check that its conflicts are resolved, and commit it
resolved()
{
	local open

	open=$(scratch grep -lE '^(<<<<<<<|>>>>>>>)' | paste -sd' ' || true)
	[ -z "$open" ] || die "-$EXIT_DIFFERS" "there are conflict markers left in $work: $open"
	! scratch diff --quiet || die "-$EXIT_DIFFERS" "$work has no change for $(basename "$1"): make it there"
	commit "$1"
	rm "$work/.git/pending"
}

# write_series KIND FOLDER PATCHES...: write the commits as a series into the folder
write_series()
{
	local kind=$1 folder=$2 patch commit parent here

	shift 2
	mkdir -p "$folder"
	echo "# The series ${kind:+$kind/ }for Linux $BASE: files of patches/, one a line, in the order in which they are applied" > "$folder/series"
	parent=base
	mapfile -t commits < <(scratch rev-list --reverse base..HEAD)
	for patch; do
		commit=${commits[0]}
		commits=("${commits[@]:1}")
		rm -rf "$tmp/here"
		mkdir "$tmp/here"
		scratch archive "$parent" | tar -x -C "$tmp/here"
		if try_patch "$tmp/here" "$patch" &&
			scratch archive "$commit" | (mkdir "$tmp/there" && tar -x -C "$tmp/there") &&
			diff -rq "$tmp/here" "$tmp/there" > /dev/null; then
			realpath --relative-to="$folder" "$patch"
		else
			here=$(basename "$patch")
			scratch format-patch -1 --stdout --no-signature --zero-commit --abbrev=7 -N \
				--subject-prefix='PATCH NOT FOR MERGE' "$commit" > "$folder/$here"
			echo "$here"
		fi >> "$folder/series"
		rm -rf "$tmp/there"
		parent=$commit
	done
}

require_cache
mkdir -p "$CACHE/tmp" "$CACHE/refresh"
tmp=$(mktemp -d "$CACHE/tmp/refresh.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
said=$BASE
open_source
[ "$base" = "$said" ] || die "-$EXIT_USAGE" "KSRC=$KSRC is Linux $base, and not $said"
if [ -e "$TOP/patches/$BASE/series" ]; then
	die "-$EXIT_USAGE" "there is a series for $BASE already: remove patches/$BASE and patches/before/$BASE to start over"
fi
nearest=$(series_for "$BASE" | head -n 1)
for kind in '' before; do
	work=$CACHE/refresh/$BASE${kind:+-$kind}
	mapfile -t patches < <(patches_of "$TOP/patches/${kind:+$kind/}$nearest")
	[ -d "$work/.git" ] || begin "${patches[@]}"
	[ ! -e "$work/.git/pending" ] || [ "$(scratch rev-list --count base..HEAD)" -ge ${#patches[@]} ] ||
		resolved "${patches[$(scratch rev-list --count base..HEAD)]}"
	for patch in "${patches[@]:$(scratch rev-list --count base..HEAD)}"; do
		try_patch "$work" "$patch" || with_markers "$patch"
		commit "$patch"
	done
done
for kind in '' before; do
	work=$CACHE/refresh/$BASE${kind:+-$kind}
	mapfile -t patches < <(patches_of "$TOP/patches/${kind:+$kind/}$nearest")
	write_series "$kind" "$TOP/patches/${kind:+$kind/}$BASE" "${patches[@]}"
	rm -rf "$work"
done
stage "refresh: wrote patches/$BASE and patches/before/$BASE, from those of $nearest; next: kernel/bench-$BASE.config, if options have other names, and make bench KSRC=$KSRC"
