#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print the folder of a pristine kernel source tree in the cache, fetching it
# first if need be: Debian's linux-source package of the newest base release
# that patches/ has a series for, or of $BASE. kernel/apt.sh says which mirror.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
. "$TOP/kernel/apt.sh"

supported_bases()
{
	find "$TOP/patches" -mindepth 1 -maxdepth 1 -name '[0-9]*' \
		-printf '%f\n' | sort -rV
}

# fetch SUITE BASE VERSION: download and unpack, each atomically; fails if the
# mirror does not have it after all
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
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO "./usr/src/linux-source-$base.tar.xz" |
		tar -xJ --strip-components=1 -C "$tmp/tree" ||
		die "unpacking $deb failed"
	{ echo "debian $name" > "$tmp/tree/.complete" && mv "$tmp/tree" "$dir"; } ||
		die "cannot write $dir"
	echo "$dir"
}

bases=${BASE:-$(supported_bases)}
for base in $bases; do
	[ -d "$TOP/patches/$base" ] ||
		die "-$EXIT_USAGE" "no series for base $base; supported: $(supported_bases | paste -sd' ')"
done
[ -r $KEYRING ] || die "no $KEYRING: install debian-archive-keyring, or say KSRC=dir"
with_lock source
mkdir -p "$CACHE/src"

# have BASE: the newest source of it that is here already, or nothing
have()
{
	find "$CACHE/src" -mindepth 2 -maxdepth 2 -name .complete \
		-path "*linux-source-${1}_*" -printf '%h\n' |
		{ [ -n "${BASE:-}" ] && cat || grep -v '~rc' || true; } |
		sort -V | tail -n 1
}

no_lists=''
for base in $bases; do
	# Twice: a list that has aged is made anew after the first.
	for _ in 1 2; do
		[ -z "$no_lists" ] || break
		read -r suite version < <(newest "linux-source-$base") || break
		! fetch "$suite" "$base" "$version" || exit 0
	done
	# Packages come and go: a source that is here already still serves.
	src=$(have "$base")
	if [ -n "$src" ]; then
		echo "$src"
		exit 0
	fi
	# Without a list, nobody knows.
	has_lists || { no_lists=1; continue; }
	# Once for each list of the mirror's is enough.
	said=$APT/passed-over-$base
	[ -n "$(find "$APT" -maxdepth 2 -name updated ! -newer "$said" 2>/dev/null)" ] ||
		stage "kernel source: no linux-source-$base at the mirror, passed over"
	touch "$said"
done
[ -z "$no_lists" ] ||
	die "no list of packages could be had from a mirror of Debian's (see above; APT names: $(mirrors | paste -sd' ')): the kernel's source cannot be fetched; say KSRC=dir to use a tree of yours"
die "no supported kernel source at the mirror (wanted: $(echo "$bases" | paste -sd' ')); say KSRC=dir to use a tree of yours"
