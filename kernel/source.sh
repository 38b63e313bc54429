# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Read a kernel's source: $KSRC, at revision $KREV if it is a git tree, or the tree that
# kernel/fetch.sh finds. It is never modified. Sourced.
#
# open_source sets $id, which identifies the content, and $base, its release, and defines the
# functions copy DIR, which copies all of it, and content FILE, which prints a file. The sourcing
# script has a folder $tmp.
# shellcheck disable=SC2034,SC2154,SC2317 # variables and functions of the sourcing script

# their GIT-PATH: print the path of a file in the user's .git
their()
{
	(cd "$KSRC" && realpath "$(git rev-parse --git-path "$1")")
}

# our_git ARGS...: run git on $KSRC with a separate index and object store, so that the user's
# repository is not written to
our_git()
{
	local objects

	# Not in the command below: git in their() would get the variables before it.
	objects=$(their objects)
	GIT_INDEX_FILE=$tmp/index GIT_OBJECT_DIRECTORY=$tmp/objects \
		GIT_ALTERNATE_OBJECT_DIRECTORIES=$objects \
		git -C "$KSRC" -c core.splitIndex=false -c core.fsmonitor=false "$@"
}

# git_tree [REV]: print the id of that revision's tree, or of the work tree in $KSRC with its
# uncommitted changes
git_tree()
{
	mkdir -p "$tmp/objects"
	if [ $# = 1 ]; then
		our_git rev-parse --verify --quiet "$1^{tree}"
		return
	fi
	cp "$(their index)" "$tmp/index" && our_git add -A && our_git write-tree
}

# Files that a build inside a tree leaves there, and that are not copied of a tree without git
readonly LEFT_BEHIND=(--exclude=./.git --exclude=.config --exclude='*.o' --exclude='*.ko'
	--exclude='*.cmd' --exclude='*.a' --exclude=./vmlinux
	--exclude=./include/config --exclude=./include/generated
	--exclude='./arch/*/include/generated')

# is_git_tree: is $KSRC the top folder of a work tree, or a bare repository?
is_git_tree()
{
	git -C "$KSRC" rev-parse --show-toplevel 2> /dev/null | grep -qxF "$KSRC" ||
		[ "$(git -C "$KSRC" rev-parse --is-bare-repository 2> /dev/null) $(their . 2> /dev/null)" = "true $KSRC" ]
}

open_user_source()
{
	local tree

	[ -d "$KSRC" ] || die "-$EXIT_USAGE" "there is no folder KSRC=$KSRC"
	KSRC=$(realpath "$KSRC")
	if is_git_tree; then
		progress "kernel tree: reading $KSRC"
		if [ -z "${KREV:-}" ] && [ "$(git -C "$KSRC" rev-parse --is-bare-repository)" = true ]; then
			die "-$EXIT_USAGE" "$KSRC is a bare repository: name revisions, as in REVS=\"v7.2 topic\""
		fi
		tree=$(git_tree ${KREV:+"$KREV"}) || die "-$EXIT_USAGE" \
			"git cannot read ${KREV:+revision $KREV of }the tree $KSRC"
		id="git $tree"
		# A global variable, as the functions below read it when they are called.
		GIT_TREE=$tree
		copy() { our_git archive "$GIT_TREE" | tar -x -C "$1"; }
		content() { our_git show "$GIT_TREE:$1"; }
	elif [ -z "$(version_of "$KSRC")" ]; then
		die "-$EXIT_USAGE" "KSRC=$KSRC is not a kernel tree"
	elif [ -n "${KREV:-}" ]; then
		die "-$EXIT_USAGE" "$KSRC is not a git tree, so it has no revision $KREV"
	elif [ -e "$KSRC/.git" ]; then
		git -C "$KSRC" status --short > /dev/null || true
		die "git refuses to read $KSRC (see above)"
	else
		id="dir $KSRC $(cd "$KSRC" && find . -name .git -prune -o -type f -printf '%P %s %T@\n' |
			LC_ALL=C sort | hash_of)"
		copy() { tar -c "${LEFT_BEHIND[@]}" -C "$KSRC" . | tar -x -C "$1"; }
		content() { cat "$KSRC/$1"; }
	fi
}

open_source()
{
	if [ -n "${KSRC:-}" ]; then
		open_user_source
	else
		SOURCE=$("$TOP/kernel/fetch.sh")
		[ -z "${KREV:-}" ] || die "-$EXIT_USAGE" "a revision needs a git tree: set KSRC=DIR"
		id=$(cat "$SOURCE/.complete")
		# Hard links: tree.sh replaces files and never writes to them.
		copy() { cp -al "$SOURCE/." "$1" && rm "$1/.complete"; }
		content() { cat "$SOURCE/$1"; }
	fi
	content Makefile > "$tmp/Makefile" 2> /dev/null || true
	base=$(version_of "$tmp")
	[ -n "$base" ] || die "-$EXIT_USAGE" "${KREV:-$KSRC} is not a kernel tree"
}
