# SPDX-License-Identifier: GPL-2.0
"""The schedule: the order of boots, what is done of them, how long they take."""
import json
import tempfile
import unittest
from pathlib import Path

from runs import Run
from schedule import OTHER_SHARE, Schedule, in_turn, kept, minutes, recall, share_of


def make_run(folder: Path, label: str = "", boots: int = 2, builds: int = 1, jobs: str = "split",
             more: int = 0) -> Run:
    """One of which nothing is measured"""
    return Run(folder, {"boots": str(boots), "builds": str(builds), "seconds": "100",
                        "jobs": jobs}, label, more)


class InTurn(unittest.TestCase):
    """The order of boots"""

    def order(self, *runs: Run) -> str:
        """As words"""
        return " ".join(f"{step.label}{step.boot}" for step in in_turn(runs, 0.5))

    def test_kernels_take_turns(self):
        self.assertEqual(self.order(make_run(Path("x-a"), "a", 3), make_run(Path("x-b"), "b", 3)),
                         "a1 b1 b2 a2 a3 b3")
        self.assertEqual(self.order(*(make_run(Path(name), name) for name in "abc")),
                         "a1 b1 c1 c2 b2 a2")

    def test_runs_of_unequal_boots_are_measured_whole(self):
        self.assertEqual(self.order(make_run(Path("x-a"), "a", 1), make_run(Path("x-b"), "b", 3)),
                         "a1 b1 b2 b3")

    def test_appended_boots_are_scheduled(self):
        self.assertEqual(self.order(make_run(Path("x"), boots=2, more=2)), "1 2 3 4")

    def test_builds_take_turns(self):
        steps = in_turn([make_run(Path("x"), boots=4, builds=2)], 0.5)
        self.assertEqual([step.build for step in steps], [1, 2, 1, 2])

    def test_whole_commands_are_last(self):
        self.assertEqual(self.order(make_run(Path("x-a"), "a", jobs="split migrate"),
                                    make_run(Path("x-b"), "b")), "a1 b1 b2 a2 a0")


class Kept(unittest.TestCase):
    """A schedule in the folder of its run"""

    def setUp(self):
        self.results = tempfile.TemporaryDirectory()
        self.addCleanup(self.results.cleanup)
        self.run_ = make_run(Path(self.results.name) / "one", jobs="migrate")
        self.run_.folder.mkdir()
        self.schedule = Schedule("vm", "instructions", 1, 2048, 2, 1, ["both"],
                                 in_turn([self.run_], 0.5))

    def measure(self, boot: int) -> None:
        """As if it had been"""
        self.run_.samples(boot).write_text('{"schema":1}\n{"end":3}\n')

    def test_dry_run_says_it_all(self):
        self.schedule.layouts = 2
        self.schedule.builds = ["both", "both, build 2"]
        self.schedule.steps[0].took = 7
        self.schedule.steps[1].build = 2
        self.assertEqual(self.schedule.text().splitlines(), [
            "target: a VM with 1 CPU(s) and 2048 MiB of memory; its counter counts instructions",
            "build:  both", "build:  both, build 2", "run:    one",
            "  boot 1 of 2, build 1: is there", "  boot 2 of 2, build 2: about 50 s",
            "  whole commands, by hyperfine and perf stat: about 60 s",
            "in all, once built: about 60 s, 2 at a time"])

    def test_what_is_done_is_kept_with_its_seconds(self):
        self.schedule.done(self.schedule.pending()[0], 7, [self.run_])
        self.assertEqual([step.took for step in kept(self.run_.folder)], [7, None, None])
        self.assertEqual(json.loads((self.run_.folder / "schedule.json").read_text())["schema"],
                         "splitbench.schedule/1")

    def test_what_is_measured_is_not_pending(self):
        self.measure(2)
        steps = in_turn([self.run_], 0.5)
        recall(steps, [self.run_])
        self.assertEqual([step.took for step in steps], [None, 0, None])

    def test_seconds_of_a_boot_that_is_gone_are_forgotten(self):
        self.measure(1)
        for step in self.schedule.pending():
            self.schedule.done(step, 9, [self.run_])
        steps = in_turn([self.run_], 0.5)
        recall(steps, [self.run_])
        self.assertEqual([step.took for step in steps], [9, None, None])

    def test_other_schemas_are_not_read(self):
        self.schedule.save([self.run_])
        file = self.run_.folder / "schedule.json"
        file.write_text(file.read_text().replace("schedule/1", "schedule/9"))
        self.assertEqual(kept(self.run_.folder), [])
        file.write_text("{")
        self.assertEqual(kept(self.run_.folder), [])

    def test_time_is_known_from_runs_of_the_same_plan(self):
        folder = Path(self.results.name)
        self.assertEqual(share_of(folder, "tsc", 100), OTHER_SHARE)
        self.schedule.done(self.schedule.pending()[0], 20, [self.run_])
        self.assertEqual(share_of(folder, "instructions", 100), 0.2)
        self.schedule.steps[1].limit = 200
        self.schedule.done(self.schedule.pending()[0], 80, [self.run_])
        self.assertEqual(share_of(folder, "instructions", 200), 0.4)
        self.assertAlmostEqual(share_of(folder, "instructions", 300), 0.3)
        self.assertEqual(share_of(folder, "tsc", 100), OTHER_SHARE)

    def test_time_is_in_words(self):
        self.assertEqual([minutes(seconds) for seconds in (0, 119.4, 120, 600)],
                         ["0 s", "119 s", "2 min", "10 min"])


if __name__ == "__main__":
    unittest.main()
