# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # tree, out, ways and TOP are of who sources this
# A kernel for VMs with somebody's own configuration, $CONFIG. Sourced by build.sh.

# Parts of bench.config's lists that follow from a configuration that begins with nothing
readonly NOT_OF_USERS='^CONFIG_(EXPERT|PROCESSOR_SELECT|CPU_SUP_[A-Z]*|KERNEL_LZ4)=y'

# require_users_config: is it one, of this architecture?
require_users_config()
{
	local of

	[ -r "$CONFIG" ] || die "-$EXIT_USAGE" "CONFIG=$CONFIG cannot be read"
	grep -q '^CONFIG_[A-Z0-9_]*=' "$CONFIG" ||
		die "-$EXIT_USAGE" "CONFIG=$CONFIG is no kernel's configuration: say the .config of a kernel, or /boot/config-*"
	of=$(sed -nE 's|^# Linux/([a-z0-9_]+) .*|\1|p;3q' "$CONFIG")
	case $of$(uname -m) in
	x86x86_64 | arm64aarch64) ;;
	"$(uname -m)") ;;
	*) die "-$EXIT_USAGE" "CONFIG=$CONFIG is a configuration of $of, and this machine is $(uname -m)" ;;
	esac
}

# needs: what suite and guest need, whoever's configuration it is
needs()
{
	local own more=()

	own=$TOP/kernel/bench-$(version_of "$tree").config
	[ -e "$own" ] || own=/dev/null
	case $ways in
	locks) more=("$TOP/kernel/locks.config") ;;
	debug | debug-mutants) more=("$TOP/kernel/debug.config") ;;
	esac
	sed '1,/^# -- 2\./d' "$TOP/kernel/bench.config" | grep -vE "$NOT_OF_USERS" |
		last_wins - "$own" "$TOP/kernel/target.config" <(grep FOLIO_SPLIT "$TOP/kernel/bench.config") \
			${more[@]+"${more[@]}"} |
		case $ways in
		new | after | own | before | pristine) sed 's/^\(CONFIG_FOLIO_SPLIT_[A-Z]*\)=y/# \1 is not set/' ;;
		*) cat ;;
		esac
}

# users_fragment: $CONFIG without its modules, none of which a guest loads, but for those
# that bench.config has too; and the needs
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

# differing FILTER: options of $CONFIG and of what was made of it, where the awk
# expression FILTER on was and is holds
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

# changes: what of $CONFIG is not as it was, in a few lines
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

# configure_as_users: $out/.config, of $out/fragment
configure_as_users()
{
	cp "$out/fragment" "$out/.config"
	kmake olddefconfig > "$out/log" 2>&1 ||
		die "-$EXIT_KERNEL" "configuring the kernel failed: $out/log"
	needs | grep -E '=[ym]$|is not set$' > "$out/needs"
	check_config "the suite, on top of $CONFIG," "$out/needs"
	changes > "$out/changes"
}

# say_changes: of a kernel that was built before, too
say_changes()
{
	local line

	while read -r line; do
		stage "kernel: $line"
	done < "$out/changes"
}
