#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The manual page of splitbench, in roff, on standard output: made of what each
# command says of itself, so that there is one text.
#
#   userspace/man.sh SPLITBENCH
set -euo pipefail

splitbench=$1
# argp breaks no lines then, so that roff can.
export ARGP_HELP_FMT=rmargin=4000,opt-doc-col=60,no-dup-args-note

# of TEXT: what roff would take for its own, escaped
of() { sed 's/\\/\\e/g; s/-/\\-/g; s/^[.'\'']/\\\&&/'; }

# command NAME: its section
command()
{
	local usage

	usage=$("$splitbench" "$1" --help | sed -n '1s/^Usage: *//p' | of)
	printf '.SS %s\n.B %s\n.PP\n' "$1" "$usage"
	"$splitbench" "$1" --help | tail -n +2 | of | awk '
		/^ +\\-/ {
			# Two spaces at least, or an option as long as its column
			name = $0; sub(/^ +/, "", name); sub(/  .*/, "", name)
			text = $0; sub(/^ +/, "", text); text = substr(text, length(name) + 1); sub(/^ +/, "", text)
			if (name ~ /usage/ || name ~ /\\-\?/)
				next
			printf ".TP\n.B %s\n%s\n", name, text
			next
		}
		/^$/ { next }
		{ printf ".PP\n%s\n", $0 }'
}

version=$("$splitbench" --version | of)
cat <<EOF2
.TH SPLITBENCH 1 "" "$version" "User Commands"
.SH NAME
splitbench \\- measure the split of unmapped large folios
.SH SYNOPSIS
.B splitbench
.I COMMAND
[options]
.SH DESCRIPTION
Measures
.BR folio_split_unmapped ()
of the kernel against what was there before it, call by call and inside migrations to
and from device\\-private memory that fall back to small pages, and analyses, compares and
reports what was measured.
.PP
Most of it is reached through
.B make
in the project's folder:
.BR "make help" .
.SH COMMANDS
EOF2
"$splitbench" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | while read -r name; do
	command "$name"
done
cat <<'EOF2'
.SH EXIT STATUS
.TP
.B 0
done, and fine
.TP
.B 1
a difference beyond the margin, a broken promise, or a failed check
.TP
.B 2
inconclusive
.TP
.B 4
this machine cannot
.TP
.B 64
usage
.TP
.B 70
the harness is broken
.SH FILES
.TP
.I RUN/plan.json
what is measured
.TP
.I RUN/machine.json
the machine that it is measured on
.TP
.I RUN/boot\-N.jsonl
a boot's calls, a block a line
.TP
.I RUN/summary.json
what they say
.TP
.I /run/splitbench.undo.*
what is to be put back; of a run that was killed with its guard, by the next one
EOF2
