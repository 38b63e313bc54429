#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The configuration compared with Debian's: kernel/config-differences has to list just the options
# that differ.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# compared LIST DIFFERENCES: options that differ and are not in the list, with these
# values, and options that are in the list and do not differ
compared()
{
	awk '
		# pattern: a regular expression for a name with a * in it
		function pattern(name) { gsub(/\*/, "[A-Z0-9_]*", name); return "^" name "$" }
		FNR == 1 { file++ }
		file == 1 && !/^CONFIG_/ { next }
		file == 1 && $2 == "any" { any[pattern($1)]; next }
		file == 1 { listed[$0]; next }
		{
			for (p in any)
				if ($1 ~ p)
					next
			if ($0 in listed)
				delete listed[$0]
			else
				print "differs and is not listed: " $0
		}
		END {
			for (line in listed)
				print "is listed and does not differ: " line
		}' "$1" "$2" | LC_ALL=C sort
}

# have_debian_config: set $debian, or skip
have_debian_config()
{
	# If it ends with status 4, so does the test, with what it said.
	debian=$("$TOP/kernel/debian-config.sh" "$(version_of "$tree")")
}

# differences BUILD: sets $found, a file
differences()
{
	found=$TESTDIR/found-$(basename "$1")
	"$TOP/kernel/config-diff.sh" "$1" "$debian" > "$found"
	# Without this, a comparison of nothing would pass.
	says "CONFIG_FAIL_PAGE_ALLOC y n" "$found"
}

test_differences_are_listed()
{
	local debian found

	have_debian_config
	differences "$both"
	echo "options that differ: $(wc -l < "$found")"
	compared "$TOP/kernel/config-differences" "$found" > "$TESTDIR/wrong"
	is "$(cat "$TESTDIR/wrong")" ''
}

# Each line that names an option is in a group with a reason.
test_each_difference_has_a_reason()
{
	awk '
		/^#/ { reason = 1; next }
		/^$/ { reason = 0; next }
		!/^CONFIG_[A-Z0-9_*]+ [^ ].* [^ ]/ { print FILENAME ": not an option: " $0; bad = 1; next }
		!reason { print FILENAME ": no reason for " $1; bad = 1 }
		END { exit bad }' "$TOP/kernel/config-differences"
}

# A build folder with what config-diff.sh reads, and another configuration.
test_changed_configuration_is_found()
{
	local debian found repo build=$TESTDIR/build

	have_debian_config
	mkdir -p "$build/mm"
	cp "$both"/mm/.*.o.cmd "$build/mm/"
	ln -s "$(realpath "$both/source")" "$build/source"
	sed 's/^CONFIG_PAGE_IDLE_FLAG=y/# CONFIG_PAGE_IDLE_FLAG is not set/' "$both/.config" > "$build/.config"
	differences "$both"
	# Its module is that of the build that was copied.
	repo=$TESTDIR/changed
	mkdir -p "$repo/bench"
	cp -r "$TOP"/{kernel,scripts} "$repo/"
	printf '#!/bin/sh\necho %s\n' "$("$TOP/bench/build.sh" "$both")" > "$repo/bench/build.sh"
	chmod +x "$repo/bench/build.sh"
	"$repo/kernel/config-diff.sh" "$build" "$debian" > "$TESTDIR/changed-found"
	compared "$TOP/kernel/config-differences" "$TESTDIR/changed-found" > "$TESTDIR/wrong"
	says "differs and is not listed: CONFIG_PAGE_IDLE_FLAG n y" "$TESTDIR/wrong"
	# And the list: a line less, a line more, a value that is another.
	grep -v '^CONFIG_KUNIT ' "$TOP/kernel/config-differences" |
		sed 's/^CONFIG_FAIL_PAGE_ALLOC y n/CONFIG_FAIL_PAGE_ALLOC m n/' > "$TESTDIR/list"
	echo "CONFIG_NUMA n y" >> "$TESTDIR/list"
	compared "$TESTDIR/list" "$found" > "$TESTDIR/wrong"
	says "differs and is not listed: CONFIG_KUNIT m n" "$TESTDIR/wrong"
	says "differs and is not listed: CONFIG_FAIL_PAGE_ALLOC y n" "$TESTDIR/wrong"
	says "is listed and does not differ: CONFIG_FAIL_PAGE_ALLOC m n" "$TESTDIR/wrong"
	says "is listed and does not differ: CONFIG_NUMA n y" "$TESTDIR/wrong"
}

# Of what differs, modules alone are left, and what is not Debian's to say.
test_configuration_is_taken_where_code_depends_on_it()
{
	local debian found

	have_debian_config
	differences "$both"
	says 'CONFIG_MODULE_SIG_HASH n "sha256"' "$found"
	"$TOP/kernel/config-diff.sh" --take "$both" "$debian" > "$TESTDIR/taken"
	says CONFIG_BPF_SYSCALL=y "$TESTDIR/taken"
	says "# CONFIG_FAIL_PAGE_ALLOC is not set" "$TESTDIR/taken"
	says 'CONFIG_MODULE_SIG_HASH="sha256"' "$TESTDIR/taken"
	says CONFIG_LOCALVERSION=\"-splitbench\" "$TESTDIR/taken"
	is "$(cut -d= -f1 "$TESTDIR/taken" | grep -o 'CONFIG_[A-Za-z0-9_]*' | sort | uniq -d)" ''
	# Of text, only whether it is there
	grep -vE ' m$|"' "$found" | awk '{ print $3 == "n" ? "# " $1 " is not set" : $1 "=" $3 }' > "$TESTDIR/wanted"
	number "$(wc -l < "$TESTDIR/wanted")" -gt 50
	grep -vxF -f "$TESTDIR/taken" "$TESTDIR/wanted" > "$TESTDIR/missing" || true
	empty "$TESTDIR/missing"
}

test_other_folders_are_refused()
{
	want 64 "$TOP/kernel/config-diff.sh" "$TESTDIR" /dev/null 2> "$TESTDIR/err"
	says "is not the build folder of a kernel" "$TESTDIR/err"
	want 64 "$TOP/kernel/debian-config.sh" seven 2> "$TESTDIR/err"
	says "usage:" "$TESTDIR/err"
}

both=$("$TOP/kernel/build.sh" both)
tree=$("$TOP/kernel/tree.sh")
run_tests
