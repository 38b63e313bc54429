# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The compiler of the kernel, the module and splitbench. Sourced by lib.sh.
#
# As in kbuild, CC= is taken from make's command line only (the Makefile passes it on as
# SPLITBENCH_CC), and LLVM= from the environment too. Both are turned into one word: gcc, gcc-11,
# clang or clang-19, or one of these with a path. clang is used with LLVM's linker and tools, so
# CC=clang-19 means LLVM=-19.
#
# After this, CC is that word, also for make -C userspace; unset if no compiler was chosen.

# bad_compiler WHAT...: end with a usage error
bad_compiler()
{
	die "-$EXIT_USAGE" "$*: use CC=gcc, CC=gcc-12, LLVM=1, LLVM=-19 or LLVM=/usr/lib/llvm-19/bin/"
}

# compiler_said: print the word for CC= and LLVM=; nothing if neither is set
compiler_said()
{
	local said=${SPLITBENCH_CC:-} llvm=''

	# ccache is used anyway.
	said=${said#ccache }
	case ${LLVM:-} in
	'') ;;
	1) llvm=clang ;;
	-[0-9]*) llvm=clang$LLVM ;;
	*/) llvm=${LLVM}clang ;;
	*) bad_compiler "LLVM=$LLVM is not a version of LLVM" ;;
	esac
	case ${said##*/} in
	'' | gcc | clang | gcc-[0-9]* | clang-[0-9]*) ;;
	*) bad_compiler "CC=$said is not a compiler for Linux" ;;
	esac
	case $said$llvm in
	*[[:space:]]* | */clang-*) bad_compiler "no compiler can be called '$said$llvm'" ;;
	esac
	[ -z "$said" ] || [ -z "$llvm" ] || [ "$said" = "$llvm" ] ||
		bad_compiler "CC=$said and LLVM=$LLVM are two compilers"
	echo "${said:-$llvm}"
}

# is_clang WORD
is_clang() { case ${1##*/} in clang*) ;; *) return 1 ;; esac; }

# tool_of WORD NAME: print the command of LLVM's tool NAME that belongs to this clang
tool_of()
{
	case $1 in
	*/*) echo "${1%/*}/$2" ;;
	*) echo "$2${1#clang}" ;;
	esac
}

# compiler_arguments WORD [LAUNCHER]: print kbuild's arguments for it, one a line
compiler_arguments()
{
	local launcher=${2:+$2 }

	if ! is_clang "$1"; then
		printf '%s\n' "CC=$launcher$1" "HOSTCC=${launcher}gcc"
		return
	fi
	case $1 in
	*/*) echo "LLVM=${1%/*}/" ;;
	clang) echo "LLVM=1" ;;
	*) echo "LLVM=${1#clang}" ;;
	esac
	printf '%s\n' "CC=$launcher$1" "HOSTCC=$launcher$1"
}

# compiler_version WORD: print the versions of the compiler and of its linker
compiler_version()
{
	"$1" --version
	! is_clang "$1" || "$(tool_of "$1" ld.lld)" --version
}

# compiler_packages WORD: print the Debian packages of what is missing of it
compiler_packages()
{
	local version

	case $1 in
	*/*) return ;;
	gcc*) command -v "$1" > /dev/null || echo "$1" ;;
	clang*)
		version=${1#clang}
		command -v "$1" > /dev/null || echo "clang$version"
		command -v "ld.lld$version" > /dev/null || echo "lld$version"
		command -v "llvm-objcopy$version" > /dev/null || echo "llvm$version" ;;
	esac
}

# offered FAMILY: print the newest gcc-N or clang-N in APT's lists; nothing without lists
offered()
{
	apt-cache search --names-only "^$1-[0-9]+\$" 2> /dev/null | cut -d' ' -f1 | sort -V | tail -n 1
}

# require_compiler WORD TREE: end unless all of it is installed, and new enough for that kernel
require_compiler()
{
	local family=gcc of=gcc version least newest advice='' name

	! is_clang "$1" || family=clang of=llvm
	newest=$(offered $family)
	[ -z "$newest" ] || case $family in
	gcc) advice=": apt-get install $newest, and say CC=$newest" ;;
	clang) advice=": apt-get install $newest ${newest/clang/lld} ${newest/clang/llvm}, and say LLVM=${newest#clang}" ;;
	esac
	command -v "$1" > /dev/null || die "-$EXIT_SKIP" "there is no compiler $1 here${advice}"
	if [ $family = clang ]; then
		for name in ld.lld llvm-ar llvm-nm llvm-objcopy llvm-strip; do
			command -v "$(tool_of "$1" $name)" > /dev/null || die "-$EXIT_SKIP" \
				"$1 takes $(tool_of "$1" $name), which is not here: install $(compiler_packages "$1" | paste -sd' ')"
		done
	fi
	least=$(SRCARCH=x86 sh "$2/scripts/min-tool-version.sh" $of 2> /dev/null) || return 0
	version=$(compiler_number "$1")
	[ "$(printf '%s\n' "$least" "$version" | sort -V | head -n 1)" = "$least" ] ||
		die "-$EXIT_SKIP" "$1 is $version, and Linux $(version_of "$2") takes $of $least or newer$advice"
}

# compiler_number WORD: print its version, such as 12.2.0
compiler_number()
{
	if is_clang "$1"; then
		"$1" -dumpversion
	else
		"$1" -dumpfullversion
	fi
}

# compiler_of BUILD: print the word for the compiler of the kernel in that build folder, which need
# not be ours; nothing if kbuild finds it by default
compiler_of()
{
	local config=$1/include/config/auto.conf major word

	if [ -e "$1/compiler" ]; then
		head -n 1 "$1/compiler"
		return
	fi
	grep -qx CONFIG_CC_IS_CLANG=y "$config" || return 0
	major=$(sed -nE 's/^CONFIG_CLANG_VERSION=([0-9]+)[0-9]{4}$/\1/p' "$config")
	for word in clang "clang-$major"; do
		case $(compiler_number "$word" 2> /dev/null) in
		"$major".*)
			echo "$word"
			return ;;
		esac
	done
	echo clang
}

unset CC
SPLITBENCH_CC=$(compiler_said) || exit
unset LLVM
if [ -n "$SPLITBENCH_CC" ]; then
	export SPLITBENCH_CC CC=$SPLITBENCH_CC
else
	unset SPLITBENCH_CC
fi
