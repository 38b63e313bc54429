#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print the folder of a kernel tree with a series of patches/ applied, made
# first if need be. The source is $KSRC, of git also at revision $KREV, or what
# kernel/fetch.sh finds; it is copied, never modified.
#
#   kernel/tree.sh [before | own | mutants | pristine]
#
# before: the series that turns the tree into one from before
# folio_split_unmapped(), not the one that puts the old way beside it.
# own: only what the benchmark cannot do without: exports, and a test driver
# that is fit to be timed.
# mutants: the series, and those of tests/mutants/ on top.
# pristine: no patch at all.
#
# With $PROPOSAL, the series in that folder of patches/proposals/ is applied on top of these,
# and below the mutants. Its folder mutants/ has those that do not fit its code in another
# form, and more of them.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

SERIES=$TOP/patches
case ${1:-} in
'') ;;
before) SERIES=$TOP/patches/before ;;
own | mutants | pristine) ;;
*) die "-$EXIT_USAGE" "usage: kernel/tree.sh [before | own | mutants | pristine]" ;;
esac

supported()
{
	find "$SERIES" -mindepth 1 -maxdepth 1 -name '[0-9]*' -printf '%f\n' |
		sort -V | paste -sd' '
}

# their GIT-PATH: where a file of the user's repository is
their()
{
	(cd "$KSRC" && realpath "$(git rev-parse --git-path "$1")")
}

# our_git ARGS...: git on $KSRC, with an index and an object store of our own
our_git()
{
	local objects

	# Not in the assignment below: their() would see the ones before it.
	objects=$(their objects)
	GIT_INDEX_FILE=$tmp/index GIT_OBJECT_DIRECTORY=$tmp/objects \
		GIT_ALTERNATE_OBJECT_DIRECTORIES=$objects \
		git -C "$KSRC" -c core.splitIndex=false -c core.fsmonitor=false "$@"
}

# git_tree [REV]: the id of that revision's tree, or of the work tree in
# $KSRC, uncommitted changes included
git_tree()
{
	mkdir -p "$tmp/objects"
	if [ $# = 1 ]; then
		our_git rev-parse --verify --quiet "$1^{tree}"
		return
	fi
	cp "$(their index)" "$tmp/index" && our_git add -A && our_git write-tree
}

# mutants_with FOLDER: ours and those in there, which take the place of ours of that name
mutants_with()
{
	find "$TOP/tests/mutants" "$1" -name '*.patch' -printf '%f %p\n' 2> /dev/null |
		awk '{ path[$1] = $2 } END { for (name in path) print path[name], name }' |
		LC_ALL=C sort -k 2 | cut -d' ' -f1
}

# left_behind: what a build inside a tree without git leaves there
readonly LEFT_BEHIND=(--exclude=./.git --exclude=.config --exclude='*.o' --exclude='*.ko'
	--exclude='*.cmd' --exclude='*.a' --exclude=./vmlinux
	--exclude=./include/config --exclude=./include/generated
	--exclude='./arch/*/include/generated')

mkdir -p "$CACHE/tmp" "$CACHE/kernel"
tmp=$(mktemp -d "$CACHE/tmp/tree.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

if [ -n "${KSRC:-}" ]; then
	[ -d "$KSRC" ] || die "-$EXIT_USAGE" "there is no folder KSRC=$KSRC"
	KSRC=$(realpath "$KSRC")
	[ -n "$(version_of "$KSRC")" ] ||
		die "-$EXIT_USAGE" "KSRC=$KSRC is not a kernel tree"
	if git -C "$KSRC" rev-parse --show-toplevel 2>/dev/null | grep -qxF "$KSRC"; then
		progress "kernel tree: looking at $KSRC"
		tree=$(git_tree ${KREV:+"$KREV"}) || die "-$EXIT_USAGE" \
			"git cannot read ${KREV:+revision $KREV of }the tree $KSRC"
		id="git $tree"
		copy() { our_git archive "$tree" | tar -x -C "$1"; }
		content() { our_git show "$tree:$1"; }
	elif [ -n "${KREV:-}" ]; then
		die "-$EXIT_USAGE" "$KSRC is not a git tree: it has no revision $KREV"
	elif [ -e "$KSRC/.git" ]; then
		git -C "$KSRC" status --short > /dev/null || true
		die "git does not take $KSRC for a tree of yours (see above)"
	else
		id="dir $KSRC $(cd "$KSRC" && find . -name .git -prune -o -type f -printf '%P %s %T@\n' |
			LC_ALL=C sort | hash_of)"
		copy() { tar -c "${LEFT_BEHIND[@]}" -C "$KSRC" . | tar -x -C "$1"; }
		content() { cat "$KSRC/$1"; }
	fi
else
	src=$("$TOP/kernel/fetch.sh")
	[ -z "${KREV:-}" ] || die "-$EXIT_USAGE" "a revision is of a git tree: say KSRC=dir"
	id=$(cat "$src/.complete")
	# patch(1) writes new files, so links to the pristine ones are safe.
	copy() { cp -al "$src/." "$1" && rm "$1/.complete"; }
	content() { cat "$src/$1"; }
fi

content Makefile > "$tmp/Makefile" 2> /dev/null || true
base=$(version_of "$tmp")
[ -n "$base" ] || die "-$EXIT_USAGE" "${KREV:-$KSRC} is not a kernel tree"
# A tree of a release without a series of its own may still take the newest.
patches=$SERIES/$base
[ -d "$patches" ] || patches=$SERIES/$(supported | awk '{ print $NF }')
mapfile -t files < <(find "$patches/" -name '*.patch' ! -name '0000-*' | sort)
mutants=()
case ${1:-} in
own) mapfile -t files < <(printf '%s\n' "${files[@]}" | grep -E 'lib-test_hmm|-export-') ;;
mutants) mutants=("$TOP"/tests/mutants/*.patch) ;;
pristine) files=() ;;
esac
if [ -n "${PROPOSAL:-}" ]; then
	is_proposal "$PROPOSAL" ||
		die "-$EXIT_USAGE" "there is no proposal '$PROPOSAL'; known: $(proposals)"
	proposal=$TOP/patches/proposals/$PROPOSAL
	mapfile -t -O ${#files[@]} files < <(find "$proposal" -maxdepth 1 \
		-name '*.patch' ! -name '0000-*' | sort)
	[ ${#mutants[@]} = 0 ] || mapfile -t mutants < <(mutants_with "$proposal/mutants")
fi
files+=(${mutants[@]+"${mutants[@]}"})

key=$(printf '%s\n' "$id" | cat - ${files[@]+"${files[@]}"} | hash_of)
with_lock "tree-$key"
if [ ! -e "$CACHE/kernel/$key/src/.complete" ]; then
	stage "kernel tree: applying ${#files[@]} patches of ${patches#"$TOP/"}"
	mkdir "$tmp/tree"
	copy "$tmp/tree"
	chmod -R u+w "$tmp/tree"
	for file in ${files[@]+"${files[@]}"}; do
		patch -d "$tmp/tree" -p1 -F0 -s --no-backup-if-mismatch < "$file" \
			> "$tmp/log" 2>&1 || {
			cat "$tmp/log" >&2
			die "-$EXIT_KERNEL" "${PROPOSAL:+proposal $PROPOSAL: }$(basename "$file") does not apply without fuzz to this $base tree; supported bases: $(supported)"
		}
	done
	printf '%s\n' "$key $id" > "$tmp/tree/.complete"
	rm -rf "${CACHE:?}/kernel/$key"
	mkdir "$CACHE/kernel/$key"
	mv "$tmp/tree" "$CACHE/kernel/$key/src"
fi
echo "$CACHE/kernel/$key/src"
