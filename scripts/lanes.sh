# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Guests beside each other, as many at a time as do not disturb each other:
# what counts instructions is exact whatever else goes on. Sourced.

lanes_broken=0	# the first status that was not 0

# lanes_open UNIT MIB: how many at a time, each of which takes so much memory
lanes_open()
{
	local signal

	lanes=1
	lanes_running=()
	if [ "$1" = instructions ]; then
		lanes=$(($(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo) / 1024 / $2))
		[ "$lanes" -le "$(nproc)" ] || lanes=$(nproc)
		[ "$lanes" -ge 1 ] || lanes=1
	fi
	for signal in INT TERM HUP; do
		# shellcheck disable=SC2064
		trap "lanes_interrupted $signal" $signal
	done
}

# lanes_spawn READY COMMAND...: begin it as soon as there is a lane, and
# return once it has ended or the command READY says that others may follow. What
# announce_COMMAND says of it is said here, in the order in which they begin.
lanes_spawn()
{
	local ready=$1

	shift
	while [ ${#lanes_running[@]} -ge "$lanes" ]; do
		lanes_reap
	done
	# After one that failed, no other is begun.
	[ "$lanes_broken" = 0 ] || return 0
	if declare -F "announce_$1" > /dev/null; then
		"announce_$1" "${@:2}"
	fi
	( "$@" ) &
	lanes_running+=($!)
	while ! $ready && kill -0 $! 2> /dev/null; do
		sleep 0.2
	done
}

# lanes_reap: wait until one of them has ended
lanes_reap()
{
	local pid status left=()

	while [ ${#left[@]} = 0 ] || [ ${#left[@]} = ${#lanes_running[@]} ]; do
		left=()
		for pid in "${lanes_running[@]}"; do
			if kill -0 "$pid" 2> /dev/null; then
				left+=("$pid")
				continue
			fi
			status=0
			wait "$pid" || status=$?
			[ "$lanes_broken" != 0 ] || lanes_broken=$status
		done
		[ ${#left[@]} -lt ${#lanes_running[@]} ] || sleep 0.2
		[ ${#left[@]} -gt 0 ] || break
	done
	lanes_running=(${left[@]+"${left[@]}"})
}

# lanes_all: wait for all of them; others may follow
lanes_all()
{
	while [ ${#lanes_running[@]} -gt 0 ]; do
		lanes_reap
	done
}

# lanes_close: wait for all of them, and be done
lanes_close()
{
	lanes_all
	trap - INT TERM HUP
}

# A child of ours does not see Ctrl-C; who waits for it does.
lanes_interrupted()
{
	local children

	trap - INT TERM HUP
	children=$(jobs -p)
	# shellcheck disable=SC2086
	[ -z "$children" ] || kill -TERM $children 2> /dev/null || true
	wait || true
	stage "interrupted; what was finished is kept: make bench RUN=${name:-NAME} goes on"
	kill "-$1" $$
}
