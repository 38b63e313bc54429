# SPDX-License-Identifier: GPL-2.0
"""Runs the steps of a schedule: as many guests in parallel as do not disturb each other."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence

from harness import EMULATOR, HARNESS, exit_code, on_signals, stage
from schedule import Step

# How often a boot is tried that failed because of the emulator, not the kernel
MAX_TRIES = 3
# Between two checks of which guests have ended
LOOK_SECONDS = 0.1


@dataclass
class Running:
    """A step, and its process"""
    step: Step
    child: subprocess.Popen
    since: float
    tries: int = 1


class Pool:
    """Runs steps in order, a number of them in parallel. After a failure, no further step is
    started, unless leaves_out() says that only some steps are concerned.

    Subclasses say how a step is run.
    """

    def __init__(self, lanes: int) -> None:
        self.lanes = lanes
        self.running: list[Running] = []
        self.broken = 0  # the first status that was not 0

    def announce(self, step: Step) -> None:
        """Print that it begins."""
        stage(f"measuring: {step.name}")

    def start(self, step: Step) -> subprocess.Popen:
        """Start it, or start it again."""
        raise NotImplementedError

    def is_ready(self, step: Step) -> bool:
        """May the next step start before this one has ended?"""
        raise NotImplementedError

    def ended(self, step: Step, status: int, took: int) -> None:
        """It has ended, after @took seconds."""
        raise NotImplementedError

    def leaves_out(self, step: Step, status: int) -> bool:
        """It has failed. Can the others continue, without those that is_out() names?"""
        return False

    def is_out(self, step: Step) -> bool:
        """Is it left out?"""
        return False

    def walk(self, steps: Sequence[Step]) -> int:
        """Run all of them, or until one fails. Return: the first bad status. However it ends,
        nothing is left running."""
        try:
            for step in steps:
                self._until(lambda: len(self.running) < self.lanes)
                if self.broken:
                    break
                if self.is_out(step):
                    continue
                self.announce(step)
                self.running.append(Running(step, self.start(step), time.monotonic()))
                self._until(lambda step=step: self.is_ready(step) or
                            all(this.step is not step for this in self.running))
            self._until(lambda: not self.running)
        except BaseException:
            on_signals(signal.SIG_IGN)
            for this in self.running:
                this.child.terminate()
            for this in self.running:
                this.child.wait()
            raise
        return self.broken

    def _until(self, is_so: Callable[[], bool]) -> None:
        while True:
            for this in [this for this in self.running if this.child.poll() is not None]:
                self._take_back(this)
            if is_so():
                return
            time.sleep(LOOK_SECONDS)

    def _take_back(self, this: Running) -> None:
        status = exit_code(this.child.returncode)
        if status == EMULATOR and this.tries < MAX_TRIES:
            stage(f"measuring: {this.step.name} again")
            this.tries += 1
            this.child = self.start(this.step)
            return
        self.running.remove(this)
        status = HARNESS if status == EMULATOR else status
        if status and not self.leaves_out(this.step, status):
            self.broken = self.broken or status
        self.ended(this.step, status, round(time.monotonic() - this.since))


def start(*command: object) -> subprocess.Popen:
    """Start a program in the background. It ends with us, and ignores Ctrl-C, which we handle."""
    return subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *map(str, command)],
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))


def lanes(unit: str, memory: int, available: int) -> int:
    """How many guests of @memory MiB run in parallel: only those that count instructions, which are
    exact whatever else is running"""
    most = min(len(os.sched_getaffinity(0)), available // memory)
    return max(1, most) if unit == "instructions" else 1


def memory_available(root: Path = Path("/")) -> int:
    """MiB that we may use: what the machine has available, or what the limits of our control group
    and its parents leave, if that is less"""
    left = [int(line.split()[1]) << 10 for line in (root / "proc/meminfo").read_text().splitlines()
            if line.startswith("MemAvailable:")]
    for line in (root / "proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            group = root / "sys/fs/cgroup" / controllers
            left.append(room_in(group))
            for name in Path(path).parts[1:]:
                group /= name
                left.append(room_in(group))
    return min(left) >> 20


def room_in(group: Path) -> int:
    """Bytes left below a control group's limit, in either version of cgroups; its page cache counts
    as left"""
    for limit, used in (("memory.max", "memory.current"),
                        ("memory.limit_in_bytes", "memory.usage_in_bytes")):
        try:
            most = int((group / limit).read_text())
            taken = int((group / used).read_text())
            counts = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        except (OSError, ValueError):
            continue  # no such group, or "max"
        # Version 1 has what is in the groups below under names of its own.
        cached = sum(int(counts.get("total_" + name, counts.get(name, 0)))
                     for name in ("inactive_file", "active_file"))
        return max(0, most - max(0, taken - cached))
    return sys.maxsize
