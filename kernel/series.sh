# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Find and apply the series of patches/, and see which split a tree has. Sourced.
#
# A series is a folder with a file `series`, in quilt's format: one patch a line, in the order in
# which they are applied. Releases share patches by naming those of another folder.
#
# The sourcing script defines content FILE, which prints a file of the source (source.sh), and has
# a folder $tmp.
# shellcheck disable=SC2034,SC2154 # variables of the sourcing script

# supported: print the releases that have a series, in a line
supported()
{
	find "$TOP/patches" -mindepth 2 -maxdepth 2 -name series -printf '%P\n' |
		sed -n 's|^\([0-9][0-9.]*\)/series$|\1|p' | sort -V | paste -sd' '
}

# series_for RELEASE: print the release whose series is nearest: the same, or the latest before it, or
# the first; then the others, the newest first
series_for()
{
	supported | tr ' ' '\n' | awk -v of="$1" '
		function number(release, f) { split(release, f, "."); return f[1] * 1000 + f[2] }
		NR == 1 || number($1) <= number(of) { nearest = $1 }
		{ all[NR] = $1 }
		END {
			print nearest
			for (i = NR; i > 0; i--)
				if (all[i] != nearest)
					print all[i]
		}'
}

# patches_of FOLDER: print the paths of its patches
patches_of()
{
	sed '/^#/d; /^$/d' "$1/series" | (cd "$1" && xargs -r -d '\n' realpath --)
}

# only_exports: of paths of patches, print those that change no code of the kernel: exports, and
# fixes of the test driver
only_exports() { grep -E '/[0-9]*-(lib-test_hmm|[^/]*-export-)'; }

# touched_by PATCHES...: print the files that they change
touched_by()
{
	[ $# = 0 ] || sed -nE 's,^(---|\+\+\+) [ab]/([^[:space:]]+).*,\2,p' "$@" | sort -u
}

# extract DIR FILES...: those files of the source, as far as it has them
extract()
{
	local dir=$1 file

	shift
	for file; do
		mkdir -p "$dir/$(dirname "$file")"
		content "$file" > "$dir/$file" 2> /dev/null || rm -f "$dir/$file"
	done
}

# split_of DIR: print which unmapped split these sources have: new for folio_split_unmapped(), before
# for the argument that it replaced; nothing if they have neither
split_of()
{
	local header=$1/include/linux/huge_mm.h

	if grep -qw folio_split_unmapped "$header" 2> /dev/null; then
		echo new
	elif tr -d '\n' 2> /dev/null < "$header" |
		grep -qE '\b__split_huge_page_to_list_to_order\([^)]*bool unmapped\)'; then
		echo before
	fi
}

# try_patch DIR PATCH [OPTIONS]: apply the whole patch, or nothing of it. The output of patch is in
# $tmp/said, rejected hunks in $tmp/rejected.
try_patch()
{
	local dir=$1 patch=$2

	shift 2
	rm -f "$tmp/rejected"
	patch -d "$dir" -p1 -F0 -f -s --dry-run -r "$tmp/rejected" "$@" < "$patch" > "$tmp/said" 2>&1 &&
		patch -d "$dir" -p1 -F0 -f -s --no-backup-if-mismatch "$@" < "$patch" > "$tmp/said" 2>&1
}

# first_hunk DIR PATCH: describe the first hunk that does not apply, and the line that it lacks
first_hunk()
{
	local scratch=$tmp/scratch said file line

	rm -rf "$scratch"
	cp -a "$1" "$scratch"
	said=$(patch -d "$scratch" -p1 -F0 -f --no-backup-if-mismatch -r "$tmp/rejected" < "$2" 2>&1 || true)
	read -r file line < <(awk '
		/^patching file / { file = $3 }
		/^can.t find file/ { missing = 1 }
		missing && /^\|\+\+\+ / { sub(/^b\//, "", $2); print $2, "missing"; exit }
		/^Hunk #[0-9]+ FAILED at / { sub(/\.$/, "", $5); print file, $5; exit }' <<< "$said")
	if [ "$line" = missing ]; then
		echo "there is no $file"
		return
	fi
	# The first line of the hunk's context that the file does not have
	awk -v line="$line" '
		FNR == 1 { file++ }
		file == 1 { there[$0] = 1; next }
		/^@@/ { hunk++ }
		hunk == 1 && /^[ -]./ {
			text = substr($0, 2)
			if (text ~ /[a-z]/ && !(text in there)) {
				gsub(/^[ \t]+|[ \t]+$/, "", text)
				wanted = text
				exit
			}
		}
		END {
			if (wanted != "")
				printf "it needs \"%s\"", wanted
			else
				printf "this tree has other code between the lines that it needs"
		}' "$scratch/$file" "$tmp/rejected" > "$tmp/needs"
	echo "$file, near line $line: $(cat "$tmp/needs")"
	rm -rf "$scratch"
}

# count_applied DIR PATCHES...: print how many of them, from the first on, are applied already; status
# 1 if a patch is applied in part
count_applied()
{
	local dir=$1 all n i

	shift
	all=("$@")
	# The exports of the series: the tree may have further ones, for an arm of its own.
	if ! grep -rqsE 'FOLIO_SPLIT_OLD|to_order_old' "$dir" &&
		! grep -rqsxF -f <(sed -n 's/^+\(EXPORT_SYMBOL_FOR_MODULES(.*\)/\1/p' "${all[@]}") "$dir"; then
		echo 0
		return
	fi
	for ((n = ${#all[@]}; n > 0; n--)); do
		rm -rf "$tmp/scratch"
		cp -a "$dir" "$tmp/scratch"
		for ((i = n - 1; i >= 0; i--)); do
			try_patch "$tmp/scratch" "${all[i]}" -R || break
		done
		if [ $i -lt 0 ]; then
			grep -rqsE 'FOLIO_SPLIT_OLD|to_order_old' "$tmp/scratch" && return 1
			echo $n
			return
		fi
	done
	return 1
}

# missing_call DIR PATCH: print the first function that the patch calls in mm/huge_memory.c and that
# this file of DIR does not mention. The old split calls what the current one calls, too; a patch that
# only adds lines applies even where one of these functions has another name.
missing_call()
{
	local name

	case $2 in "$TOP"/patches/proposals/* | "$TOP"/tests/*) return ;; esac
	# Definitions are not indented; comments, strings and macros are no calls.
	awk '
		/^\+\+\+ / { inside = $2 == "b/mm/huge_memory.c" }
		!inside || !/^\+/ { next }
		{
			text = substr($0, 2)
			indented = text ~ /^[ \t]/
			gsub(/"[^"]*"|\/\*.*(\*\/|$)|^[ \t]*\*([ \t].*)?$/, "", text)
			while (match(text, /[A-Za-z_][A-Za-z0-9_]*\(/)) {
				name = substr(text, RSTART, RLENGTH - 1)
				text = substr(text, RSTART + RLENGTH)
				if (!indented)
					defined[name]
				else if (name ~ /[a-z]/)
					called[name]
			}
		}
		END {
			for (name in called)
				if (!(name in defined))
					print name
		}' "$2" | sort | while read -r name; do
			sed '/^[[:space:]]*\/\?\*/d' "$1/mm/huge_memory.c" | grep -w "$name" > "$tmp/said" ||
				echo "$name"
		done | head -n 1
}

# apply_series DIR PATCHES...: apply those that are not applied yet, without fuzz. Status 1 if one does
# not apply: $failed is that patch, and $why the reason. Status 2 if a part of the series is applied
# already.
apply_series()
{
	local dir=$1 patch applied name

	shift
	failed='' why=''
	applied=$(count_applied "$dir" "$@") || return 2
	shift "$applied"
	for patch; do
		name=$(missing_call "$dir" "$patch")
		if [ -n "$name" ]; then
			failed=$patch
			why="mm/huge_memory.c: it needs \"$name\", which is not there"
			return 1
		fi
		if ! try_patch "$dir" "$patch"; then
			failed=$patch
			why=$(first_hunk "$dir" "$patch")
			return 1
		fi
	done
}

# merge_series DIR RELEASE PATCHES...: three-way merge: apply the patches to that release's own source,
# and merge the result with these files. Status 1 if its source is not in the cache, or the changes
# conflict.
merge_series()
{
	local dir=$1 release=$2 source file patch

	shift 2
	for patch; do
		[ -z "$(missing_call "$dir" "$patch")" ] || return 1
	done
	# The source is not downloaded for this.
	source=$(find "$CACHE/src/" -mindepth 2 -maxdepth 2 -name .complete \
		-path "*linux-source-${release}_*" -printf '%h\n' 2> /dev/null | sort -V | tail -n 1)
	[ -n "$source" ] || return 1
	rm -rf "$tmp/base" "$tmp/theirs" "$tmp/merged"
	while read -r file; do
		mkdir -p "$tmp/base/$(dirname "$file")" "$tmp/merged/$(dirname "$file")"
		[ -e "$source/$file" ] && [ -e "$dir/$file" ] || return 1
		cp "$source/$file" "$tmp/base/$file"
	done < <(touched_by "$@")
	cp -a "$tmp/base" "$tmp/theirs"
	apply_series "$tmp/theirs" "$@" || return 1
	while read -r file; do
		git merge-file -p -q "$dir/$file" "$tmp/base/$file" "$tmp/theirs/$file" \
			> "$tmp/merged/$file" || return 1
	done < <(touched_by "$@")
	cp -a "$tmp/merged/." "$dir"
}
