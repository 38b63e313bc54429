# SPDX-License-Identifier: GPL-2.0
"""Folders of runs: their plans, what of them is measured, their tables and figures."""
from __future__ import annotations

import fcntl
import tempfile
from pathlib import Path
from typing import IO

from harness import HARNESS, SPLITBENCH, TOP, Failure, call, run, stage


def planned(folder: Path) -> dict[str, str]:
    """A run's plan as scripts see it: boots, builds, cpus, seconds, memory, jobs; kernel, ..."""
    lines = run(SPLITBENCH, "plan", "--show", folder).splitlines()
    return {key: value for key, _, value in (line.partition(" ") for line in lines)}


def sketch(options: list[str], quiet: bool = True) -> dict[str, str]:
    """What a plan of these options comes to, without a run"""
    with tempfile.TemporaryDirectory() as folder:
        run(SPLITBENCH, "plan", "--run", folder, *options, quiet=quiet)
        return planned(Path(folder))


def has_plan(folder: Path) -> bool:
    """Is it a run?"""
    return (folder / "plan.json").exists()


class Run:
    """A run's folder. Its plan has boots that are appended when they are there."""

    def __init__(self, folder: Path, plan: dict[str, str], label: str = "", more: int = 0) -> None:
        self.folder, self.plan, self.label = folder, plan, label
        self.boots = int(plan["boots"]) + more
        self.limit = int(plan["seconds"])  # of a boot, until it is taken for hung
        self.has_commands = "migrate" in plan["jobs"].split()
        self.lock: IO | None = None

    def hold(self) -> None:
        """Until we end: a second one would take a boot in the making for a crashed one."""
        self.lock = open(self.folder / ".lock", "w", encoding="ascii")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failure(f"another make bench is at work in {self.folder}") from None

    def samples(self, boot: int) -> Path:
        """What is measured of a boot"""
        return self.folder / f"boot-{boot}.jsonl"

    def console(self, boot: int) -> Path:
        """What the kernel said in it; 0: while whole commands were measured"""
        return self.folder / f"console-{boot or 'commands'}.log"

    def begun(self, boot: int) -> Path:
        """There while a boot is not known to be well"""
        return self.folder / f".boot-{boot}.begun"

    def is_measured(self, boot: int) -> bool:
        """Is it there whole, and did the target end well? As far as is known of one whose
        folder was copied from elsewhere. 0: are the whole commands there?"""
        if not boot:
            return (self.folder / "hyperfine.json").exists()
        if self.begun(boot).exists() or not self.samples(boot).exists():
            return False
        with open(self.samples(boot), "rb") as file:
            file.seek(max(0, file.seek(0, 2) - 64))
            return (file.read().splitlines() or [b""])[-1].startswith(b'{"end"')

    def missing(self) -> list[int]:
        """Boots that are not"""
        return [boot for boot in range(1, self.boots + 1) if not self.is_measured(boot)]

    def begin(self, boot: int) -> None:
        """What there is of a boot is put aside. It counts once it is said to be well, as a kernel
        may complain after the last line."""
        self.begun(boot).touch()
        set_aside(self.samples(boot))
        set_aside(self.console(boot))

    def is_well(self, boot: int) -> None:
        """The boot has ended well."""
        self.begun(boot).unlink()


def set_aside(file: Path) -> None:
    """What a crash has left is kept under another name."""
    if not file.exists():
        return
    number = 1
    while (kept := file.with_name(f"{file.stem}.broken-{number}{file.suffix}")).exists():
        number += 1
    file.rename(kept)
    if file.suffix == ".jsonl":
        stage(f"measuring: {file.name} was begun and did not end: what there is of it is kept as "
              f"{kept.name}, and it is measured anew")


def report(folder: Path, quiet: bool = False) -> int:
    """Table and figures of a run, for the status of the analysis. Either may fail: what there
    was before stays then."""
    status = into(folder / "table.txt", SPLITBENCH, "summary", folder, partial=True)
    into(folder / "ratio.txt", TOP / "plots/plot.sh", folder)
    if not quiet:
        call(TOP / "scripts/paint.sh", folder / "table.txt", folder / "ratio.txt")
    return status


def into(path: Path, *command: object, partial: bool = False) -> int:
    """What a program prints is in that file then. @partial: although it fails, if it prints any:
    the results are bad then, and not their table."""
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "w", encoding="utf-8") as file:
        status = call(*command, out=file)
    if status and not (partial and temporary.stat().st_size):
        temporary.unlink()
        raise Failure(f"{path} cannot be made", status if partial else HARNESS)
    temporary.replace(path)
    return status


def point_latest_to(folder: Path) -> None:
    """So that it can be named results/latest"""
    link = folder.parent / "latest.tmp"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    link.replace(folder.parent / "latest")
