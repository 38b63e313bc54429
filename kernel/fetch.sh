#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Print the folder of a pristine kernel source tree in the cache, fetching it
# first if need be: Debian's linux-source package of the newest base release
# that patches/ has a series for, or of $BASE.
#
# The mirror is the one this machine's APT uses already. Newer suites are
# added in an APT state of our own, below the cache: the machine's
# configuration, lists and packages are not touched, and APT checks the
# archive's signature as it always does.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

# Release candidates, which experimental has, only for who asks for the base.
readonly SUITES="stable-backports unstable${BASE:+ experimental}"
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
readonly INDEX_HOURS=24
APT=$CACHE/apt

supported_bases()
{
	find "$TOP/patches" -mindepth 1 -maxdepth 1 -name '[0-9]*' \
		-printf '%f\n' | sort -rV
}

# mirrors: the archives this machine knows as Debian's main archive. APT names
# them and what they are once it has their lists; before that, only the names.
mirrors()
{
	local known

	# shellcheck disable=SC2016
	known=$(apt-get indextargets --format \
		'$(REPO_URI) $(ORIGIN)/$(LABEL)/$(COMPONENT)' \
		'Created-By: Packages' |
		awk '$2 == "Debian/Debian/main" && !seen[$1]++ { print $1 }')
	[ -n "$known" ] || known=$(apt-get update --print-uris 2>/dev/null |
		sed -n "s|^'\([^']*/debian/\)dists/.*|\1|p" | sort -u)
	echo "$known"
}

# private_conf: the machine's configuration, proxies and all, without the
# commands that it runs after an update: those are for the machine's own lists
private_conf()
{
	apt-config dump | grep -v 'Invoke'
	echo 'Dir::Etc::Main "/dev/null";'
	echo 'Dir::Etc::Parts "/dev/null";'
}

# private_apt COMMAND SUITE ARGS...: APT on a state of its own
private_apt()
{
	local command=$1 suite=$2 d=$APT/$2

	shift 2
	private_conf > "$d/apt.conf"
	APT_CONFIG=$d/apt.conf "$command" -qq \
		-o Dir::Etc::sourcelist="$d/debian.sources" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State="$d/state" -o Dir::State::status="$d/status" \
		-o Dir::Cache="$d/cache" -o APT::Architecture=amd64 \
		-o APT::Architectures=amd64 -o Acquire::Languages=none \
		-o APT::Sandbox::User="$(id -un)" "$@"
}

# update_index SUITE: the suite's package list, at most INDEX_HOURS old
update_index()
{
	local suite=$1 d=$APT/$1 uri

	if [ -e "$d/updated" ] &&
	   [ -z "$(find "$d/updated" -mmin +$((INDEX_HOURS * 60)))" ]; then
		return 0
	fi
	mkdir -p "$d/state/lists/partial" "$d/cache/archives/partial"
	: > "$d/status"
	echo "APT names no mirror of Debian's" > "$d/log"
	for uri in $(mirrors); do
		progress "kernel source: list of $suite"
		cat > "$d/debian.sources" <<-SOURCES
			Types: deb
			URIs: $uri
			Suites: $suite
			Components: main
			Signed-By: $KEYRING
		SOURCES
		if private_apt apt-get "$suite" -o APT::Update::Error-Mode=any \
				update >"$d/log" 2>&1; then
			touch "$d/updated"
			return 0
		fi
	done
	stage "kernel source: the list of $suite cannot be had now ($d/log)"
	return 1
}

# candidate SUITE BASE: version of the package there, or nothing
candidate()
{
	[ -e "$APT/$1/updated" ] || return 0
	private_apt apt-cache "$1" madison "linux-source-$2" |
		awk -F '|' '{ gsub(/ /, "", $2); print $2; exit }'
}

# fetch SUITE BASE VERSION: download and unpack, each atomically; fails if the
# mirror does not have it after all
fetch()
{
	local suite=$1 base=$2 version=$3 deb dir tmp
	local name=linux-source-${base}_$version

	dir=$CACHE/src/$name
	[ -e "$dir/.complete" ] && { echo "$dir"; return 0; }
	deb=$CACHE/download/$name.deb
	tmp=$CACHE/tmp/fetch
	{ rm -rf "$tmp" && mkdir -p "$tmp" "$CACHE/download"; } ||
		die "cannot write to $CACHE"
	if [ ! -e "$deb" ]; then
		stage "kernel source: downloading $name"
		if ! (cd "$tmp" && private_apt apt-get "$suite" download \
				"linux-source-$base=$version" >&2); then
			# The mirror may have moved on since the list was made.
			rm -f "$APT/$suite/updated"
			return 1
		fi
		mv "$tmp"/*.deb "$deb" || die "cannot write $deb"
	fi
	stage "kernel source: unpacking $name"
	mkdir "$tmp/tree" || die "cannot write to $CACHE"
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

# newest BASE: "SUITE VERSION" of the newest package there is, or nothing
newest()
{
	local suite version best='' from=''

	for suite in $SUITES; do
		update_index "$suite" || true
		version=$(candidate "$suite" "$1")
		if [ -n "$version" ] && { [ -z "$best" ] ||
		   dpkg --compare-versions "$version" gt "$best"; }; then
			best=$version from=$suite
		fi
	done
	[ -z "$best" ] || echo "$from $best"
}

# have BASE: the newest source of it that is here already, or nothing
have()
{
	find "$CACHE/src" -mindepth 2 -maxdepth 2 -name .complete \
		-path "*linux-source-${1}_*" -printf '%h\n' |
		{ [ -n "${BASE:-}" ] && cat || grep -v '~rc' || true; } |
		sort -V | tail -n 1
}

for base in $bases; do
	# Twice: a list that has aged is made anew after the first.
	for _ in 1 2; do
		read -r suite version < <(newest "$base") || break
		! fetch "$suite" "$base" "$version" || exit 0
	done
	# Packages come and go: a source that is here already still serves.
	src=$(have "$base")
	if [ -n "$src" ]; then
		echo "$src"
		exit 0
	fi
	# Once for each list of the mirror's is enough.
	said=$APT/passed-over-$base
	[ -n "$(find "$APT" -maxdepth 2 -name updated ! -newer "$said" 2>/dev/null)" ] ||
		stage "kernel source: no linux-source-$base at the mirror, passed over"
	touch "$said"
done
die "no supported kernel source at the mirror (wanted: $(echo "$bases" | paste -sd' ')); say KSRC=dir to use a tree of yours"
