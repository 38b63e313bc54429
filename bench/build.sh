#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print the path of folio_split_bench.ko for a kernel build folder, building
# it first if need be. The module's objects stay in the cache.
#
#   bench/build.sh BUILD [MAKE VARIABLES...]
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

[ $# -ge 1 ] || die "-$EXIT_USAGE" "usage: bench/build.sh BUILD [VARIABLES]"
build=$1
shift
# A kernel of ours is named by its key; another one by what it exports, and how.
if [ -e "$build/.complete" ]; then
	of=("$build/.complete")
	options=(W=1 KCFLAGS=-Werror)
else
	of=("$build/include/config/auto.conf" "$build/Module.symvers")
	options=()
fi
compiler=$(compiler_of "$build")
[ -z "$compiler" ] || mapfile -t -O ${#options[@]} options < <(compiler_arguments "$compiler")
key=$({ echo "$build $* $compiler"; cat "${of[@]}" "$TOP"/bench/*.[ch] \
	"$TOP/bench/Kbuild" "$TOP/bench/build.sh"; } | hash_of)
out=$CACHE/module/$key
with_lock "module-$key"
if [ ! -e "$out/.complete" ]; then
	stage "module: building"
	mkdir -p "$out"
	env -i PATH="$PATH" HOME="$CACHE" LC_ALL=C make -C "$build" \
		M="$TOP/bench" MO="$out" ${options[@]+"${options[@]}"} "$@" \
		> "$out/log" 2>&1 ||
		{ tail -n 20 "$out/log" >&2; die "-$EXIT_KERNEL" "building the module failed: $out/log"; }
	touch "$out/.complete"
fi
echo "$out/folio_split_bench.ko"
