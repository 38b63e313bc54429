# SPDX-License-Identifier: GPL-2.0
# The front door. All else is in the rooms: kernel/, vm/, bench/, userspace/,
# plots/, tests/.
.DEFAULT_GOAL := help
# Both cores are busy within a stage; stages follow one another.
.NOTPARALLEL:

export BASE KSRC KERNEL PLAN CPUS BOOTS BLOCKS REPS MARGIN SEED NEW_ORDER UNIT RUN RESULTS

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20
	@echo
	@echo 'Variables of make bench:'
	@echo '  BASE=7.2      the kernel release (default: the newest there is)'
	@echo '  KSRC=DIR      a kernel tree of yours instead; it is not modified'
	@echo '  PLAN=default  what is measured: a list in userspace/plans/, or a file'
	@echo '  BOOTS=6 BLOCKS= REPS=      size of the run, not as the plan says'
	@echo '  CPUS=         CPUs of the guest (as many as threads; more than 1: emulated)'
	@echo '  MARGIN=2      percent that count as a difference'
	@echo '  NEW_ORDER=0   order to split to'
	@echo '  UNIT=         tsc, instructions or emulated (default: the best there is)'
	@echo '  RUN=NAME      go on with results/NAME, or begin it'
	@echo '  KERNEL=new    a kernel without the old way: new alone is measured'

bench: ## measure the old against the new split; results/latest has the run
	@scripts/bench.sh

migrate: ## measure migrations alone: all kinds of fallback, all sizes
	@DEFAULT_PLAN=migrate scripts/bench.sh

test: ## unit tests, and system tests that boot the kernel
	@tests/run.sh

summary: ## the table of results/latest, or of RUN=NAME, once more
	@$(MAKE) -s -C userspace
	@userspace/build/splitbench summary --phases "$(or $(RESULTS),results)/$(or $(RUN),latest)"

plot: ## the figures of results/latest, or of RUN=NAME, once more
	@$(MAKE) -s -C userspace
	@plots/plot.sh "$(or $(RESULTS),results)/$(or $(RUN),latest)"

vm-shell: ## a shell in the guest that make bench measures in
	@scripts/vm-shell.sh

lint: ## checkpatch, shellcheck, sparse, W=1
	@tests/run.sh lint

clean-cache: ## remove sources, builds and ccache: all of the cache
	@bash -c '. scripts/lib.sh && cd "$$CACHE" && \
		rm -rf apt ccache console download kernel kvm lock module src tmp'

clean: ## remove what was built here; runs and the cache stay
	rm -rf userspace/build tests/build

.PHONY: clean-cache help bench migrate test summary plot vm-shell lint clean
