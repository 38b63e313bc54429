#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make bench INVENTORY=, on guests that stand for machines elsewhere: each is a Debian with its own
# disk, boot loader and sshd. From package installation to the tables of two machines in one command;
# faults; several kernels; and that nothing on their disks has changed afterwards.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
needs_memory 5200

whole_script
readonly RESULTS=$TESTDIR/results
disk=$("$TOP/tests/guest/disk.sh")
build=$("$TOP/kernel/build.sh" both)
cat "$build/.config" "$TOP/tests/guest/disk.config" > "$TESTDIR/config"
echo "[127.0.0.1]:*,[localhost]:* $(cut -d' ' -f1,2 "$disk/host.pub")" > "$TESTDIR/known_hosts"
cp "$disk/key" "$TESTDIR/key"
chmod 600 "$TESTDIR/key"
ssh-keygen -q -t ed25519 -N '' -f "$TESTDIR/wrong-key"
declare -A port user=([lab1]=root [lab2]=sudoer)

free_port() { "${PYTHON[@]}" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# on NAME COMMAND...: run it there as root
on()
{
	local name=$1

	shift
	ssh -n -o BatchMode=yes -o UserKnownHostsFile="$TESTDIR/known_hosts" -o ConnectTimeout=5 -i "$TESTDIR/key" \
		-p "${port[$name]}" root@127.0.0.1 "$@"
}

# keeper NAME: run the machine with its disk, each time with the QEMU options in the next line of a FIFO.
# Tests are subshells, with which a guest of theirs would end.
keeper()
{
	local name=$1 options

	while read -ra options <&7; do
		setpriv --pdeathsig KILL qemu-system-x86_64 -nodefaults -no-user-config -display none \
			-machine pc,usb=off -accel tcg,thread=multi -cpu "$TCG_CPU" -m 2048 -smp 1 \
			-drive "file=$TESTDIR/$name.qcow2,if=virtio,cache=writeback" \
			-netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port[$name]}-:22" \
			-device virtio-net-pci,netdev=net -device virtio-rng-pci \
			-serial "file:$TESTDIR/$name.console.log" ${options[@]+"${options[@]}"} &
		echo $! > "$TESTDIR/$name.pid"
		wait || true
		rm "$TESTDIR/$name.pid"
	done 7<> "$TESTDIR/$name.fifo"
}

# start NAME [QEMU OPTIONS]: switch it on
start() { echo "${*:2}" > "$TESTDIR/$1.fifo"; }

# new_machine NAME: start one with a new disk
new_machine()
{
	port[$1]=$(free_port)
	qemu-img create -q -f qcow2 -F qcow2 -b "$disk/disk.qcow2" "$TESTDIR/$1.qcow2"
	mkfifo "$TESTDIR/$1.fifo"
	keeper "$1" &
	start "$1"
}

is_off() { [ ! -e "$TESTDIR/$1.pid" ]; }

# power_off NAME: cut its power; what it has synced stays
power_off()
{
	kill -KILL "$(cat "$TESTDIR/$1.pid")"
	until_true 60 is_off "$1"
}

is_up() { on "$1" true; }

# inventory NAME...: make one of these machines
inventory()
{
	local name

	for name; do
		echo "$name ansible_port=${port[$name]} ansible_user=${user[$name]} ansible_ssh_private_key_file=$TESTDIR/key"
	done | inventory_of
}

# inventory_of: make one of lines from standard input
inventory_of()
{
	{
		cat
		printf '[all:vars]\nansible_host=127.0.0.1\nansible_ssh_common_args=-o UserKnownHostsFile=%s\n' \
			"$TESTDIR/known_hosts"
	} > "$TESTDIR/machines"
}

# fleet [VARIABLE=VALUE...]: make bench with the machines of the inventory
fleet()
{
	env -u TARGET INVENTORY="$TESTDIR/machines" CONFIG="$TESTDIR/config" MODULES=all PLAN=split BLOCKS=1 RESULTS="$RESULTS" \
		APPEND=splitbench.unit=emulated "$@" "$TOP/scripts/bench.sh" > "$TESTDIR/out" 2> "$TESTDIR/err"
}

# fleet_is_done [VARIABLE=VALUE...]: the same; the result may be any, as of an emulated clock
fleet_is_done()
{
	local status=0

	fleet "$@" || status=$?
	number $status -le 2 || { cat "$TESTDIR/err"; return 1; }
}

# contents NAME: print what is on its disk, without what each boot of any machine changes
contents()
{
	on "$1" "cd /; find . -xdev \( -path ./var/log -o -path ./tmp -o -path ./var/tmp -o -path ./var/lib/systemd -o -path ./var/lib/dhcp \) -prune \
		-o -printf '%p %y %m %u %s %l\n' | sed 's/ d \([0-9]* [a-z]*\) [0-9]*/ d \1/' | sort;
		find boot etc home root usr/lib/modules var/lib/dpkg -xdev -type f -print0 | sort -z | xargs -0 sha256sum; uname -r"
}

# unchanged NAME...: what is on their disks is as it was
unchanged()
{
	local name

	for name; do
		contents "$name" > "$TESTDIR/$name.after" &
	done
	wait
	for name; do
		diff "$TESTDIR/$name.before" "$TESTDIR/$name.after" > "$TESTDIR/diff" ||
			{ head -n 30 "$TESTDIR/diff"; return 1; }
	done
}

# booted NAME: print which boots of a machine the last command measured
booted() { sed -nE "s/.* $1: (.*boot [0-9]+) of [0-9]+: booting.*/\1/p" "$TESTDIR/err" | paste -sd';'; }

new_machine lab1
new_machine lab2
inventory lab1 lab2

test_machines_come_up()
{
	until_true 300 is_up lab1
	until_true 300 is_up lab2
	contents lab1 > "$TESTDIR/lab1.before"
	contents lab2 > "$TESTDIR/lab2.before"
	number "$(lines_of "$TESTDIR/lab1.before")" -gt 1000
}

test_commands_are_shown()
{
	fleet DRYRUN=1 BOOTS=6
	says "grub-reboot splitbench-X.Y-splitbench" "$TESTDIR/out"
	says "rm -rf /var/lib/splitbench" "$TESTDIR/out"
	is "$(grep -c "boot 6 of 6" "$TESTDIR/out")" 2
	absent "$RESULTS"
}

# One as root, one by sudo. The power of one is cut while it measures its second boot: it is named, what
# it has measured stays, and the other one goes on to its tables.
test_two_machines_are_measured_and_one_dies()
{
	local status=0 bench

	fleet RUN=two BOOTS=6 BOOT_TIMEOUT=300 &
	bench=$!
	until_true 3600 has "lab2: boot 2 of 6: measuring" "$TESTDIR/err"
	power_off lab2
	wait $bench || status=$?
	is $status 70
	says "lab2: lost: " "$TESTDIR/err"
	says "lab2: FAILED: it cannot be reached by ssh" "$TESTDIR/err"
	is "$(booted lab1)" "boot 1;boot 2;boot 3;boot 4;boot 5;boot 6"
	is "$(booted lab2)" "boot 1;boot 2"
	holds '.complete and .cells[0].ratios["old/new"].boots == 6' "$RESULTS/two-lab1/summary.json"
	is "$(cat "$RESULTS/two-lab1"/.boot-*.well | sort -u | wc -l)" 6
	exists "$RESULTS/two-lab2/boot-1.jsonl"
	cp "$RESULTS/two-lab2/boot-1.jsonl" "$TESTDIR/kept"
}

test_nothing_on_the_disk_has_changed() { unchanged lab1; }

# It boots its own kernel after the power cut.
test_same_command_resumes()
{
	start lab2
	until_true 300 is_up lab2
	is "$(on lab2 uname -r)" "$(tail -n 1 "$TESTDIR/lab2.before")"
	fleet_is_done RUN=two BOOTS=6 BOOT_TIMEOUT=300
	is "$(booted lab1)" ""
	is "$(booted lab2)" "boot 2;boot 3;boot 4;boot 5;boot 6"
	cmp "$TESTDIR/kept" "$RESULTS/two-lab2/boot-1.jsonl"
	holds '.complete and .cells[0].ratios["old/new"].boots == 6' "$RESULTS/two-lab2/summary.json"
	is "$(cat "$RESULTS"/two-lab[12]/.boot-*.well | sort -u | wc -l)" 12
	matches "^anon-9-0 +old/new +[0-9.]+\*? \[.*\] +[0-9.]+\*? \[.*\]$" "$RESULTS/two-machines.txt"
}

test_nothing_on_the_other_disk_has_changed() { unchanged lab2; }

test_boots_that_are_there_are_not_repeated()
{
	fleet_is_done RUN=two BOOTS=6 BOOT_TIMEOUT=300
	want 1 grep -E "booting|packing" "$TESTDIR/err"
}

# Of each, a line says what is wrong, and nothing is changed on any.
test_machines_that_cannot_be_measured_are_named()
{
	local key="ansible_ssh_private_key_file=$TESTDIR/key"

	on lab2 "fallocate -l \$((\$(df --output=avail -B1 / | tail -n 1) - 50000000)) /full; mv /usr/bin/python3 /usr/bin/python3.away"
	on lab1 "mv /usr/sbin/grub-reboot /usr/sbin/grub-reboot.away"
	inventory_of <<-END
		pythonless ansible_port=${port[lab2]} ansible_user=root $key
		loaderless ansible_port=${port[lab1]} ansible_user=root $key
		unknown ansible_host=nowhere.invalid
		closed ansible_port=1
	END
	want 4 fleet RUN=bad
	says "pythonless: FAILED: there is no python3 on it, which" "$TESTDIR/err"
	says "loaderless: FAILED: its boot loader cannot boot a kernel once: there is no grub-reboot" "$TESTDIR/err"
	says "unknown: FAILED: unknown host" "$TESTDIR/err"
	says "closed: FAILED: it cannot be reached by ssh: Connection refused" "$TESTDIR/err"
	on lab2 "mv /usr/bin/python3.away /usr/bin/python3"
	on lab1 "mv /usr/sbin/grub-reboot.away /usr/sbin/grub-reboot"
	inventory_of <<-END
		full ansible_port=${port[lab2]} ansible_user=root $key
		asking ansible_port=${port[lab1]} ansible_user=user $key
		keyless ansible_host=localhost ansible_port=${port[lab1]} ansible_user=root ansible_ssh_private_key_file=$TESTDIR/wrong-key ansible_ssh_extra_args='-o IdentitiesOnly=yes'
	END
	want 4 fleet RUN=bad
	says "full: FAILED: its disk is full: /boot has" "$TESTDIR/err"
	says "asking: FAILED: no root: sudo asks user for a password" "$TESTDIR/err"
	says "keyless: FAILED: it refuses the ssh key" "$TESTDIR/err"
	on lab2 rm /full
	: > "$TESTDIR/known_hosts.empty"
	sed -i "s,known_hosts,known_hosts.empty," "$TESTDIR/machines"
	want 4 fleet RUN=bad
	says "full: FAILED: its host key is not known" "$TESTDIR/err"
	unchanged lab1 lab2
}

# It ends where it should reboot.
test_machine_that_never_comes_back_is_named()
{
	inventory lab1 lab2
	on lab2 sync
	power_off lab2
	start lab2 -no-reboot
	until_true 300 is_up lab2
	want 71 fleet RUN=gone BOOTS=1 BOOT_TIMEOUT=120
	says "lab2: FAILED: it did not come back in time after a reboot" "$TESTDIR/err"
	holds '.complete' "$RESULTS/gone-lab1/summary.json"
	unchanged lab1
}

test_kernels_are_booted_in_turn()
{
	inventory lab1
	fleet_is_done RUN=turn KERNELS="new after" BOOTS=2
	is "$(booted lab1)" "new, boot 1;after, boot 1;after, boot 2;new, boot 2"
	exists "$RESULTS/turn-lab1-new..turn-lab1-after/compare.json"
	unchanged lab1
}

run_tests
