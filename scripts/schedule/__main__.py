# SPDX-License-Identifier: GPL-2.0
"""make bench, make sweep, and the table and figures of a run: see scripts/README.md.

    python3 scripts/schedule bench | sweep | report RUN | take ARCHIVE RESULTS RUN...
"""
from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import fleet
import host
import vm
from harness import (DONE, HARNESS, INCONCLUSIVE, USAGE, Failure, Interrupted, interrupt, on_signals,
                     stage)
from request import OF_VM, PLANNED, Request
from runs import Run, has_plan, planned, report, sketch


def is_for_host(request: Request) -> bool:
    """Is this machine measured itself, as that is wanted, or possible?"""
    if request.target == "host" and request.builds:
        raise Failure("BUILDS boots kernels that are built for it: not with TARGET=host", USAGE)
    if request.target in ("host", "vm"):
        return request.target == "host"
    if request.run and has_plan(request.folder / request.run):
        return planned(request.folder / request.run).get("target") == "host"
    # What is about kernels or VMs is not about this machine.
    if request.said((*OF_VM, "builds")):
        return False
    why = host.lacks()
    as_it_is = why and not host.lacks(stock=True)
    stage(f"target: a VM; this machine is not suitable: {why}" +
          ("; TARGET=host measures migrations on its kernel as it is" if as_it_is else "") if why
          else "target: this machine; TARGET=vm for a VM")
    return not why


def bench(request: Request) -> int:
    """One run, or one of each kernel. What is wrong is said before anything is built."""
    request.check()
    sketch(request.plan_options() + request.seed_options(), quiet=False)
    if request.hosts or request.inventory:
        return fleet.bench(request)
    return (host if is_for_host(request) else vm).bench(request)


def sweep(request: Request) -> int:
    """All that a reviewer may ask for: first what one process does, where counts can be exact
    (orders, kinds of folio, nodes), then several at the same time, which takes a clock. Two runs,
    as units are never mixed; each is resumed if it is there."""
    if request.said(("plan", "like", "kernels", "revs", "ccs", "budget")):
        raise Failure("a sweep has its plans, and is of one kernel: "
                      "not with PLAN, LIKE, KERNELS, REVS, CCS or BUDGET", USAGE)
    if request.said(("hosts", "inventory")):
        raise Failure("a sweep is of this machine or a VM: make bench PLAN=sweep HOSTS=...", USAGE)
    worst = DONE
    name = request.run or time.strftime("%Y%m%dT%H%M%SZ-sweep", time.gmtime())
    parts = (("alone", replace(request, plan="sweep", cpus="")),
             ("beside", replace(request, plan="contend")))
    for number, (of, part) in enumerate(parts, 1):
        part = replace(part, run=f"{name}-{of}")
        folder = request.folder / part.run
        stage(f"sweep: part {number} of 2: {part.run}")
        if has_plan(folder):
            # It has its plan: the same command resumes it.
            boots = planned(folder)["boots"]
            if request.boots not in ("", boots):
                raise Failure(f"{folder} has a plan of {boots} boots: say RUN={name} alone, "
                              "or another name", USAGE)
            part = replace(part, unit="", **dict.fromkeys(PLANNED, ""))
        status = bench(part)
        # A difference, or an inconclusive one, is a result; a broken contract, after which
        # not all is measured, is the end.
        if status > INCONCLUSIVE:
            return status
        if not request.dryrun and Run(folder, planned(folder)).missing():
            return status or HARNESS
        worst = max(worst, status)
    stage(f"sweep: done: {request.folder}/{name}-alone {request.folder}/{name}-beside")
    return worst


def main(what: str, *arguments: str) -> int:
    """Return: the status to end with"""
    request = Request(**{field.name: os.environ.get(field.name.upper(), "")
                         for field in fields(Request)})
    on_signals(interrupt)
    try:
        if what == "report":
            return report(Path(arguments[0]), quiet=True)
        if what == "take":
            return fleet.take(Path(arguments[0]), Path(arguments[1]), list(arguments[2:]))
        return {"bench": bench, "sweep": sweep}[what](request)
    except Failure as failure:
        if str(failure):
            print(f"{what}: {failure}", file=sys.stderr)
        return failure.code
    except OSError as error:
        print(f"{what}: {error}", file=sys.stderr)
        return HARNESS
    except Interrupted as this:
        # Who has called us has to see that it was one.
        signal.signal(this.number, signal.SIG_DFL)
        os.kill(os.getpid(), this.number)
    return HARNESS


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
