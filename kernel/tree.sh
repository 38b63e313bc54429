#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Make a copy of a kernel tree with a series of patches/ applied, unless it is there, and print its
# folder. The source is $KSRC, at revision $KREV if it is a git tree, or the tree that
# kernel/fetch.sh finds; it is never modified.
#
#   kernel/tree.sh [KIND]
#   kernel/tree.sh --level
#   kernel/tree.sh --applies [KIND]
#
# KIND is one of:
# both: the series that puts the old split next to the new one (default).
# before: the series that turns the tree into one from before folio_split_unmapped().
# own: only the patches that the benchmark needs: exports, and fixes of the test driver.
# mutants: both, with the patches of tests/mutants/ on top.
# pristine: no patches.
#
# --level: find out what can be measured in the tree by trying the patches. Print both, new, before
# or stock, and say in one line what that means, and why it is not more.
#
# --applies: print the release whose series for that KIND applies, and make no tree.
#
# With $PROPOSAL, the series in that folder of patches/proposals/ is applied on top, below the
# mutants. Its folder mutants/ has mutants of its own, and versions of those of tests/mutants/ that
# do not apply to its code.
#
# A series that does not apply without fuzz is merged with the tree if the source of the release that
# it is for is in the cache, unless STRICT=1 is set. src/.merged says so then, and kernel/variant.sh
# checks such a kernel before anything is measured in it.
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

# mutants_with FOLDER: print the mutants' patches: those of the folder, and those of tests/mutants/
# that have another name
mutants_with()
{
	find "$TOP/tests/mutants" "$1" -name '*.patch' -printf '%f %p\n' 2> /dev/null |
		awk '{ path[$1] = $2 } END { for (name in path) print path[name], name }' |
		LC_ALL=C sort -k 2 | cut -d' ' -f1
}

# choose KIND: set $files to the patches of $release that make a tree of that KIND
choose()
{
	local mutants=() proposal

	case $1 in
	pristine) files=() ;;
	before) mapfile -t files < <(patches_of "$TOP/patches/before/$release") ;;
	own) mapfile -t files < <(patches_of "$TOP/patches/$release" | only_exports) ;;
	*) mapfile -t files < <(patches_of "$TOP/patches/$release") ;;
	esac
	# A tree from before the change has the old split: it takes the exports alone, those of before.
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

# small_tree: extract the files that $files change into $tmp/small
small_tree()
{
	local names

	mapfile -t names < <(touched_by ${files[@]+"${files[@]}"})
	rm -rf "$tmp/small"
	mkdir "$tmp/small"
	extract "$tmp/small" include/linux/huge_mm.h mm/Kconfig ${names[@]+"${names[@]}"}
}

# patched_small KIND: apply the patches for KIND to the small tree: the series of the nearest release
# that applies, or a merge with the nearest one. Sets $release, $files and $merged. Status 1 if
# neither is possible; $failed and $why are those of the nearest release.
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
			die "-$EXIT_KERNEL" "a part of the series for $release is applied to this $base tree already: use the tree without it, or with all of it"
		[ $status = 1 ] || return $status
		first_failed=${first_failed:-$failed}
		first_why=${first_why:-$why}
	done
	release=${releases[0]}
	choose "$1"
	small_tree
	if [ -z "${STRICT:-}${PROPOSAL:-}" ] && merge_series "$tmp/small" "$release" "${files[@]}"; then
		merged="with Linux $release, as $(basename "$first_failed") does not apply ($first_why); if it does not build, KERNEL=own leaves the old split out"
		return
	fi
	failed=$first_failed why=$first_why
	return 1
}

# local_changes: print which of the patched files have uncommitted changes
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

# refuse_broken: end if no series can apply: the kernel is too old, or in the middle of a merge
refuse_broken()
{
	local file option

	if [ -z "$split" ]; then
		die "-$EXIT_KERNEL" "this $base tree is older than Linux 6.19: it has neither folio_split_unmapped() nor the argument that it replaced, and cannot split device-private THPs"
	fi
	for option in TRANSPARENT_HUGEPAGE DEVICE_PRIVATE; do
		[ ! -e "$tmp/small/mm/Kconfig" ] || grep -qxE "(menu)?config $option" "$tmp/small/mm/Kconfig" ||
			die "-$EXIT_KERNEL" "this $base tree has no option $option in mm/Kconfig, so there are no device-private THPs to be split: give a tree with it"
	done
	file=$(cd "$tmp/small" && { grep -rlE '^(<<<<<<<|>>>>>>>) ' . || true; } | head -n 1)
	[ -z "$file" ] ||
		die "-$EXIT_KERNEL" "${file#./} of this tree has conflict markers: finish the merge first"
}

# level_is LEVEL WHAT...: print the level, say what it means, and end
level_is()
{
	local level=$1

	shift
	stage "kernel tree: Linux $base, $level: $*"
	echo "$level"
	exit
}

# find_level: print the best level that the tree allows, and end
find_level()
{
	local because of

	if [ "$split" = before ]; then
		patched_small own &&
			level_is before "the old split alone, which is native here; exports only"
		level_is stock "no patch applies, $(basename "$failed") first ($why$(local_changes)); single splits cannot be measured"
	fi
	patched_small both &&
		level_is both "the old split beside the new one${merged:+, merged $merged}"
	of=$(basename "$failed")
	because="$of does not apply ($why$(local_changes))"
	patched_small own &&
		level_is new "exports only, as $because; the new split and migrations can be measured, old/new cannot"
	[ "$of" = "$(basename "$failed")" ] || because="$because, nor $(basename "$failed") ($why)"
	level_is stock "no patch applies: $because; single splits cannot be measured"
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

# key_of_tree: print the key: a hash of the source's identity and the patches
key_of_tree() { printf '%s\n' "$id" | cat - ${files[@]+"${files[@]}"} | hash_of; }

# Mostly, the tree of the release that its version names is there, and nothing has to be tried.
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
	# Files are replaced, not written to: those of the copy may be hard links to the source.
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
		stage "kernel tree: merged $merged; the kernel is checked before it is measured"
		echo "$merged" > "$tmp/tree/.merged"
	fi
	printf '%s\n' "$key $id" > "$tmp/tree/.complete"
	rm -rf "${CACHE:?}/kernel/$key"
	mkdir "$CACHE/kernel/$key"
	mv "$tmp/tree" "$CACHE/kernel/$key/src"
fi
echo "$CACHE/kernel/$key/src"
