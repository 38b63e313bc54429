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

# mirrors: the archives this machine knows as Debian's, main archive first
mirrors()
{
	# shellcheck disable=SC2016
	apt-get indextargets --format \
		'$(REPO_URI) $(ORIGIN)/$(LABEL) $(COMPONENT)' \
		'Created-By: Packages' |
	awk '$3 == "main" && ($2 == "Debian/Debian" || $2 ~ /\$/ || $2 == "/") &&
	     $1 ~ /\/debian\/?$/ && !seen[$1]++ { print $1 }'
}

# private_apt COMMAND SUITE ARGS...: APT on a state of its own
private_apt()
{
	local command=$1 suite=$2 d=$APT/$2

	shift 2
	"$command" -qq -o Dir::Etc::sourcelist="$d/debian.sources" \
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

# fetch SUITE BASE VERSION: download and unpack, each atomically
fetch()
{
	local suite=$1 base=$2 version=$3 deb dir tmp
	local name=linux-source-${base}_$version

	dir=$CACHE/src/$name
	[ -e "$dir/.complete" ] && { echo "$dir"; return 0; }
	deb=$CACHE/download/$name.deb
	tmp=$CACHE/tmp/fetch
	rm -rf "$tmp"
	mkdir -p "$tmp" "$CACHE/download" "$CACHE/src"
	if [ ! -e "$deb" ]; then
		stage "kernel source: downloading $name"
		(cd "$tmp" && private_apt apt-get "$suite" download \
			"linux-source-$base=$version" >&2) ||
			die "downloading $name failed"
		mv "$tmp"/*.deb "$deb"
	fi
	stage "kernel source: unpacking $name"
	mkdir "$tmp/tree"
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO "./usr/src/linux-source-$base.tar.xz" |
		tar -xJ --strip-components=1 -C "$tmp/tree" ||
		{ rm -f "$deb"; die "unpacking $deb failed; it was removed, run again"; }
	echo "debian $name" > "$tmp/tree/.complete"
	mv "$tmp/tree" "$dir"
	echo "$dir"
}

bases=${BASE:-$(supported_bases)}
for base in $bases; do
	[ -d "$TOP/patches/$base" ] ||
		die "-$EXIT_USAGE" "no series for base $base; supported: $(supported_bases | paste -sd' ')"
done
[ -r $KEYRING ] || die "no $KEYRING: install debian-archive-keyring, or say KSRC=dir"
with_lock source
for base in $bases; do
	best='' from=''
	for suite in $SUITES; do
		update_index "$suite" || true
		version=$(candidate "$suite" "$base")
		if [ -n "$version" ] && { [ -z "$best" ] ||
		   dpkg --compare-versions "$version" gt "$best"; }; then
			best=$version from=$suite
		fi
	done
	if [ -n "$best" ]; then
		fetch "$from" "$base" "$best"
		exit 0
	fi
	# Packages come and go: a source that is here already still serves.
	have=$(find "$CACHE/src" -mindepth 2 -maxdepth 2 -name .complete \
		-path "*linux-source-${base}_*" 2>/dev/null |
		{ [ -n "${BASE:-}" ] && cat || grep -v '~rc' || true; } |
		sort -V | tail -n 1)
	if [ -n "$have" ]; then
		dirname "$have"
		exit 0
	fi
	# Once for each list of the mirror's is enough.
	said=$APT/passed-over-$base
	[ -n "$(find "$APT" -maxdepth 2 -name updated ! -newer "$said" 2>/dev/null)" ] ||
		stage "kernel source: no linux-source-$base at the mirror, passed over"
	touch "$said"
done
die "no supported kernel source at the mirror (wanted: $(echo "$bases" | paste -sd' ')); say KSRC=dir to use a tree of yours"
