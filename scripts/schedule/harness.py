# SPDX-License-Identifier: GPL-2.0
"""What all modules here share: exit codes, messages about stages, and running programs.

scripts/bench.sh has sourced scripts/lib.sh, so the environment is a defined one.
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
    """Ends everything: one line that says what is wrong and what to do ("" if it was printed
    already), and the exit status."""

    def __init__(self, text: str, code: int = HARNESS) -> None:
        super().__init__(text)
        self.code = code


class Interrupted(BaseException):
    """A signal that ends us has arrived; what was started has to be stopped first."""

    def __init__(self, number: int, _frame: object = None) -> None:
        super().__init__(number)
        self.number = number


def on_signals(handler: object) -> None:
    """Set the handler of the signals that end us, but of those that were ignored at our start, as
    with nohup"""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def interrupt(number: int, frame: object) -> None:
    """A signal handler that raises Interrupted"""
    raise Interrupted(number, frame)


def stage(text: str) -> None:
    """Print a line on standard error when a stage begins or ends"""
    start = os.environ.get("SPLITBENCH_START", "guest")
    since = start if start == "guest" else f"{int(time.time()) - int(start):4d}s"
    clear = "\r\033[K" if sys.stderr.isatty() else ""
    print(f"{clear}[{since}] {text}", file=sys.stderr, flush=True)


def exit_code(returncode: int) -> int:
    """The exit status as a shell has it: above 128 if a signal killed the program"""
    return returncode if returncode >= 0 else 128 - returncode


def call(*command: object, out: IO | None = None, quiet: bool = False, **environment: str) -> int:
    """Run a program and return its status. If a signal ends us, it is stopped too; Ctrl-C reaches
    it directly."""
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
    """Run a program and return its output. If it fails, return @otherwise; without that, end: with
    its status if that is one of our exit codes, or else with HARNESS."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as out:
        status = call(*command, out=out, quiet=quiet, **environment)
        out.seek(0)
        text = out.read().rstrip("\n")
    if status and otherwise is None:
        raise Failure("", status if status in (SKIP, USAGE, KERNEL) or status > 128 else HARNESS)
    return text if not status else otherwise or ""


def write(path: Path, text: str) -> None:
    """Write a file atomically"""
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
