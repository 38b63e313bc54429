#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Begin the series of a new release: make refresh KSRC=DIR BASE=X.Y
#
# The patches of the nearest release are applied one by one to the files of $KSRC that they
# change, in a scratch repository in the cache, each as a commit. Where one does not apply, it
# leaves conflict markers there, and this ends with what to do; called again, it goes on. At the
# end, patches/X.Y/ and patches/before/X.Y/ have a series each: patches that still apply as they
# are, are shared, others are written anew.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/source.sh"
. "$TOP/kernel/series.sh"

if [ -z "${KSRC:-}" ] || [[ ! ${BASE:-} =~ ^[0-9]+\.[0-9]+$ ]]; then
	die "-$EXIT_USAGE" "say KSRC=DIR, a tree of that release, and BASE=X.Y, the release"
fi

# scratch ARGS...: git in the scratch repository
scratch()
{
	git -C "$work" -c user.name=splitbench -c user.email=splitbench@localhost \
		-c commit.gpgsign=false -c core.hooksPath=/dev/null "$@"
}

# begin PATCHES...: the scratch repository, of the files that they change
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

# message_of PATCH: for git commit
message_of() { git mailinfo /dev/null /dev/null < "$1" | sed -n 's/^Subject: //p'; echo; git mailinfo "$tmp/body" /dev/null < "$1" > /dev/null; sed '/^---$/,$d' "$tmp/body"; }

commit() { message_of "$1" > "$tmp/message"; scratch add -A; scratch commit -qF "$tmp/message"; }

# with_markers PATCH: its changes, with conflict markers where they do not fit; then the end
with_markers()
{
	local why open

	why=$(first_hunk "$work" "$1")
	patch -d "$work" -p1 -F0 -f -s --merge --no-backup-if-mismatch -r - < "$1" > "$tmp/said" 2>&1 || true
	basename "$1" > "$work/.git/pending"
	stage "refresh: $(basename "$1") does not apply to $BASE: $why"
	open=$(scratch grep -lE '^<<<<<<<' | paste -sd' ' || true)
	[ -n "$open" ] ||
		die "-$EXIT_DIFFERS" "patch has guessed where it belongs: look at git diff in $work, then call make refresh again"
	die "-$EXIT_DIFFERS" "resolve the conflicts in $work ($open), then call make refresh again"
}

# resolved PATCH: what was left to do for it has been done
resolved()
{
	local open

	open=$(scratch grep -lE '^(<<<<<<<|>>>>>>>)' | paste -sd' ' || true)
	[ -z "$open" ] || die "-$EXIT_DIFFERS" "there are conflict markers left in $work: $open"
	! scratch diff --quiet || die "-$EXIT_DIFFERS" "nothing of $(basename "$1") is in $work: make its change there"
	commit "$1"
	rm "$work/.git/pending"
}

# write_series KIND FOLDER PATCHES...: of the commits
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
	die "-$EXIT_USAGE" "there is a series for $BASE: remove patches/$BASE and patches/before/$BASE to begin anew"
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
stage "refresh: patches/$BASE and patches/before/$BASE are written, from those of $nearest; next: kernel/bench-$BASE.config, if options have other names, and make bench KSRC=$KSRC"
