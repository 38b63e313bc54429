#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Download a pristine kernel source tree into the cache unless it is there, and print its folder: it
# is Debian's linux-source package of the newest release that patches/ has a series for, or of $BASE.
# See kernel/apt.sh for the mirror.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/apt.sh"
. "$TOP/kernel/series.sh"

# fetch SUITE BASE VERSION: download and unpack it, each atomically, and print its folder; fails if
# the mirror does not have it
fetch()
{
	local suite=$1 base=$2 version=$3 deb dir tmp
	local name=linux-source-${base}_$version

	dir=$CACHE/src/$name
	[ -e "$dir/.complete" ] && { echo "$dir"; return 0; }
	download "$suite" "linux-source-$base" "$version" || return 1
	tmp=$CACHE/tmp/fetch
	{ rm -rf "$tmp" && mkdir -p "$tmp/tree"; } || die "cannot write to $CACHE"
	stage "kernel source: unpacking $name"
	untar_source "linux-source-$base" "$tmp/tree"
	{ echo "debian $name" > "$tmp/tree/.complete" && mv "$tmp/tree" "$dir"; } ||
		die "cannot write $dir"
	echo "$dir"
}

bases=${BASE:-$(supported | tr ' ' '\n' | sort -rV)}
for base in $bases; do
	case " $(supported) " in *" $base "*) ;; *)
		die "-$EXIT_USAGE" "no series for base $base; supported: $(supported)" ;;
	esac
done
[ -r $KEYRING ] || die "no $KEYRING: install debian-archive-keyring, or set KSRC=DIR"
with_lock source
mkdir -p "$CACHE/src"

# have BASE: print the folder of its newest source in the cache, or nothing
have()
{
	find "$CACHE/src" -mindepth 2 -maxdepth 2 -name .complete \
		-path "*linux-source-${1}_*" -printf '%h\n' |
		{ [ -n "${BASE:-}" ] && cat || grep -v '~rc' || true; } |
		sort -V | tail -n 1
}

no_lists=''
for base in $bases; do
	# The second time with a new list: download() has removed one that is out of date.
	for _ in 1 2; do
		[ -z "$no_lists" ] || break
		read -r suite version < <(newest "linux-source-$base") || break
		! fetch "$suite" "$base" "$version" || exit 0
	done
	# The mirror may have removed the package; a source in the cache will do.
	src=$(have "$base")
	if [ -n "$src" ]; then
		echo "$src"
		exit 0
	fi
	# Without any list, the mirror may have it.
	has_lists || { no_lists=1; continue; }
	# Said once for each list.
	said=$APT/passed-over-$base
	[ -n "$(find "$APT" -maxdepth 2 -name updated ! -newer "$said" 2>/dev/null)" ] ||
		stage "kernel source: no linux-source-$base at the mirror, passed over"
	touch "$said"
done
[ -z "$no_lists" ] ||
	die "cannot download the list of packages from a Debian mirror (see above; APT has: $(mirrors | paste -sd' ')), and so not the kernel's source; KSRC=DIR uses your own tree"
die "the mirror has no supported kernel source (wanted: $(echo "$bases" | paste -sd' ')); KSRC=DIR uses your own tree"
