# SPDX-License-Identifier: GPL-2.0
"""What every module here shares: exit codes, lines on stages, and programs that are run.

scripts/lib.sh was sourced by who started us: the environment is ours already.
"""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

DONE, DIFFERS, INCONCLUSIVE, SKIP = 0, 1, 2, 4
USAGE, HARNESS, KERNEL, EMULATOR = 64, 70, 71, 72
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

TOP = Path(__file__).resolve().parents[2]
SPLITBENCH = TOP / "userspace/build/splitbench"


class Failure(Exception):
    """The end: one line that says what to do (""; it was said), and the status to end with."""

    def __init__(self, text: str, code: int = HARNESS) -> None:
        super().__init__(text)
        self.code = code


class Interrupted(BaseException):
    """A signal came that ends us; what we have started is to be ended first."""

    def __init__(self, number: int, _frame: object = None) -> None:
        super().__init__(number)
        self.number = number


def on_signals(handler: object) -> None:
    """What those do that end us; but for those that we were started to ignore, as by nohup"""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def interrupt(number: int, frame: object) -> None:
    """A handler of signals"""
    raise Interrupted(number, frame)


def stage(text: str) -> None:
    """One line on standard error, when a stage begins or ends"""
    start = os.environ.get("SPLITBENCH_START", "guest")
    since = start if start == "guest" else f"{int(time.time()) - int(start):4d}s"
    clear = "\r\033[K" if sys.stderr.isatty() else ""
    print(f"{clear}[{since}] {text}", file=sys.stderr, flush=True)


def exit_code(returncode: int) -> int:
    """A shell's status of a program: above 128 if a signal has killed it"""
    return returncode if returncode >= 0 else 128 - returncode


def call(*command: object, out: IO | None = None, quiet: bool = False, **environment: str) -> int:
    """Run a program to its end, for its status. It is not left behind by a signal that ends us:
    Ctrl-C has reached it too."""
    received = None
    with subprocess.Popen([str(word) for word in command], env={**os.environ, **environment},
                          stdout=out, stderr=subprocess.DEVNULL if quiet else None) as child:
        while child.returncode is None:
            try:
                child.wait()
            except Interrupted as this:
                received = this
                if this.number != signal.SIGINT:
                    child.terminate()
    if received:
        raise received
    return exit_code(child.returncode)


def run(*command: object, quiet: bool = False, otherwise: str | None = None,
        **environment: str) -> str:
    """What a program prints. If it fails, that is @otherwise, or the end: of the harness, but for
    statuses that are our own words."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as out:
        status = call(*command, out=out, quiet=quiet, **environment)
        out.seek(0)
        text = out.read().rstrip("\n")
    if status and otherwise is None:
        raise Failure("", status if status in (SKIP, USAGE, KERNEL) or status > 128 else HARNESS)
    return text if not status else otherwise or ""


def write(path: Path, text: str) -> None:
    """All of a file, or what it had before"""
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
