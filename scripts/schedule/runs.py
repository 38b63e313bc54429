# SPDX-License-Identifier: GPL-2.0
"""The folders of runs: their plans, which boots are measured, tables and figures."""
from __future__ import annotations

import fcntl
import tempfile
from pathlib import Path
from typing import IO

from harness import HARNESS, SPLITBENCH, TOP, Failure, call, run, stage


def planned(folder: Path) -> dict[str, str]:
    """A run's plan, as splitbench plan --show prints it: boots, builds, cpus, seconds, memory, ..."""
    lines = run(SPLITBENCH, "plan", "--show", folder).splitlines()
    return {key: value for key, _, value in (line.partition(" ") for line in lines)}


def sketch(options: list[str], quiet: bool = True) -> dict[str, str]:
    """The plan that these options make, without creating a run"""
    with tempfile.TemporaryDirectory() as folder:
        run(SPLITBENCH, "plan", "--run", folder, *options, quiet=quiet)
        return planned(Path(folder))


def has_plan(folder: Path) -> bool:
    """Is it a run?"""
    return (folder / "plan.json").exists()


class Run:
    """A run's folder. @more: boots to append, which its plan gets once they are measured"""

    def __init__(self, folder: Path, plan: dict[str, str], label: str = "", more: int = 0) -> None:
        self.folder, self.plan, self.label = folder, plan, label
        self.boots = int(plan["boots"]) + more
        self.limit = int(plan["seconds"])  # of a boot, after which it is considered hung
        self.has_commands = "migrate" in plan["jobs"].split()
        self.lock: IO | None = None

    def hold(self) -> None:
        """Lock the run until we end: another make bench would take a boot that is being measured
        for a crashed one."""
        self.lock = open(self.folder / ".lock", "w", encoding="ascii")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failure(f"another make bench is measuring {self.folder}") from None

    def samples(self, boot: int) -> Path:
        """The file with a boot's samples"""
        return self.folder / f"boot-{boot}.jsonl"

    def console(self, boot: int) -> Path:
        """The file with its kernel messages; 0: those of the boot for whole commands"""
        return self.folder / f"console-{boot or 'commands'}.log"

    def begun(self, boot: int) -> Path:
        """A file that exists until a boot is known to have ended well"""
        return self.folder / f".boot-{boot}.begun"

    def is_measured(self, boot: int) -> bool:
        """Is it complete, and did the target end well (if the folder was not copied without the
        file that says so)? 0: have the whole commands been measured?"""
        if not boot:
            return (self.folder / "hyperfine.json").exists()
        if self.begun(boot).exists() or not self.samples(boot).exists():
            return False
        with open(self.samples(boot), "rb") as file:
            file.seek(max(0, file.seek(0, 2) - 64))
            return (file.read().splitlines() or [b""])[-1].startswith(b'{"end"')

    def missing(self) -> list[int]:
        """The boots that are still to be measured"""
        return [boot for boot in range(1, self.boots + 1) if not self.is_measured(boot)]

    def begin(self, boot: int) -> None:
        """Prepare a boot: files of an earlier try are renamed. It counts once is_well() is called,
        as a kernel may complain after the last sample."""
        self.begun(boot).touch()
        set_aside(self.samples(boot))
        set_aside(self.console(boot))

    def is_well(self, boot: int) -> None:
        """The boot has ended well."""
        self.begun(boot).unlink()


def set_aside(file: Path) -> None:
    """Rename a file that a crash has left."""
    if not file.exists():
        return
    number = 1
    while (kept := file.with_name(f"{file.stem}.broken-{number}{file.suffix}")).exists():
        number += 1
    file.rename(kept)
    if file.suffix == ".jsonl":
        stage(f"measuring: {file.name} is incomplete: it is kept as {kept.name}, and the boot is "
              "measured again")


def report(folder: Path, quiet: bool = False) -> int:
    """Make the table and figures of a run. Return: the status of the analysis. If one of them
    fails, its earlier files stay."""
    status = into(folder / "table.txt", SPLITBENCH, "summary", folder, partial=True)
    into(folder / "ratio.txt", TOP / "plots/plot.sh", folder)
    if not quiet:
        call(TOP / "scripts/paint.sh", folder / "table.txt", folder / "ratio.txt")
    return status


def into(path: Path, *command: object, partial: bool = False) -> int:
    """Write a program's output to a file. @partial: also if it fails, as long as it prints
    something: a bad result has a table too. Return: its status"""
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "w", encoding="utf-8") as file:
        status = call(*command, out=file)
    if status and not (partial and temporary.stat().st_size):
        temporary.unlink()
        raise Failure(f"{path} cannot be made", status if partial else HARNESS)
    temporary.replace(path)
    return status


def point_latest_to(folder: Path) -> None:
    """Make results/latest a link to it"""
    link = folder.parent / "latest.tmp"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    link.replace(folder.parent / "latest")
