#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest with a distribution's own kernel, which stands for a user's machine, with the shares "cache"
# and "results": make bench on it. BUILD has its headers and the test driver.
#
#   tests/guest/stock.sh BUILD PLAN
set -uo pipefail
. "$(dirname "$0")/lib.sh"

build=$1 plan=$2
cd "$(dirname "$0")/../.." || exit
export SPLITBENCH_CACHE=/run/splitbench/cache RESULTS=/run/splitbench/results
tmp=$(mktemp -d)
# What is left, if anything but watching is not possible
watch=", and sudo userspace/build/splitbench watch shows what migrations of other programs take here"

# lacks MESSAGE [VARIABLE=VALUE...]: said by make bench, in a line, with what can be
# measured nevertheless
lacks()
{
	want 4 ${nobody[@]+"${nobody[@]}"} env TARGET=host KBUILD="$build" PLAN="$plan" RUN=lacks "${@:2}" scripts/bench.sh 2> "$tmp/err"
	says "bench: $1; TARGET=vm measures in a VM$watch" "$tmp/err"
	one_error "$tmp/err"
	absent "$RESULTS/lacks"
}

watch() { userspace/build/splitbench watch "$@"; }
migrate() { userspace/build/splitbench migrate --test-hmm "$build/lib/test_hmm.ko" "$@"; }

test_kernel_is_measured_as_it_is()	# full
{
	state > "$tmp/before"
	TARGET=host KBUILD=$build PLAN=$plan RUN=host scripts/bench.sh > "$tmp/out" 2> "$tmp/err"
	says "its kernel without patches: migrations only, as Linux $(uname -r) does not export the split of an unmapped folio: make install-kernel" "$tmp/err"
	says "stock: Linux $(uname -r), as it runs here" "$tmp/out"
	holds '[.cells[] | select(.arms.new.n > 0)] | length == 2' "$RESULTS/host/summary.json"
	same_state "$tmp/before"
}

test_auto_says_what_this_machine_could()	# full
{
	# No VM within the guest, whose cache is a share
	want 64 env TARGET=auto KBUILD="$build" PLAN="$plan" scripts/bench.sh 2> "$tmp/err"
	says "TARGET=host measures migrations on its kernel as it is" "$tmp/err"
}

test_what_it_lacks_is_a_line()	# full
{
	lacks "there is no /nowhere to build a module against: install linux-headers-$(uname -r), or set KBUILD=DIR" KBUILD=/nowhere
	cp -r "$build/." "$tmp/build"
	echo 7.2.1-other > "$tmp/build/include/config/kernel.release"
	lacks "what a module is built against is of Linux 7.2.1-other, and $(uname -r) is running: boot that one, or set KBUILD=DIR" KBUILD="$tmp/build"
	cp "$build/include/config/kernel.release" "$tmp/build/include/config/"
	sed -i /CONFIG_DEVICE_PRIVATE=/d "$tmp/build/include/config/auto.conf"
	lacks "the kernel is without CONFIG_DEVICE_PRIVATE: make install-kernel installs one that has it" KBUILD="$tmp/build"
}

# Who has a clone of their own, and whom sudo asks for a password
test_who_is_not_root_is_a_line()	# full
{
	local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)

	mkdir "$tmp/clone" "$tmp/headers"
	install -d -o 65534 "$tmp/cache"
	mount --bind . "$tmp/clone"
	cp -r "$build/." "$tmp/headers"
	cp "$plan" "$tmp/plan.json"
	chmod -R a+rX "$tmp"/{headers,plan.json}
	chmod a+x "$tmp"
	(
		cd "$tmp/clone"
		export HOME=$tmp SPLITBENCH_CACHE=$tmp/cache TMPDIR=$tmp/cache
		export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
		lacks "only root can load a module: run this as root, or let sudo do without a password" \
			KBUILD="$tmp/headers" PLAN="$tmp/plan.json"
		want 4 "${nobody[@]}" userspace/build/splitbench watch --seconds 1 2> "$tmp/err"
		says "only root can watch the whole system: sudo splitbench watch" "$tmp/err"
		one_line "$tmp/err"
	)
	umount "$tmp/clone"
}

# What it has seen is what the workload did: 4 rounds of 2 THPs in each of two cells, each there and
# back; and before each cell a THP goes there and back, whole and then split.
test_watch_counts_what_the_workload_did()	# full
{
	state > "$tmp/before"
	watch --json --output "$tmp/json" -- userspace/build/splitbench migrate \
		--test-hmm "$build/lib/test_hmm.ko" --kind none,flag --thps 2 --rounds 4 > "$tmp/out"
	holds '.schema == "splitbench.watch/1" and .probes == "fprobe" and
		([.functions[] | {key: .function, value: .calls}] | from_entries) == {
			migrate_vma_setup: 40, migrate_vma_pages: 40, migrate_vma_finalize: 40,
			folio_split_unmapped: 10 } and
		([.results[] | select(.function | test("split")) |
			[.order, .new_order, .result, .calls]]) == [[9, 0, 0, 10]] and
		([.functions[] | .partial] | add == 0) and .lost == 0 and .missed == 0 and
		.share.inside == 10 and .share.outside == 0' "$tmp/json"
	same_state "$tmp/before"
}

test_kernel_without_probe_events_is_a_line()	# full
{
	mkdir "$tmp/instances"
	mount --bind "$tmp" /sys/kernel/tracing
	want 4 watch --seconds 1 2> "$tmp/err"
	umount /sys/kernel/tracing
	says "this kernel has no probe events: it needs CONFIG_KPROBE_EVENTS" "$tmp/err"
	one_line "$tmp/err"
}

# These two are last, as there is no way back.
test_lockdown_of_integrity_leaves_watching()	# full
{
	[ -w /sys/kernel/security/lockdown ] || mount -t securityfs securityfs /sys/kernel/security
	echo integrity > /sys/kernel/security/lockdown
	lacks "the kernel is locked down (none [integrity] confidentiality): switch Secure Boot off, or boot without lockdown="
	want 4 migrate 2> "$tmp/err"
	says "the kernel loads no test_hmm, which is not signed (Operation not permitted): switch Secure Boot off" "$tmp/err"
	one_line "$tmp/err"
	watch -- true > "$tmp/out"
	says "no migration was seen" "$tmp/out"
}

test_lockdown_of_confidentiality_leaves_the_vm()	# full
{
	echo confidentiality > /sys/kernel/security/lockdown
	want 4 watch --seconds 1 2> "$tmp/err"
	says "the kernel is locked down and does not allow tracing: boot without lockdown=confidentiality" "$tmp/err"
	one_line "$tmp/err"
	watch='' lacks "the kernel is locked down (none integrity [confidentiality]): switch Secure Boot off, or boot without lockdown="
	want 1 grep "splitbench watch" "$tmp/err"
}

run_tests
