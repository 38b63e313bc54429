# SPDX-License-Identifier: GPL-2.0
"""Stock kernels: what is asked for, when there is a first table, what is compared with what."""
import json
import os
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

import kernels
import stock
import vm
from harness import DONE, USAGE, Failure
from request import Request


class Stock(unittest.TestCase):
    """With a cache and runs that are made up"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name).resolve()
        patch = mock.patch.dict(os.environ, SPLITBENCH_CACHE=folder.name)
        patch.start()
        self.addCleanup(patch.stop)

    def built(self, name):
        """A folder in the cache that is whole"""
        folder = self.path / "kernel/key" / name
        folder.mkdir(parents=True)
        (folder / ".complete").touch()

    def run_of(self, name, release, **target):
        """A run"""
        folder = self.path / name
        folder.mkdir()
        (folder / "machine.json").write_text(json.dumps({"kernel": {"release": release}}))
        (folder / "plan.json").write_text(json.dumps({"target": target}))
        return folder

    def test_releases_are_kernels(self):
        one = kernels.choose(Request(stock="7.2.13"))
        self.assertEqual([(one[0].label, one[0].variant, one[0].release)], [("", "stock", "7.2.13")])
        several = kernels.choose(Request(kernels="both", stock="7.2.6 7.2.6"))
        self.assertEqual([kernel.label for kernel in several],
                         ["both", "stock-7.2.6", "stock-7.2.6.2"])
        self.assertEqual(kernels.choose(Request(stock="no"))[0].variant, "both")
        self.assertEqual(Request(stock="7.2.6").cells().name, "stock.json")
        self.assertEqual(Request(stock="no").cells().name, "default.json")

    def test_bad_ones_are_refused(self):
        for text, bad in (("STOCK=x is not a release", Request(stock="x")),
                          ("not with BUILDS or REVS", Request(stock="7.2.6", builds="2")),
                          ("use KERNELS=, not KERNEL=", Request(stock="7.2.6", kernel="both"))):
            with self.assertRaises(Failure) as raised:
                bad.check()
                kernels.choose(bad)
            self.assertIn(text, str(raised.exception))
            self.assertEqual(raised.exception.code, USAGE)

    def test_first_table_is_of_the_first_run_alone(self):
        request = Request(target="vm", results="x", seed="3")
        self.assertTrue(stock.wants_preview(request))
        for name in ("stock", "plan", "kernel", "kernels", "run", "boots", "ksrc", "default_plan"):
            self.assertFalse(stock.wants_preview(replace(request, **{name: "no"})))
        self.built("src")
        self.assertTrue(stock.wants_preview(request))
        self.built("0123456789abcdef")
        self.assertFalse(stock.wants_preview(request))

    def test_first_table_that_fails_is_a_line(self):
        for bench in (mock.Mock(side_effect=Failure("no mirror")), mock.Mock(return_value=70),
                      mock.Mock(side_effect=OSError("disk full"))):
            with mock.patch("vm.bench", bench), mock.patch("vm.stage") as stage:
                vm.preview(Request())
            self.assertIn("no table of a stock kernel", stage.call_args.args[0])
            self.assertIn("continuing", stage.call_args.args[0])
            self.assertEqual(bench.call_args.args[0].stock, "newest")

    def test_counterpart_is_the_same_release_built_otherwise(self):
        ours = self.run_of("ours", "7.2.13", kernel="both")
        self.run_of("other", "7.2.6+deb13-amd64", stock="7.2.6")
        with mock.patch("stock.call", return_value=DONE):
            self.assertIsNone(stock.counterpart(ours))
            theirs = self.run_of("theirs", "7.2.13+deb14-amd64", stock="7.2.13")
            self.assertEqual(stock.counterpart(ours), theirs)
            self.assertEqual(stock.counterpart(theirs), ours)
        with mock.patch("stock.call", return_value=USAGE):
            self.assertIsNone(stock.counterpart(ours))

    def test_stock_is_always_the_first(self):
        ours = self.run_of("ours", "7.2.13", kernel="both")
        theirs = self.run_of("theirs", "7.2.13+deb14-amd64", stock="7.2.13")
        for folder in (ours, theirs):
            with mock.patch("stock.call", return_value=DONE) as call, mock.patch("stock.stage"):
                stock.compare_with_counterpart(folder)
            self.assertEqual(call.call_args.args[1:], (theirs, ours))


if __name__ == "__main__":
    unittest.main()
