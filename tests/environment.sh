#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is the user's changes no number, and nothing that is built: the environment, dot files,
# how folders are called, and whose they are.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/runs.sh"

# repository DIR TEXT: with one commit, of a file with that text
repository()
{
	git init -q "$1"
	printf '%s\n' "$2" > "$1/file"
	git -C "$1" add file
	git -C "$1" -c user.name=a -c user.email=a@b commit -qm "$2"
}

# git exports them to bisect run, to rebase -x, and to hooks.
test_another_repository_is_not_taken_for_ours()
{
	local ours=$TESTDIR/ours other=$TESTDIR/other

	repository "$ours" ours
	repository "$other" other
	is "$(in_environment GIT_DIR="$other/.git" GIT_WORK_TREE="$other" \
		GIT_INDEX_FILE="$other/.git/index" -- "git -C '$ours' show HEAD:file")" ours
	is "$(in_environment GIT_DIR="$other/.git" -- "git -C '$ours' log -1 --format=%s")" ours
	# Nor is its version recorded as splitbench's, whoever runs make there.
	git -C "$other" tag version-of-another
	GIT_DIR=$other/.git GIT_WORK_TREE=$other make -n -B -C "$TOP/userspace" > "$TESTDIR/out"
	says "SPLITBENCH_VERSION" "$TESTDIR/out"
	want 1 grep version-of-another "$TESTDIR/out"
}

# Containers give safe.directory in the environment.
test_git_configuration_of_the_environment_stays()
{
	# shellcheck disable=SC2016 # of that shell
	is "$(in_environment GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=/x -- \
		'git config --get-all safe.directory | head -n 1; git config --get core.autocrlf')" "$(printf '/x\nfalse')"
}

test_environment_changes_no_number()
{
	is "$(in_environment OMP_NUM_THREADS=777 OMP_THREAD_LIMIT=1 -- nproc)" \
		"$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)"
	is "$(in_environment POSIXLY_CORRECT=1 BLOCK_SIZE=1G -- "df --output=size / | tail -n 1")" \
		"$(env -u POSIXLY_CORRECT df --output=size / | tail -n 1)"
	# It is for relative paths; a kernel tree has a folder of that name too.
	mkdir -p "$TESTDIR/cdpath/scripts"
	# shellcheck disable=SC2016 # of that shell
	is "$(cd "$TOP" && CDPATH=. bash -euc '. scripts/lib.sh; echo "$TOP"')" "$TOP"
	# shellcheck disable=SC2016
	is "$(cd "$TOP" && CDPATH=$TESTDIR/cdpath bash -euc '. scripts/lib.sh; echo "$TOP"')" "$TOP"
	# shellcheck disable=SC2016 # of that shell
	is "$(in_environment "CDPATH=$TESTDIR" MAKEFLAGS=-n -- 'echo "${MAKEFLAGS:-none}"')" none
}

# Of families of variables, those too that nobody has thought of; and no other
test_variables_of_tools_are_not_inherited()
{
	local name

	for name in GIT_OBJECT_DIRECTORY GIT_QUARANTINE_PATH GIT_CEILING_DIRECTORIES GIT_OF_TOMORROW \
		GREP_OPTIONS TAR_OPTIONS GZIP XZ_DEFAULTS TMOUT BASH_COMPAT MAKEFILES MAKEFLAGS GNUMAKEFLAGS \
		CFLAGS KCFLAGS HOSTLDFLAGS CPATH C_INCLUDE_PATH LIBRARY_PATH GCC_EXEC_PREFIX PKG_CONFIG_PATH \
		O ARCH CROSS_COMPILE KBUILD_OUTPUT LOCALVERSION GLIBC_TUNABLES MALLOC_PERTURB_ PERL5LIB \
		GNUPLOT_LIB GDFONTPATH LANGUAGE PYTHONPATH PYTHONHOME CCC_OVERRIDE_OPTIONS; do
		# shellcheck disable=SC2016 # of that shell
		is "$name ${name:+$(in_environment "$name=x" NAME="$name" -- 'printenv "$NAME" || echo is not set')}" \
			"$name is not set"
	done
	# shellcheck disable=SC2016
	is "$(in_environment http_proxy=a KBUILD=b SSH_AUTH_SOCK=c GIT_CONFIG_GLOBAL=/d -- \
		'echo "$http_proxy $KBUILD $SSH_AUTH_SOCK $GIT_CONFIG_GLOBAL"')" "a b c /d"
}

# What a shell of the user's exports: options, functions in the place of commands, a file that
# each script reads first
test_shell_of_the_user_changes_nothing()
{
	local variables=("BASH_ENV=$TESTDIR/first" SHELLOPTS=noclobber:noglob BASHOPTS=nocasematch
		"BASH_FUNC_grep%%=() { echo fooled; }" "BASH_FUNC_cd%%=() { echo fooled; }")

	echo 'set -o noclobber; shopt -s failglob; theirs=1' > "$TESTDIR/first"
	# shellcheck disable=SC2016 # of the script
	printf '%s\n' '#!/bin/bash' 'set -euo pipefail' ". '$TOP/scripts/lib.sh'" \
		'echo 1 > "$1"; echo 2 > "$1"' 'grep 2 "$1"' 'cd /; echo usr*' 'echo "$-, ${theirs:-nothing of theirs}, $2"' \
		'[[ a != A ]]; echo nothing*here' 'bash -c "cd /; grep 2 $1; echo usr* \$-"' > "$TESTDIR/script"
	chmod +x "$TESTDIR/script"
	env "${variables[@]}" "$TESTDIR/script" "$TESTDIR/file" "a  b" > "$TESTDIR/out"
	is "$(cat "$TESTDIR/out")" "2
usr
ehuB, nothing of theirs, a  b
nothing*here
2
usr hBc"
	# Nor in what make itself runs
	env "${variables[@]}" make -s -C "$TOP" help > "$TESTDIR/out"
	says "make bench" "$TESTDIR/out"
	# shellcheck disable=SC2016 # for make
	env "${variables[@]}" make -s -C "$TOP" -f - show <<- 'MAKE' > "$TESTDIR/out"
		include Makefile
		show:; @cd / && echo usr* | grep usr; echo "$${theirs-none}"
	MAKE
	is "$(cat "$TESTDIR/out")" "usr
none"
}

# A git tree is read as it is, and nothing of the user's is run: hooks, filters, what shows signatures
test_configuration_of_git_changes_nothing()
{
	local home=$TESTDIR/git-home hook

	repository "$TESTDIR/tree" 'a line'
	git clone -q --bare "$TESTDIR/tree" "$TESTDIR/bare"
	mkdir -p "$home/hooks"
	for hook in post-index-change reference-transaction; do
		printf '#!/bin/sh\ntouch %s/hook-was-run\n' "$TESTDIR" > "$home/hooks/$hook"
		chmod +x "$home/hooks/$hook"
		cp "$home/hooks/$hook" "$TESTDIR/tree/.git/hooks/"
	done
	echo '* text eol=crlf export-subst' > "$home/attributes"
	git config -f "$home/.gitconfig" core.hooksPath "$home/hooks"
	git config -f "$home/.gitconfig" core.attributesFile "$home/attributes"
	git config -f "$home/.gitconfig" core.eol crlf
	git config -f "$home/.gitconfig" safe.bareRepository explicit
	git config -f "$home/.gitconfig" diff.noprefix true
	echo 'another line' >> "$TESTDIR/tree/file"
	# shellcheck disable=SC2016 # of that shell
	in_environment HOME="$home" KSRC="$TESTDIR/tree" tmp="$TESTDIR/own" -- '. "$TOP/kernel/source.sh"
		git -C "$KSRC" status --porcelain
		git -C "$KSRC" diff | grep "^+++"
		tree=$(git_tree)
		our_git archive "$tree" | tar -xO file | od -c | grep -c "\\\\r" || echo no return
		git -C "${KSRC%tree}bare" rev-parse --is-bare-repository' > "$TESTDIR/out"
	is "$(cat "$TESTDIR/out")" " M file
+++ b/file
0
no return
true"
	absent "$TESTDIR/hook-was-run"
}

# Git for Windows sets core.autocrlf for all; a script with CRLF does not run.
test_checkouts_have_no_carriage_returns()
{
	local clone

	repository "$TESTDIR/without" '#!/bin/bash'
	cp -r "$TESTDIR/without" "$TESTDIR/attributed"
	cp "$TOP/.gitattributes" "$TESTDIR/attributed"
	git -C "$TESTDIR/attributed" add .gitattributes
	git -C "$TESTDIR/attributed" -c user.name=a -c user.email=a@b commit -qm attributes
	for clone in without attributed; do
		env -u GIT_CONFIG_COUNT git -c core.autocrlf=true -c core.eol=crlf clone -q \
			"$TESTDIR/$clone" "$TESTDIR/$clone-clone" 2> "$TESTDIR/err"
	done
	is "$(od -c "$TESTDIR/without-clone/file" | grep -c '\\r')" 1
	is "$(od -c "$TESTDIR/attributed-clone/file" | grep -c '\\r' || true)" 0
}

# As in a container, into which a checkout is mounted that has another owner
test_version_is_known_in_anybodys_checkout()
{
	[ "$(id -u)" = 0 ] || { echo "it takes root"; return "$EXIT_SKIP"; }
	repository "$TESTDIR/owned" 'of root'
	git -C "$TESTDIR/owned" tag version-of-root
	mkdir "$TESTDIR/owned"/{scripts,userspace}
	cp "$TOP"/scripts/{lib,compiler}.sh "$TESTDIR/owned/scripts"
	cp "$TOP/userspace/Makefile" "$TESTDIR/owned/userspace"
	chmod -R a+rX "$TESTDIR" 2> "$TESTDIR/err" || true
	nobody test -r "$TESTDIR/owned/file" || { echo "only root can get to $TESTDIR"; return "$EXIT_SKIP"; }
	nobody env HOME="$TESTDIR/nowhere" bash -euc ". '$TESTDIR/owned/scripts/lib.sh'
		make -pnC '$TESTDIR/owned/userspace' 2> /dev/null || true" > "$TESTDIR/out"
	matches '^VERSION := version-of-root$' "$TESTDIR/out" > "$TESTDIR/found"
	# But not of the repositories of others
	want 128 nobody env HOME="$TESTDIR/nowhere" bash -euc ". '$TESTDIR/owned/scripts/lib.sh'
		git -C '$TESTDIR/ours' rev-parse HEAD" 2> "$TESTDIR/err"
	says "dubious ownership" "$TESTDIR/err"
}

# Where only root has these folders in PATH
test_tools_of_administrators_are_found()
{
	is "$(in_environment PATH=/usr/bin:/bin -- 'command -v modinfo')" /usr/sbin/modinfo
	# shellcheck disable=SC2016
	is "$(in_environment PATH="$TESTDIR/bin:/usr/sbin:/usr/bin" -- 'echo "$PATH"')" \
		"$TESTDIR/bin:/usr/sbin:/usr/bin"
}

# A locale with a decimal comma, made for this test
test_numbers_have_a_point()
{
	localedef --no-archive -i de_DE -f UTF-8 "$TESTDIR/de_DE.UTF-8" 2> /dev/null ||
		{ echo "no localedef, or no definition of de_DE"; return 4; }
	is "$(LOCPATH=$TESTDIR LC_ALL=de_DE.UTF-8 bash -c 'printf %.1f 0,5')" 0,5
	is "$(in_environment LOCPATH="$TESTDIR" LC_ALL=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8 LANG=de_DE.UTF-8 \
		-- "awk 'BEGIN { printf \"%.2f\", 8.75 }'")" 8.75
}

test_dot_files_change_no_figure()
{
	make_run "$TESTDIR/run" 6
	mkdir -p "$TESTDIR/home/.config/fontconfig"
	cat > "$TESTDIR/home/.config/fontconfig/fonts.conf" <<- 'END'
		<?xml version="1.0"?>
		<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
		<fontconfig><match target="pattern">
			<edit name="family" mode="assign" binding="strong"><string>DejaVu Sans Mono</string></edit>
		</match></fontconfig>
	END
	printf 'set datafile separator ","\nset decimalsign ","\n' > "$TESTDIR/home/.gnuplot"
	"$TOP/plots/plot.sh" "$TESTDIR/run" > "$TESTDIR/plain"
	cp -r "$TESTDIR/run/plots" "$TESTDIR/before"
	HOME=$TESTDIR/home GNUTERM=dumb "$TOP/plots/plot.sh" "$TESTDIR/run" > "$TESTDIR/theirs"
	cmp "$TESTDIR/plain" "$TESTDIR/theirs"
	diff -r "$TESTDIR/before" "$TESTDIR/run/plots"
}

test_cache_that_cannot_be_written_is_named()
{
	local command

	want 64 in_environment SPLITBENCH_CACHE=/proc/nothing -- "with_lock x" 2> "$TESTDIR/err"
	is "$(lines_of "$TESTDIR/err")" 1
	says "the cache, /proc/nothing, cannot be written to: set SPLITBENCH_CACHE=DIR" "$TESTDIR/err"
	# Whoever is called, and although another user's is there
	mkdir -p "$TESTDIR/build/arch/x86/boot"
	: > "$TESTDIR/build/arch/x86/boot/bzImage"
	for command in kernel/tree.sh kernel/fetch.sh kernel/build.sh "vm/run.sh --kernel $TESTDIR/build -- true"; do
		# shellcheck disable=SC2086 # words
		want 64 env SPLITBENCH_CACHE="$TESTDIR/build/arch/x86/boot/bzImage/x" "$TOP"/$command 2> "$TESTDIR/err"
		is "$(lines_of "$TESTDIR/err")" 1
		says "boot/bzImage/x, cannot be written to" "$TESTDIR/err"
	done
	[ "$(id -u)" = 0 ] || return 0
	mkdir -p "$TESTDIR/of-root"/{lock,tmp}
	: > "$TESTDIR/of-root/lock/userspace"
	for command in 'with_lock userspace' require_cache; do
		want 64 as_nobody env SPLITBENCH_CACHE="$TESTDIR/of-root" \
			bash -euc ". '$TESTDIR/repo/scripts/lib.sh'; $command" 2> "$TESTDIR/err"
		says "the cache, $TESTDIR/of-root, cannot be written to" "$TESTDIR/err"
	done
}

test_tilde_is_the_home()
{
	mkdir -p "$TESTDIR/home/linux"
	# shellcheck disable=SC2016,SC2088 # of that shell; left by the user's
	is "$(in_environment HOME="$TESTDIR/home" KSRC='~/linux' -- 'echo "$KSRC"')" "$TESTDIR/home/linux"
	# shellcheck disable=SC2016,SC2088
	is "$(in_environment HOME="$TESTDIR/home" KERNELS='~/linux both /a~/b  ~/patched' -- 'echo "$KERNELS"')" \
		"$TESTDIR/home/linux both /a~/b  $TESTDIR/home/patched"
	make_run "$TESTDIR/home/run" 6
	# shellcheck disable=SC2088
	HOME=$TESTDIR/home SPLITBENCH_CACHE=$CACHE make -s -C "$TOP" summary RUN='~/run' > "$TESTDIR/out"
	says "old/new" "$TESTDIR/out"
	# shellcheck disable=SC2088
	HOME=$TESTDIR/home SPLITBENCH_CACHE=$CACHE make -s -C "$TOP" cover RUN=run RESULTS='~' > "$TESTDIR/out"
	not_empty "$TESTDIR/home/run/cover/cover.txt"
	# shellcheck disable=SC2016,SC2088
	is "$(in_environment HOME="$TESTDIR/home" INVENTORY='~/hosts' RESULTS='~' KBUILD='/a~/b' -- \
		'echo "$INVENTORY $RESULTS $KBUILD"')" "$TESTDIR/home/hosts $TESTDIR/home /a~/b"
	# shellcheck disable=SC2088
	want 64 env KSRC='~/nothing' "$TOP/kernel/tree.sh" 2> "$TESTDIR/err"
	says "there is no folder KSRC=$HOME/nothing" "$TESTDIR/err"
	is "$(lines_of "$TESTDIR/err")" 1
}

# What kbuild and make cannot take is refused in a line; what they can is not.
test_names_of_folders_are_taken_or_refused()
{
	local bad

	# shellcheck disable=SC2016 # a name
	for bad in 'a b' 'a:b' "it's" 'a#b' 'a$b' '50%' 'a;b' 'a(b)' 'a*'; do
		mkdir -p "$TESTDIR/named/$bad/scripts"
		cp "$TOP"/scripts/{lib,compiler,deps,bench}.sh "$TESTDIR/named/$bad/scripts/"
		want 64 "$TESTDIR/named/$bad/scripts/bench.sh" 2> "$TESTDIR/err"
		is "$(lines_of "$TESTDIR/err")" 1
		says "may be in '$TESTDIR/named/$bad'" "$TESTDIR/err"
		want 64 in_environment SPLITBENCH_CACHE="$TESTDIR/$bad" -- true 2> "$TESTDIR/err"
		is "$(lines_of "$TESTDIR/err")" 1
	done
	in_environment SPLITBENCH_CACHE="$TESTDIR/größer,+=@~^" -- true
}

# The cache is kbuild's; runs are ours.
test_folders_of_runs_may_have_spaces()
{
	local folder="$TESTDIR/runs of 'mine'"

	mkdir "$folder"
	make_run "$folder/one" 6
	make_run "$folder/another one" 6
	make -s -C "$TOP" summary RUN="$folder/another one/" > "$TESTDIR/out"
	says "old/new" "$TESTDIR/out"
	make -s -C "$TOP" compare A="another one" B=one RESULTS="$folder" > "$TESTDIR/out"
	says "NO REGRESSION" "$TESTDIR/out"
	DRYRUN=1 make -s -C "$TOP" more RUN=one RESULTS="$folder" BOOTS=2 > "$TESTDIR/out"
	says "boot 8 of 8" "$TESTDIR/out"
	want 2 make -s -C "$TOP" summary RUN=two RESULTS="$folder" 2> "$TESTDIR/err"
	says "there is no run two; there are: $folder/another one $folder/one." "$TESTDIR/err"
	"$TOP/plots/plot.sh" "$folder/one" > "$TESTDIR/out"
	not_empty "$folder/one/plots/ratio.svg"
}

# A checkout that is somebody else's, or mounted read-only
test_checkout_that_cannot_be_written_to_is_named()
{
	[ "$(id -u)" = 0 ] || { echo "it takes root"; return "$EXIT_SKIP"; }
	as_nobody true || return
	rm -rf "$TESTDIR/repo/userspace/build"
	want 64 as_nobody env SPLITBENCH_CACHE="$TESTDIR/nowhere" \
		bash -euc ". '$TESTDIR/repo/scripts/lib.sh'; build_splitbench" 2> "$TESTDIR/err"
	is "$(lines_of "$TESTDIR/err")" 1
	says "$TESTDIR/repo/userspace/build cannot be written to: take a copy of your own (git clone" "$TESTDIR/err"
}

# A tilde that make is given must not become a folder of that name.
test_installing_goes_where_it_was_said()
{
	# shellcheck disable=SC2088
	HOME=$TESTDIR/home SPLITBENCH_CACHE=$CACHE make -s -C "$TOP" install PREFIX='~/prefix'
	exists "$TESTDIR/home/prefix/bin/splitbench"
	SPLITBENCH_CACHE=$CACHE make -s -C "$TOP" install DESTDIR="$(realpath --relative-to="$TOP" "$TESTDIR/staged")"
	exists "$TESTDIR/staged/usr/local/bin/splitbench"
	absent "$TOP/~" "$TOP/userspace/~"
}

# What a guest mounts over them would be what it has in their place.
test_folders_that_a_guest_hides_are_refused()
{
	local dir

	for dir in /dev/shm/x /run/x /run /sys /proc/self; do
		want 64 in_environment A=b -- "require_visible $dir" 2> "$TESTDIR/err"
		says "a VM cannot see $dir" "$TESTDIR/err"
	done
	in_environment A=b -- "require_visible /tmp /runs /development $TESTDIR"
}

make -s -C "$TOP/userspace"
before_each() { rm -rf "$TESTDIR/run"; }
run_tests
