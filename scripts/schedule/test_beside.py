# SPDX-License-Identifier: GPL-2.0
"""Machines beside each other."""
import json
import tempfile
import unittest
from pathlib import Path

import beside


def summary(unit, **ratios):
    """As splitbench summary writes it"""
    return {"unit": unit, "kernel": "7.2 x", "cpu": "a CPU", "cells": [
        {"name": name, "ratios": {"old/new": ratio}} for name, ratio in ratios.items()]}


class Beside(unittest.TestCase):
    """A column each"""

    def test_ratios_are_texts(self):
        ratio = {"estimate": 1.5, "low": 1.25, "high": 1.75, "boots": 6, "claimed": True}
        self.assertEqual(beside.ratio_text(ratio), "1.50000* [1.25000, 1.75000]")
        self.assertEqual(beside.ratio_text({"estimate": 1.5, "boots": 1, "low": None, "high": None}),
                         "1.50000")
        self.assertEqual(beside.ratio_text({"estimate": None, "boots": 0}), "-")
        self.assertEqual(beside.ratio_text(None), "-")

    def test_cells_that_a_machine_does_not_have_are_empty(self):
        one = {"estimate": 2, "boots": 1}
        rows = beside.columns([("lab1", summary("tsc", a=one, b=one)),
                               ("lab2", summary("emulated", b=one))])
        self.assertEqual(rows[0], ["cell", "ratio", "lab1", "lab2"])
        self.assertEqual(rows[1][2:], ["tsc, Linux 7.2", "emulated, Linux 7.2"])
        self.assertEqual(rows[3:], [["a", "old/new", "2.00000", "-"],
                                    ["b", "old/new", "2.00000", "2.00000"]])

    def test_one_machine_is_no_table(self):
        with tempfile.TemporaryDirectory() as path:
            (Path(path) / "summary.json").write_text(json.dumps(summary("tsc")))
            self.assertEqual(beside.beside([("lab1", Path(path)), ("lab2", Path("/nowhere"))]), "")
            self.assertIn("lab2", beside.beside([("lab1", Path(path)), ("lab2", Path(path))]))


if __name__ == "__main__":
    unittest.main()
