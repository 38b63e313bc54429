# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What tests say, on the host as in the guest.

# want STATUS COMMAND...: the command has to end with that status
want()
{
	local wanted=$1 status=0

	shift
	"$@" || status=$?
	if [ $status != "$wanted" ]; then
		echo "wanted status $wanted, got $status: $*"
		return 1
	fi
}

# says TEXT FILE: the text has to be in the file
says()
{
	grep -qF -- "$1" "$2" || {
		echo "'$1' is not in $2, which says:"
		cat "$2"
		return 1
	}
}
