#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Scripts on made-up machines: a KVM that is not permitted, aborts or hangs, an APT without lists, a
# perf that refuses the kernel.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# fake_kvm COMMAND: a machine with a KVM whose QEMU is that
fake_kvm()
{
	rm -rf "${TESTDIR:?}"/{cache,bin,modules,build}
	mkdir -p "$TESTDIR"/{cache,bin,modules/kvm,modules/kvm_test,build/arch/x86/boot}
	: > "$TESTDIR/kvm"
	: > "$TESTDIR/build/arch/x86/boot/bzImage"
	printf '#!/bin/bash\n%s\n' "$1" > "$TESTDIR/bin/qemu-system-x86_64"
	chmod +x "$TESTDIR/bin/qemu-system-x86_64"
}

# what_unit [VARIABLE=VALUE...]: vm/unit.sh on it, into $TESTDIR/out and err
what_unit()
{
	env PATH="$TESTDIR/bin:$PATH" SPLITBENCH_CACHE="$TESTDIR/cache" KVM_DEVICE="$TESTDIR/kvm" \
		KVM_MODULES="$TESTDIR/modules" "$@" "$TOP/vm/unit.sh" "$TESTDIR/build" \
		> "$TESTDIR/out" 2> "$TESTDIR/err"
}

# Of a guest's shares, the one by which it says how the command ended
# shellcheck disable=SC2016 # of that script
readonly ENDS_WELL='control=$(printf "%s\n" "$@" | sed -n "s/^local,id=control,path=\([^,]*\),.*/\1/p")
echo 0 > "$control/status"'

test_kvm_that_works_is_taken()
{
	fake_kvm "$ENDS_WELL"
	what_unit
	is "$(cat "$TESTDIR/out")" tsc
	want 1 grep emulated "$TESTDIR/err"
	# It holds until this machine boots again.
	echo 'exit 1' > "$TESTDIR/bin/qemu-system-x86_64"
	what_unit
	is "$(cat "$TESTDIR/out")" tsc
	empty "$TESTDIR/err"
}

test_kvm_that_aborts_is_named()
{
	fake_kvm 'echo "qemu-system-x86_64: error: failed to set MSR 0x10a" >&2; kill -ABRT $$'
	for _ in first again; do
		what_unit
		is "$(cat "$TESTDIR/out")" instructions
		says "an emulated CPU: KVM (kvm_test) does not boot this kernel: qemu-system-x86_64: error: failed to set MSR 0x10a" "$TESTDIR/err"
		# The shell's own line of it would have the whole command.
		want 1 grep pdeathsig "$TESTDIR/err" "$TESTDIR/cache/kvm/log"
	done
	says "QEMU was ended by SIGABRT" "$TESTDIR/cache/kvm/log"
	# Nor is it silent where no build is at hand, as for DRYRUN=1.
	env PATH="$TESTDIR/bin:$PATH" SPLITBENCH_CACHE="$TESTDIR/cache" KVM_DEVICE="$TESTDIR/kvm" \
		KVM_MODULES="$TESTDIR/modules" "$TOP/vm/unit.sh" > "$TESTDIR/out" 2> "$TESTDIR/err"
	is "$(cat "$TESTDIR/out")" instructions
	says "failed to set MSR 0x10a" "$TESTDIR/err"
	fake_kvm 'echo "qemu-system-x86_64: error: failed to set MSR 0x10a" >&2; kill -ABRT $$'
	mkdir "$TESTDIR/modules/kvm_pvm"
	what_unit
	says "KVM (kvm_pvm kvm_test) does not boot this kernel, as kvm_pvm is for guests that are made for it" "$TESTDIR/err"
}

# A kernel that boots nowhere is no reason to emulate others; nor is what an earlier version has
# kept without a reason.
test_kvm_is_tried_again_with_another_kernel()
{
	fake_kvm 'exit 1'
	mkdir "$TESTDIR/cache/kvm"
	echo instructions > "$TESTDIR/cache/kvm/$(cat /proc/sys/kernel/random/boot_id)-$(id -u)"
	what_unit
	is "$(cat "$TESTDIR/out")" instructions
	says "KVM (kvm_test) does not boot this kernel" "$TESTDIR/err"
	mv "$TESTDIR/build" "$TESTDIR/other"
	printf '#!/bin/bash\n%s\n' "$ENDS_WELL" > "$TESTDIR/bin/qemu-system-x86_64"
	env PATH="$TESTDIR/bin:$PATH" SPLITBENCH_CACHE="$TESTDIR/cache" KVM_DEVICE="$TESTDIR/kvm" \
		KVM_MODULES="$TESTDIR/modules" "$TOP/vm/unit.sh" "$TESTDIR/other" > "$TESTDIR/out"
	is "$(cat "$TESTDIR/out")" tsc
	rm -r "$TESTDIR/other"
}

test_kvm_that_hangs_is_named()
{
	fake_kvm 'exec tail -f /dev/null'
	what_unit KVM_SECONDS=1
	is "$(cat "$TESTDIR/out")" instructions
	says "KVM (kvm_test) does not boot this kernel: the guest hung: no end after 1 s" "$TESTDIR/err"
}

test_kvm_that_is_not_there_is_reported()
{
	fake_kvm 'exit 1'
	rm "$TESTDIR/kvm"
	what_unit
	is "$(cat "$TESTDIR/out")" instructions
	says "an emulated CPU: there is no $TESTDIR/kvm: load kvm_intel or kvm_amd" "$TESTDIR/err"
}

# unit_of_nobody: as what_unit, by a user who is in no group of the device's
unit_of_nobody()
{
	as_nobody env SPLITBENCH_CACHE="$TESTDIR/nobody" KVM_DEVICE="$TESTDIR/kvm" \
		KVM_MODULES="$TESTDIR/modules" PATH="$TESTDIR/bin:$PATH" \
		"$TESTDIR/repo/vm/unit.sh" "$TESTDIR/build" > "$TESTDIR/out" 2> "$TESTDIR/err"
}

test_kvm_of_a_group_is_reported()
{
	[ "$(id -u)" = 0 ] || { echo "it needs root"; return "$EXIT_SKIP"; }
	fake_kvm "$ENDS_WELL"
	mkdir -m 777 "$TESTDIR/nobody"
	chgrp users "$TESTDIR/kvm"
	chmod 660 "$TESTDIR/kvm"
	unit_of_nobody || return
	is "$(cat "$TESTDIR/out")" instructions
	says "$TESTDIR/kvm is for the group users: sudo usermod -aG users nobody, and log in again" "$TESTDIR/err"
	# To be a member of root's group is too much.
	chgrp root "$TESTDIR/kvm"
	chmod 600 "$TESTDIR/kvm"
	unit_of_nobody
	says "$TESTDIR/kvm is for root alone" "$TESTDIR/err"
	# What was refused is not remembered.
	chmod 666 "$TESTDIR/kvm"
	unit_of_nobody
	is "$(cat "$TESTDIR/out")" tsc
}

test_guest_that_is_killed_is_named()
{
	fake_kvm 'kill -KILL $$'
	want 70 env PATH="$TESTDIR/bin:$PATH" SPLITBENCH_CACHE="$TESTDIR/cache" "$TOP/vm/run.sh" \
		--kernel "$TESTDIR/build" --unit emulated -- true 2> "$TESTDIR/err"
	says "QEMU was killed (SIGKILL), probably out of memory: a guest takes up to 2560 MiB" "$TESTDIR/err"
	want 1 grep pdeathsig "$TESTDIR/err"
}

# Also where it is not make bench that boots it
test_folder_that_a_guest_hides_is_refused()
{
	fake_kvm 'exit 1'
	(cd /dev && want 64 env PATH="$TESTDIR/bin:$PATH" "$TOP/vm/run.sh" --kernel "$TESTDIR/build" \
		--unit emulated -- true) 2> "$TESTDIR/err"
	says "a VM cannot see /dev" "$TESTDIR/err"
	is "$(lines_of "$TESTDIR/err")" 1
}

# How the archive is reached is the user's, and sudo would forget it.
test_packages_are_installed_by_the_users_proxy()
{
	mkdir -p "$TESTDIR/admin"
	# shellcheck disable=SC2016 # of those scripts
	{
		printf '#!/bin/sh\necho 1000\n' > "$TESTDIR/admin/id"
		printf '#!/bin/sh\nexit 1\n' > "$TESTDIR/admin/dpkg-query"
		# As sudo does, unless it is configured otherwise
		printf '#!/bin/bash\nshift\nexec env -i PATH="$PATH" "$@"\n' > "$TESTDIR/admin/sudo"
		printf '#!/bin/sh\necho "$http_proxy|$https_proxy|$no_proxy|$APT_CONFIG|$DEBIAN_FRONTEND|$*" >> "%s"\n' \
			"$TESTDIR/installed" > "$TESTDIR/admin/apt-get"
	}
	chmod +x "$TESTDIR"/admin/*
	env -u https_proxy PATH="$TESTDIR/admin:$PATH" http_proxy=http://proxy.example:3128 no_proxy='a b' \
		APT_CONFIG=/etc/apt/other.conf "$TOP/scripts/deps.sh" > "$TESTDIR/out" 2>&1
	is "$(lines_of "$TESTDIR/installed")" 2
	is "$(cut -d'|' -f1-5 "$TESTDIR/installed" | uniq)" \
		"http://proxy.example:3128||a b|/etc/apt/other.conf|noninteractive"
	says " install -y --no-install-recommends debian-archive-keyring" "$TESTDIR/installed"
}

# apt_of: APT's configuration of a machine with the sources of standard input and no lists
apt_of()
{
	rm -rf "$TESTDIR/apt"
	mkdir -p "$TESTDIR/apt/lists/partial"
	cat > "$TESTDIR/apt/debian.sources"
	cat > "$TESTDIR/apt/apt.conf" <<- END
		Dir::Etc::sourcelist "$TESTDIR/apt/debian.sources";
		Dir::Etc::sourceparts "/dev/null";
		Dir::State::lists "$TESTDIR/apt/lists";
	END
}

# on_apt COMMAND: with the functions of kernel/apt.sh
on_apt()
{
	# shellcheck disable=SC2016 # of that shell
	env APT_CONFIG="$TESTDIR/apt/apt.conf" SPLITBENCH_CACHE="$TESTDIR/cache" \
		bash -c '. "$1/scripts/lib.sh"; . "$1/kernel/apt.sh"; eval "$2"' - "$TOP" "$1"
}

# Whatever they are called; those that are called like Debian's come first.
test_mirrors_are_known_without_lists()
{
	apt_of <<- END
		Types: deb
		URIs: http://tools.example.org/deb
		Suites: stable
		Components: main

		Types: deb
		URIs: mirror+file:$TESTDIR/apt/mirrors http://mirror.example.org/debian
		Suites: trixie trixie-updates
		Components: main contrib

		Types: deb
		URIs: http://flat.example.org/tool
		Suites: ./
	END
	is "$(on_apt mirrors)" "http://mirror.example.org/debian/
http://tools.example.org/deb/
mirror+file:$TESTDIR/apt/mirrors/"
	# The other form, a disc, and what has sources only
	apt_of <<- END
		deb cdrom:[Debian GNU/Linux 13.0.0 _Trixie_ - Official]/ trixie main
		deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] https://mirror.example.org/debian trixie main
		deb-src http://sources.example.org/debian trixie main
	END
	mv "$TESTDIR/apt/debian.sources" "$TESTDIR/apt/sources.list"
	sed -i 's/debian.sources/sources.list/' "$TESTDIR/apt/apt.conf"
	is "$(on_apt mirrors)" https://mirror.example.org/debian/
}

test_missing_lists_are_reported_as_such()
{
	apt_of <<- END
		Types: deb
		URIs: file:$TESTDIR/nothing
		Suites: trixie
		Components: main
	END
	want 70 env APT_CONFIG="$TESTDIR/apt/apt.conf" SPLITBENCH_CACHE="$TESTDIR/cache" \
		"$TOP/kernel/fetch.sh" 2> "$TESTDIR/err"
	says "cannot download the list of unstable: The repository 'file:$TESTDIR/nothing unstable Release'" "$TESTDIR/err"
	says "cannot download the list of packages from a Debian mirror (see above; APT has: file:$TESTDIR/nothing/)" "$TESTDIR/err"
	want 1 grep "no linux-source" "$TESTDIR/err"
	# Not into the machine's own lists, wherever its configuration has them
	is "$(find "$TESTDIR/apt/lists" -type f)" ''
}

# While one boot ends, others write the run's schedule and begin their own files.
test_giving_back_does_not_mind_what_comes_and_goes()
{
	local i

	mkdir "$TESTDIR/busy"
	(
		until [ -e "$TESTDIR/enough" ]; do
			: > "$TESTDIR/busy/schedule.json.tmp"
			mv "$TESTDIR/busy/schedule.json.tmp" "$TESTDIR/busy/schedule.json"
		done
	) &
	until_true 60 exists "$TESTDIR/busy/schedule.json"
	for ((i = 0; i < 500; i++)); do
		(give_back "$TESTDIR/busy") > "$TESTDIR/said" 2>&1 || break
	done
	touch "$TESTDIR/enough"
	wait
	empty "$TESTDIR/said"
	is "$i" 500
}

# own_options COMMAND: with the functions of kernel/lib.sh, on a tree and a build that are
# made up, whose configuration is known
own_options()
{
	# shellcheck disable=SC2016 # of that shell
	bash -euc '. "$1/scripts/lib.sh"; . "$1/kernel/lib.sh"; tree=$2/tree out=$2/build; kmake() { :; }
		eval "$3"' - "$TOP" "$TESTDIR" "$1"
}

# What all objects include says nothing of them while objects are compiled, and is not
# newer; the file that names one gets them, beside what lays it out.
test_options_of_the_series_are_hidden_from_other_objects()
{
	local header=$TESTDIR/build/include/generated/autoconf.h

	mkdir -p "$TESTDIR"/tree/{mm,include} "$(dirname "$header")"
	printf '#define CONFIG_%s 1\n' A FOLIO_SPLIT_OLD FOLIO_SPLIT_AGAIN B > "$header"
	touch -d @1000000000 "$header"
	cp -p "$header" "$TESTDIR/whole"
	echo '#ifdef CONFIG_FOLIO_SPLIT_OLD' > "$TESTDIR/tree/mm/one.c"
	echo 'int two;' > "$TESTDIR/tree/mm/two.c"
	# Twice: the first was interrupted.
	own_options take_out_own_options > "$TESTDIR/flags"
	own_options take_out_own_options > "$TESTDIR/flags"
	is "$(cat "$TESTDIR/flags")" "one -DCONFIG_FOLIO_SPLIT_OLD=1 -DCONFIG_FOLIO_SPLIT_AGAIN=1"
	is "$(cat "$header")" "$(printf '#define CONFIG_%s 1\n' A B)"
	is "$(stat -c %Y "$header")" 1000000000
	echo "one -falign-functions=64" >> "$TESTDIR/flags"
	# shellcheck disable=SC2016 # of that shell
	is "$(own_options 'flags_of_objects < "$out/../flags"')" \
		"CFLAGS_one.o=-DCONFIG_FOLIO_SPLIT_OLD=1 -DCONFIG_FOLIO_SPLIT_AGAIN=1 -falign-functions=64"
	own_options put_back_own_options
	cmp "$header" "$TESTDIR/whole"
	is "$(stat -c %Y "$header")" 1000000000
	# A header that names one may be included by any object.
	echo '#ifdef CONFIG_FOLIO_SPLIT_OLD' > "$TESTDIR/tree/include/three.h"
	own_options take_out_own_options > "$TESTDIR/flags"
	empty "$TESTDIR/flags"
	cmp "$header" "$TESTDIR/whole"
}

# fake_tool NAME: one that refuses this kernel, as Debian's wrapper of perf did
fake_tool()
{
	mkdir -p "$TESTDIR/tools"
	printf '#!/bin/bash\necho\necho "WARNING: %s not found for \\"kernel\\" 7.9.9" >&2\nexit 2\n' "$1" \
		> "$TESTDIR/tools/$1"
	chmod +x "$TESTDIR/tools/$1"
}

# The rest of a run is whole, and the same command does not try it for ever.
test_tools_that_refuse_this_kernel_are_said_to_be_missing()
{
	local file

	mkdir "$TESTDIR/run"
	fake_tool perf
	fake_tool hyperfine
	PATH=$TESTDIR/tools:$PATH "$TOP/scripts/target-commands.sh" "$TESTDIR/run" tsc 2> "$TESTDIR/err"
	says "no counters of whole commands, as perf does not work on Linux $(uname -r): perf ended with status 2: WARNING: perf not found for kernel 7.9.9. The rest of the run is complete." "$TESTDIR/err"
	says "no times of whole commands, as hyperfine does not work" "$TESTDIR/err"
	for file in "$TESTDIR"/run/perf-*.json; do
		holds '.schema == "splitbench.perf/1" and .events == [] and
			(.missing | contains("perf not found"))' "$file"
	done
	holds '.schema == "splitbench.hyperfine/1" and .pairs == [] and
		(.missing | contains("hyperfine not found"))' "$TESTDIR/run/hyperfine.json"
	want 4 env PATH="$TESTDIR/tools:$PATH" "$TOP/scripts/target-profile.sh" "$TESTDIR" old tsc 1 module '' '' \
		2> "$TESTDIR/err"
	says "perf does not work on Linux $(uname -r): WARNING: perf not found" "$TESTDIR/err"
	is "$(lines_of "$TESTDIR/err")" 1
}

run_tests
