# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Where a kernel's source comes from: $KSRC, of git also at revision $KREV, or what
# kernel/fetch.sh finds. It is read, never modified. Sourced.
#
# open_source sets $id, which names the content, and $base, the release it is of, and
# defines copy DIR, which copies all of it, and content FILE, which prints a file. $tmp is a
# folder of the caller's.
# shellcheck disable=SC2034,SC2154,SC2317 # of and for who sources this

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

# left_behind: what a build inside a tree without git leaves there
readonly LEFT_BEHIND=(--exclude=./.git --exclude=.config --exclude='*.o' --exclude='*.ko'
	--exclude='*.cmd' --exclude='*.a' --exclude=./vmlinux
	--exclude=./include/config --exclude=./include/generated
	--exclude='./arch/*/include/generated')

# is_git_tree: is $KSRC the top of a work tree, or a bare repository?
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
		progress "kernel tree: looking at $KSRC"
		if [ -z "${KREV:-}" ] && [ "$(git -C "$KSRC" rev-parse --is-bare-repository)" = true ]; then
			die "-$EXIT_USAGE" "$KSRC is a bare repository: say which revision, as in REVS=\"v7.2 topic\""
		fi
		tree=$(git_tree ${KREV:+"$KREV"}) || die "-$EXIT_USAGE" \
			"git cannot read ${KREV:+revision $KREV of }the tree $KSRC"
		id="git $tree"
		# Of a function, the name is looked up when it is called.
		GIT_TREE=$tree
		copy() { our_git archive "$GIT_TREE" | tar -x -C "$1"; }
		content() { our_git show "$GIT_TREE:$1"; }
	elif [ -z "$(version_of "$KSRC")" ]; then
		die "-$EXIT_USAGE" "KSRC=$KSRC is not a kernel tree"
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
}

open_source()
{
	if [ -n "${KSRC:-}" ]; then
		open_user_source
	else
		SOURCE=$("$TOP/kernel/fetch.sh")
		[ -z "${KREV:-}" ] || die "-$EXIT_USAGE" "a revision is of a git tree: say KSRC=dir"
		id=$(cat "$SOURCE/.complete")
		# What is changed gets a new file, so links to the pristine ones are safe.
		copy() { cp -al "$SOURCE/." "$1" && rm "$1/.complete"; }
		content() { cat "$SOURCE/$1"; }
	fi
	content Makefile > "$tmp/Makefile" 2> /dev/null || true
	base=$(version_of "$tmp")
	[ -n "$base" ] || die "-$EXIT_USAGE" "${KREV:-$KSRC} is not a kernel tree"
}
