# SPDX-License-Identifier: GPL-2.0
"""Tables and cover letters of the runs of several machines: a column each. Nothing is pooled: machines
differ, and so may their units. A run's machine is in its plan, where make bench HOSTS= has put it."""
from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Iterable

from harness import DONE, HARNESS, SPLITBENCH, TOP, USAGE, Failure, call, run, stage, write

# Of several machines, a run of each, or the runs of the same kernels of each: their folders by machine
Machines = dict[str, list[Path]]


def of_machines(runs: Iterable[Path]) -> Machines:
    """The runs by machine, in their order; those of no machine that is named are of "" """
    machines: Machines = {}
    for folder in runs:
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        machines.setdefault(plan.get("target", {}).get("machine", ""), []).append(folder)
    return machines


def check(machines: Machines) -> None:
    """Refuse runs of different numbers of kernels."""
    numbers = {len(runs) for runs in machines.values()}
    if len(numbers) > 1:
        of = ", ".join(f"{len(runs)} of {name or 'no machine that is named'}"
                       for name, runs in machines.items())
        raise Failure(f"the machines have different numbers of runs ({of}): name the runs of the same "
                      "kernels of each", USAGE)


def ratio_text(ratio: dict | None) -> str:
    """An estimate, its interval if it has one, and a star if a difference is claimed"""
    if not ratio or ratio.get("estimate") is None:
        return "-"
    star = "*" if ratio.get("claimed") else ""
    if ratio.get("low") is None or ratio.get("high") is None:
        return f"{ratio['estimate']:.5f}{star}"
    return f"{ratio['estimate']:.5f}{star} [{ratio['low']:.5f}, {ratio['high']:.5f}]"


def of_summary(summary: dict) -> dict:
    """A column of a run's summary.json: old against new"""
    return {"about": [summary["unit"], f"Linux {summary['kernel'].split()[0]}", summary.get("cpu") or ""],
            "rows": {(cell["name"], name): ratio_text(ratio) for cell in summary["cells"]
                     for name, ratio in cell.get("ratios", {}).items()}}


def of_comparison(document: dict) -> dict:
    """A column of a machine's compare.json: kernels against each other. Kernels without labels are
    named A and B, as their runs are named after the machine."""
    rows: dict[tuple[str, str], str] = {}
    each = document.get("comparisons", [document])
    for this in each:
        named = all(this[side].get("label") for side in "AB")
        pair = f"{this['B']['label']}/{this['A']['label']}" if named else "B/A"
        for cell in this["cells"]:
            arms = [cell[side]["arm"] for side in "AB"]
            name = pair + ("" if arms[0] == arms[1] else f" ({arms[1]}/{arms[0]})")
            ratio = {**cell["B/A"], "claimed": cell["differs"]}
            rows[cell["name"], name] = ratio_text(ratio) + f" {cell['verdict']}"
    return {"about": [each[0]["unit"], each[0]["A"].get("cpu") or ""], "rows": rows}


def table(columns: dict[str, dict]) -> str:
    """The columns, by machine, as text"""
    lines = [["cell", "ratio", *columns]]
    for about in zip(*(column["about"] for column in columns.values())):
        lines.append(["", "", *about])
    keys = dict.fromkeys(key for column in columns.values() for key in column["rows"])
    for key in keys:
        lines.append([*key, *(column["rows"].get(key, "-") for column in columns.values())])
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "".join("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip() + "\n"
                   for line in lines)


def of_run(folder: Path) -> tuple[int, dict]:
    """The status of a run's analysis, and its column"""
    status = call(SPLITBENCH, "summary", "--quiet", "--gate", folder)
    path = folder / "summary.json"
    if not path.exists():
        raise Failure("", status)
    return status, of_summary(json.loads(path.read_text(encoding="utf-8")))


def of_kernels(runs: list[Path]) -> tuple[int, dict]:
    """Compare the kernels of a machine, by scripts/compare.sh. Return: its status, and the column"""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        status = call(TOP / "scripts/compare.sh", *runs, out=nowhere)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        call(SPLITBENCH, "compare", "--json", "-", *runs, out=file)
        file.seek(0)
        text = file.read()
    if not text:
        raise Failure("", status or HARNESS)
    return status, of_comparison(json.loads(text))


def compare(machines: Machines, path: Path) -> int:
    """Write the table of all machines into a file, and print it. Return: the worst of their statuses"""
    check(machines)
    columns: dict[str, dict] = {}
    status = DONE
    for name, runs in machines.items():
        this, column = of_kernels(runs) if len(runs) > 1 else of_run(runs[0])
        status, columns[name or "-"] = max(status, this), column
    write(path, table(columns))
    print(table(columns), end="")
    stage(f"table of all machines: {path}")
    return status


def cover(machines: Machines, path: Path) -> int:
    """Write the cover letter's text for all machines into a file, and print it: that of each, by
    scripts/cover.sh, one after the other. Return: the exit status"""
    check(machines)
    texts = []
    for name, runs in machines.items():
        text = run(TOP / "scripts/cover.sh", *runs)
        texts.append(f"On {name or 'another machine'}:\n\n{text}\n")
    write(path, "\n".join(texts))
    print("\n".join(texts), end="")
    stage(f"cover letter of all machines: {path}")
    return DONE
