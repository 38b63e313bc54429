# SPDX-License-Identifier: GPL-2.0
"""A table of the runs of several machines, a column each. Nothing is pooled: machines differ, and so
may their units."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Sequence


def ratio_text(ratio: dict | None) -> str:
    """An estimate, its interval if it has one, and a star if a difference is claimed"""
    if not ratio or not ratio.get("boots"):
        return "-"
    star = "*" if ratio.get("claimed") else ""
    if ratio.get("low") is None or ratio.get("high") is None:
        return f"{ratio['estimate']:.5f}{star}"
    return f"{ratio['estimate']:.5f}{star} [{ratio['low']:.5f}, {ratio['high']:.5f}]"


def columns(runs: Sequence[tuple[str, dict]]) -> list[list[str]]:
    """The table's rows, headings first. @runs: the names of columns, and their summary.json"""
    rows = [["cell", "ratio", *(name for name, _ in runs)],
            ["", "", *(f"{summary['unit']}, Linux {summary['kernel'].split()[0]}"
                       for _, summary in runs)],
            ["", "", *(summary.get("cpu") or "" for _, summary in runs)]]
    keys: dict[tuple[str, str], None] = {}
    for _, summary in runs:
        for cell in summary["cells"]:
            keys.update({(cell["name"], ratio): None for ratio in cell.get("ratios", {})})
    for cell_name, ratio in keys:
        row = [cell_name, ratio]
        for _, summary in runs:
            cell = next((cell for cell in summary["cells"] if cell["name"] == cell_name), {})
            row.append(ratio_text(cell.get("ratios", {}).get(ratio)))
        rows.append(row)
    return rows


def table(rows: Sequence[Sequence[str]]) -> str:
    """The rows as text"""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "".join("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() + "\n"
                   for row in rows)


def beside(runs: Sequence[tuple[str, Path]]) -> str:
    """The table of runs' folders, under these names; "" if fewer than two have a summary"""
    there = [(name, json.loads((folder / "summary.json").read_text(encoding="utf-8")))
             for name, folder in runs if (folder / "summary.json").exists()]
    return table(columns(there)) if len(there) > 1 else ""
