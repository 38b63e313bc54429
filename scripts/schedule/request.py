# SPDX-License-Identifier: GPL-2.0
"""What make bench is asked to do: its variables, and which of them may be combined."""
from __future__ import annotations

import os
import random
import re
from dataclasses import dataclass, fields
from pathlib import Path

from harness import TOP, USAGE, Failure

# Variables that an existing plan has values for, and those that only concern VMs and their kernels
PLANNED = ("plan", "arms", "builds", "boots", "blocks", "reps", "cpus", "margin", "seed",
           "new_order", "plant", "like", "budget")
OF_VM = ("kernel", "kernels", "revs", "stock", "ccs", "cc", "config", "ksrc", "base", "append",
         "cpus", "unit", "budget")
UNITS = ("tsc", "instructions", "emulated")
# One seed for all runs of this make bench: runs that are compared have the same order of calls.
SEED = random.SystemRandom().getrandbits(30)


@dataclass(frozen=True)
class Request:
    """make's variables, in lower case; "" if not set. See make help and README.md."""
    base: str = ""
    ksrc: str = ""
    krev: str = ""
    kernel: str = ""
    kernels: str = ""
    revs: str = ""
    ccs: str = ""
    cc: str = ""  # the compiler that CC= or LLVM= names, see scripts/compiler.sh
    config: str = ""  # the file with a configuration for VMs; see kernel/users-config.sh
    stock: str = ""
    plan: str = ""
    arms: str = ""
    boots: str = ""
    blocks: str = ""
    reps: str = ""
    cpus: str = ""
    builds: str = ""
    margin: str = ""
    new_order: str = ""
    unit: str = ""
    budget: str = ""
    append: str = ""
    target: str = ""
    # The following are not part of the command that is recorded in a run.
    default_plan: str = ""  # the make target, if it is not bench
    like: str = ""  # a run whose plan is copied
    seed: str = ""
    plant: str = ""  # an injected slowdown, for tests
    run: str = ""  # a run to resume, or a new one's name
    more: str = ""  # boots to append to it
    results: str = ""
    hosts: str = ""  # other machines that are measured; see fleet.py
    inventory: str = ""  # Ansible's, with such machines
    kbuild: str = ""  # of this machine's kernel
    modules: str = ""  # "all": build all modules, not only those that the machine has loaded
    fix: str = ""  # fix what the doctor finds, for the time of a boot
    keep: str = ""  # leave installed what was installed on other machines
    boot_timeout: str = ""  # seconds after which a machine that does not come back is given up
    dryrun: str = ""
    as_it_is: str = ""  # measure this machine's kernel without patches
    preview: str = ""  # this run is the first table, of a stock kernel, before a kernel is built
    only_boots: str = ""  # for experiments: no tables

    def said(self, names: tuple[str, ...]) -> bool:
        """Is one of these variables set?"""
        return any(getattr(self, name) for name in names
                   if name != "stock" or self.releases)

    @property
    def releases(self) -> list[str]:
        """The releases of the stock kernels that are to be measured"""
        return [] if self.stock == "no" else self.stock.split()

    @property
    def folder(self) -> Path:
        """The folder of runs"""
        return Path(self.results or TOP / "results")

    def check(self) -> None:
        """Refuse what is wrong, before anything is built"""
        if self.run and (re.search(r"[/\s]", self.run) or self.run[0] in ".-"):
            raise Failure(f"RUN={self.run} is not the name of a folder in {self.folder}", USAGE)
        if self.unit not in ("", *UNITS):
            raise Failure(f"unknown UNIT={self.unit}; known: {' '.join(UNITS)}", USAGE)
        if self.target not in ("", "auto", "host", "vm"):
            raise Failure(f"unknown TARGET={self.target}; known: auto host vm", USAGE)
        for release in self.releases:
            if release != "newest" and not re.fullmatch(r"[0-9]+(\.[0-9]+)+", release):
                raise Failure(f"STOCK={release} is not a release such as 7.2.13, nor newest; "
                              "no: none", USAGE)
        if self.releases and self.said(("builds", "revs")):
            raise Failure("STOCK boots kernels as a distribution has built them: "
                          "not with BUILDS or REVS", USAGE)
        if not re.fullmatch(r"([1-9][0-9]{0,2})?", self.builds):
            raise Failure(f"BUILDS={self.builds} is not a number of builds", USAGE)
        if not re.fullmatch(r"([1-9][0-9]*)?", self.more):
            raise Failure(f"MORE={self.more} is not a number of boots", USAGE)
        if self.more and not self.run:
            raise Failure(f"MORE needs RUN=NAME, one of the runs in {self.folder}", USAGE)
        if self.budget and self.said(("boots", "builds", "blocks", "like", "more")):
            raise Failure("BUDGET chooses boots and blocks, and for a new run: "
                          "not with BOOTS, BUILDS, BLOCKS, LIKE or MORE", USAGE)
        self.budget_seconds()

    def budget_seconds(self) -> int:
        """The seconds of BUDGET=90, 90s, 10m or 1h; 0 if it is not set"""
        if not self.budget:
            return 0
        match = re.fullmatch(r"([1-9][0-9]{0,6})([smh]?)", self.budget)
        if not match:
            raise Failure(f"BUDGET={self.budget} is not a time, such as 90s, 10m or 1h", USAGE)
        return int(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]

    def cells(self) -> Path:
        """The file with the plan's cells."""
        name = self.plan or self.default_plan or (
            "stock" if self.releases or self.as_it_is else "default")
        plans = TOP / "userspace/plans"
        path = Path(name)
        # A name that is none of the plans' is a file's.
        if "/" not in name and ((plans / f"{name}.json").exists() or not os.access(name, os.R_OK)):
            path = plans / f"{name}.json"
        if not os.access(path, os.R_OK):
            known = sorted(plan.stem for plan in plans.glob("*.json"))
            raise Failure(f"no plan {name}; known: {' '.join(known)}", USAGE)
        return path

    def plan_options(self) -> list[str]:
        """Options of splitbench plan, without the seed"""
        names = ["arms", "blocks", "reps", "cpus", "margin", "new_order"]
        if self.like:
            if self.said(("plan", "builds", *names)):
                raise Failure("LIKE takes all of a plan: not with PLAN, ARMS, BUILDS, BLOCKS, "
                              "REPS, CPUS, MARGIN or NEW_ORDER", USAGE)
            options, names = ["--like", self.like], []
        else:
            options = ["--cells", str(self.cells())]
        for name in [*names, "boots", "builds"]:
            if getattr(self, name):
                options += ["--" + name.replace("_", "-"), getattr(self, name)]
        return options

    def seed_options(self) -> list[str]:
        """Further options of splitbench plan: the seed, and an injected slowdown for tests"""
        return ["--seed", self.seed or str(SEED), *(["--plant", self.plant] if self.plant else [])]

    def command(self) -> str:
        """The command as it was typed, without paths of this machine"""
        words = [f"make {self.default_plan or 'bench'}"]
        for field in fields(self):
            if field.name == "default_plan":
                break
            value = getattr(self, field.name)
            if field.name in ("ksrc", "config") and value:
                value = Path(value).name
            if field.name == "kernels":
                value = " ".join(Path(entry).name for entry in value.split())
            if value:
                quote = '"' if " " in value else ""
                words.append(f"{field.name.upper()}={quote}{value}{quote}")
        return " ".join(words)
