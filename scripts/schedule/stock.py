# SPDX-License-Identifier: GPL-2.0
"""Stock kernels next to those that are built: a first table before the first build, and a comparison
that shows the effect of configuration and compiler."""
from __future__ import annotations

import json
import os
import re
from dataclasses import fields
from pathlib import Path

from harness import DIFFERS, DONE, INCONCLUSIVE, SPLITBENCH, TOP, call, stage
from request import Request

# Variables with which a run may still start with a table of a stock kernel
OF_PREVIEW = ("target", "unit", "results", "seed", "margin", "dryrun")
# Enough to see whether boots differ, few enough for two minutes
PREVIEW_BOOTS = 2


def is_cold() -> bool:
    """Has no kernel been built yet?"""
    built = Path(os.environ["SPLITBENCH_CACHE"], "kernel").glob("*/*/.complete")
    return all(file.parent.name == "src" for file in built)


def wants_preview(request: Request) -> bool:
    """Is it the default run, and has its kernel still to be built?"""
    said = [field.name for field in fields(request) if getattr(request, field.name)]
    return all(name in OF_PREVIEW for name in said) and is_cold()


def numbers(release: str) -> str:
    """7.2.13 of 7.2.13+deb14-amd64"""
    return re.match("[0-9.]*", release)[0]


def facts_of(folder: Path) -> tuple[str, bool]:
    """The release of a run's kernel, "" if it is not known, and whether it is a stock kernel"""
    try:
        machine = json.loads((folder / "machine.json").read_text(encoding="utf-8"))
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        return numbers(machine["kernel"]["release"]), bool(plan.get("target", {}).get("stock"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "", False


def counterpart(folder: Path) -> Path | None:
    """The last run in the same folder that it can be compared with, of a kernel of the same release,
    if one of the two is a stock kernel and the other is not"""
    release, is_stock = facts_of(folder)
    others = [plan.parent for plan in folder.parent.glob("*/plan.json")
              if release and not plan.parent.is_symlink()
              and facts_of(plan.parent) == (release, not is_stock)]
    others.sort(key=lambda other: -(other / "machine.json").stat().st_mtime)
    with open(os.devnull, "w", encoding="ascii") as nowhere:
        return next((other for other in others if call(
            SPLITBENCH, "compare", other, folder, out=nowhere, quiet=True)
            in (DONE, DIFFERS, INCONCLUSIVE)), None)


def compare_with_counterpart(folder: Path) -> None:
    """Compare the distribution's own kernel and ours of the same release: it shows the effect of
    configuration and compiler. Its result does not affect the run's status."""
    other = counterpart(folder)
    if not other:
        return
    pair = (folder, other) if facts_of(folder)[1] else (other, folder)
    stage("stock: the same release as built by its distribution (A) and as built here (B)")
    call(TOP / "scripts/compare.sh", *pair)
