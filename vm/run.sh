#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boot a kernel in a VM and run a command in it as root.
#
#   vm/run.sh --kernel BUILD [options] -- COMMAND...
#
# BUILD is a folder of kernel/build.sh, or of kernel/stock.sh.
#
#   --unit UNIT       what the guest's counter counts (tsc under KVM, else
#                     instructions; emulated: TCG on the host's clock)
#   --cpus N          CPUs (1)
#   --memory MIB      memory, half of it on each of two NUMA nodes (2048)
#   --share TAG=DIR   a folder of the host's that the guest may write to, at
#                     /run/splitbench/TAG there; may be repeated
#   --append OPTIONS  of the kernel's command line, beside ours
#   --timeout S       give up after so many seconds (600)
#   --console FILE    keep the guest's console there, followed by COMMAND's standard error if it
#                     failed
#   --interactive     COMMAND has the terminal
#
# The guest's root is the host's root, read-only; COMMAND runs in the same
# folder and what it prints comes back. The exit status is COMMAND's; or 71
# if the guest crashed, complained (WARN, BUG, lockdep) or hung, and 70 if
# QEMU failed: one line says which, after the end of the console, which is kept.
set -Eeuo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

trap 'as_harness $?' ERR

# How often a guest is booted that crashes because of the emulator
readonly MAX_BOOTS=3

kernel='' unit='' cpus=1 memory=2048 timeout=600 console='' interactive='' append=''
shares=()
while [ $# -gt 0 ]; do
	case $1 in
	--kernel) kernel=$2; shift ;;
	--unit) unit=$2; shift ;;
	--cpus) cpus=$2; shift ;;
	--memory) memory=$2; shift ;;
	--share) shares+=("$2"); shift ;;
	--append) append=$2; shift ;;
	--timeout) timeout=$2; shift ;;
	--console) console=$2; shift ;;
	--interactive) interactive=1 ;;
	--) shift; break ;;
	*) die "-$EXIT_USAGE" "unknown option $1" ;;
	esac
	shift
done
{ [ -n "$kernel" ] && [ $# -gt 0 ]; } ||
	die "-$EXIT_USAGE" "usage: vm/run.sh --kernel BUILD [options] -- COMMAND"
image=$kernel/arch/x86/boot/bzImage
[ -r "$image" ] || die "no kernel image $image: kernel/build.sh makes it"
# A stock kernel has 9p as a module, see kernel/stock.sh.
initramfs=()
[ ! -e "$kernel/initramfs" ] || initramfs=(-initrd "$kernel/initramfs")
require_visible "$TOP" "$CACHE" "$PWD"
require_cache

[ -n "$unit" ] || unit=$("$TOP/vm/unit.sh" "$kernel")
boot_options=''
case $unit in
tsc) accel=(-accel kvm -cpu host) ;;
instructions)
	# One CPU, as with icount several would run one after the other.
	[ "$cpus" = 1 ] || die "-$EXIT_USAGE" "--unit instructions has one CPU; say --unit emulated"
	# Not sleep=off: while the guest waits for the host, for example for a page of a program, its
	# clock would jump from timer to timer, past timeouts, and the next call would meet a tick.
	accel=(-accel "tcg,thread=single" -cpu "$TCG_CPU" -icount "shift=0,sleep=on")
	# The counter is exact by definition. Measuring it, and the APIC timer
	# against it, takes 20 s of PAUSE loops and comes to no result.
	boot_options="tsc=reliable no_timer_check nolapic_timer" ;;
emulated) accel=(-accel "tcg,thread=multi" -cpu "$TCG_CPU") ;;
*) die "-$EXIT_USAGE" "unknown unit '$unit'; known: tsc instructions emulated" ;;
esac

mkdir -p "$CACHE/tmp"
# Folders of runs that were killed with SIGKILL
find "$CACHE/tmp" -maxdepth 1 -ignore_readdir_race -name 'vm.*' -mtime +1 \
	-exec rm -rf {} + || true
control=$(mktemp -d "$CACHE/tmp/vm.XXXXXX")
[ -n "$console" ] || console=$control/console
qemu='' tail=''
# shellcheck disable=SC2317 # reached through the trap
cleanup()
{
	[ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
	[ -z "$tail" ] || kill "$tail" 2>/dev/null || true
	rm -rf "$control"
}
trap cleanup EXIT
# Die of the signal, so that the caller sees that it was one.
for signal in INT TERM HUP; do
	# shellcheck disable=SC2064
	trap "cleanup; trap - EXIT $signal; kill -$signal \$\$" $signal
done

{
	printf 'cd %q || exit 70\n' "$PWD"
	printf 'export SPLITBENCH_START=guest SPLITBENCH_CACHE=%q\n' "$CACHE"
	[ ! -t 2 ] || echo 'export SPLITBENCH_PROGRESS=1'
	printf '%q ' "$@"
	echo
} > "$control/command"
[ -z "$interactive" ] || : > "$control/interactive"
: > "$control/shares"
: > "$control/stdout"
: > "$control/stderr"

half=$((memory / 2))
nodes=(-object "memory-backend-ram,id=m0,size=${half}M"
	-object "memory-backend-ram,id=m1,size=${half}M"
	-numa "node,nodeid=0,memdev=m0" -numa "node,nodeid=1,memdev=m1")
for ((cpu = 0; cpu < cpus; cpu++)); do
	nodes+=(-numa "cpu,node-id=$((cpu % 2)),socket-id=$cpu")
done

# share TAG DIR [QEMU OPTIONS]
devices=()
share()
{
	devices+=(-fsdev "local,id=$1,path=${2//,/,,},security_model=none,multidevs=remap${3:-}"
		-device "virtio-9p-pci,fsdev=$1,mount_tag=$4")
}
share root / ,readonly=on /dev/root
share control "$control" '' control
for entry in ${shares[@]+"${shares[@]}"}; do
	tag=${entry%%=*}
	[ -d "${entry#*=}" ] || die "-$EXIT_USAGE" "--share $entry: no such folder"
	share "$tag" "$(realpath "${entry#*=}")" '' "$tag"
	echo "$tag" >> "$control/shares"
done

if [ -n "$interactive" ]; then
	serial=(-serial mon:stdio)
else
	serial=(-serial "file:${console//,/,,}" -monitor none)
	: > "$console"
fi
# boot: until the guest ends; leaves QEMU's status in $code
boot()
{
	start=$SECONDS
	# A hung guest must not outlive this script, even if it is killed with SIGKILL.
	setpriv --pdeathsig KILL timeout --foreground -k 5 "$timeout" \
		setpriv --pdeathsig KILL qemu-system-x86_64 -nodefaults -no-user-config -display none \
		-machine pc,usb=off -no-reboot "${accel[@]}" -m "${memory}M" \
		-smp "$cpus,sockets=$cpus" "${nodes[@]}" "${devices[@]}" "${serial[@]}" \
		-kernel "$image" ${initramfs[@]+"${initramfs[@]}"} -append "root=/dev/root rootfstype=9p \
rootflags=trans=virtio,version=9p2000.L,msize=262144,cache=loose ro \
console=ttyS0 panic=-1 quiet loglevel=5 init=$TOP/vm/init.sh splitbench.unit=$unit $boot_options $append" \
		< "$([ -n "$interactive" ] && echo /dev/stdin || echo /dev/null)" \
		2> "$control/qemu" &
	qemu=$!
	if [ -z "$interactive" ]; then
		tail -q -n +1 -F --pid=$qemu -s 0.2 "$control/stderr" >&2 2>/dev/null &
		tail=$!
	fi
	code=0
	# If a signal ended it, bash would print the job with its whole command.
	{ wait $qemu || code=$?; } 2> /dev/null
	qemu=''
	if [ -n "$tail" ]; then
		wait $tail || true
		tail=''
	fi
}

# While the kernel patches its text, a CPU of QEMU 7.2 may execute a breakpoint that another CPU has
# removed already: an "int3" oops without a cause. While the guest boots and no command has run yet,
# it is not the kernel's fault.
emulator_failed()
{
	[ "$unit" = emulated ] && [ "$cpus" -gt 1 ] && [ ! -e "$control/begun" ] &&
		grep -aqE '^Oops: int3:' "$console"
}

# Later, it has to be checked that there is no breakpoint: the kernel prints the code around it, and
# the byte before the one in <> is no int3 any more.
breakpoint_is_gone()
{
	[ "$unit" = emulated ] && [ "$cpus" -gt 1 ] && tr -d '\r' < "$console" |
		awk '/^Oops: int3:/ { met = 1 }
			met && /^Code: / {
				gone = /<[0-9a-f][0-9a-f]>/ && !/ cc <[0-9a-f][0-9a-f]>/
				exit
			}
			END { exit !gone }'
}

# unused FILE: print its name with a number appended that no file has
unused()
{
	local n=1

	while [ -e "$1.failed-$n" ]; do
		n=$((n + 1))
	done
	echo "$1.failed-$n"
}

# keep: keep the console, and print its name
keep()
{
	if [ "$console" = "$control/console" ]; then
		mkdir -p "$CACHE/console"
		console=$CACHE/console/$(date +%Y%m%dT%H%M%S)-$$.log
		cp "$control/console" "$console" 2>/dev/null || : > "$console"
	fi
	echo "$console"
}

# ending CODE: describe how QEMU ended
ending()
{
	case $1 in
	0) echo "QEMU ended by itself" ;;
	137) echo "QEMU was killed (SIGKILL), probably out of memory: a guest takes up to $((memory + 512)) MiB; free some, or raise the limit of this control group (dmesg | grep -i 'out of memory')" ;;
	12[89] | 1[3-9][0-9]) echo "QEMU was ended by SIG$(kill -l "$1")" ;;
	*) echo "QEMU ended with status $1" ;;
	esac
}

# ended_badly STATUS WHAT...: print the end of the console, and exit with a message
ended_badly()
{
	local status=$1

	shift
	tail -n 10 "$console" 2> /dev/null | tr -d '\r' | sed 's/^/  | /' >&2
	die "-$status" "$*; console: $(keep)"
}

for ((boots = 1; ; boots++)); do
	boot
	if [ $boots = "$MAX_BOOTS" ] || ! emulator_failed; then
		break
	fi
	stage "vm: the emulator failed while the guest booted (int3); booting it again"
	failed=$(keep)
	mv "$failed" "$(unused "$failed")"
	: > "$console"
done
[ -n "$interactive" ] || cat "$control/stdout"

complaint=$(grep -a -m1 -E "$COMPLAINTS|Call Trace:" "$console" 2>/dev/null || true)
if [ "$code" = 124 ] || { [ "$code" = 137 ] && [ $((SECONDS - start)) -ge "$timeout" ]; }; then
	ended_badly "$EXIT_KERNEL" "the guest hung: no end after $timeout s"
elif [ -n "$complaint" ] && breakpoint_is_gone; then
	ended_badly "$EXIT_EMULATOR" "the emulator failed: the guest met a breakpoint that is gone (QEMU with several CPUs): run it again"
elif [ -n "$complaint" ]; then
	ended_badly "$EXIT_KERNEL" "the guest's kernel complained: $complaint"
elif [ ! -e "$control/status" ]; then
	cat "$control/qemu" >&2
	# If QEMU failed or was killed, the kernel is not to blame.
	blame=$EXIT_KERNEL
	[ "$code" = 0 ] || blame=$EXIT_HARNESS
	ended_badly "$blame" "the guest died after $((SECONDS - start)) s: $(ending "$code")"
fi
status=$(cat "$control/status")
# The caller may not have kept COMMAND's standard error.
if [ "$status" != 0 ] && [ "$console" != "$control/console" ]; then
	{ echo "$(basename "$0"): the command ended with status $status and said:"
		tail -n 100 "$control/stderr"; } >> "$console"
fi
exit "$status"
