# SPDX-License-Identifier: GPL-2.0
"""Boots that another engine made: which kernel runs, which boots are measured already, what is ordered."""
import hashlib
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import booted
import fleet
from harness import SKIP, USAGE, Failure
from request import Request
from runs import Run

RELEASE = "7.2.0-x"


class Booted(unittest.TestCase):
    """KBUILD="""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name).resolve()
        self.build = self.path / "build"
        (self.build / "include/config").mkdir(parents=True)
        (self.build / "include/config/kernel.release").write_text(RELEASE + "\n")
        (self.build / ".config").write_text("CONFIG_X86=y\n")
        self.facts = {"arch": os.uname().machine, "release": RELEASE, "notes": "n", "boot_id": "id-2",
                      "unit": "emulated", "cpus": "1"}

    def machine(self, *wells):
        """A machine with a run of two boots, of which these boot ids are measured"""
        this = Run(self.path / "run", {"boots": "2", "seconds": "60", "jobs": "split", "builds": "1"})
        this.folder.mkdir()
        for boot, boot_id in enumerate(wells, 1):
            this.samples(boot).write_bytes(b'{"end":true}\n')
            (this.folder / f".boot-{boot}.well").write_text(boot_id + "\n")
        return fleet.Machine("lab1", facts=self.facts, runs=[this])

    def refused(self, text, **variables):
        """A line that says what is wrong, and 64"""
        with self.assertRaises(Failure) as raised:
            booted.checked(Request(hosts="lab1", **variables))
        self.assertIn(text, str(raised.exception))
        self.assertEqual(raised.exception.code, USAGE)

    def test_what_does_not_fit_together_is_refused(self):
        self.refused("KERNELS: not with KBUILD", kbuild=str(self.build), kernels="before after")
        self.refused("APPEND, KEEP: not with KBUILD", kbuild=str(self.build), append="quiet", keep="1")
        self.refused("is not the build folder of a kernel", kbuild=str(self.path))
        self.assertEqual(booted.checked(Request(kbuild=f"{self.build}/.")).kbuild, str(self.build))

    def test_other_kernels_are_named(self):
        self.assertEqual(booted.unfit(self.facts, self.build), "")
        self.assertIn("it is of m68k", booted.unfit({**self.facts, "arch": "m68k"}, self.build))
        self.assertIn("it runs Linux 6.1, and KBUILD=",
                      booted.unfit({**self.facts, "release": "6.1"}, self.build))

    def test_other_builds_of_the_release_are_named(self):
        (self.build / "vmlinux").touch()

        def objcopy(*command):
            Path(command[-1]).write_bytes(b"notes")
        with mock.patch("booted.run", objcopy):
            self.assertIn("it runs another build of Linux 7.2.0-x", booted.unfit(self.facts, self.build))
            notes = hashlib.sha256(b"notes").hexdigest()
            self.assertEqual(booted.unfit({**self.facts, "notes": notes}, self.build), "")

    def test_next_boot_is_measured(self):
        machine = self.machine("id-1")
        booted.prepare(machine, self.build)
        self.assertEqual((machine.why, machine.packages), ("", [str(self.build)]))
        self.assertEqual((machine.runs[0].folder / "config").read_text(), "CONFIG_X86=y\n")
        request = Request(hosts="lab1", kbuild=str(self.build), results=str(self.path))
        this = fleet.Fleet([machine], request, self.path)
        order = fleet.order(this, machine, self.path / "bundle")
        self.assertEqual([(step["boot"], step["release"]) for step in order["steps"]], [(2, RELEASE)])
        self.assertEqual(order["releases"], [])
        self.assertEqual(fleet.unit_of(request, machine), "emulated")

    def test_first_of_several_boots_is_ordered(self):
        machine = self.machine()
        booted.prepare(machine, self.build)
        this = fleet.Fleet([machine], Request(kbuild=str(self.build), results=str(self.path)), self.path)
        self.assertEqual(len(fleet.order(this, machine, self.path)["steps"]), 1)

    def test_boot_is_measured_once(self):
        machine = self.machine("id-2")
        with mock.patch("fleet.stage"):
            booted.prepare(machine, self.build)
        self.assertIn("this boot is boot 1 of", machine.why)
        self.assertFalse((machine.runs[0].folder / "config").exists())
        self.assertEqual(machine.code, SKIP)

    def test_run_that_is_complete_gets_no_more(self):
        machine = self.machine("id-0", "id-1")
        with mock.patch("fleet.stage"):
            booted.prepare(machine, self.build)
        self.assertIn("has all 2 boots", machine.why)
        self.assertFalse((machine.runs[0].folder / "config").exists())


if __name__ == "__main__":
    unittest.main()
