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
    """Measure what a reviewer may ask for: one process, where counts can be exact (orders, kinds of
    folio, nodes); then several at a time, which needs a clock. These are two runs, as units are never
    mixed; each is resumed if it exists. With TARGET=host, each boot of the machine is added to both.
    @bench: measures a run"""
    if request.said(("plan", "like", "kernels", "revs", "ccs", "budget")):
        raise Failure("a sweep has plans of its own, and one kernel: "
                      "not with PLAN, LIKE, KERNELS, REVS, CCS or BUDGET", USAGE)
    if request.said(("hosts", "inventory")):
        raise Failure("a sweep measures this machine or a VM: use make bench PLAN=sweep HOSTS=...",
                      USAGE)
    worst, nothing_to_do = DONE, 0
    name = request.run or time.strftime("%Y%m%dT%H%M%SZ-sweep", time.gmtime())
    parts = (("alone", replace(request, plan="sweep", cpus="")),
             ("beside", replace(request, plan="contend")))
    for number, (of, part) in enumerate(parts, 1):
        part = replace(part, run=f"{name}-{of}")
        folder = request.folder / part.run
        stage(f"sweep: part {number} of 2: {part.run}")
        if has_plan(folder):
            # It has a plan already: the same command resumes it.
            boots = planned(folder)["boots"]
            if request.boots not in ("", boots):
                raise Failure(f"{folder} has a plan of {boots} boots: use RUN={name} alone, "
                              "or another name", USAGE)
            part = replace(part, unit="", **dict.fromkeys(PLANNED, ""))
        try:
            status = bench(part)
        except Failure as failure:
            # This run may be complete, or have this boot already: the other may not.
            nothing_to_do += 1
            if failure.code != SKIP or not has_plan(folder) or nothing_to_do == len(parts):
                raise
            stage(f"sweep: {failure}")
            continue
        # A difference and an inconclusive result do not end the sweep; a broken contract does.
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
