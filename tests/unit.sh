#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The unit tests, and splitbench's messages about bad runs and bad options.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/runs.sh"

test_good_run_has_a_table_and_a_summary()
{
	make_run "$TESTDIR/run" 6
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "old/new      1.01000" "$TESTDIR/table"
	says "NO REGRESSION" "$TESTDIR/table"
	says "new costs 0.99 % less than old" "$TESTDIR/table"
	holds '.schema == "splitbench.summary/1" and .unit == "instructions" and
		(.cells[0].ratios["old/new"] | .boots == 6 and .p == 0.03125 and
		(.estimate - 1.01 | fabs) < 1e-9)' "$TESTDIR/run/summary.json"
	splitbench plotdata "$TESTDIR/run"
	not_empty "$TESTDIR/run/plots/ratio.dat"
}

test_one_boot_says_no_inference()
{
	make_run "$TESTDIR/run" 1
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "no inference" "$TESTDIR/table"
	want 2 splitbench summary --gate --quiet "$TESTDIR/run"
}

# p90 and p99 of 1 to 100 are 90 and 99, in the table as in the summary.
test_quantiles_are_not_mixed_up()
{
	local i

	splitbench plan --run "$TESTDIR/run" --boots 1 --blocks 100 --warmup 0 --reps 1
	make_machine "$TESTDIR/run"
	{
		echo '{"schema":"splitbench.samples/1","boot":1,"seed":1,"unit":"instructions","arms":["new"],"phases":["fault"]}'
		for ((i = 1; i <= 100; i++)); do
			echo "{\"block\":$i,\"cell\":\"anon-9-0\",\"warmup\":false,\"retries\":0,\"arm\":\"0\",\"ticks\":[$((1 + i * 37 % 100))],\"cpu\":0,\"phases\":[1]}"
		done
		echo '{"end":100}'
	} > "$TESTDIR/run/boot-1.jsonl"
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	matches '^ +new +100 +50.5 +90 +99 +100$' "$TESTDIR/table"
	holds '.cells[0].arms.new == {"n": 100, "median": 50.5, "p90": 90, "p99": 99, "max": 100}' \
		"$TESTDIR/run/summary.json"
}

# The A/A pair is 1 % apart: whatever else it says, the run has failed.
test_failed_aa_is_a_failed_run()
{
	make_run "$TESTDIR/run" 6
	sed -i 's/1007,1007/1007,1017/' "$TESTDIR"/run/boot-*.jsonl
	want 1 splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "A/A FAILED" "$TESTDIR/table"
	says "this run is invalid" "$TESTDIR/table"
	want 1 grep "NO REGRESSION" "$TESTDIR/table"
	holds '.cells[0].ratios["old/new"].claimed == false' "$TESTDIR/run/summary.json"
}

# On the emulated clock, one build of six was off by a sixth; its boots agreed.
test_layout_of_one_build_is_no_part_of_the_intervals()
{
	make_run "$TESTDIR/run" 6
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	want 1 grep "code layout" "$TESTDIR/table"
	sed -i 's/"instructions"/"emulated"/' "$TESTDIR"/run/{boot-*.jsonl,machine.json}
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "do not cover the effect of its code layout" "$TESTDIR/table"
	says "BUILDS=6 measures it" "$TESTDIR/table"
	built "$TESTDIR/run" 6
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	want 1 grep "do not cover" "$TESTDIR/table"
}

# built RUN BUILDS: its boots are of so many builds, in turn
built()
{
	local boot

	sed -i "s/\"boots\": 6,/\"boots\": 6, \"builds\": $2,/" "$1/plan.json"
	for boot in 1 2 3 4 5 6; do
		sed -i "1s/\"unit\"/\"build\":$(((boot - 1) % $2 + 1)),\"unit\"/" "$1/boot-$boot.jsonl"
	done
}

# The build that such a boot is of says nothing either, or what is missing were left out.
test_boot_that_lacks_an_arm_is_missed_in_its_build()
{
	make_run "$TESTDIR/run" 6
	built "$TESTDIR/run" 3
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "over builds" "$TESTDIR/table"
	sed -i 's/"arm":"0123"/"arm":"0223"/' "$TESTDIR/run/boot-4.jsonl"
	want 70 splitbench summary "$TESTDIR/run" > "$TESTDIR/table" 2> "$TESTDIR/err"
	says "old/new: 1 of 3 builds do not have it" "$TESTDIR/table"
}

test_like_takes_builds_too()
{
	splitbench plan --run "$TESTDIR/a" --builds 3
	want 64 splitbench plan --run "$TESTDIR/b" --like "$TESTDIR/a" --builds 2 2> "$TESTDIR/err"
	splitbench plan --run "$TESTDIR/b" --like "$TESTDIR/a"
	is "$(jq .builds "$TESTDIR/b/plan.json")" 3
}

# A balanced order has one rep more; migrations have a default of their own.
test_powers_leave_room_for_rounding()
{
	echo '{"schema":"splitbench.cells/1","cells":[{"job":"contend","threads":"powers","thps":64,"reps":1}]}' > "$TESTDIR/cells.json"
	splitbench plan --list --cells "$TESTDIR/cells.json" --cpus 32 > "$TESTDIR/out" 2> "$TESTDIR/err"
	says "contend-32-shared" "$TESTDIR/out"
	echo '{"schema":"splitbench.cells/1","cells":[{"job":"migrate","threads":"powers"}]}' > "$TESTDIR/cells.json"
	splitbench plan --list --cells "$TESTDIR/cells.json" --cpus 64 > "$TESTDIR/out"
	says "to-dev-none-1-t64" "$TESTDIR/out"
}

test_broken_contract_is_a_failed_run()
{
	make_run "$TESTDIR/run" 6
	sed -i '3s/"cpu"/"fault":[[1,2]],"cpu"/' "$TESTDIR/run/boot-4.jsonl"
	want 1 splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "BROKEN CONTRACT: 1 calls" "$TESTDIR/table"
}

# Noise of 1 % in the A/A pair, a difference of 0.1 %: not claimed.
test_difference_below_the_floor_is_not_claimed()
{
	local boot

	make_run "$TESTDIR/run" 6
	for boot in 1 3 5; do
		sed -i 's/1017,1007,1007/1008,1007,1017/' "$TESTDIR/run/boot-$boot.jsonl"
		sed -i 's/1017,1007,1007/1008,1007,997/' "$TESTDIR/run/boot-$((boot + 1)).jsonl"
	done
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "below the noise floor and is not claimed" "$TESTDIR/table"
}

# bad_run STATUS MESSAGE: summary of the run ends so, and says so
bad_run()
{
	want "$1" splitbench summary --quiet "$TESTDIR/run" 2> "$TESTDIR/error"
	says "$2" "$TESTDIR/error"
}

# found BOOT FIXED [KEY]: by the doctor, before that boot
found()
{
	local finding='"level":"SPOILS","what":"it runs","fix":"stop it"' key=${3:-fixed}

	sed -i "1s/,\"phases\"/,\"doctor\":{\"ksm\":{$finding,\"$key\":$2},\"nodes\":{\"level\":\"note\",\"what\":\"one\",\"fix\":\"none\",\"$key\":false}}&/" \
		"$TESTDIR/run/boot-$1.jsonl"
}

# Fixed each time, or not; what is only to be known is not in the table. Records of
# earlier versions say "mended".
test_findings_are_reported_with_their_boots()
{
	make_run "$TESTDIR/run" 6
	found 2 true
	found 5 true mended
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "fixed for the run: ksm" "$TESTDIR/table"
	want 1 grep -E "nodes|SPOILED" "$TESTDIR/table"
	found 6 false
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "SPOILED by ksm: it runs (boot 6)" "$TESTDIR/table"
	holds '.doctor.ksm == {"level": "SPOILS", "fixed": [2, 5],
		"found": [{"boot": 6, "what": "it runs"}]}' "$TESTDIR/run/summary.json"
	splitbench cover "$TESTDIR/run" > "$TESTDIR/cover"
	says "WARNING: spoiled by ksm: it runs (boot 6)" "$TESTDIR/cover"
	sed -i '1s/"what":"it runs",//' "$TESTDIR/run/boot-6.jsonl"
	bad_run 70 "boot-6.jsonl:1: 'ksm' is no finding"
}

test_corrupt_runs_are_named_by_file_and_line()
{
	make_run "$TESTDIR/run" 2
	sed -i '3s/1017/bogus/' "$TESTDIR/run/boot-2.jsonl"
	bad_run 70 "boot-2.jsonl:3: not JSON"
	absent "$TESTDIR/run/summary.json"
}

test_unknown_schemas_are_refused()
{
	make_run "$TESTDIR/run" 1
	sed -i 's|samples/1|samples/9|' "$TESTDIR/run/boot-1.jsonl"
	bad_run 70 "boot-1.jsonl:1: schema is 'splitbench.samples/9'"
	sed -i 's|plan/2|plan/9|' "$TESTDIR/run/plan.json"
	bad_run 70 "plan.json: schema is 'splitbench.plan/9'"
}

test_units_are_not_mixed()
{
	make_run "$TESTDIR/run" 2
	sed -i '1s/instructions/tsc/' "$TESTDIR/run/boot-2.jsonl"
	bad_run 70 "boot-2.jsonl:1: the unit is tsc, the machine's is instructions"
}

test_missing_runs_are_named()
{
	bad_run 70 "run/plan.json"
	make_run "$TESTDIR/run" 1
	rm "$TESTDIR/run/boot-1.jsonl"
	bad_run 70 "no block to analyse"
}

test_truncated_run_is_used_but_not_passed()
{
	make_run "$TESTDIR/run" 6
	truncate -s -40 "$TESTDIR/run/boot-6.jsonl"
	want 70 splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "INCOMPLETE" "$TESTDIR/table"
	says "boot-6.jsonl:4: the file is truncated here" "$TESTDIR/table"
	holds '.complete == false' "$TESTDIR/run/summary.json"
}

test_usage_errors_are_64()
{
	want 64 splitbench
	want 64 splitbench nonsense
	want 64 splitbench summary
	want 64 splitbench plan --run "$TESTDIR/x" --boots 0
	want 64 splitbench plan --run "$TESTDIR/x" --boots -3
	want 64 splitbench plan --run "$TESTDIR/x" --new-order 1
	want 64 splitbench plan --run "$TESTDIR/x" --margin nan
	absent "$TESTDIR/x"
}

test_plans_are_not_changed()
{
	splitbench plan --run "$TESTDIR/run"
	want 64 splitbench plan --run "$TESTDIR/run" 2> "$TESTDIR/error"
	says "a plan is not changed" "$TESTDIR/error"
}

test_no_module_is_a_skip_that_helps()
{
	splitbench plan --run "$TESTDIR/run"
	want 4 splitbench measure --run "$TESTDIR/run" --boot 1 2> "$TESTDIR/error"
	is "$(wc -l < "$TESTDIR/error")" 1
}

test_full_disk_leaves_no_summary()
{
	make_run "$TESTDIR/run" 6
	want 70 bash -c "trap '' XFSZ; ulimit -f 0; exec '$TOP/userspace/build/splitbench' summary --quiet '$TESTDIR/run'"
	absent "$TESTDIR/run/summary.json"
	is "$(find "$TESTDIR/run" -name '*.tmp')" ''
}

make -s -C "$TOP/tests"
for file in "$TOP"/tests/unit/test_*.c; do
	program=$(basename "$file" .c)
	guest_tests "$program" "$file" each_pattern "$TOP/tests/build/$program"
done
before_each() { rm -rf "$TESTDIR/run"; }

# make_says TEXT VARIABLE=VALUE: make help is refused, in a line with that
make_says()
{
	want 2 make -s -C "$TOP" help "$2" > "$TESTDIR/out" 2> "$TESTDIR/err"
	is "$(lines_of "$TESTDIR/err")" 1
	says "$1" "$TESTDIR/err"
}

# In a folder of results with one run
test_runs_that_are_not_there_are_named()
{
	local target

	mkdir "$TESTDIR/results"
	make_run "$TESTDIR/results/one" 6
	for target in "summary RUN=two" "plot RUN=two" "cover RUN=two" "summary" "more RUN=two" \
		"compare A=one B=two" "bisect-step GOOD=two"; do
		# shellcheck disable=SC2086 # words
		want 2 make -s -C "$TOP" $target RESULTS="$TESTDIR/results" > "$TESTDIR/out" 2> "$TESTDIR/err"
		is "$(lines_of "$TESTDIR/err")" 1
		matches "there is no run (two|latest); there are: $TESTDIR/results/one" "$TESTDIR/err"
	done
	make -s -C "$TOP" summary RUN=one RESULTS="$TESTDIR/results" > "$TESTDIR/out"
	says "old/new" "$TESTDIR/out"
}

test_unknown_variables_are_named()
{
	make_says "unknown variable BOOT=, did you mean BOOTS=?" BOOT=3
	make_says "unknown variable boots=, did you mean BOOTS=?" boots=3
	make_says "unknown variable ELEPHANT=? make help lists all" ELEPHANT=3
	make_says "HOSTCC= is not supported" HOSTCC=clang
	make_says "ARCH= is not supported" ARCH=arm64
	make_says "O= is not supported" O=/tmp
	make_says "KCFLAGS= is not supported: kernels are built alike everywhere" KCFLAGS=-O3
	make_says "V= is not supported" V=1
	make_says "unknown variable X=? make help lists all" X=1
	make_says "there is no target '3'; a value follows its = without a space" 3
	make_says "there is no target 'Bench'" Bench
	make -s -C "$TOP" help BOOTS=3 KERNELS="a b" T=x > "$TESTDIR/out"
}

# compiler_is WORD VARIABLE=VALUE...: in that environment
compiler_is()
{
	local word=$1

	shift
	# shellcheck disable=SC2016 # of that shell
	is "$(in_environment "$@" -- 'echo "${CC-gcc} ${SPLITBENCH_CC-gcc} ${LLVM-unset}"')" \
		"$word $word unset"
}

# The environment's CC changes nothing, as in kbuild; LLVM= does.
test_compiler_is_chosen_as_kbuild_does()
{
	local pair

	compiler_is gcc CC=icc
	compiler_is clang-19 CC=icc LLVM=-19
	compiler_is clang LLVM=1
	compiler_is /opt/llvm/bin/clang LLVM=/opt/llvm/bin/
	compiler_is gcc-11 SPLITBENCH_CC=gcc-11
	compiler_is gcc-11 SPLITBENCH_CC='ccache gcc-11'
	compiler_is clang-19 SPLITBENCH_CC=clang-19 LLVM=-19
	for pair in "LLVM=19:is not a version of LLVM" "LLVM=yes:is not a version of LLVM" "SPLITBENCH_CC=icc:is not a compiler for Linux" \
		"SPLITBENCH_CC=gcc;ls:is not a compiler" "SPLITBENCH_CC=/x/clang-19:no compiler can be called"; do
		want 64 in_environment "${pair%%:*}" -- true 2> "$TESTDIR/err"
		says "${pair#*:}" "$TESTDIR/err"
		is "$(lines_of "$TESTDIR/err")" 1
	done
	want 64 in_environment LLVM=1 SPLITBENCH_CC=gcc -- true 2> "$TESTDIR/err"
	says "CC=gcc and LLVM=1 are two compilers" "$TESTDIR/err"
	# shellcheck disable=SC2016 # for make
	make -s -C "$TOP" -f - CC=clang-19 show <<- 'MAKE' > "$TESTDIR/out"
		include Makefile
		show:; @echo "$$SPLITBENCH_CC"
	MAKE
	is "$(cat "$TESTDIR/out")" clang-19
	# shellcheck disable=SC2016
	CC=clang-19 make -s -C "$TOP" -f - show <<- 'MAKE' > "$TESTDIR/out"
		include Makefile
		show:; @echo "($$SPLITBENCH_CC)"
	MAKE
	is "$(cat "$TESTDIR/out")" "()"
}

test_kbuild_is_told_the_compiler_and_its_tools()
{
	is "$(in_environment -- 'compiler_arguments gcc ccache' | paste -sd,)" "CC=ccache gcc,HOSTCC=ccache gcc"
	is "$(in_environment -- 'compiler_arguments gcc-11' | paste -sd,)" "CC=gcc-11,HOSTCC=gcc"
	is "$(in_environment -- 'compiler_arguments clang-19 ccache' | paste -sd,)" \
		"LLVM=-19,CC=ccache clang-19,HOSTCC=ccache clang-19"
	is "$(in_environment -- 'compiler_arguments clang' | paste -sd,)" "LLVM=1,CC=clang,HOSTCC=clang"
	is "$(in_environment -- 'compiler_arguments /x/clang' | paste -sd,)" "LLVM=/x/,CC=/x/clang,HOSTCC=/x/clang"
	is "$(in_environment -- 'compiler_packages clang-99' | paste -sd,)" clang-99,lld-99,llvm-99
	is "$(in_environment -- 'compiler_packages gcc')" ''
}

# That of a kernel that somebody else has built, by what its configuration says
test_module_is_compiled_as_its_kernel()
{
	local build=$TESTDIR/build

	mkdir -p "$build/include/config" "$TESTDIR/compilers"
	echo CONFIG_CC_IS_GCC=y > "$build/include/config/auto.conf"
	is "$(in_environment -- "compiler_of $build")" ''
	printf '%s\n' CONFIG_CC_IS_CLANG=y CONFIG_CLANG_VERSION=970103 > "$build/include/config/auto.conf"
	is "$(in_environment -- "compiler_of $build")" clang
	printf '#!/bin/sh\necho 97.1.3\n' > "$TESTDIR/compilers/clang-97"
	chmod +x "$TESTDIR/compilers/clang-97"
	is "$(in_environment PATH="$TESTDIR/compilers:$PATH" -- "compiler_of $build")" clang-97
	printf 'gcc-11\ngcc-11 (Debian) 11.3.0\n' > "$build/compiler"
	is "$(in_environment -- "compiler_of $build")" gcc-11
}

# make_migrations DIR BOOTS: boots of one fallback in one direction
make_migrations()
{
	local boot

	echo '{"schema":"splitbench.cells/1","cells":[{"job":"migrate","direction":"to-dev","kind":"flag","thps":2,"blocks":1,"warmup":0,"reps":1}]}' \
		> "$TESTDIR/cells.json"
	splitbench plan --run "$1" --boots "$2" --cells "$TESTDIR/cells.json"
	make_machine "$1"
	for ((boot = 1; boot <= $2; boot++)); do
		{
			echo "{\"schema\":\"splitbench.samples/1\",\"boot\":$boot,\"seed\":1,\"unit\":\"instructions\",\"arms\":[\"empty\",\"old\",\"new\",\"again\"],\"phases\":[\"fault\"]}"
			echo "{\"block\":1,\"cell\":\"to-dev-flag-2\",\"warmup\":false,\"retries\":0,\"arm\":\"00112233\",\"ticks\":[7,7,1017,1017,1007,1007,1007,1007],\"cpu\":0,\"phases\":[1],\"round\":2,\"busy\":[14,2034,2014,2014]}"
			echo '{"end":1}'
		} > "$1/boot-$boot.jsonl"
	done
}

# In a table of migrations, and as the tests of make bench wait for it (tests/runs.sh).
test_failed_aa_of_a_migration_is_named()
{
	local RESULTS=$TESTDIR

	make_migrations "$TESTDIR/run" 4
	sed -i 's/1007,1007]/1107,1107]/; s/2014]/2214]/' "$TESTDIR"/run/boot-*.jsonl
	want 1 splitbench summary "$TESTDIR/run" > "$TESTDIR/run/table.txt"
	says "to-dev-flag-2: A/A FAILED: this cell is invalid" "$TESTDIR/run/table.txt"
	is_result 1 run
}

# It is not said of the kernel.
test_arm_that_is_not_in_the_plan_is_named()
{
	make_migrations "$TESTDIR/run" 2
	sed -i '/^  "arms": \[/,/\]/{/"old"/d}' "$TESTDIR/run/plan.json"
	sed -i 's/00112233/00222222/; s/1017,1017/1007,1007/; s/2034/2014/' "$TESTDIR"/run/boot-*.jsonl
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "old is not in the plan" "$TESTDIR/table"
}

# It had a column of nothing, which gnuplot does not draw.
test_one_direction_has_its_figures()
{
	make_migrations "$TESTDIR/run" 2
	"$TOP/plots/plot.sh" "$TESTDIR/run" > "$TESTDIR/out"
	not_empty "$TESTDIR/run/plots/fallback.svg" "$TESTDIR/run/plots/ratio.svg"
	says "to the device" "$TESTDIR/run/plots/fallback.dat"
	want 1 grep "to the system" "$TESTDIR/run/plots/fallback.dat"
}

# Of scripts that are not ours to draw: one that cannot be run costs its figure alone.
test_figure_that_cannot_be_drawn_costs_no_other()
{
	mkdir "$TESTDIR/bin"
	cat > "$TESTDIR/bin/gnuplot" <<-EOF
		#!/bin/sh
		case "\$*" in *distribution.gp*) exit 1 ;; esac
		exec $(command -v gnuplot) "\$@"
	EOF
	chmod +x "$TESTDIR/bin/gnuplot"
	make_run "$TESTDIR/run" 6
	PATH=$TESTDIR/bin:$PATH "$TOP/plots/plot.sh" "$TESTDIR/run" > "$TESTDIR/out" 2> "$TESTDIR/err"
	says "no figure $TESTDIR/run/plots/distribution.svg" "$TESTDIR/err"
	absent "$TESTDIR/run/plots/distribution.svg" "$TESTDIR/run/plots/distribution.png"
	not_empty "$TESTDIR/run/plots/ratio.svg" "$TESTDIR/run/plots/ratio.png" "$TESTDIR/out"
}

# numbers_below FILE: the labels of an SVG's lower axis, and where their middles are
numbers_below()
{
	awk '/text-anchor="middle"/ && match($0, /translate\([0-9.]+/) { x = substr($0, RSTART + 10, RLENGTH - 10) }
		/<tspan/ && x { gsub(/<[^>]*>|[ \t]/, ""); if (/^[-+]?[0-9.]+$/) print x, $0; x = "" }' "$1"
}

# A digit is 7 wide, of a font of 12.
test_labels_of_an_axis_do_not_overlap()
{
	local from range

	while read -r from range; do
		rm -rf "$TESTDIR/run"
		SPREAD="0 $range $((range / 2)) 0 0 $range" make_run "$TESTDIR/run" 6 "$from" "$from" 2> "$TESTDIR/err"
		splitbench plotdata "$TESTDIR/run"
		"$TOP/plots/plot.sh" "$TESTDIR/run" distribution 2> "$TESTDIR/err"
		want 1 grep -i warning "$TESTDIR/err"
		numbers_below "$TESTDIR/run/plots/distribution.svg" > "$TESTDIR/labels"
		number "$(lines_of "$TESTDIR/labels")" -ge 3
		awk 'NR > 1 && $1 - x < 7 * (length($2) + length(text)) / 2 + 7 { print text " and " $2 " overlap" }
			{ x = $1; text = $2 }' "$TESTDIR/labels" > "$TESTDIR/overlap"
		empty "$TESTDIR/overlap"
	done <<- END
		22000 6000
		47000 600
		1000 3
		2800000 900
		70000 930000
		7 123456789
		47022 0
	END
}

# What does not differ is not painted; a node that was not measured is neither.
test_colours_of_nodes_begin_beyond_noise()
{
	local boot

	cp -r "$TOP/results/reference-alone" "$TESTDIR/run"
	splitbench plotdata "$TESTDIR/run"
	is "$(cat "$TESTDIR/run/plots/nodes.dat")" "0 0 47022 1.003615329 0 1
0 1 47022 1.003615329 0 1
1 0 47022 0 0 0
1 1 47022 0 0 0"
	says "nodes_noise = 0.1" "$TESTDIR/run/plots/labels.gp"
	says "nodes_dark = 10" "$TESTDIR/run/plots/labels.gp"
	# On the other node, 30 % more: and one boot of it another 20 %, which is noise
	for boot in 1 2 3 4 5 6; do
		jq -c --argjson by "$([ $boot = 1 ] && echo 1.5 || echo 1.3)" \
			'if .cell == "anon-9-0-cpu0-mem1" then .ticks |= map(if . > 100 then . * $by | floor else . end) else . end' \
			"$TOP/results/reference-alone/boot-$boot.jsonl" > "$TESTDIR/run/boot-$boot.jsonl"
	done
	splitbench plotdata "$TESTDIR/run"
	matches "^0 1 61.* 30.* 1$" "$TESTDIR/run/plots/nodes.dat"
	matches "^nodes_noise = [1-9]" "$TESTDIR/run/plots/labels.gp"
	matches "^nodes_dark = 3[0-9]" "$TESTDIR/run/plots/labels.gp"
}

# A parameter of cells and a figure, added to a copy as HACKING.md says, and what they
# are in without anything else being touched
test_parameter_and_figure_are_a_row_each()
{
	local copy=$TESTDIR/copy figures=$TESTDIR/copy/userspace/report/figures boot file

	mkdir "$copy"
	cp -r "$TOP/userspace" "$TOP/bench" "$copy"
	rm -rf "$copy/userspace/build"
	cat >> "$copy/userspace/record/cell_params.h" <<-'EOF'
		CELL_PARAM(tint, JOBS(SPLIT), USUAL(0), WORDS(((const char *const[]){ "red", "blue" })),
			   "what colour the call has", FORMAT("-%s"))
	EOF
	cat > "$figures/tint.c" <<-'EOF'
		#include "report/figures/figure.h"
		bool figure_tint(const struct analysis *a, const struct figure_out *out)
		{
			for (size_t i = 0; i < a->nr_cells; i++)
				fprintf(out->data, "%s %u\n", a->cell[i].cell->name, a->cell[i].cell->tint);
			return true;
		}
	EOF
	echo 'FIGURE_ROW("tint", figure_tint, "Colours.", "tint")' >> "$figures/rows.h"
	make -s -j"$(nproc)" -C "$copy/userspace" CFLAGS=-O0
	splitbench() { "$copy/userspace/build/splitbench" "$@"; }
	splitbench plan --params > "$TESTDIR/out"
	says "tint (split: red)" "$TESTDIR/out"
	says "what colour the call has" "$TESTDIR/out"
	echo '{ "schema": "splitbench.cells/1", "cells": [ { "job": "split", "tint": ["red", "blue"] } ] }' \
		> "$TESTDIR/cells.json"
	sed 's/blue/mauve/' "$TESTDIR/cells.json" > "$TESTDIR/mauve.json"
	want 64 splitbench plan --list --cells "$TESTDIR/mauve.json" 2> "$TESTDIR/err"
	says "unknown tint 'mauve'; known: red blue" "$TESTDIR/err"
	make_run "$TESTDIR/run" 6
	rm -r "$TESTDIR/run/plan.json"
	mv "$TESTDIR/run" "$TESTDIR/one"
	splitbench plan --run "$TESTDIR/run" --boots 6 --blocks 3 --warmup 0 --reps 1 --cells "$TESTDIR/cells.json"
	cp "$TESTDIR/one/machine.json" "$TESTDIR/run"
	for boot in 1 2 3 4 5 6; do
		file=boot-$boot.jsonl
		{
			sed '/"end"/d' "$TESTDIR/one/$file"
			sed -n '/"cell"/p' "$TESTDIR/one/$file" | sed 's/anon-9-0/anon-9-0-blue/; s/"block":\([123]\)/"block":3\1/' |
				sed 's/"block":31/"block":4/; s/"block":32/"block":5/; s/"block":33/"block":6/'
			echo '{"end":6}'
		} > "$TESTDIR/run/$file"
	done
	splitbench summary "$TESTDIR/run" > "$TESTDIR/table"
	says "anon-9-0-blue" "$TESTDIR/table"
	# It is not the same split in another place: nobody has said so.
	want 1 grep "anon-9-0 in 2 cells" "$TESTDIR/table"
	holds '[.cells[].params.tint] == ["red", "blue"]' "$TESTDIR/run/summary.json"
	splitbench plotdata "$TESTDIR/run"
	is "$(cat "$TESTDIR/run/plots/tint.dat")" "$(printf 'anon-9-0 0\nanon-9-0-blue 1')"
	splitbench plotdata --list > "$TESTDIR/list"
	says "$(printf 'tint\ttint\tColours.')" "$TESTDIR/list"
}

run_tests
