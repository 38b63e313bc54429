# SPDX-License-Identifier: GPL-2.0
"""make sweep: which of its two runs are measured, resumed and left alone."""
import tempfile
import unittest
from pathlib import Path

import sweep
from harness import DONE, HARNESS, INCONCLUSIVE, SKIP, SPLITBENCH, USAGE, Failure, run
from request import Request
from runs import has_plan, planned

WHOLE = '{"end": 0}\n'


class Sweep(unittest.TestCase):
    """With boots that are made up"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()
        self.request = Request(results=folder.name, run="s", boots="2", blocks="1")
        self.begun = []

    def bench(self, target, status=DONE, boots=2):
        """What measures @boots of a run at a time"""
        def measure(request):
            folder = self.folder / request.run
            self.begun.append(request.run)
            if not has_plan(folder):
                run(SPLITBENCH, "plan", "--run", folder, *request.plan_options(),
                    f"--target=target={target}")
            there = len(list(folder.glob("boot-*.jsonl")))
            if there == 2:
                raise Failure("all 2 boots are there", SKIP)
            for boot in range(there + 1, min(2, there + boots) + 1):
                (folder / f"boot-{boot}.jsonl").write_text(WHOLE)
            return status
        return measure

    def test_both_runs_are_measured(self):
        self.assertEqual(sweep.sweep(self.request, self.bench("vm", INCONCLUSIVE)), INCONCLUSIVE)
        self.assertEqual(self.begun, ["s-alone", "s-beside"])
        self.assertEqual(planned(self.folder / "s-alone")["boots"], "2")

    def test_run_that_lacks_a_boot_is_the_end(self):
        self.assertEqual(sweep.sweep(self.request, self.bench("vm", boots=1)), HARNESS)
        self.assertEqual(self.begun, ["s-alone"])

    def test_boot_of_this_machine_is_one_of_both_runs(self):
        bench = self.bench("host", boots=1)
        for _ in range(2):
            self.assertEqual(sweep.sweep(self.request, bench), DONE)
        self.assertEqual(self.begun, ["s-alone", "s-beside"] * 2)
        for name in ("s-alone", "s-beside"):
            self.assertEqual(len(list((self.folder / name).glob("boot-*.jsonl"))), 2)

    def test_what_is_measured_already_does_not_keep_it_from_the_other_run(self):
        self.assertEqual(sweep.sweep(self.request, self.bench("host")), DONE)
        for file in (self.folder / "s-beside").glob("boot-*.jsonl"):
            file.unlink()
        self.assertEqual(sweep.sweep(self.request, self.bench("host")), DONE)
        with self.assertRaises(Failure) as raised:
            sweep.sweep(self.request, self.bench("host"))
        self.assertEqual(raised.exception.code, SKIP)

    def test_machine_that_lacks_something_is_the_end(self):
        def lacks(_):
            raise Failure("there is no module", SKIP)
        with self.assertRaises(Failure):
            sweep.sweep(self.request, lacks)

    def test_other_plans_are_refused(self):
        for bad in (Request(plan="split"), Request(kernels="a b"), Request(hosts="lab1")):
            with self.assertRaises(Failure) as raised:
                sweep.sweep(bad, self.bench("vm"))
            self.assertEqual(raised.exception.code, USAGE)


if __name__ == "__main__":
    unittest.main()
