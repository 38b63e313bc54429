# SPDX-License-Identifier: GPL-2.0
"""Runs of several machines, a column each."""
import json
import tempfile
import unittest
from pathlib import Path

import columns
from harness import USAGE, Failure

ONE = {"estimate": 2, "boots": 1}


def summary(unit, **ratios):
    """As splitbench summary writes it"""
    return {"unit": unit, "kernel": "7.2 x", "cpu": "a CPU", "cells": [
        {"name": name, "ratios": {"old/new": ratio}} for name, ratio in ratios.items()]}


def comparison(a, b, ratio, **cell):
    """As splitbench compare --json writes it, of one cell"""
    return {"unit": "tsc", "A": {"run": "r-a", "cpu": "a CPU", **a}, "B": {"run": "r-b", **b}, "cells": [
        {"name": "anon-9-0", "A": {"arm": "old"}, "B": {"arm": "new"}, "B/A": ratio,
         "differs": False, "verdict": "INCONCLUSIVE", **cell}]}


class Columns(unittest.TestCase):
    """A column for each machine"""

    def test_ratios_are_texts(self):
        ratio = {"estimate": 1.5, "low": 1.25, "high": 1.75, "boots": 6, "claimed": True}
        self.assertEqual(columns.ratio_text(ratio), "1.50000* [1.25000, 1.75000]")
        self.assertEqual(columns.ratio_text({"estimate": 1.5, "boots": 1, "low": None, "high": None}),
                         "1.50000")
        self.assertEqual(columns.ratio_text({"estimate": None, "boots": 0}), "-")
        self.assertEqual(columns.ratio_text(None), "-")

    def test_cells_that_a_machine_does_not_have_are_empty(self):
        text = columns.table({"lab1": columns.of_summary(summary("tsc", a=ONE, b=ONE)),
                              "lab2": columns.of_summary(summary("emulated", b=ONE))})
        self.assertEqual([line.split() for line in text.splitlines()], [
            ["cell", "ratio", "lab1", "lab2"], ["tsc", "emulated"], ["Linux", "7.2", "Linux", "7.2"],
            ["a", "CPU", "a", "CPU"], ["a", "old/new", "2.00000", "-"],
            ["b", "old/new", "2.00000", "2.00000"]])

    def test_kernels_are_named_by_their_labels(self):
        ratio = {"estimate": 1.5, "low": 1.25, "high": 1.75, "p": 0.1}
        column = columns.of_comparison(comparison({"label": "before"}, {"label": "after"}, ratio))
        self.assertEqual(column["rows"], {("anon-9-0", "after/before (new/old)"):
                                          "1.50000 [1.25000, 1.75000] INCONCLUSIVE"})
        self.assertEqual(column["about"], ["tsc", "a CPU"])
        column = columns.of_comparison({"comparisons": [
            comparison({}, {}, ratio, differs=True, B={"arm": "old"}, verdict="REGRESSION"),
            comparison({"label": "a"}, {"label": "c"}, {"estimate": None})]})
        self.assertEqual(column["rows"], {
            ("anon-9-0", "B/A"): "1.50000* [1.25000, 1.75000] REGRESSION",
            ("anon-9-0", "c/a (new/old)"): "- INCONCLUSIVE"})

    def test_runs_are_sorted_by_machine(self):
        with tempfile.TemporaryDirectory() as path:
            runs = []
            for number, target in enumerate(({"machine": "lab1"}, {"machine": "lab2"}, {},
                                             {"machine": "lab1"})):
                runs.append(Path(path) / str(number))
                runs[-1].mkdir()
                (runs[-1] / "plan.json").write_text(json.dumps({"target": target}))
            machines = columns.of_machines(runs)
        self.assertEqual(machines, {"lab1": [runs[0], runs[3]], "lab2": [runs[1]], "": [runs[2]]})
        with self.assertRaises(Failure) as raised:
            columns.check(machines)
        self.assertIn("(2 of lab1, 1 of lab2, 1 of no machine that is named)", str(raised.exception))
        self.assertEqual(raised.exception.code, USAGE)


if __name__ == "__main__":
    unittest.main()
