# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Find and download packages of Debian's archive. Sourced by fetch.sh, debian-config.sh, driver.sh
# and stock.sh.
#
# The mirror is the one that this machine's APT uses. Further suites are added in a separate APT
# state in the cache: the machine's own configuration, lists and packages are not touched. APT
# verifies the archive's signature as usual.

# experimental has release candidates, which are only used if BASE asks for one.
readonly SUITES="stable-backports unstable${BASE:+ experimental}"
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
readonly INDEX_HOURS=24
APT=$CACHE/apt

# mirrors: print the URIs of Debian's main archive that this machine's APT has. Once APT has their
# lists, it knows their origin. Without lists, as in containers, these are all with a component
# main, first those that end in /debian/; the archive's signature decides. Discs are left out, as
# they have only their own suite.
mirrors()
{
	local known

	# shellcheck disable=SC2016
	known=$(apt-get indextargets --format \
		'$(REPO_URI) $(ORIGIN)/$(LABEL)/$(COMPONENT)' \
		'Created-By: Packages' |
		awk '!/^cdrom:/ && $2 == "Debian/Debian/main" && !seen[$1]++ { print $1 }')
	# shellcheck disable=SC2016
	[ -n "$known" ] || known=$(apt-get indextargets --no-release-info \
		--format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
		awk '!/^cdrom:/ && $2 == "main" && !seen[$1]++ { print ($1 ~ /\/debian\/$/ ? 1 : 2), $1 }' |
		sort -s -n -k 1,1 | cut -d' ' -f2)
	echo "$known"
}

# private_conf: print the machine's APT configuration, which has its proxies, without the hooks that
# run after an update: they are for the machine's own lists
private_conf()
{
	apt-config dump | grep -v 'Invoke'
	echo 'Dir::Etc::Main "/dev/null";'
	echo 'Dir::Etc::Parts "/dev/null";'
}

# private_apt COMMAND SUITE ARGS...: run APT on the suite's separate state; several may run at a time
private_apt()
{
	local command=$1 suite=$2 d=$APT/$2

	shift 2
	private_conf > "$d/apt.conf.$BASHPID"
	mv "$d/apt.conf.$BASHPID" "$d/apt.conf"
	APT_CONFIG=$d/apt.conf "$command" -qq \
		-o Dir::Etc::sourcelist="$d/debian.sources" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State="$d/state" -o Dir::State::status="$d/status" \
		-o Dir::State::lists="$d/state/lists" \
		-o Dir::Cache="$d/cache" -o Dir::Cache::archives="$d/cache/archives" -o APT::Architecture=amd64 \
		-o APT::Architectures=amd64 -o Acquire::Languages=none \
		-o APT::Sandbox::User="$(id -un)" "$@"
}

# update_index SUITE: download the suite's package list if it is older than INDEX_HOURS
update_index()
{
	local suite=$1 d=$APT/$1 uri

	if [ -e "$d/updated" ] &&
	   [ -z "$(find "$d/updated" -mmin +$((INDEX_HOURS * 60)))" ]; then
		return 0
	fi
	mkdir -p "$d/state/lists/partial" "$d/cache/archives/partial"
	: > "$d/status"
	echo "APT has no archive with a component main" > "$d/log"
	for uri in $(mirrors); do
		progress "packages: list of $suite"
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
	stage "packages: cannot download the list of $suite: $(why_not "$d/log")"
	return 1
}

# why_not LOG: print APT's first error, and the name of the log
why_not()
{
	local error

	error=$(grep -m1 '^E: ' "$1" || head -n 1 "$1")
	echo "${error#E: } ($1)"
}

# update_indices: update the lists of all suites in parallel; a failure is not fatal
update_indices()
{
	local suite

	for suite in $SUITES; do
		update_index "$suite" &
	done
	wait || true
}

# has_lists: is there a list of any suite, even an old one?
has_lists()
{
	local suite

	for suite in $SUITES; do
		[ ! -e "$APT/$suite/updated" ] || return 0
	done
	return 1
}

# versions SUITE PACKAGE: print its versions in that suite, the newest first
versions()
{
	[ -e "$APT/$1/updated" ] || return 0
	private_apt apt-cache "$1" madison "$2" | awk -F '|' '{ gsub(/ /, "", $2); print $2 }'
}

# candidate SUITE PACKAGE: print its newest version in that suite, or nothing
candidate() { versions "$@" | sed -n 1p; }

# newest PACKAGE: print "SUITE VERSION" of its newest version in all suites, or nothing
newest()
{
	local suite version best='' from=''

	update_indices
	for suite in $SUITES; do
		version=$(candidate "$suite" "$1")
		if [ -n "$version" ] && { [ -z "$best" ] ||
		   dpkg --compare-versions "$version" gt "$best"; }; then
			best=$version from=$suite
		fi
	done
	[ -z "$best" ] || echo "$from $best"
}

# download SUITE PACKAGE VERSION: download the package unless it is in the cache, and set $deb to its
# file; fails if the mirror does not have it. Several may run at a time.
download()
{
	local suite=$1 package=$2 version=$3 tmp=$CACHE/tmp/fetch-$2

	deb=$CACHE/download/${package}_$version.deb
	[ ! -e "$deb" ] || return 0
	{ rm -rf "$tmp" && mkdir -p "$tmp" "$CACHE/download"; } ||
		die "cannot write to $CACHE"
	stage "packages: downloading ${package}_$version"
	if ! (cd "$tmp" && private_apt apt-get "$suite" download \
			"$package=$version" > log 2>&1); then
		stage "packages: cannot download ${package}_$version: $(why_not "$tmp/log")"
		# The mirror may have a newer version by now.
		rm -f "$APT/$suite/updated"
		return 1
	fi
	mv "$tmp"/*.deb "$deb" || die "cannot write $deb"
	rm -rf "$tmp"
}

# untar_source PACKAGE DIR [ARGS...]: unpack the kernel source of a linux-source package, which is in
# $deb, into the folder. ARGS are tar's: what to extract or to exclude.
untar_source()
{
	local package=$1 dir=$2

	shift 2
	# Its blocks are decompressed in parallel.
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/$package.tar.xz" | xz -T0 -dc |
		tar -x --strip-components=1 -C "$dir" "$@" || die "unpacking $deb failed"
}
