# SPDX-License-Identifier: GPL-2.0
"""make bench in a VM: builds kernels, measures their boots in turn, and compares the runs."""
from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Sequence

import pool
import stock
from harness import (DIFFERS, DONE, HARNESS, INCONCLUSIVE, KERNEL, SPLITBENCH, TOP, USAGE,
                     Failure, Interrupted, call, run, stage, write)
from kernels import Kernel, choose
from request import PLANNED, Request
from runs import Run, has_plan, planned, point_latest_to, report, sketch
from schedule import Schedule, Step, in_turn, minutes, recall, share_of

# Boots of the pilot run, by which a budget is planned
PILOT_BOOTS = 4
# MiB that QEMU takes in addition to its guest's memory
BESIDE_GUEST = 512


def as_begun(request: Request) -> Request:
    """A run of one kernel is resumed with the variables that it was started with."""
    folder = request.folder / request.run
    if not request.run or request.said(("kernels", "revs", "ccs")) or not has_plan(folder):
        return request
    begun = planned(folder)
    unit, append = begun.get("unit", ""), begun.get("append", "")
    if request.unit not in ("", unit):
        raise Failure(f"{folder} was started with UNIT={unit}: units are not mixed", USAGE)
    if request.append not in ("", append):
        raise Failure(f"{folder} was started with APPEND='{append}': "
                      "all boots of a run have the same kernel", USAGE)
    compiler = begun.get("compiler", "")
    if request.cc not in ("", compiler or "gcc"):
        raise Failure(f"{folder} was started with a kernel by {compiler or 'gcc'}: "
                      "all boots of a run have the same kernel", USAGE)
    # A stock kernel is not a variant of a source.
    if begun.get("stock"):
        request = replace(request, stock=begun["stock"])
        begun.pop("kernel")
    said = {name: getattr(request, name) or begun.get(key, "") for name, key in (
        ("kernel", "kernel"), ("ksrc", "source"), ("krev", "revision"), ("base", "base"),
        ("config", "config"))}
    return replace(request, unit=unit, append=append, cc=compiler, **said)


def folder_of(request: Request, name: str, kernel: Kernel) -> Path:
    """The folder of a kernel's run"""
    return request.folder / (f"{name}-{kernel.label}" if kernel.label else name)


def check_runs(request: Request, chosen: list[Kernel]) -> None:
    """Refuse what does not fit to existing runs, before anything is built"""
    for kernel in chosen if request.run else []:
        folder = folder_of(request, request.run, kernel)
        if request.more:
            if not has_plan(folder):
                raise Failure(f"there is no run {folder} to append boots to", USAGE)
            run(SPLITBENCH, "plan", "--check-more", folder, "--boots", request.more)
        if has_plan(folder) and request.said(PLANNED):
            raise Failure(f"{folder} has a plan already, which is not changed: "
                          f"use RUN={request.run} alone, or another name", USAGE)


def options_of(request: Request, kernel: Kernel, unit: str) -> list[str]:
    """Options of splitbench plan that record facts about the kernel in the run"""
    known = {"kernel": kernel.variant, "unit": unit, "command": request.command(),
             "source": kernel.source and str(Path(kernel.source).resolve()),
             "revision": kernel.revision, "stock": kernel.release, "base": request.base,
             "append": request.append,
             "label": kernel.label, "title": kernel.title, "compiler": kernel.compiler,
             "config": kernel.config}
    return [f"--target={key}={value}" for key, value in known.items() if value]


class Walk(pool.Pool):
    """A run of each kernel, and their schedule."""

    def __init__(self, request: Request, kernels: list[Kernel], unit: str, name: str,
                 options: list[str] | None = None) -> None:
        """@options: of the plan, if the run is new; None: for DRYRUN=1, no run is created"""
        self.request, self.kernels, self.name = request, kernels, name
        self.out: dict[str, int] = {}  # runs that are not continued, and the status why
        self.runs = [self._run(kernel, unit, options) for kernel in kernels]
        plan = self.runs[0].plan
        memory = max(int(this.plan["memory"]) for this in self.runs)
        available = pool.memory_available()
        if available < memory + BESIDE_GUEST:
            stage(f"memory: a guest takes up to {memory + BESIDE_GUEST} MiB, and {available} MiB "
                  "are available here, or to this control group: it may be killed")
        unit = unit_for(unit, plan)
        self.schedule = Schedule(
            "vm", unit, int(plan["cpus"]), memory,
            pool.lanes(unit, memory + BESIDE_GUEST, available), int(plan["builds"]),
            [f"{kernel.label or kernel.variant}{f', build {number + 1}' if number else ''}"
             f"{': ' + kernel.title if kernel.title else ''}"
             for kernel in kernels for number in range(int(plan["builds"]))],
            in_turn(self.runs, share_of(request.folder, unit, self.runs[0].limit)))
        recall(self.schedule.steps, self.runs)
        super().__init__(self.schedule.lanes)
        self.since = time.monotonic()
        self.measured = 0

    def _run(self, kernel: Kernel, unit: str, options: list[str] | None) -> Run:
        """A kernel's run, new or resumed"""
        request = self.request
        folder = folder_of(request, self.name, kernel)
        more = int(request.more or 0)
        if options is None:
            plan = planned(folder) if has_plan(folder) else sketch(request.plan_options())
            return Run(folder, plan, kernel.label, more)
        if has_plan(folder):
            folder = folder.resolve()  # it may be the link latest
        else:
            run(SPLITBENCH, "plan", "--run", folder, *options,
                *options_of(request, kernel, unit_for(unit, sketch(options))))
        this = Run(folder, planned(folder), kernel.label, more)
        if int(this.plan["builds"]) != len(kernel.builds):
            raise Failure(f"{folder} has a plan of {this.plan['builds']} builds, and "
                          f"{len(kernel.builds)} were made")
        this.hold()
        if not (folder / "config").exists():
            shutil.copy(kernel.builds[0] / ".config", folder / "config.tmp")
            (folder / "config.tmp").replace(folder / "config")
        if len(kernel.builds) > 1 and not (folder / "layouts").exists():
            write(folder / "layouts", "".join(
                f"build {number}: {line}\n" for number, path in enumerate(kernel.builds, 1)
                for line in (path / "layout").read_text(encoding="utf-8").splitlines()))
        return this

    def of(self, step: Step) -> tuple[Run, Kernel]:
        """The run and the kernel of a step"""
        return next((this, kernel) for this, kernel in zip(self.runs, self.kernels)
                    if this.folder.name == step.run)

    def announce(self, step: Step) -> None:
        """Print what begins, and how long the rest will take, from the boots so far"""
        left = ""
        if self.measured and step.boot:
            rest = (time.monotonic() - self.since) * len(self.schedule.pending()) / self.measured
            left = f", about {minutes(rest)} left"
        stage(f"measuring: {step.name}{left}")

    def start(self, step: Step) -> subprocess.Popen:
        """Boot a guest that measures the step"""
        this, kernel = self.of(step)
        build, there = kernel.builds[step.build - 1], "/run/splitbench/run"
        if step.boot:
            this.begin(step.boot)
            command = [TOP / "scripts/target-measure.sh", there, step.boot,
                       kernel.modules[step.build - 1], build / "lib/test_hmm.ko",
                       build / "drivers/block/brd.ko"]
        else:
            # Loads the driver for all commands: otherwise each would load it.
            command = [SPLITBENCH, "guard", "--load", f"test_hmm={build / 'lib/test_hmm.ko'}",
                       TOP / "scripts/target-commands.sh", there, self.schedule.unit]
        return pool.start(
            TOP / "vm/run.sh", "--kernel", build, "--unit", self.schedule.unit,
            "--cpus", this.plan["cpus"], "--memory", this.plan["memory"],
            "--share", f"run={this.folder}", "--append", self.request.append,
            "--timeout", step.limit, "--console", this.console(step.boot), "--", *command)

    def ended(self, step: Step, status: int, took: int) -> None:
        """Report a failure by its boot, as all guests share standard error. A signal is not a
        failure of the boot."""
        this, console = self.of(step)[0], self.of(step)[0].console(step.boot)
        if not status:
            if step.boot:
                this.is_well(step.boot)
                self.measured += 1
            self.schedule.done(step, took, self.runs)
        elif status < 128:
            stage(f"measuring: {step.label + ', ' if step.label else ''}{console.stem} ended with "
                  f"status {status}; what the kernel and the command said is in {console}")
            if self.is_out(step):
                stage(f"kernel: {step.label} is not measured any further; the others are")

    def leaves_out(self, step: Step, status: int) -> bool:
        """If a kernel breaks the contract, hangs or complains, the others are still measured."""
        if (step.boot and status in (DIFFERS, KERNEL) and
                set(self.out) | {step.run} != {this.folder.name for this in self.runs}):
            self.out.setdefault(step.run, status)
        return self.is_out(step)

    def is_out(self, step: Step) -> bool:
        """Has its kernel failed?"""
        return step.run in self.out

    def measured_folders(self) -> list[Path]:
        """The folders of the runs whose kernels have not failed"""
        return [this.folder for this in self.runs if this.folder.name not in self.out]

    def is_ready(self, step: Step) -> bool:
        """Has it recorded its machine, with which other boots have to agree?"""
        return (self.of(step)[0].folder / "machine.json").exists()

    def walk(self, steps: Sequence[Step]) -> int:
        """Measure them. Return: the first bad status"""
        try:
            return super().walk(steps)
        except Interrupted:
            stage(f"interrupted; finished blocks are kept: make bench RUN={self.name} resumes")
            raise

    def boots(self) -> int:
        """Measure all boots. Return: how many seconds that took"""
        folders = [this.folder for this in self.runs]
        self.schedule.save(self.runs)
        stage(f"target: a VM of Linux {release_of(self.kernels)} with {self.schedule.cpus} CPU(s), "
              f"its counter counts {self.schedule.unit}")
        stage(f"run: {' '.join(map(str, folders))}")
        status = self.walk(self.schedule.pending())
        if status:
            raise Failure("", status)
        for folder in self.measured_folders() if self.request.more else []:
            run(SPLITBENCH, "plan", "--more", folder, "--boots", self.request.more)
        return round(time.monotonic() - self.since)

    def finish(self) -> int:
        """Measure whole commands, and make tables, figures and the comparison. Return: the worst
        status"""
        worst = max(self.out.values(), default=DONE)
        status = DONE if self.request.preview else self.walk(self.schedule.pending(commands=True))
        if status >= 128:
            raise Failure("", status)
        if status:
            worst = max(worst, HARNESS)
            stage("measuring: whole commands are missing (see above), the run is otherwise complete: "
                  f"make bench RUN={self.name} tries them again")
        folders = self.measured_folders()
        for folder in folders:
            stage(f"measured: {folder}")
            worst = max(worst, report(folder, quiet=len(folders) > 1))
        point_latest_to(folders[0])
        stage(f"done: table, figures and summary.json are in {' '.join(map(str, folders))}")
        # A slower kernel is a result, not a failure.
        status = call(TOP / "scripts/compare.sh", *folders) if len(folders) > 1 else DONE
        if status not in (DONE, DIFFERS, INCONCLUSIVE):
            raise Failure("", status)
        if len(self.runs) == 1:
            stock.compare_with_counterpart(folders[0])
        for name in self.out:
            stage(f"missing: {self.request.folder / name}, whose kernel failed (see above)")
        return worst


def build(kernels: list[Kernel], base: str, builds: int) -> tuple[list[Kernel], list[Kernel]]:
    """Build kernels. Return: those that were built, and, if there are several, those whose patches
    do not apply or that do not compile"""
    built: list[Kernel] = []
    failed: list[Kernel] = []
    for kernel in kernels:
        try:
            kernel.build(base, builds)
        except Failure as failure:
            if failure.code != KERNEL or len(kernels) == 1:
                raise
            stage(f"kernel: {kernel.label} cannot be built (see above); the others are measured")
            failed.append(kernel)
        else:
            built.append(kernel)
    if not built:
        raise Failure("", KERNEL)
    return built, failed


def unit_for(unit: str, plan: dict[str, str]) -> str:
    """The unit for a plan: with icount, CPUs take turns, so several CPUs need the clock."""
    return "emulated" if unit == "instructions" and plan["cpus"] != "1" else unit


def release_of(kernels: list[Kernel]) -> str:
    """The release of the first kernel"""
    return (kernels[0].builds[0] / "include/config/kernel.release").read_text().strip()


def pilot(request: Request, kernels: list[Kernel], unit: str, name: str) -> list[str]:
    """Measure how much results vary, and how long a boot takes. The pilot is a run of its own: as it
    decides the size of the real run, it is not a part of it.

    Return: options of splitbench plan for the real run
    """
    # An interrupted pilot is not resumed: its duration is not known.
    of, number = f"{name}-pilot", 1
    while folder_of(request, of, kernels[0]).exists():
        number += 1
        of = f"{name}-pilot.{number}"
    stage(f"budget: a pilot of {PILOT_BOOTS} boots, to see what varies")
    small = replace(request, budget="", boots=str(PILOT_BOOTS), run=of)
    walk = Walk(small, kernels, unit, of, small.plan_options() + small.seed_options())
    took = walk.boots()
    left = max(1, request.budget_seconds() - took) / len(kernels)
    return ["--like", str(walk.measured_folders()[0]), "--budget", f"{left:g}",
            "--boot-seconds", f"{max(1, took) / (PILOT_BOOTS * len(kernels)):g}",
            "--kernels", str(len(kernels)), *request.seed_options()]


def preview(request: Request) -> None:
    """Measure the distribution's own kernel for a first table, before the first kernel is built. If
    that fails, the run that was asked for is measured nevertheless."""
    stage("stock: first a table of the distribution's own kernel, which needs no build "
          "(STOCK=no skips it)")
    try:
        # The default plan, so that it can be compared with the run that follows
        status = bench(replace(request, stock="newest", plan="default",
                               boots=str(stock.PREVIEW_BOOTS), preview="1"))
        failed = f"its run ended with status {status}" if status > INCONCLUSIVE else ""
    except (Failure, OSError) as failure:
        failed = str(failure) or "see above"
    stage(f"stock: no table of a stock kernel: {failed}; continuing" if failed else
          "stock: that was the distribution's own kernel, on which only whole migrations can be "
          "measured; now the patched one, with the old split beside the new one")


def dry_run(request: Request, kernels: list[Kernel]) -> None:
    """Print the schedule"""
    small = replace(request, boots=str(PILOT_BOOTS)) if request.budget else request
    unit = request.unit or run(TOP / "vm/unit.sh")
    walk = Walk(small, kernels, unit, request.run or "NAME")
    if request.budget:
        walk.schedule.steps = walk.schedule.pending()
    print(walk.schedule.text())
    if request.budget:
        print(f"then: as many boots as fit into the rest of {request.budget}, by how much these vary")
    print(f"then: table and figures{', and a comparison' if len(kernels) > 1 else ''}")


def bench(request: Request) -> int:
    """Do it all, up to tables and figures. Return: the exit status"""
    request = as_begun(replace(request, target="vm"))
    run("bash", "-c", '. "$1/scripts/lib.sh"; require_visible "$@"', "bench", TOP,
        os.environ["SPLITBENCH_CACHE"], request.folder, ".")
    kernels = choose(request)
    check_runs(request, kernels)
    if request.dryrun:
        if stock.wants_preview(request):
            print(f"first:  {stock.PREVIEW_BOOTS} boots of the distribution's own kernel, and their "
                  "table, in about 2 min (STOCK=no skips it)")
        dry_run(request, kernels)
        return DONE
    if stock.wants_preview(request):
        preview(request)
    folder = folder_of(request, request.run, kernels[0])
    plan = planned(folder) if request.run and has_plan(folder) else sketch(request.plan_options())
    kernels, failed = build(kernels, request.base, int(plan["builds"]))
    unit = request.unit or run(TOP / "vm/unit.sh", kernels[0].builds[0])
    request.folder.mkdir(parents=True, exist_ok=True)
    name = request.run or f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{release_of(kernels)}"
    options = (pilot(request, kernels, unit, name) if request.budget
               else request.plan_options() + request.seed_options())
    walk = Walk(request, kernels, unit, name, options)
    walk.boots()
    status = DONE if request.only_boots else walk.finish()
    for kernel in failed:
        stage(f"missing: {kernel.label}, which cannot be built (see above)")
    return max(status, *walk.out.values(), KERNEL if failed else DONE)
