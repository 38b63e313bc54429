# SPDX-License-Identifier: GPL-2.0
# Top-level entry points; see the READMEs of the folders.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# -p: without functions and options of the user's
.SHELLFLAGS := -po pipefail -c
unexport BASH_ENV SHELLOPTS BASHOPTS
# Both cores are busy within a stage; stages follow one another.
.NOTPARALLEL:

VARIABLES := BASE BASES KSRC KREV KERNEL KERNELS REVS CCS STOCK PLAN ARMS BUILDS LIKE ABUSE CPUS BOOTS BLOCKS \
	REPS MARGIN SEED NEW_ORDER UNIT RUN RESULTS BUDGET GOOD APPEND TARGET KBUILD FIX ARM \
	CONFIG MODULES FORCE T DRYRUN HOSTS INVENTORY KEEP BOOT_TIMEOUT
export $(VARIABLES)
# As in kbuild, CC= is taken from the command line only, LLVM= also from the environment: see
# scripts/compiler.sh.
export SPLITBENCH_CC := $(if $(findstring command,$(origin CC)),$(CC),$(SPLITBENCH_CC))

# Unknown variables are refused: a typo would measure something else than was asked for.
known := $(VARIABLES) CC LLVM SHELL A B PREFIX DESTDIR PLANT FRAGMENT TMPDIR HOME SPLITBENCH_CACHE XDG_CACHE_HOME
given := $(foreach v,$(.VARIABLES),$(if $(findstring command,$(origin $(v))),$(v)))
unknown := $(filter-out $(known),$(given))
ifneq ($(unknown),)
$(error $(or $(shell scripts/unknown-variable.sh $(firstword $(unknown)) $(known)),unknown variable $(firstword $(unknown))=))
endif

# Unknown targets are refused at once: make takes the 3 of BOOTS= 3 for one, and would only miss it
# after all boots, of which there are 6 by default.
targets := $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' Makefile)
strange := $(if $(filter Makefile,$(firstword $(MAKEFILE_LIST))),$(filter-out $(targets),$(MAKECMDGOALS)))
ifneq ($(strange),)
$(error there is no target '$(firstword $(strange))'; a value follows its = without a space; make help lists all)
endif

# With an environment of ours: flags and git variables of the user's are not for it.
build = bash -pc '. scripts/lib.sh && build_splitbench' make

# A tilde that the user's shell has left there
tilde = $(patsubst ~/%,$(HOME)/%,$(patsubst ~,$(HOME),$(1)))
# A run is named by its folder, or by its name in $(RESULTS).
RESULTS_DIR = $(or $(call tilde,$(RESULTS)),results)
plain = $(patsubst %/,%,$(patsubst %/,%,$(patsubst %/,%,$(call tilde,$(1)))))
# By the shell, as a folder's name may have spaces
quoted = '$(subst ','\'',$(1))'
run = $(shell for run in $(call quoted,$(plain)) $(call quoted,$(RESULTS_DIR)/$(plain)); do \
	[ ! -e "$$run/plan.json" ] || { echo "$$run"; break; }; done)
runs = $(strip $(shell for plan in $(call quoted,$(RESULTS_DIR))/*/plan.json; do \
	[ ! -e "$$plan" ] || echo "$${plan%/plan.json}"; done))
wanted = $(if $($(1)),$(call there,$($(1))),$(error say $(1)=results/NAME; there are: $(runs)))
# A run that is to be read has to be there.
there = $(if $(call run,$(1)),,$(error there is no run $(1); there are: $(or $(runs),none: make bench)))

# A run, or the runs of several machines: their folders, quoted
list = $(if $(call run,$(1)),"$(call run,$(1))",$(foreach one,$(1),$(call there,$(one))"$(call run,$(one))"))
listed = $(if $($(1)),$(call list,$($(1))),$(error say $(1)=results/NAME; there are: $(runs)))

help: ## list targets and variables
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24
	@echo
	@echo 'Variables of make bench:'
	@echo '  TARGET=auto   host: this machine, one boot at a time; vm; auto: host if suitable'
	@echo '  FIX=1         on this machine, fix what make doctor can fix, for the time of the run'
	@echo '  CONFIG=FILE   base the VM'"'"'s kernel on that configuration, such as /boot/config-*'
	@echo '  CONFIG=FILE MODULES=all FORCE=1      for make install-kernel: see scripts/README.md'
	@echo '  KBUILD=DIR    build folder of the running kernel (default: /lib/modules/VERSION/build)'
	@echo '  BASE=7.2      kernel release to build (default: the newest available)'
	@echo '  KSRC=DIR      build your own kernel tree; it is not modified'
	@echo '  PLAN=default  what to measure: a plan in userspace/plans/, or a file'
	@echo '  ARMS="old new again"  arms to time, of bench/arms.c: old, new, variants, controls'
	@echo '  BUILDS=6      build the kernel 6 times, each with another code layout; 2 boots of each'
	@echo '  BOOTS=6 BLOCKS= REPS=      override the sizes in the plan'
	@echo '  CPUS=         CPUs of the guest (default: as many as threads; above 1: emulated clock)'
	@echo '  MARGIN=2      regression margin in percent'
	@echo '  NEW_ORDER=0   order to split to'
	@echo '  UNIT=         tsc, instructions or emulated (default: the best available)'
	@echo '  APPEND=       guest kernel parameters: APPEND=cgroup.memory=nokmem'
	@echo '  DRYRUN=1      only print what would be built and measured, in which order, and how long it takes'
	@echo '  RUN=NAME      resume results/NAME, or create it'
	@echo '  KERNEL=both   kernel variant: both splits; after (or new), before: one of them alone; own: KSRC'
	@echo '                with exports only; auto (default with KSRC=): the best that the tree allows; or'
	@echo '                a proposal (patches/proposals/)'
	@echo '  KERNELS="before after"    a run of each variant, booted in turn, then compared;'
	@echo '                or folders of kernel trees'
	@echo '  REVS="A B"    the same for revisions of the git tree KSRC'
	@echo '  LLVM=-19      compile with LLVM, as kbuild takes it; or CC=gcc-11'
	@echo '  HOSTS="root@lab1 root@lab2"   measure other machines, unattended; or INVENTORY=FILE of Ansible;'
	@echo '                KEEP=1: leave what was installed; BOOT_TIMEOUT=900: see fleet/README.md'
	@echo '  CCS="gcc clang-19"        the same kernel by each of these compilers, compared'
	@echo '  STOCK=7.2.13  measure the distribution'"'"'s kernels, without a build: migrations only;'
	@echo '                several, or with KERNELS, are compared; STOCK=no: no first table of one'

bench: ## compare the old and the new split; see results/latest
	@scripts/bench.sh

migrate: ## measure migrations: all causes of fallback, all sizes
	@DEFAULT_PLAN=migrate scripts/bench.sh

sweep: ## orders, kinds, nodes, contention, background load: half an hour
	@scripts/bench.sh --sweep

locks: ## count lock acquisitions and lock waits of splits
	@KERNEL=$(or $(KERNEL),locks) DEFAULT_PLAN=locks scripts/bench.sh

profile: ## flame graph and histograms of ARM=old, new or migrate
	@scripts/profile.sh

install-kernel: ## build and install the patched kernel here
	@scripts/install-kernel.sh

kernel-package: ## only build its Debian packages
	@scripts/install-kernel.sh --package

more: ## append BOOTS=6 boots to RUN=results/X
	$(call wanted,RUN)
	@run=$(call quoted,$(call run,$(RUN))) && MORE="$(or $(BOOTS),6)" BOOTS= RUN="$${run##*/}" \
		RESULTS="$$(realpath "$$run/..")" scripts/bench.sh

compare: ## compare two runs: A=results/X B=results/Y
	@scripts/compare.sh $(call listed,A) $(call listed,B)

cover: ## write text for a cover letter: RUN=X, or A=X B=Y
	$(if $(A)$(B),$(if $(RUN),$(error say RUN=, or A= and B=)))
	@scripts/cover.sh $(if $(A)$(B),$(call listed,A) $(call listed,B),$(call list,$(or $(RUN),latest)))

refresh: ## port the series to a new release: KSRC=DIR BASE=X.Y
	@kernel/refresh.sh

series-check: ## check the series of BASES="7.2 DIR ...": applied, built, booted, measured
	@kernel/series-check.sh

bisect-step: ## is the kernel in KSRC=. worse than run GOOD=X?
	$(call wanted,GOOD)
	@scripts/bisect-step.sh "$(call run,$(GOOD))"

check: ## unit tests and lint: no kernel, a minute
	@tests/run.sh --level check

test: ## make check, and tests that boot the kernel: 15 minutes; T="compare unit:usage*"
	@tests/run.sh --level test

test-all: ## all tests, including test-debug, test-kernel and test-restore
	@tests/run.sh --level all

test-debug: ## contract and abuse tests on a kernel with KASAN, lockdep and others
	@tests/run.sh debug

test-kernel: ## the kernel's own selftests; the kernel from before the change
	@tests/run.sh selftests before

test-restore: ## what migrations leave in page tables, with and without patches/proposals
	@tests/run.sh restore

test-fleet: ## two machines elsewhere, in small: guests with disks, boot loaders and sshd
	@tests/run.sh fleet

doctor: ## check this machine for noise sources
	@$(build)
	@userspace/build/splitbench doctor $(KBUILD:%=--build "%") | scripts/paint.sh || [ $$? -le 4 ]

summary: ## print the table of RUN=NAME again (default: latest)
	$(call there,$(or $(RUN),latest))
	@$(build)
	@userspace/build/splitbench summary --phases "$(call run,$(or $(RUN),latest))" | scripts/paint.sh

plot: ## draw the figures of RUN=NAME again (default: latest)
	$(call there,$(or $(RUN),latest))
	@$(build)
	@plots/plot.sh "$(call run,$(or $(RUN),latest))"

gallery: ## regenerate results/README.md from the reference runs
	@scripts/gallery.sh

man: ## show the manual page of splitbench
	@bash -pc '. scripts/lib.sh && make -s -C userspace man' make
	@man -l userspace/build/splitbench.1

install: ## install splitbench, its manual and completion: PREFIX=/usr/local
	@bash -pc '. scripts/lib.sh && make -s -C userspace install "$$@"' make \
		$(foreach v,PREFIX DESTDIR,$(if $($(v)),$(v)="$(abspath $(call tilde,$($(v))))"))

vm-shell: ## open a shell in the guest that make bench measures in
	@scripts/vm-shell.sh

lint: ## checkpatch, kernel-doc, shellcheck, sparse, W=1
	@tests/run.sh lint

clean-cache: ## remove the cache: sources, builds, ccache
	@bash -pc '. scripts/lib.sh && cd "$$CACHE" && \
		rm -rf apt ccache config console download fleet kernel kvm lock module selftests src stock tmp'

clean: ## remove build folders here; keep runs and the cache
	rm -rf userspace/build tests/build

.PHONY: test-fleet refresh series-check gallery man install profile install-kernel kernel-package clean-cache doctor sweep locks more compare cover bisect-step help bench migrate check test test-all test-debug test-kernel test-restore summary plot vm-shell lint clean
