# SPDX-License-Identifier: GPL-2.0
"""What is asked for: variables, kernels, runs."""
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import kernels
from harness import TOP, USAGE, Failure
from request import Request
from runs import Run


class Refused(unittest.TestCase):
    """A line that says what is wrong, and 64"""

    def refused(self, text, call, *arguments):
        """Assert that it is"""
        with self.assertRaises(Failure) as raised:
            call(*arguments)
        self.assertIn(text, str(raised.exception))
        self.assertEqual(raised.exception.code, USAGE)

    def check(self, text, **variables):
        """Of a request with these"""
        self.refused(text, Request(**variables).check)

    def test_bad_variables_are_named(self):
        self.check("RUN=a/b is not the name of a folder", run="a/b")
        self.check("RUN=-x is not the name of a folder", run="-x")
        self.check("unknown UNIT=metres; known: tsc instructions emulated", unit="metres")
        self.check("unknown TARGET=moon; known: auto host vm", target="moon")
        self.check("BUILDS=0 is not a number of builds", builds="0")
        self.check("MORE=x is not a number of boots", more="x", run="a")
        self.check("MORE needs RUN=NAME", more="2")
        self.check("BUDGET=ages is not a time", budget="ages")
        self.check("BUDGET chooses boots and blocks", budget="1m", boots="3")
        known = " ".join(sorted(file.stem for file in (TOP / "userspace/plans").glob("*.json")))
        self.assertIn(" default ", known)
        self.refused(f"no plan nonsense; known: {known}", Request(plan="nonsense").cells)
        self.refused(f"no plan /nowhere/mine.json; known: {known}",
                     Request(plan="/nowhere/mine.json").cells)
        self.refused("LIKE takes all of a plan", Request(like="x", arms="old").plan_options)
        Request(run="a", more="6", unit="tsc", builds="999", target="vm").check()

    def test_kernels_that_are_none_are_named(self):
        self.refused("/does/not/exist is neither a folder nor one of: both new after before own",
                     kernels.choose, Request(kernels="before /does/not/exist"))
        self.refused("known: both new after before own auto", kernels.choose, Request(kernel="nonsense"))
        self.refused("set KSRC=DIR too", kernels.choose, Request(revs="a b"))
        self.refused("exclude each other", kernels.choose, Request(kernels="new", kernel="both"))

    def test_compilers_that_are_none_are_named(self):
        for word in ("icc", "gcc-", "clang-x", "/x/clang-19", "clang;ls"):
            self.refused(f"CCS: {word} is not a compiler for Linux", kernels.choose,
                         Request(ccs=f"gcc {word}"))
        for other in ("kernels", "revs", "cc"):
            self.refused("CCS compiles one kernel", kernels.choose, Request(ccs="gcc", **{other: "new"}))


class Said(unittest.TestCase):
    """What becomes of variables"""

    def test_budgets_are_times(self):
        self.assertEqual([Request(budget=text).budget_seconds() for text in
                          ("", "90", "90s", "10m", "1h")], [0, 90, 90, 600, 3600])

    def test_command_is_as_it_was_typed_without_where_things_are(self):
        self.assertEqual(Request().command(), "make bench")
        self.assertEqual(Request(default_plan="migrate", ksrc="/home/me/linux", boots="6", unit="tsc",
                                 kernels="/home/me/a before", run="x", seed="4").command(),
                         'make migrate KSRC=linux KERNELS="a before" BOOTS=6 UNIT=tsc')

    def test_plan_options_are_those_of_splitbench(self):
        options = Request(plan="split", new_order="4", boots="2").plan_options()
        self.assertEqual(options[0], "--cells")
        self.assertEqual(Path(options[1]).name, "split.json")
        self.assertEqual(options[2:], ["--new-order", "4", "--boots", "2"])
        self.assertEqual(Request(like="run", boots="3").plan_options(),
                         ["--like", "run", "--boots", "3"])

    def test_plan_of_the_target_stands_in(self):
        self.assertEqual(Request(default_plan="locks").cells().name, "locks.json")
        self.assertEqual(Request(default_plan="locks", plan="split").cells().name, "split.json")


class Kernels(unittest.TestCase):
    """Which are measured, and what they are called"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name).resolve()

    def git(self, *words):
        """In the folder"""
        subprocess.run(["git", "-C", self.path, "-c", "user.name=a", "-c", "user.email=a@b", *words],
                       check=True, stdout=subprocess.DEVNULL)

    def labels(self, **variables):
        """Of those that are chosen"""
        return [kernel.label for kernel in kernels.choose(Request(**variables))]

    def test_one_kernel_has_no_label(self):
        self.assertEqual(kernels.choose(Request()), [kernels.Kernel("", "both")])
        self.assertEqual(kernels.choose(Request(kernel="locks", ksrc="/x")),
                         [kernels.Kernel("", "locks", "/x")])

    def test_same_kernel_twice_has_two_labels(self):
        self.assertEqual(self.labels(kernels="new before new new"),
                         ["new", "before", "new.2", "new.3"])

    def test_compilers_are_sides_of_a_comparison(self):
        with mock.patch.object(kernels, "run", lambda *words, **_: f"{words[0]} 1.2\nFree") as _:
            chosen = kernels.choose(Request(ccs="gcc clang-19 /opt/bin/clang gcc", kernel="after"))
            self.assertEqual([kernel.label for kernel in chosen],
                             ["gcc", "clang-19", "clang", "gcc.2"])
            self.assertEqual([kernel.compiler for kernel in chosen],
                             ["gcc", "clang-19", "/opt/bin/clang", "gcc"])
            self.assertEqual({kernel.variant for kernel in chosen}, {"after"})
            self.assertEqual(chosen[1].title, "the new split alone, clang-19 1.2")
        missing = kernels.Kernel("x", "own", "", "", "/does/not/exist/clang", against=True)
        self.assertEqual(missing.title, "")

    def test_all_kernels_are_by_the_compiler_that_is_said(self):
        chosen = kernels.choose(Request(kernels="before after", cc="clang-19"))
        self.assertEqual([kernel.compiler for kernel in chosen], ["clang-19"] * 2)
        self.assertEqual(chosen[1].title, "the new split alone")
        self.assertEqual(Request(cc="clang-19", run="x").command(), "make bench CC=clang-19")

    def test_folders_are_called_by_their_names(self):
        (self.path / "a b").mkdir()
        (self.path / "fast+").mkdir()
        self.assertEqual(self.labels(kernels=f"{self.path}/fast+ own"), ["fast_", "own"])
        self.assertEqual(kernels.choose(Request(kernels=f"{self.path}/fast+"))[0].source,
                         f"{self.path}/fast+")

    def test_revisions_are_commits(self):
        self.git("init", "-q")
        self.git("commit", "-q", "--allow-empty", "-m", "mm: make it fast")
        self.git("tag", "v1")
        chosen = kernels.choose(Request(revs="v1 HEAD", ksrc=str(self.path)))
        self.assertEqual([kernel.label for kernel in chosen], ["v1", "HEAD"])
        self.assertRegex(chosen[1].revision, "^[0-9a-f]{40}$")

    def test_git_trees_are_titled_by_version_and_subject(self):
        self.git("init", "-q")
        self.git("commit", "-q", "--allow-empty", "-m", "mm: make it fast")
        self.git("tag", "-a", "-m", "one", "v1")
        self.git("commit", "-q", "--allow-empty", "-m", "mm: make it faster")
        tree = kernels.choose(Request(kernels=str(self.path)))[0]
        self.assertRegex(tree.title, '^v1-1-g[0-9a-f]{12} "mm: make it faster"$')
        (self.path / "linux").mkdir()
        self.assertEqual(kernels.choose(Request(kernels=f"{self.path}/linux"))[0].title, "")
        first = kernels.choose(Request(revs="v1", ksrc=str(self.path), kernel="both"))[0]
        self.assertEqual(first.title, 'the old split beside the new one, v1 "mm: make it fast"')

    def test_what_has_no_history_has_no_title_of_it(self):
        self.assertEqual(kernels.Kernel("x", "own", str(self.path)).title, "")
        self.assertEqual(kernels.Kernel("x", "before").title, "from before folio_split_unmapped()")

    def propose(self, number, subject):
        """A patch of a proposal"""
        folder = self.path / "split-tails"
        (folder / "mutants").mkdir(parents=True, exist_ok=True)
        (folder / "mutants/0009-x.patch").write_text("Subject: [PATCH] a mutant\n\n")
        (folder / f"000{number}-x.patch").write_text(
            f"From: me\nSubject: [PATCH {number}/2] {subject}\n\nBody\n")

    def test_proposals_are_kernels_titled_by_their_last_patch(self):
        self.propose(1, "mm: prepare")
        self.propose(2, "mm: split\n tails at once")
        with mock.patch.object(kernels, "PROPOSALS", self.path):
            chosen = kernels.choose(Request(kernels="after split-tails both+split-tails"))
            self.assertEqual([kernel.variant for kernel in chosen],
                             ["after", "split-tails", "both+split-tails"])
            self.assertEqual(chosen[1].title, "mm: split tails at once")
            self.assertEqual(chosen[2].title,
                             "the old split beside the new one, mm: split tails at once")
            self.assertEqual(chosen[2].label, "both_split-tails")
            self.propose(0, "mm: cheaper tails")
            self.assertEqual(chosen[1].title, "mm: cheaper tails")
            self.assertEqual(self.labels(kernel="mutants+split-tails"), [""])
            for word in ("both+nonsense", "nonsense+split-tails", "split-tails+both", "both+"):
                with self.assertRaises(Failure):
                    kernels.choose(Request(kernels=f"both {word}"))


class Runs(unittest.TestCase):
    """What of a run is measured"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.run_ = Run(Path(folder.name), {"boots": "3", "seconds": "9", "jobs": "split"})

    def test_boot_is_measured_if_it_is_whole_and_well(self):
        self.run_.samples(1).write_text('{"schema":1}\n{"end":3}\n')
        self.run_.samples(2).write_text('{"schema":1}\n{"block":1}\n' + '{"block":2,"end' + "x" * 99)
        self.run_.samples(3).write_text("")
        self.assertEqual(self.run_.missing(), [2, 3])
        self.run_.begun(1).touch()
        self.assertEqual(self.run_.missing(), [1, 2, 3])

    def test_what_a_crash_has_left_is_kept(self):
        for text in ("first", "second"):
            self.run_.samples(1).write_text(text)
            self.run_.console(1).write_text(text)
            with mock.patch("runs.stage") as stage:
                self.run_.begin(1)
        self.assertIn("is kept as boot-1.broken-2.jsonl", stage.call_args.args[0])
        folder = self.run_.folder
        self.assertEqual((folder / "boot-1.broken-1.jsonl").read_text(), "first")
        self.assertEqual((folder / "boot-1.broken-2.jsonl").read_text(), "second")
        self.assertEqual((folder / "console-1.broken-2.log").read_text(), "second")
        self.assertFalse(self.run_.samples(1).exists())
        self.run_.is_well(1)
        self.assertFalse(self.run_.begun(1).exists())

    def test_run_is_held_by_one(self):
        other = Run(self.run_.folder, self.run_.plan)
        self.run_.hold()
        self.addCleanup(self.run_.lock.close)
        with self.assertRaises(Failure) as raised:
            other.hold()
        other.lock.close()
        self.assertIn("another make bench is measuring", str(raised.exception))


if __name__ == "__main__":
    unittest.main()
