#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Compare the configuration of a build with another one, in the options that the measured code
# depends on.
#
#   kernel/config-diff.sh BUILD CONFIGURATION
#
# prints the options that differ, one a line and sorted: NAME OURS THEIRS. An option
# that is off, or that a configuration does not have, is "n". An object depends on
# the options in its .cmd file, which kbuild collects from the source and all headers.
# All objects depend on the options in Makefiles, such as those that set compiler flags.
#
#   kernel/config-diff.sh --code BUILD CONFIGURATION
#
# compiles the measured objects with that configuration and this compiler, and prints
# the functions whose number of instructions differs: OBJECT FUNCTION OURS
# THEIRS, and how many there are. Options that only the build has, such as those of
# the suite, are on in both. It takes some minutes.
#
#   kernel/config-diff.sh --take BUILD CONFIGURATION
#
# prints a configuration for CONFIG=: that of the build, with the other one's values of the options
# that differ, but for modules, and of those that the build does not offer. As far as the measured
# code depends on it, it is the other configuration, and it builds in minutes.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/lib.sh"
. "$TOP/kernel/code.sh"

# shellcheck disable=SC2206 # a list of words
readonly OBJECTS=($MEASURED_OBJECTS)

# dependencies: print the names of the options that the measured code depends on, without CONFIG_
dependencies()
{
	local object module files=()

	for object in "${OBJECTS[@]}"; do
		files+=("$build/mm/.$object.o.cmd")
	done
	module=$("$TOP/bench/build.sh" "$build")
	mapfile -t -O ${#files[@]} files < <(find "$(dirname "$module")" \
		-name '.*.o.cmd' ! -name '*.mod.o.cmd')
	grep -ohE 'include/config/[A-Za-z0-9_]+' "${files[@]}" | sed 's|.*/||'
	grep -ohE '\bCONFIG_[A-Za-z0-9_]+' "$build"/source/{Makefile,arch/x86/Makefile} \
		"$build"/source/scripts/Makefile.* | sed 's/CONFIG_//'
}

differences()
{
	dependencies | LC_ALL=C sort -u | awk '
		function of(file, name) { return (file, name) in value ? value[file, name] : "n" }
		FNR == 1 { file++ }
		file == 1 { depends[$1]; next }
		match($0, /^CONFIG_[A-Za-z0-9_]+=/) {
			value[file, substr($0, 8, RLENGTH - 8)] = substr($0, RLENGTH + 1)
		}
		END {
			for (name in depends)
				if (of(2, name) != of(3, name))
					print "CONFIG_" name, of(2, name), of(3, name)
		}' - "$build/.config" "$theirs" | LC_ALL=C sort
}

# take: print the configuration; an option that is a module in theirs stays as it is here
take()
{
	sed -E 's/^(CONFIG_[A-Za-z0-9_]+)=m$/# \1 is not set/' "$theirs" |
		last_wins - "$build/.config" <(differences | awk '
			$3 == "m" { next }
			$3 == "n" { print "# " $1 " is not set"; next }
			{ name = $1; sub(/^[^ ]+ ("[^"]*"|[^ ]+) /, ""); print name "=" $0 }')
}

# instructions BUILD: print OBJECT FUNCTION COUNT of all functions
instructions()
{
	local object

	for object in "${OBJECTS[@]}"; do
		instructions_of "$1" "$object" | sed "s/^/$object /"
	done
}

compare_code()
{
	local tree out objects only=()

	tree=$(realpath "$build/source")
	mkdir -p "$CACHE/tmp"
	out=$(mktemp -d "$CACHE/tmp/config-diff.XXXXXX")
	# shellcheck disable=SC2064 # expanded now: out is local
	trap "rm -rf '$out'" EXIT
	mapfile -t only < <(differences | awk '$2 == "y" && $3 == "n" { print $1 "=y" }')
	{ cat "$theirs"; printf '%s\n' ${only[@]+"${only[@]}"}; } > "$out/.config"
	kmake -s olddefconfig > "$out/log" 2>&1 ||
		die "-$EXIT_KERNEL" "configuring the kernel failed: $(tail -n 3 "$out/log")"
	objects=("${OBJECTS[@]/#/mm/}")
	kmake -s "${objects[@]/%/.o}" > "$out/log" 2>&1 ||
		die "-$EXIT_KERNEL" "building the objects failed: $(tail -n 3 "$out/log")"
	instructions "$build" > "$out/ours"
	instructions "$out" > "$out/theirs"
	awk -v sort="LC_ALL=C sort" '
		FNR == 1 { file++ }
		{ count[file, $1 " " $2] = $3; all[$1 " " $2] }
		END {
			for (name in all) {
				n++
				if (count[1, name] != count[2, name]) {
					differ++
					print name, count[1, name] + 0, count[2, name] + 0 | sort
				}
			}
			close(sort)
			print differ + 0, "of", n, "functions differ"
		}' "$out/ours" "$out/theirs"
}

command=differences
if [ "${1:-}" = --code ]; then
	command=compare_code
	shift
elif [ "${1:-}" = --take ]; then
	command=take
	shift
fi
[ $# = 2 ] || die "-$EXIT_USAGE" "usage: kernel/config-diff.sh [--code | --take] BUILD CONFIGURATION"
build=$1
theirs=$2
[ -r "$build/.config" ] || die "-$EXIT_USAGE" "$build is not the build folder of a kernel"
[ -r "$theirs" ] || die "-$EXIT_USAGE" "$theirs cannot be read"
$command
