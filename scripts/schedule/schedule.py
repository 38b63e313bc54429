# SPDX-License-Identifier: GPL-2.0
"""The schedule: what is built, and which boots are measured in which order, where, in which unit.

It is made before anything runs, printed by DRYRUN=1, kept in each run as schedule.json, and
walked by pool.py. Nothing here runs anything.
"""
from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Sequence

from harness import write
from runs import Run

SCHEMA = "splitbench.schedule/1"
# The share of its time limit that a boot takes, until runs on this machine show it. Limits are made
# for slow machines.
SHARE = {"instructions": 0.12}
OTHER_SHARE = 0.03
# Whole commands: their time limit, and about how long they take, in seconds
COMMANDS_LIMIT, COMMANDS_SECONDS = 900, 60


@dataclass
class Step:
    """A boot of a run, or the boot for its whole commands"""
    run: str
    label: str  # of its kernel, if there are several
    boot: int  # from 1; 0: whole commands
    boots: int  # of the run
    build: int  # that boots, from 1
    limit: int  # seconds after which it is considered hung
    about: int  # seconds that it is expected to take
    took: int | None = None  # seconds that it took; 0: not known; None: not measured yet

    @property
    def name(self) -> str:
        """Its name in messages"""
        return (f"{self.label}, " if self.label else "") + (
            f"boot {self.boot} of {self.boots}" if self.boot
            else "whole commands, by hyperfine and perf stat")


@dataclass
class Schedule:
    """The whole schedule; only done() changes it"""
    target: str  # "vm", "host", or the name of another machine
    unit: str
    cpus: int
    memory: int  # of a guest, MiB
    lanes: int = 1  # boots at a time
    layouts: int = 1  # builds of each kernel
    builds: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def pending(self, commands: bool = False) -> list[Step]:
        """The boots, or the whole commands, that are still to be measured, in order"""
        return [step for step in self.steps if step.took is None and (not step.boot) == commands]

    def done(self, step: Step, took: int, runs: Sequence[Run]) -> None:
        """Record that a step is done, also in each run's copy of the schedule"""
        step.took = took
        self.save(runs)

    def save(self, runs: Sequence[Run]) -> None:
        """Write the schedule into each run"""
        text = json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1) + "\n"
        for run in runs:
            write(run.folder / "schedule.json", text)

    def text(self) -> str:
        """The text that DRYRUN=1 prints"""
        where = {"host": "this machine",
                 "vm": f"a VM with {self.cpus} CPU(s) and {self.memory} MiB of memory"}.get(
                     self.target, f"{self.target}, with {self.cpus} CPU(s)")
        lines = [f"target: {where}; its counter counts {self.unit}"]
        lines += [f"build:  {build}" for build in self.builds]
        lines += [f"run:    {run}" for run in dict.fromkeys(step.run for step in self.steps)]
        for step in self.steps:
            build = f", build {step.build}" if step.boot and self.layouts > 1 else ""
            when = "is there" if step.took is not None else f"about {minutes(step.about)}"
            lines.append(f"  {step.name}{build}: {when}")
        left = [step.about for step in self.steps if step.took is None]
        # The lanes together, but no less than the longest step
        seconds = max(sum(left) / self.lanes, max(left, default=0))
        built = ", once built" if self.builds else ""
        return "\n".join([*lines, f"in all{built}: about {minutes(seconds)}, {self.lanes} at a time"])


def minutes(seconds: float) -> str:
    """A duration in words"""
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


def in_turn(runs: Sequence[Run], share: float) -> list[Step]:
    """The order A B, B A, A B, so that drift affects all runs alike; builds take turns. Whole
    commands are last."""
    steps = []
    for boot in range(1, max(run.boots for run in runs) + 1):
        for run in runs if boot % 2 else reversed(runs):
            if boot <= run.boots:
                build = (boot - 1) % int(run.plan["builds"]) + 1
                steps.append(Step(run.folder.name, run.label, boot, run.boots, build, run.limit,
                                  round(share * run.limit)))
    return steps + [Step(run.folder.name, run.label, 0, run.boots, 1, COMMANDS_LIMIT,
                         COMMANDS_SECONDS) for run in runs if run.has_commands]


def recall(steps: Sequence[Step], runs: Sequence[Run]) -> None:
    """Mark the steps that were done before, with their durations if a run's schedule has them"""
    of = {run.folder.name: run for run in runs}
    took = {(step.run, step.boot): step.took for run in runs for step in kept(run.folder)}
    for step in steps:
        if of[step.run].is_measured(step.boot):
            step.took = took.get((step.run, step.boot)) or 0


def kept(folder: Path, unit: str = "") -> list[Step]:
    """The steps of a run's schedule; none if it has no schedule, or one in another unit"""
    try:
        document = json.loads((folder / "schedule.json").read_text(encoding="utf-8"))
        if document["schema"] != SCHEMA or unit not in ("", document["unit"]):
            return []
        return [Step(**step) for step in document["steps"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def share_of(folder: Path, unit: str, limit: int) -> float:
    """The share of its limit that a boot takes, from the last runs in this unit in a folder; only
    from those with the same limit, and so the same plan, if there are any"""
    files = sorted(folder.glob("*/schedule.json"), key=lambda file: -file.stat().st_mtime)
    steps = [step for file in files[:8] for step in kept(file.parent, unit)
             if step.took and step.boot]
    steps = [step for step in steps if step.limit == limit] or steps
    return (median(step.took / step.limit for step in steps) if steps
            else SHARE.get(unit, OTHER_SHARE))
