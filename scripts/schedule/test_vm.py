# SPDX-License-Identifier: GPL-2.0
"""Kernels that fail: they are named, and the others are measured."""
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import vm
from harness import DIFFERS, DONE, HARNESS, INCONCLUSIVE, KERNEL, USAGE, Failure
from kernels import Kernel
from request import Request
from runs import Run

PLAN = {"boots": "2", "builds": "1", "seconds": "9", "jobs": "split", "cpus": "1", "memory": "64"}


class Broken(unittest.TestCase):
    """Kernels, of which some do not build, or fail when they boot"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.results = Path(folder.name)
        self.said = []
        self.begun = []
        self.status = {}  # what boots of a kernel end with, if that is not 0
        self.unbuilt = {}  # what kernels fail to be built with
        self.reported = []
        self.compared = []

    def build(self, kernel, _base, _builds):
        """Instead of Kernel.build()"""
        if kernel.label in self.unbuilt:
            raise Failure("", self.unbuilt[kernel.label])
        kernel.builds.append(self.results)

    def make_run(self, _walk, kernel, _unit, _options):
        """Instead of Walk._run()"""
        folder = self.results / f"x-{kernel.label}"
        folder.mkdir()
        return Run(folder, PLAN, kernel.label)

    def start(self, walk, step):
        """Instead of Walk.start()"""
        this = walk.of(step)[0]
        self.begun.append(step.name)
        this.begin(step.boot)
        (this.folder / "machine.json").touch()
        return subprocess.Popen(["sh", "-c", f"exit {self.status.get(step.label, 0)}"])

    def call(self, _script, *folders):
        """Instead of scripts/compare.sh"""
        self.compared += [folder.name for folder in folders]
        return INCONCLUSIVE

    def bench(self, *labels):
        """Return: the status of a run of these kernels"""
        with mock.patch.multiple(
                vm, stage=self.said.append, run=lambda *_words, **_environment: "instructions",
                planned=lambda _folder: PLAN, sketch=lambda *_options: PLAN, call=self.call,
                release_of=lambda _kernels: "7.2", point_latest_to=lambda _folder: None,
                report=lambda folder, quiet: self.reported.append(folder.name) or DONE,
                choose=lambda _request: [Kernel(label, "after") for label in labels]), \
             mock.patch("pool.stage"), mock.patch("pool.lanes", lambda *_sizes: 1), \
             mock.patch.dict("os.environ", SPLITBENCH_CACHE="/"), \
             mock.patch.object(Kernel, "build", lambda kernel, *rest: self.build(kernel, *rest)), \
             mock.patch.object(vm.Walk, "_run", lambda walk, *rest: self.make_run(walk, *rest)), \
             mock.patch.object(vm.Walk, "start", lambda walk, step: self.start(walk, step)):
            return vm.bench(Request(run="x", results=str(self.results)))

    def says(self, text):
        """Assert that a stage did"""
        self.assertTrue(any(text in line for line in self.said), self.said)

    def test_kernels_that_are_well_are_compared(self):
        self.assertEqual(self.bench("a", "b"), DONE)
        self.assertEqual(self.begun, ["a, boot 1 of 2", "b, boot 1 of 2", "b, boot 2 of 2",
                                      "a, boot 2 of 2"])
        self.assertEqual(self.compared, ["x-a", "x-b"])

    def test_kernel_that_cannot_be_built_is_left_out(self):
        self.unbuilt["b"] = KERNEL
        self.assertEqual(self.bench("a", "b", "c"), KERNEL)
        self.says("kernel: b cannot be built (see above); the others are measured")
        self.says("missing: b, which cannot be built")
        self.assertEqual(self.compared, ["x-a", "x-c"])
        self.assertEqual(len(self.begun), 4)

    def test_one_that_is_left_is_measured_alone(self):
        self.unbuilt["a"] = KERNEL
        self.assertEqual(self.bench("a", "b"), KERNEL)
        self.assertEqual((self.reported, self.compared), (["x-b"], []))

    def test_nothing_that_builds_is_the_end(self):
        self.unbuilt = {"a": KERNEL, "b": KERNEL}
        with self.assertRaises(Failure) as raised:
            self.bench("a", "b")
        self.assertEqual((raised.exception.code, self.begun), (KERNEL, []))

    def test_broken_build_scripts_are_the_end(self):
        for code in (HARNESS, USAGE):
            self.unbuilt = {"b": code}
            with self.assertRaises(Failure) as raised:
                self.bench("a", "b")
            self.assertEqual((raised.exception.code, self.begun), (code, []))

    def test_kernel_that_breaks_the_contract_is_measured_no_further(self):
        self.status["b"] = DIFFERS
        self.assertEqual(self.bench("a", "b", "c"), DIFFERS)
        self.assertEqual([name for name in self.begun if name[0] == "b"], ["b, boot 1 of 2"])
        self.assertEqual(self.compared, ["x-a", "x-c"])
        self.says("kernel: b is not measured any further; the others are")
        self.says("x-b, whose kernel failed")

    def test_last_kernel_that_fails_is_the_end(self):
        self.status = {"a": KERNEL, "b": DIFFERS}
        with self.assertRaises(Failure) as raised:
            self.bench("a", "b")
        self.assertEqual(raised.exception.code, DIFFERS)
        self.assertEqual((len(self.begun), self.reported), (2, []))

    def test_only_kernel_that_fails_is_the_end(self):
        self.status["a"] = KERNEL
        with self.assertRaises(Failure) as raised:
            self.bench("a")
        self.assertEqual((raised.exception.code, self.begun), (KERNEL, ["a, boot 1 of 2"]))

    def test_broken_harness_is_the_end(self):
        self.status["b"] = HARNESS
        with self.assertRaises(Failure) as raised:
            self.bench("a", "b")
        self.assertEqual((raised.exception.code, len(self.begun)), (HARNESS, 2))


if __name__ == "__main__":
    unittest.main()
