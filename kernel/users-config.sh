# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the sourcing script sets tree, out, variant and TOP
# A kernel for VMs with a user's configuration, $CONFIG. Sourced by build.sh.

# Options that bench.config needs only because it starts from allnoconfig
readonly NOT_OF_USERS='^CONFIG_(EXPERT|PROCESSOR_SELECT|CPU_SUP_[A-Z]*|KERNEL_LZ4)=y'

# require_users_config: fail unless $CONFIG is a kernel's configuration for this architecture
require_users_config()
{
	local of

	[ -r "$CONFIG" ] || die "-$EXIT_USAGE" "CONFIG=$CONFIG cannot be read"
	grep -q '^CONFIG_[A-Z0-9_]*=' "$CONFIG" ||
		die "-$EXIT_USAGE" "CONFIG=$CONFIG is not a kernel's configuration: give the .config of a kernel, or /boot/config-*"
	of=$(sed -nE 's|^# Linux/([a-z0-9_]+) .*|\1|p;3q' "$CONFIG")
	case $of$(uname -m) in
	x86x86_64 | arm64aarch64) ;;
	"$(uname -m)") ;;
	*) die "-$EXIT_USAGE" "CONFIG=$CONFIG is a configuration for $of, and this machine is $(uname -m)" ;;
	esac
}

# needs: print the options that the suite and the guest need with any configuration
needs()
{
	local own more=()

	own=$(config_of_release "$TOP/kernel/bench.config")
	case $variant in
	locks) more=("$TOP/kernel/locks.config") ;;
	debug | debug-mutants) more=("$TOP/kernel/debug.config") ;;
	esac
	sed '1,/^# -- 2\./d' "$TOP/kernel/bench.config" | grep -vE "$NOT_OF_USERS" |
		last_wins - "$own" "$TOP/kernel/target.config" <(grep FOLIO_SPLIT "$TOP/kernel/bench.config") \
			${more[@]+"${more[@]}"} |
		case $variant in
		new | after | own | before | pristine) without_own_options ;;
		*) cat ;;
		esac
}

# users_fragment: print $CONFIG and the needs. Of its modules, only those that bench.config has too
# are kept: no guest loads the others.
users_fragment()
{
	awk '
		FNR == NR { if (match($0, /^CONFIG_[A-Z0-9_]+=/)) known[substr($0, 1, RLENGTH - 1)]; next }
		/^CONFIG_[A-Za-z0-9_]+=m$/ && !(substr($0, 1, length($0) - 2) in known) {
			print "# " substr($0, 1, length($0) - 2) " is not set"
			next
		}
		{ print }' "$TOP/kernel/bench.config" "$CONFIG"
	needs
}

# differing FILTER: print the options for which the awk expression FILTER is true; `was` is the value
# in $CONFIG, `is` the one in the kernel's configuration
differing()
{
	awk "
		match(\$0, /^CONFIG_[A-Za-z0-9_]+=/) {
			name = substr(\$0, 1, RLENGTH - 1)
			value[FNR == NR, name] = substr(\$0, RLENGTH + 1)
			names[name]
		}
		END {
			for (name in names) {
				was = value[1, name]
				is = value[0, name]
				if ($1)
					print name
			}
		}" "$CONFIG" "$out/.config" | LC_ALL=C sort
}

# changes: describe in a few lines how the kernel's configuration differs from $CONFIG
changes()
{
	local names shown

	echo "$(differing 'was == "m" && is == ""' | wc -l) of the $(grep -c '=m$' "$CONFIG" || true) modules of the configuration are left out: no guest loads them"
	mapfile -t names < <(differing 'was != "y" && is ~ /^[ym]$/ && was != is' |
		grep -xF "$(needs | sed -n 's/^\(CONFIG_[A-Z0-9_]*\)=[ym]$/\1/p')")
	shown=${names[*]:0:8}
	[ ${#names[@]} -le 8 ] || shown+=" and $((${#names[@]} - 8)) more"
	[ ${#names[@]} = 0 ] || echo "on for suite or guest: ${shown//CONFIG_/}"
	echo "$(differing 'was == "y" && is == ""' | wc -l) more options are off with them; kernel/config-diff.sh lists those that the measured code depends on"
}

# configure_as_users: make $out/.config from $out/fragment
configure_as_users()
{
	cp "$out/fragment" "$out/.config"
	configure olddefconfig
	needs | grep -E '=[ym]$|is not set$' > "$out/needs"
	check_config "the suite, on top of $CONFIG," "$out/needs"
	changes > "$out/changes"
}

# say_changes: print the changes, also if the kernel was built earlier
say_changes()
{
	local line

	while read -r line; do
		stage "kernel: $line"
	done < "$out/changes"
}
