#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On a target machine, as root: collect facts, install kernels and splitbench, measure boots, and undo
# it all. It only needs what a distribution has: coreutils, util-linux, kmod, tar, gzip, its boot
# loader and its tool for an initramfs. All our files are in $HOME_DIR, except a kernel's modules,
# and a folder and a menu entry in /boot.
#
#   fleet/target.sh VERB...
#
#   facts			print KEY=VALUE lines
#   config			print the configuration of the running kernel
#   install BUNDLE [RELEASE...]	unpack splitbench and these kernels, and prepare them for booting
#   once RELEASE [APPEND]	boot this kernel next time, and only then
#   measure RELEASE RUN BOOT	measure a boot of a run into HOME/runs/RUN
#   pack			pack all records into HOME/records.tar.gz
#   normal			boot the machine's own kernel next time
#   remove			undo all of this, and check that nothing is left
#   show APPEND RELEASE...	print the commands that change the machine, without running them
#
# Exit codes are those of scripts/README.md; an error is one line.
set -euo pipefail
export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin
unset CDPATH GREP_OPTIONS TAR_OPTIONS GZIP

readonly HOME_DIR=/var/lib/splitbench BOOT_DIR=/boot/splitbench
readonly BEGIN='### BEGIN splitbench: removed with the run' END='### END splitbench'
readonly EXIT_SKIP=4 EXIT_USAGE=64 EXIT_HARNESS=70 EXIT_KERNEL=71
# MiB that a kernel and its initramfs take in /boot, and that its modules take elsewhere
readonly ROOM_BOOT=150 ROOM=400

# Set if commands are only printed
dry=''

# die [-CODE] WHAT...: print one line and exit
die()
{
	local code=$EXIT_HARNESS

	case $1 in -[0-9]*) code=${1#-}; shift ;; esac
	echo "$*" >&2
	exit "$code"
}

# run COMMAND...: run, or only print, a command that changes the machine
run()
{
	if [ -n "$dry" ]; then
		printf '%q ' "$@"
		echo
	else
		"$@"
	fi
}

# text FILE: write standard input to the file, atomically
text()
{
	if [ -n "$dry" ]; then
		echo "cat > $1 << EOF"
		cat
		echo EOF
	else
		cat > "$1.splitbench"
		sync "$1.splitbench"
		mv "$1.splitbench" "$1"
	fi
}

# grub WORD: print the name of GRUB's tool grub-WORD, which is grub2-WORD in Fedora and SUSE
grub()
{
	command -v "grub-$1" || command -v "grub2-$1" || return 1
}

# grub_dir: print the folder of its configuration
grub_dir()
{
	local dir

	for dir in /boot/grub /boot/grub2; do
		[ ! -e $dir/grub.cfg ] || { echo $dir; return; }
	done
	return 1
}

# why_not_grub: print why GRUB cannot boot a kernel just once; nothing if it can
why_not_grub()
{
	local dir fs kind

	dir=$(grub_dir) || { echo "there is no /boot/grub/grub.cfg"; return; }
	grub reboot > /dev/null || { echo "there is no grub-reboot"; return; }
	grub probe > /dev/null || { echo "there is no grub-probe"; return; }
	grep -q next_entry "$dir/grub.cfg" ||
		{ echo "$dir/grub.cfg does not look at next_entry, so grub-reboot has no effect"; return; }
	grep -q custom.cfg "$dir/grub.cfg" ||
		{ echo "$dir/grub.cfg does not read custom.cfg (/etc/grub.d/41_custom)"; return; }
	# GRUB has to forget the entry when it boots it: if it cannot write, it boots it for ever.
	kind=$("$(grub probe)" --target=abstraction "$dir" 2> /dev/null | paste -sd' ')
	[ -z "$kind" ] || { echo "GRUB cannot write to $dir on $kind, so it would not be for one boot"; return; }
	fs=$("$(grub probe)" --target=fs "$dir" 2> /dev/null || true)
	case $fs in
	ext2 | xfs | fat | ntfs) ;;
	*) echo "GRUB cannot write to $dir on ${fs:-an unknown file system}, so it would not be for one boot" ;;
	esac
}

# initramfs_tool: print the name of the distribution's tool
initramfs_tool()
{
	local tool

	for tool in mkinitramfs dracut mkinitcpio; do
		! command -v $tool > /dev/null || { echo $tool; return; }
	done
}

# mib DIR: print the free MiB of its file system, also if the folder does not exist yet
mib()
{
	local dir=$1

	while [ ! -d "$dir" ]; do
		dir=$(dirname "$dir")
	done
	df --output=avail -m "$dir" | tail -n 1 | tr -d ' '
}

# full: say which disk has no room for a kernel; nothing if all have
full()
{
	local place

	# Our files are installed already.
	[ ! -e $HOME_DIR/bundle ] || return 0
	for place in "/boot $ROOM_BOOT" "/lib/modules $ROOM" "/var/lib $ROOM"; do
		[ "$(mib "${place% *}")" -ge "${place#* }" ] || {
			echo "its disk is full: ${place% *} has $(mib "${place% *}") MiB left, a kernel takes up to ${place#* }"
			return
		}
	done
}

# releases: print the releases of the kernels that we installed
releases() { cat $HOME_DIR/releases 2> /dev/null || true; }

facts()
{
	printf '%s=%s\n' arch "$(uname -m)" release "$(uname -r)" cpus "$(nproc)" \
		boot_id "$(cat /proc/sys/kernel/random/boot_id)" \
		unit "$(sed -n 's/.*splitbench\.unit=\([a-z]*\).*/\1/p' /proc/cmdline)" \
		notes "$(sha256sum < /sys/kernel/notes | cut -c1-64)" \
		machine "$(sha256sum < /etc/machine-id 2> /dev/null | cut -c1-16)" \
		os "$(. /etc/os-release 2> /dev/null; echo "${PRETTY_NAME:-unknown}")" \
		cannot_boot_once "$(why_not_grub)" initramfs "$(initramfs_tool)" full "$(full)" \
		ours "$(releases | grep -xF "$(uname -r)" || true)"
	printf 'modules=%s\n' "$(cut -d' ' -f1 /proc/modules | sort | paste -sd' ')"
}

config()
{
	zcat /proc/config.gz 2> /dev/null || cat "/boot/config-$(uname -r)" 2> /dev/null ||
		cat "/lib/modules/$(uname -r)/config" 2> /dev/null ||
		die "-$EXIT_SKIP" "the configuration of its kernel is neither in /proc/config.gz nor in /boot nor in /lib/modules: say CONFIG=FILE"
}

# command_line APPEND: print the running kernel's command line, without what a boot loader adds
command_line()
{
	local word words=() all

	read -ra all < /proc/cmdline
	for word in "${all[@]}"; do
		case $word in BOOT_IMAGE=* | initrd=* | splitbench.*) ;; *) words+=("$word") ;; esac
	done
	# After a panic, the machine reboots into its own kernel.
	echo "${words[*]} panic=10${1:+ $1}"
}

# make_initramfs RELEASE FILE: with the distribution's tool
make_initramfs()
{
	case $(initramfs_tool) in
	mkinitramfs) run mkinitramfs -o "$2" "$1" ;;
	dracut) run dracut --quiet --force --no-hostonly-cmdline "$2" "$1" ;;
	mkinitcpio) run mkinitcpio -k "$1" -g "$2" ;;
	*) die "-$EXIT_SKIP" "none of mkinitramfs, dracut and mkinitcpio is there to make an initramfs" ;;
	esac
}

# entry APPEND RELEASE: print the menu entry, as GRUB's own scripts write them
entry()
{
	local release=$2 path library

	library=$(dirname "$(grub mkconfig)")/../share/$(basename "$(grub mkconfig)" -mkconfig)/grub-mkconfig_lib
	path=$("$(grub mkrelpath)" /boot)
	echo "$BEGIN"
	echo "menuentry 'splitbench $release' --id splitbench-$release {"
	# shellcheck disable=SC1090 # GRUB's own functions
	(set +eu; . "$library"; prepare_grub_to_access_device "$("$(grub probe)" --target=device /boot)")
	echo "linux ${path%/}/splitbench/vmlinuz-$release $(command_line "$1")"
	echo "initrd ${path%/}/splitbench/initrd-$release"
	echo "}"
	echo "$END"
}

# without_ours FILE: print it without our lines
without_ours() { sed "/^$BEGIN\$/,/^$END\$/d" "$1" 2> /dev/null || true; }

# install BUNDLE [RELEASE...]: the bundle has kernels/RELEASE/{vmlinuz,config,modules/} and tool/
install()
{
	local bundle=$1 file release sum said

	shift
	sum=$([ -n "$dry" ] || sha256sum < "$bundle")
	if [ -n "$sum" ] && [ "$(cat $HOME_DIR/bundle 2> /dev/null)" = "$sum" ]; then
		return
	fi
	for release; do
		[ ! -e "/lib/modules/$release" ] && [ ! -e "/boot/config-$release" ] ||
			releases | grep -qxF "$release" ||
			die "-$EXIT_SKIP" "there is a kernel $release already, which was not installed from here: remove it (dpkg -r linux-image-$release), or measure it with TARGET=host"
	done
	# Save the files that are going to be changed
	run mkdir -p $HOME_DIR/before
	for file in $(grub_files); do
		[ ! -e "$file" ] || [ -e $HOME_DIR/releases ] || run cp -p "$file" $HOME_DIR/before/
	done
	{ releases; for release; do echo "$release"; done; } | sort -u | text $HOME_DIR/releases
	run tar -xzf "$bundle" -C $HOME_DIR --no-same-owner --no-overwrite-dir
	run mkdir -p $BOOT_DIR
	for release; do
		run rm -rf "/lib/modules/$release"
		run mv "$HOME_DIR/kernels/$release/modules" "/lib/modules/$release"
		run mv "$HOME_DIR/kernels/$release/vmlinuz" "$BOOT_DIR/vmlinuz-$release"
		# mkinitramfs reads there which compression the kernel supports.
		run mv "$HOME_DIR/kernels/$release/config" "/boot/config-$release"
		run depmod "$release"
		said=$(make_initramfs "$release" "$BOOT_DIR/initrd-$release" 2>&1) ||
			die "the initramfs of $release cannot be made: $(tail -n 1 <<< "$said")"
		[ -z "$dry" ] || echo "$said"
	done
	run sync
	[ -n "$dry" ] || text $HOME_DIR/bundle <<< "$sum"
}

# grub_files: print the files of GRUB that are changed while kernels are installed
grub_files()
{
	local dir

	! dir=$(grub_dir) || printf '%s\n' "$dir/custom.cfg" "$dir/grubenv"
}

# once RELEASE [APPEND]: see above
once()
{
	local dir

	dir=$(grub_dir)
	{ without_ours "$dir/custom.cfg"; entry "${2:-}" "$1"; } | text "$dir/custom.cfg"
	run "$(grub reboot)" "splitbench-$1"
	run sync
}

measure()
{
	local release=$1 records=$HOME_DIR/runs/$2 boot=$3 kernel=$HOME_DIR/kernels/$1 lacks

	[ "$(uname -r)" = "$release" ] ||
		die "-$EXIT_KERNEL" "Linux $release did not come up: the machine runs $(uname -r)"
	# Files of an earlier try, which the controller has copied already
	rm -f "$records"/{boot,console}-"$boot".*
	cd $HOME_DIR/tool
	export SPLITBENCH_START=guest KBUILD=$kernel/build SPLITBENCH_CACHE=$HOME_DIR/cache
	mountpoint -q /sys/kernel/debug || mount -t debugfs none /sys/kernel/debug
	lacks=$(scripts/host.sh --lacks)
	[ -z "$lacks" ] || die "-$EXIT_SKIP" "$lacks"
	scripts/host.sh "$records/console-$boot.log" scripts/target-measure.sh \
		"$records" "$boot" "$kernel/folio_split_bench.ko"
	# Tells the controller that the boot ended well
	text "$records/boot-$boot.well" < /proc/sys/kernel/random/boot_id
	sync
}

pack()
{
	[ -d $HOME_DIR/runs ] || return 0
	tar -czf $HOME_DIR/records.tar.gz -C $HOME_DIR/runs .
	echo packed
}

normal()
{
	local dir

	! dir=$(grub_dir) || [ ! -e "$dir/grubenv" ] || run "$(grub editenv)" "$dir/grubenv" unset next_entry
}

# remove: restore the state before, but keep changes that others have made since
remove()
{
	local release file left=() boot_files=() ours=("$@")

	[ -n "$dry" ] || mapfile -t ours < <(releases)
	[ -n "$dry" ] || [ -d $HOME_DIR ] || return 0
	for release in "${ours[@]}"; do
		[ "$(uname -r)" != "$release" ] || die "it runs $release, which is to be removed: reboot it first"
	done
	# Without kernels of ours, what boots next is not our business.
	[ ${#ours[@]} = 0 ] || { normal; mapfile -t boot_files < <(grub_files); }
	for release in "${ours[@]}"; do
		case $release in '' | .* | */*) continue ;; esac
		run rm -rf "/lib/modules/$release" "/boot/config-$release"
		for file in "/lib/modules/$release" "/boot/config-$release"; do
			[ ! -e "$file" ] || left+=("$file")
		done
	done
	run rm -rf $BOOT_DIR
	for file in "${boot_files[@]}"; do
		if [ -e "$HOME_DIR/before/$(basename "$file")" ]; then
			case $file in
			*/custom.cfg) without_ours "$file" | text "$file" ;;
			*) cmp -s "$HOME_DIR/before/$(basename "$file")" "$file" || run cp -p "$HOME_DIR/before/$(basename "$file")" "$file" ;;
			esac
		elif [ -z "$(without_ours "$file")" ]; then
			run rm -f "$file"
		fi
		! grep -qs splitbench "$file" || left+=("$file")
	done
	[ ! -e $BOOT_DIR ] || left+=("$BOOT_DIR")
	run sync
	[ -n "$dry" ] || [ ${#left[@]} = 0 ] || die "could not be removed: ${left[*]}"
	run rm -rf $HOME_DIR
}

# show APPEND RELEASE...: print the commands of a run that change the machine
show()
{
	local append=$1 release

	shift
	dry=yes
	echo "# once: what comes along is copied to $HOME_DIR, then:"
	install $HOME_DIR/bundle.tar.gz "$@"
	for release; do
		echo "# before each boot of $release, then reboot:"
		once "$release" "$append"
		echo "# in it: $HOME_DIR/target.sh measure $release RUN BOOT"
	done
	echo "# at the end, after a reboot into its own kernel, unless KEEP=1:"
	remove "$@"
}

case ${1:-}/$# in
facts/1 | config/1 | install/[2-9]* | once/[23] | measure/4 | pack/1 | normal/1 | remove/1 | show/[3-9]*) ;;
*) die "-$EXIT_USAGE" "usage: fleet/target.sh facts | config | install | once | measure | pack | normal | remove | show" ;;
esac
[ "$(id -u)" = 0 ] || die "-$EXIT_SKIP" "only root can do this"
"$@"
