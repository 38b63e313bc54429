# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What all scripts of the project share: a defined environment, the cache, exit codes, messages and
# progress. Sourced, never run.

# Exit codes, as in kselftest (skip) and sysexits (usage, software). KERNEL: the kernel does not
# build, does not boot, crashes or complains. EMULATOR: QEMU failed; vm/run.sh may be run again.
# shellcheck disable=SC2034
readonly EXIT_DIFFERS=1 EXIT_INCONCLUSIVE=2 EXIT_SKIP=4 EXIT_USAGE=64 \
	EXIT_HARNESS=70 EXIT_KERNEL=71 EXIT_EMULATOR=72

# Messages of a kernel that has found a fault in itself
# shellcheck disable=SC2034
readonly COMPLAINTS='Kernel panic|kernel BUG|BUG:|WARNING:|Oops|UBSAN:|KASAN:|INFO: (possible|suspicious|inconsistent|task|rcu)|rcu: INFO|detected stall|corruption|general protection|Unable to handle|bad (pgd|p4d|pud|pmd|pte)|[Bb]ad swap|Unused swap|INFO: trying|BUG [^ ]+ \('

# Shell options that the user has exported, and BASH_ENV, which bash reads before a script, cannot be
# undone here: the script is started again without them.
if [ "${BASH_SOURCE[-1]}" = "$0" ] && [[ -n ${BASH_ENV:-} || ${SHELLOPTS@a}${BASHOPTS@a} = *x* ]]; then
	exec env -u BASH_ENV -u SHELLOPTS -u BASHOPTS "$BASH" "$0" "$@"
fi
export -n SHELLOPTS BASHOPTS
# Exported functions of the user's would replace commands
while read -r _ _ _name; do
	unset -f "$_name"
done < <(declare -Fx)

# The user's environment must not change a number, nor what is built or measured: the repository
# that git uses, the number of CPUs that nproc prints, the format of numbers, dates and sizes, the
# options of compilers and linkers, and the files in $HOME that programs read. If git runs us (bisect
# run, rebase -x, a hook), its variables name its repository and not ours. Patterns, to match variables
# of later versions too.
for _name in $(compgen -e); do
	case $_name in
	# Whose trees git may read, and where its programs are
	GIT_CONFIG_COUNT | GIT_CONFIG_KEY_* | GIT_CONFIG_VALUE_* | GIT_CONFIG_GLOBAL | \
		GIT_CONFIG_SYSTEM | GIT_CONFIG_NOSYSTEM | GIT_EXEC_PATH) ;;
	GIT_* | OMP_* | GOMP_* | KMP_* | MALLOC_* | GLIBC_TUNABLES | \
		BASH_* | CDPATH | GLOBIGNORE | ENV | TMOUT | FUNCNEST | EXECIGNORE | \
		POSIXLY_CORRECT | GREP_* | TAR_OPTIONS | GZIP | XZ_* | ZSTD_* | BLOCK_SIZE | BLOCKSIZE | \
		DF_BLOCK_SIZE | DU_BLOCK_SIZE | LS_BLOCK_SIZE | TIME_STYLE | QUOTING_STYLE | LANGUAGE | \
		VERSION_CONTROL | PATCH_* | AWK* | GAWK_* | MAWK* | PERL* | PYTHON* | GNUTERM | \
		GNUPLOT_* | GDFONTPATH | FONTCONFIG_* | MAKE* | MFLAGS | *FLAGS | O | ARCH | SRCARCH | \
		SUBARCH | CROSS_COMPILE | KBUILD_* | KCONFIG_* | LOCALVERSION | AR | CPATH | \
		*_INCLUDE_PATH | LIBRARY_PATH | COMPILER_PATH | LD_RUN_PATH | \
		GCC_* | CCC_* | DEPENDENCIES_OUTPUT | SUNPRO_DEPENDENCIES | PKG_CONFIG*)
		unset "$_name" ;;
	esac
done
# git does not write to the user's repository, not even its index.
export LC_ALL=C.UTF-8 PERF_CONFIG=/dev/null GIT_PAGER=cat GIT_OPTIONAL_LOCKS=0
# Not every user's PATH has the tools for administrators.
case :$PATH: in *:/usr/sbin:*) ;; *) PATH=$PATH:/usr/sbin:/sbin ;; esac
# Over what is in the user's git configuration, and after what the environment adds to
# that (safe.directory, in containers); once, where one of our scripts calls another. What
# this checkout says is run here anyway: git may say of which version it is, whoever owns it.
_count=${GIT_CONFIG_COUNT:-0}
case $_count in *[!0-9]* | ????*) _count=0 ;; esac
_last=GIT_CONFIG_VALUE_$((_count > 0 ? _count - 1 : 0))
_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
if [ "$_count" = 0 ] || [ "${!_last:-}" != "$_top" ]; then
	for _name in core.autocrlf=false core.eol=lf core.attributesFile=/dev/null \
		core.hooksPath=/dev/null core.fsmonitor=false color.ui=false log.showSignature=false \
		commit.gpgSign=false diff.noprefix=false diff.mnemonicPrefix=false \
		safe.bareRepository=all safe.directory="$_top"; do
		export "GIT_CONFIG_KEY_$_count=${_name%%=*}" "GIT_CONFIG_VALUE_$_count=${_name#*=}"
		_count=$((_count + 1))
	done
fi
export GIT_CONFIG_COUNT=$_count

# Expand a tilde that the user's shell did not, as sh and zsh do not in make KSRC=~/linux
for _name in KSRC KBUILD RESULTS PLAN LIKE CONFIG FRAGMENT INVENTORY SPLITBENCH_CACHE \
	XDG_CACHE_HOME TMPDIR; do
	# shellcheck disable=SC2088 # that it is not expanded is the point
	case ${!_name:-} in "~" | "~/"*) export "$_name=${HOME:-/root}${!_name#\~}" ;; esac
done
# No shell expands one in quotes, as in KERNELS="~/linux ~/patched"
for _name in KERNELS BASES; do
	[ -n "${!_name:-}" ] || continue
	_words=" ${!_name}"
	_words=${_words// \~\// ${HOME:-/root}/}
	export "$_name=${_words# }"
done
unset _name _words _last _count _top

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=$(realpath -m "${SPLITBENCH_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/splitbench}")
# When make bench started, for all scripts that it runs
export SPLITBENCH_START=${SPLITBENCH_START:-$(date +%s)}
export SPLITBENCH_CACHE=$CACHE

# The system's Python: the user's may have another version and other modules
# shellcheck disable=SC2034 # for the sourcing script
PYTHON=(/usr/bin/python3 -EsB)
[ -x "${PYTHON[0]}" ] || PYTHON[0]=python3

# stage WHAT...: print a line when a stage begins or ends
stage()
{
	clear_progress
	printf '[%s] %s\n' "$(since_start)" "$*" >&2
}

# since_start: print the seconds since then; not in a guest, which has another clock
since_start()
{
	if [ "$SPLITBENCH_START" = guest ]; then
		echo guest
	else
		printf '%4ds' $(($(date +%s) - SPLITBENCH_START))
	fi
}

# progress WHAT...: on a terminal, print a line that the next one overwrites
progress()
{
	[ -t 2 ] || return 0
	printf '\r\033[K[%s] %s' "$(since_start)" "$*" >&2
}

clear_progress()
{
	if [ -t 2 ]; then
		printf '\r\033[K' >&2
	fi
}

# die [-CODE] WHAT...: print one line, which says what is wrong and what to do, and exit
die()
{
	local code=$EXIT_HARNESS

	case $1 in -[0-9]*) code=${1#-}; shift ;; esac
	clear_progress
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit "$code"
}

# as_harness STATUS: for trap ... ERR, with set -E: map the unexpected failure of a tool to
# EXIT_HARNESS. Exit codes of our own scripts and signals are passed on.
as_harness()
{
	case $1 in
	"$EXIT_SKIP" | "$EXIT_USAGE" | "$EXIT_KERNEL") exit "$1" ;;
	esac
	[ "$1" -lt 128 ] || exit "$1"
	exit "$EXIT_HARNESS"
}

# hash_of: print the first 16 hex digits of the SHA-256 of standard input
hash_of()
{
	sha256sum | cut -c1-16
}

# unannounced COMMAND...: run it without bash printing a line if a signal kills it
unannounced() { { "$@" 2>&3 3>&-; } 3>&2 2> /dev/null; }

. "$TOP/scripts/compiler.sh"

# Neither kbuild nor a kernel's command line takes such paths.
for _name in "$TOP" "$CACHE"; do
	case $_name in *[[:space:]:\'\"\`\\\$\#\&\;\|\<\>\(\)\[\]\{\}\*\?\!%]*)
		die "-$EXIT_USAGE" "no space, colon, percent or character of the shell's may be in '$_name', as kbuild does not take it: use another folder, or SPLITBENCH_CACHE=DIR" ;;
	esac
done
unset _name

# version_of TREE: print its release, 7.2 of a 7.2.13 tree; nothing if it is not a kernel tree
version_of()
{
	awk '$1 == "VERSION" { v = $3 } $1 == "PATCHLEVEL" { print v "." $3; exit }' \
		"$1/Makefile" 2>/dev/null || true
}

# proposals: print the names of all proposals, in a line
proposals()
{
	find "$TOP/patches/proposals" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' 2> /dev/null |
		sort | paste -sd' '
}

# is_proposal NAME: is there a proposal of that name?
is_proposal()
{
	case $1 in '' | */* | .*) return 1 ;; esac
	[ -d "$TOP/patches/proposals/$1" ]
}

# configuration: print the configuration of the running kernel; status 1 if it is not found
configuration()
{
	zcat /proc/config.gz 2> /dev/null || cat "/boot/config-$(uname -r)" 2> /dev/null
}

# require_cache [FILE]: end unless the cache, or that file in it, can be written to
require_cache()
{
	local file=${1:-tmp/.writable}

	if ! mkdir -p "$CACHE/$(dirname "$file")" 2> /dev/null || ! : 2> /dev/null >> "$CACHE/$file"; then
		die "-$EXIT_USAGE" "the cache, $CACHE, cannot be written to: set SPLITBENCH_CACHE=DIR"
	fi
}

# with_lock NAME: take the cache's lock of that name, until this script ends
with_lock()
{
	require_cache "lock/$1"
	exec 9>"$CACHE/lock/$1"
	if ! flock -n 9; then
		stage "waiting for another run that holds $CACHE/lock/$1"
		flock 9
	fi
}

# give_back DIR: give files that root wrote into a user's folder to the user. Temporary files of
# others who write there are skipped by their names; a file that disappears meanwhile is no failure.
give_back()
{
	find "$1" -ignore_readdir_race ! -name '.*' ! -name '*.tmp' -user root \
		-exec chown --reference="$1" {} +
}

# require_visible DIR...: end if a guest cannot see one of these folders
require_visible()
{
	local dir

	for dir; do
		case $(realpath -m "$dir")/ in
		/dev/* | /run/* | /proc/* | /sys/*)
			die "-$EXIT_USAGE" "a VM cannot see $dir: it has a /dev, /run, /proc and /sys of its own; use another folder" ;;
		esac
	done
}

# build_splitbench: build the program unless it is current
build_splitbench()
{
	local status=0 build=$TOP/userspace/build

	mkdir -p "$build" 2> /dev/null || true
	if [ -w "$build" ]; then
		(with_lock userspace && exec make -s -j"$(nproc)" -C "$TOP/userspace" >&2) || status=$?
	elif ! make -s -C "$TOP/userspace" > /dev/null 2>&1; then
		die "-$EXIT_USAGE" "splitbench is not built, and $build cannot be written to: take a copy of your own (git clone $TOP)"
	fi
	[ $status != "$EXIT_USAGE" ] || exit $status
	[ $status = 0 ] || die "splitbench cannot be built"
}

# plot SCRIPT ARGUMENTS...: gnuplot, without the user's dot files for it and for fonts
plot() { HOME=$CACHE XDG_CONFIG_HOME=$CACHE gnuplot -d -c "$@"; }

# The CPU that is emulated without KVM: all features of QEMU but ERMS and FSRM. With these, the
# kernel would use string instructions, which count, and take, as many steps as they copy bytes.
# shellcheck disable=SC2034
readonly TCG_CPU=max,-erms,-fsrm
