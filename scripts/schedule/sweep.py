# SPDX-License-Identifier: GPL-2.0
"""make sweep: two runs, one after the other."""
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from harness import DONE, HARNESS, INCONCLUSIVE, SKIP, USAGE, Failure, stage
from request import PLANNED, Request
from runs import Run, has_plan, planned


def sweep(request: Request, bench: Callable[[Request], int]) -> int:
    """All that a reviewer may ask for: first what one process does, where counts can be exact
    (orders, kinds of folio, nodes), then several at the same time, which takes a clock. Two runs,
    as units are never mixed; each is resumed if it is there. On this machine itself, where a boot is
    measured by the command and the next one after a reboot, each boot is one of both runs.
    @bench: measures one"""
    if request.said(("plan", "like", "kernels", "revs", "ccs", "budget")):
        raise Failure("a sweep has its plans, and is of one kernel: "
                      "not with PLAN, LIKE, KERNELS, REVS, CCS or BUDGET", USAGE)
    if request.said(("hosts", "inventory")):
        raise Failure("a sweep is of this machine or a VM: make bench PLAN=sweep HOSTS=...", USAGE)
    worst, nothing_to_do = DONE, 0
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
        try:
            status = bench(part)
        except Failure as failure:
            # What this boot, or a finished run, has already does not keep it from the other run.
            nothing_to_do += 1
            if failure.code != SKIP or not has_plan(folder) or nothing_to_do == len(parts):
                raise
            stage(f"sweep: {failure}")
            continue
        # A difference, or an inconclusive one, is a result; a broken contract, after which
        # not all is measured, is the end.
        if status > INCONCLUSIVE:
            return status
        if request.dryrun:
            continue
        plan = planned(folder)
        if plan.get("target") != "host" and Run(folder, plan).missing():
            return status or HARNESS
        worst = max(worst, status)
    stage(f"sweep: done: {request.folder}/{name}-alone {request.folder}/{name}-beside")
    return worst
