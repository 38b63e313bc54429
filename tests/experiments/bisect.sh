#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Does git bisect run find the commit that slowed the split down? A history of
# eight commits is made of the pristine kernel, of which one makes
# folio_split_unmapped() cost some 5 % more, and one does not build.
#
#   RESULTS=DIR tests/experiments/bisect.sh
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"

readonly BAD=6 BROKEN=4 COMMITS=8
[ -n "${RESULTS:-}" ] || die "-$EXIT_USAGE" "say RESULTS=DIR: where the runs are kept"
export RESULTS
pristine=$("$TOP/kernel/fetch.sh")
linux=$(mktemp -d "${TMPDIR:-/tmp}/splitbench-linux.XXXXXX")
trap 'rm -rf "$linux"' EXIT

commit() { git commit -qam "$1" && git tag "$2"; }

stage "bisect: making a history"
cp -al "$pristine/." "$linux"
cd "$linux"
rm .complete
git init -q
git config user.name splitbench
git config user.email splitbench@localhost
git config core.compression 0
# What Debian ships ignores all of it.
git add -Af
git commit -qm "the pristine kernel"
git tag c0
for ((i = 1; i <= COMMITS; i++)); do
	# Not in place: the file is shared with the pristine tree.
	sed "\$a /* commit $i */" mm/huge_memory.c > new
	case $i in
	"$BAD") sed -i 's/^\(\tif (folio_expected_ref_count(folio) != folio_ref_count(folio) - 1)\)$/\tfor (int slow = 0; slow < 1000; slow++)\n\t\tbarrier();\n\n\1/' new ;;
	"$BROKEN") echo 'this does not build' >> new ;;
	"$((BROKEN + 1))") sed -i '/^this does not build/d' new ;;
	esac
	rm mm/huge_memory.c
	mv new mm/huge_memory.c
	commit "commit $i" "c$i"
done
git diff --stat c0 "c$BAD" | tail -n 1

stage "bisect: two revisions, to begin with"
KSRC=$linux REVS="c0 c$COMMITS" PLAN=split BOOTS=4 BLOCKS=2 RUN=revs \
	"$TOP/scripts/bench.sh"
git status --porcelain
git worktree list

stage "bisect: from c$COMMITS to c0"
git bisect start "c$COMMITS" c0
git bisect run "$TOP/scripts/bisect-step.sh" "$RESULTS/revs-c0"
git bisect log
[ "$(git rev-parse refs/bisect/bad)" = "$(git rev-parse "c$BAD")" ]
stage "bisect: the commit was found"
