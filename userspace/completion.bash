# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion of splitbench for bash: its commands, their options, files, and runs
# for what takes a run's folder. Asks the program itself.
#
#   . userspace/completion.bash

_splitbench()
{
	local current=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]} words

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		words=$("$program" --help 2> /dev/null | sed -n 's/^  \([a-z]*\) .*/\1/p')
		words+=" --help --version"
	elif [[ $current == -* ]]; then
		words=$("$program" "${COMP_WORDS[1]}" --help 2> /dev/null |
			grep -oE -- '^ +(-[A-Za-z?], )?--[a-z-]+=?' | grep -oE -- '--[a-z-]+=?')
	else
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	case ${COMPREPLY[*]:-} in *=) compopt -o nospace 2> /dev/null ;; esac
}
complete -o default -F _splitbench splitbench
