# SPDX-License-Identifier: GPL-2.0
"""make bench, make sweep, and the table and figures of a run: see scripts/README.md.

    python3 scripts/schedule bench | sweep | report RUN | take ARCHIVE RESULTS RUN... |
        compare FILE RUN... | cover FILE RUN...
"""
from __future__ import annotations

import os
import signal
import sys
from dataclasses import fields
from pathlib import Path

import columns
import fleet
import host
import vm
from harness import HARNESS, USAGE, Failure, Interrupted, interrupt, on_signals, stage
from request import OF_VM, Request
from runs import has_plan, planned, report, sketch
from sweep import sweep


def is_for_host(request: Request) -> bool:
    """Is this machine measured itself: because of TARGET, or because it is suitable?"""
    if request.target == "host" and request.builds:
        raise Failure("BUILDS builds kernels for VMs: not with TARGET=host", USAGE)
    if request.target in ("host", "vm"):
        return request.target == "host"
    if request.run and has_plan(request.folder / request.run):
        return planned(request.folder / request.run).get("target") == "host"
    # Variables for kernels or VMs do not concern this machine.
    if request.said((*OF_VM, "builds")):
        return False
    why = host.lacks()
    as_it_is = why and not host.lacks(stock=True)
    stage(f"target: a VM; this machine is not suitable: {why}" +
          ("; TARGET=host measures migrations on its kernel as it is" if as_it_is else "") if why
          else "target: this machine; TARGET=vm for a VM")
    return not why


def bench(request: Request) -> int:
    """Measure one run, or one of each kernel. Usage errors come before anything is built."""
    request.check()
    sketch(request.plan_options() + request.seed_options(), quiet=False)
    if request.hosts or request.inventory:
        return fleet.bench(request)
    return (host if is_for_host(request) else vm).bench(request)


def main(what: str, *arguments: str) -> int:
    """Return: the exit status"""
    request = Request(**{field.name: os.environ.get(field.name.upper(), "")
                         for field in fields(Request)})
    on_signals(interrupt)
    try:
        if what == "report":
            return report(Path(arguments[0]), quiet=True)
        if what == "take":
            return fleet.take(Path(arguments[0]), Path(arguments[1]), list(arguments[2:]))
        if what in ("compare", "cover"):
            machines = columns.of_machines(map(Path, arguments[1:]))
            return getattr(columns, what)(machines, Path(arguments[0]))
        return bench(request) if what == "bench" else sweep(request, bench)
    except Failure as failure:
        if str(failure):
            print(f"{what}: {failure}", file=sys.stderr)
        return failure.code
    except OSError as error:
        print(f"{what}: {error}", file=sys.stderr)
        return HARNESS
    except Interrupted as this:
        # The caller has to see that a signal ended us.
        signal.signal(this.number, signal.SIG_DFL)
        os.kill(os.getpid(), this.number)
    return HARNESS


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
