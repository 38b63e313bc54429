#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print the folder of a kernel tree with a series of patches/ applied, made
# first if need be. The source is $KSRC, of git also at revision $KREV, or what
# kernel/fetch.sh finds; it is copied, never modified.
#
#   kernel/tree.sh [before | own | mutants | pristine]
#   kernel/tree.sh --level
#   kernel/tree.sh --applies [KIND]
#
# before: the series that turns the tree into one from before
# folio_split_unmapped(), not the one that puts the old way beside it.
# own: only what the benchmark cannot do without: exports, and a test driver
# that is fit to be timed.
# mutants: the series, and those of tests/mutants/ on top.
# pristine: no patch at all.
#
# --level: print the best that can be made of the tree, found by trying it: both, new, before
# or stock; and say in one line what that means, and why it is not more.
#
# --applies: print the release whose series for that KIND applies, and make no tree.
#
# With $PROPOSAL, the series in that folder of patches/proposals/ is applied on top of these,
# and below the mutants. Its folder mutants/ has those that do not fit its code in another
# form, and more of them.
#
# Where a series does not apply without fuzz, it is merged with the tree if the source of the
# release that it is for is at hand; src/.merged says so, and kernel/variant.sh checks the
# kernel before anything is measured in it. STRICT=1: it is not.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/source.sh"
. "$TOP/kernel/series.sh"

kind=${1:-both} only_try=''
if [ "$kind" = --applies ]; then
	only_try=1 kind=${2:-both}
fi
case $kind in
both | before | own | mutants | pristine | --level) ;;
*) die "-$EXIT_USAGE" "usage: kernel/tree.sh [--applies] [before | own | mutants | pristine | --level]" ;;
esac

# mutants_with FOLDER: ours and those in there, which take the place of ours of that name
mutants_with()
{
	find "$TOP/tests/mutants" "$1" -name '*.patch' -printf '%f %p\n' 2> /dev/null |
		awk '{ path[$1] = $2 } END { for (name in path) print path[name], name }' |
		LC_ALL=C sort -k 2 | cut -d' ' -f1
}

# choose KIND: set $files, the patches of $release that make it of this tree
choose()
{
	local mutants=() proposal

	case $1 in
	pristine) files=() ;;
	before) mapfile -t files < <(patches_of "$TOP/patches/before/$release") ;;
	own) mapfile -t files < <(patches_of "$TOP/patches/$release" | only_exports) ;;
	*) mapfile -t files < <(patches_of "$TOP/patches/$release") ;;
	esac
	# What it has natively needs no patch, and cannot be exported where it is not.
	if [ "$split" = before ] && [ "$1" != pristine ]; then
		mapfile -t files < <(patches_of "$TOP/patches/before/$release" | only_exports)
	fi
	[ "$1" != mutants ] || mutants=("$TOP"/tests/mutants/*.patch)
	if [ -n "${PROPOSAL:-}" ]; then
		is_proposal "$PROPOSAL" ||
			die "-$EXIT_USAGE" "there is no proposal '$PROPOSAL'; known: $(proposals)"
		proposal=$TOP/patches/proposals/$PROPOSAL
		mapfile -t -O ${#files[@]} files < <(find "$proposal" -maxdepth 1 \
			-name '*.patch' ! -name '0000-*' | sort)
		[ ${#mutants[@]} = 0 ] || mapfile -t mutants < <(mutants_with "$proposal/mutants")
	fi
	files+=(${mutants[@]+"${mutants[@]}"})
}

# small_tree: extract what $files change
small_tree()
{
	local names

	mapfile -t names < <(touched_by ${files[@]+"${files[@]}"})
	rm -rf "$tmp/small"
	mkdir "$tmp/small"
	extract "$tmp/small" include/linux/huge_mm.h ${names[@]+"${names[@]}"}
}

# patched_small KIND: apply the patches for KIND to that, with the series of the nearest release that
# applies, or by a merge with the nearest; status 1, with $failed and $why of the nearest, if
# neither is possible. It sets $release, $files and $merged.
patched_small()
{
	local releases status first_failed='' first_why=''

	merged=''
	mapfile -t releases < <(series_for "$base")
	[ -z "${STRICT:-}" ] || releases=("${releases[0]}")
	for release in "${releases[@]}"; do
		choose "$1"
		small_tree
		status=0
		apply_series "$tmp/small" ${files[@]+"${files[@]}"} || status=$?
		[ $status != 2 ] ||
			die "-$EXIT_KERNEL" "a part of the series for $release is applied to this $base tree already: give the tree without it, or with all of it"
		[ $status = 1 ] || return $status
		first_failed=${first_failed:-$failed}
		first_why=${first_why:-$why}
	done
	release=${releases[0]}
	choose "$1"
	small_tree
	if [ -z "${STRICT:-}${PROPOSAL:-}" ] && merge_series "$tmp/small" "$release" "${files[@]}"; then
		merged="with Linux $release: $(basename "$first_failed") does not apply ($first_why)"
		return
	fi
	failed=$first_failed why=$first_why
	return 1
}

# local_changes: which of the files that the patches change are changed and not committed
local_changes()
{
	local names changed

	case $id in git*) ;; *) return 0 ;; esac
	[ -z "${KREV:-}" ] || return 0
	mapfile -t names < <(touched_by "${files[@]}")
	changed=$(git -C "$KSRC" status --porcelain --untracked-files=no -- "${names[@]}" 2> /dev/null |
		cut -c4- | paste -sd' ')
	[ -z "$changed" ] || echo "; not committed are changes of $changed"
}

# refuse_broken: what no series can be for
refuse_broken()
{
	local file

	if [ -z "$split" ]; then
		die "-$EXIT_KERNEL" "this $base tree is older than Linux 6.19: it neither has folio_split_unmapped() nor the argument that it has replaced, and device-private THPs cannot be split in it"
	fi
	file=$(cd "$tmp/small" && { grep -rlE '^(<<<<<<<|>>>>>>>) ' . || true; } | head -n 1)
	[ -z "$file" ] ||
		die "-$EXIT_KERNEL" "${file#./} of this tree has conflict markers: finish the merge first"
}

# told LEVEL WHAT...: print the level, and say what it is
told()
{
	local level=$1

	shift
	stage "kernel tree: Linux $base, $level: $*"
	echo "$level"
	exit
}

find_level()
{
	local because of

	if [ "$split" = before ]; then
		patched_small own &&
			told before "the old split alone, which is native here; exports only"
		told stock "no patch applies, $(basename "$failed") first ($why$(local_changes)); single splits cannot be measured"
	fi
	patched_small both &&
		told both "the old split beside the new one${merged:+, merged $merged}"
	of=$(basename "$failed")
	because="$of does not apply ($why$(local_changes))"
	patched_small own &&
		told new "exports only, as $because; the new split and migrations can be measured, old/new cannot"
	[ "$of" = "$(basename "$failed")" ] || because="$because, nor $(basename "$failed") ($why)"
	told stock "no patch applies: $because; single splits cannot be measured"
}

require_cache
mkdir -p "$CACHE/tmp" "$CACHE/kernel"
tmp=$(mktemp -d "$CACHE/tmp/tree.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
open_source
mkdir "$tmp/small"
extract "$tmp/small" include/linux/huge_mm.h
split=$(split_of "$tmp/small")
release=$(series_for "$base" | head -n 1)
choose "${kind/--level/both}"
if [ "$kind" != pristine ]; then
	small_tree
	refuse_broken
fi
[ "$kind" != --level ] || find_level
if [ "$split" = before ] && [[ $kind = both || $kind = mutants ]]; then
	die "-$EXIT_KERNEL" "this $base tree has the old split alone, natively: measure it with KERNEL=own"
fi

# key_of_tree: by what it is made of
key_of_tree() { printf '%s\n' "$id" | cat - ${files[@]+"${files[@]}"} | hash_of; }

# Most of the time it is there already, of the release that the version says.
key=$(key_of_tree)
if [ -n "$only_try" ] || [ ! -e "$CACHE/kernel/$key/src/.complete" ]; then
	patched_small "$kind" ||
		die "-$EXIT_KERNEL" "${PROPOSAL:+proposal $PROPOSAL: }$(basename "$failed") does not apply without fuzz to this $base tree: $why$(local_changes); KERNEL=auto measures what can be; supported bases: $(supported)"
	key=$(key_of_tree)
fi
if [ -n "$only_try" ]; then
	echo "$release"
	exit
fi
with_lock "tree-$key"
if [ ! -e "$CACHE/kernel/$key/src/.complete" ]; then
	stage "kernel tree: applying ${#files[@]} patches${files[0]:+ of the series for $release}"
	mkdir "$tmp/tree"
	copy "$tmp/tree"
	chmod -R u+w "$tmp/tree"
	# New files: those of the copy may be links.
	while read -r name; do
		if [ ! -e "$tmp/small/$name" ]; then
			rm -f "$tmp/tree/$name"
		elif ! cmp -s "$tmp/small/$name" "$tmp/tree/$name"; then
			mkdir -p "$(dirname "$tmp/tree/$name")"
			rm -f "$tmp/tree/$name"
			cp "$tmp/small/$name" "$tmp/tree/$name"
		fi
	done < <(touched_by ${files[@]+"${files[@]}"})
	if [ -n "$merged" ]; then
		stage "kernel tree: merged $merged"
		echo "$merged" > "$tmp/tree/.merged"
	fi
	printf '%s\n' "$key $id" > "$tmp/tree/.complete"
	rm -rf "${CACHE:?}/kernel/$key"
	mkdir "$CACHE/kernel/$key"
	mv "$tmp/tree" "$CACHE/kernel/$key/src"
fi
echo "$CACHE/kernel/$key/src"
