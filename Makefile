# SPDX-License-Identifier: GPL-2.0
# The front door. All else is in the rooms: kernel/, vm/, bench/, userspace/,
# plots/, tests/.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
# Both cores are busy within a stage; stages follow one another.
.NOTPARALLEL:

export BASE KSRC KREV KERNEL KERNELS REVS PLAN ARMS BUILDS LIKE ABUSE CPUS BOOTS BLOCKS REPS MARGIN \
	SEED NEW_ORDER UNIT RUN RESULTS BUDGET GOOD APPEND TARGET KBUILD FIX ARM CONFIG \
	MODULES FORCE T

# A run is named by its folder, or by its name in $(RESULTS).
RESULTS_DIR = $(or $(RESULTS),results)
plain = $(patsubst %/,%,$(patsubst %/,%,$(patsubst %/,%,$(1))))
run = $(if $(wildcard $(1)/plan.json),$(plain),$(RESULTS_DIR)/$(plain))
wanted = $(if $($(1)),,$(error say $(1)=results/NAME; there are: $(patsubst %/plan.json,%,$(wildcard $(RESULTS_DIR)/*/plan.json))))

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24
	@echo
	@echo 'Variables of make bench:'
	@echo '  TARGET=auto   host: this machine, a boot at a time; vm; auto: host if it will do'
	@echo '  FIX=1         on this machine, mend meanwhile what make doctor can mend'
	@echo '  CONFIG=FILE MODULES=all FORCE=1      of make install-kernel: see scripts/README.md'
	@echo '  KBUILD=DIR    where its kernel was built (default: as its modules say)'
	@echo '  BASE=7.2      the kernel release (default: the newest there is)'
	@echo '  KSRC=DIR      a kernel tree of yours instead; it is not modified'
	@echo '  PLAN=default  what is measured: a list in userspace/plans/, or a file'
	@echo '  ARMS="old new again"  what is timed: old, new, and a control (again, same)'
	@echo '  BUILDS=6      of the kernel, each laid out another way; 2 boots of each'
	@echo '  BOOTS=6 BLOCKS= REPS=      size of the run, not as the plan says'
	@echo '  CPUS=         CPUs of the guest (as many as threads; more than 1: emulated)'
	@echo '  MARGIN=2      percent that count as a difference'
	@echo '  NEW_ORDER=0   order to split to'
	@echo '  UNIT=         tsc, instructions or emulated (default: the best there is)'
	@echo '  APPEND=       to the guest kernel: APPEND=cgroup.memory=nokmem'
	@echo '  RUN=NAME      go on with results/NAME, or begin it'
	@echo '  KERNEL=both   what is made of it: both, new (pristine), before, own'
	@echo '  KERNELS="before after"    a run of each, boots in turn, and the comparison;'
	@echo '                also folders of kernel trees'
	@echo '  REVS="A B"    the same of revisions of the git tree KSRC'

bench: ## measure the old against the new split; see results/latest
	@scripts/bench.sh

migrate: ## measure migrations alone: all kinds of fallback, all sizes
	@DEFAULT_PLAN=migrate scripts/bench.sh

sweep: ## orders, kinds, nodes, contention, bystanders: half an hour
	@scripts/sweep.sh

locks: ## how often splits take locks, and wait for them
	@KERNEL=$(or $(KERNEL),locks) DEFAULT_PLAN=locks scripts/bench.sh

profile: ## a flame graph and more, of ARM=old, new or migrate
	@scripts/profile.sh

install-kernel: ## build and install the patched kernel here
	@scripts/install-kernel.sh

kernel-package: ## only build its Debian packages
	@scripts/install-kernel.sh --package

more: ## append BOOTS=6 boots to RUN=results/X
	$(call wanted,RUN)
	@MORE="$(or $(BOOTS),6)" BOOTS= RUN="$(notdir $(call plain,$(RUN)))" \
		RESULTS="$(abspath $(dir $(call run,$(RUN))))" scripts/bench.sh

compare: ## one run against another: A=results/X B=results/Y
	$(call wanted,A)$(call wanted,B)
	@scripts/compare.sh "$(call run,$(A))" "$(call run,$(B))"

cover: ## the text for a cover letter: RUN=X, or A=X B=Y
	$(if $(A)$(B),$(call wanted,A)$(call wanted,B)$(if $(RUN),$(error say RUN=, or A= and B=)))
	@scripts/cover.sh $(if $(A),"$(call run,$(A))" "$(call run,$(B))","$(call run,$(or $(RUN),latest))")

bisect-step: ## is the kernel in KSRC=. worse than run GOOD=X?
	$(call wanted,GOOD)
	@scripts/bisect-step.sh "$(call run,$(GOOD))"

check: ## unit tests and lint: no kernel, a minute
	@tests/run.sh --level check

test: ## and tests that boot the kernel: 15 minutes; or T="compare unit:usage*"
	@tests/run.sh --level test

test-all: ## all tests there are, test-debug and test-kernel among them
	@tests/run.sh --level all

test-debug: ## the contract and abuse, on a kernel that checks itself
	@tests/run.sh debug

test-kernel: ## the kernel's own tests; the kernel from before
	@tests/run.sh selftests before

doctor: ## what about this machine would spoil a measurement
	@$(MAKE) -s -C userspace
	@userspace/build/splitbench doctor $(KBUILD:%=--build "%") | scripts/paint.sh || [ $$? -le 4 ]

summary: ## the table of results/latest, or of RUN=NAME, once more
	@$(MAKE) -s -C userspace
	@userspace/build/splitbench summary --phases "$(call run,$(or $(RUN),latest))" | scripts/paint.sh

plot: ## the figures of results/latest, or of RUN=NAME, once more
	@$(MAKE) -s -C userspace
	@plots/plot.sh "$(call run,$(or $(RUN),latest))"

gallery: ## figures, cover letter and page of the reference runs, anew
	@scripts/gallery.sh

man: ## the manual page of splitbench
	@$(MAKE) -s -C userspace man
	@man -l userspace/build/splitbench.1

install: ## splitbench, manual, completion: PREFIX=/usr/local
	@$(MAKE) -s -C userspace install $(if $(PREFIX),PREFIX="$(abspath $(PREFIX))")

vm-shell: ## a shell in the guest that make bench measures in
	@scripts/vm-shell.sh

lint: ## checkpatch, shellcheck, sparse, W=1
	@tests/run.sh lint

clean-cache: ## remove sources, builds and ccache: all of the cache
	@bash -c '. scripts/lib.sh && cd "$$CACHE" && \
		rm -rf apt ccache config console download kernel kvm lock module selftests src tmp'

clean: ## remove what was built here; runs and the cache stay
	rm -rf userspace/build tests/build

.PHONY: gallery man install profile install-kernel kernel-package clean-cache doctor sweep locks more compare cover bisect-step help bench migrate check test test-all test-debug test-kernel summary plot vm-shell lint clean
