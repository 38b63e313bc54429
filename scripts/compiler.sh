# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Which compiler makes the kernel, the module and splitbench. Sourced by lib.sh.
#
# As kernel developers expect: CC= is of make's command line alone (the Makefile has it as
# SPLITBENCH_CC, for scripts that are called by themselves too), LLVM= also of the
# environment. Either comes to one word here, gcc, gcc-11, clang or clang-19, or the same
# with a path. With clang go LLVM's linker and tools, so CC=clang-19 is LLVM=-19.
#
# From here on CC is that word, for make -C userspace as well; unset where nothing is said.

# bad_compiler WHAT...: a usage error
bad_compiler()
{
	die "-$EXIT_USAGE" "$*: say CC=gcc, CC=gcc-12, LLVM=1, LLVM=-19 or LLVM=/usr/lib/llvm-19/bin/"
}

# compiler_said: the word that CC= and LLVM= come to; nothing if there are none
compiler_said()
{
	local said=${SPLITBENCH_CC:-} llvm=''

	# We have ccache anyway.
	said=${said#ccache }
	case ${LLVM:-} in
	'') ;;
	1) llvm=clang ;;
	-[0-9]*) llvm=clang$LLVM ;;
	*/) llvm=${LLVM}clang ;;
	*) bad_compiler "LLVM=$LLVM names no LLVM" ;;
	esac
	case ${said##*/} in
	'' | gcc | clang | gcc-[0-9]* | clang-[0-9]*) ;;
	*) bad_compiler "CC=$said is no compiler of Linux" ;;
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

# tool_of WORD NAME: LLVM's tool of that name that belongs to this clang
tool_of()
{
	case $1 in
	*/*) echo "${1%/*}/$2" ;;
	*) echo "$2${1#clang}" ;;
	esac
}

# compiler_arguments WORD [LAUNCHER]: for kbuild, an argument a line
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

# compiler_version WORD: as it, and what goes with it, tell their versions
compiler_version()
{
	"$1" --version
	! is_clang "$1" || "$(tool_of "$1" ld.lld)" --version
}

# compiler_packages WORD: Debian's, of what is missing of it
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

# offered FAMILY: the newest gcc-N or clang-N that the lists of APT have; nothing without any
offered()
{
	apt-cache search --names-only "^$1-[0-9]+\$" 2> /dev/null | cut -d' ' -f1 | sort -V | tail -n 1
}

# require_compiler WORD TREE: is all of it there, and new enough for that kernel?
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

# compiler_number WORD: 12.2.0
compiler_number()
{
	if is_clang "$1"; then
		"$1" -dumpversion
	else
		"$1" -dumpfullversion
	fi
}

# compiler_of BUILD: the word for what has compiled the kernel in that build folder, one of
# ours or any other; nothing if kbuild finds it by itself
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
