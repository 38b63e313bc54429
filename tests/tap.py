# SPDX-License-Identifier: GPL-2.0
"""Run tests of Python's unittest, in TAP's words: python3 tests/tap.py FILE

Of those in FILE, which match $TEST_PATTERN, a shell's pattern of names without test_.
"""
import fnmatch
import os
import sys
import unittest
from pathlib import Path


class Tap(unittest.TextTestResult):
    """A line for each test"""

    def line(self, word, test, text=""):
        """What it failed by follows as comments."""
        print(f"{word} - {test.id().rpartition('.test_')[2]}")
        for said in text.splitlines():
            print(f"# {said}")

    def addSuccess(self, test):
        super().addSuccess(test)
        self.line("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line("not ok", test, self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.line("not ok", test, self.errors[-1][1])


def tests_of(suite):
    """All of them"""
    for test in suite:
        yield from tests_of(test) if isinstance(test, unittest.TestSuite) else [test]


path = Path(sys.argv[1]).resolve()
sys.path.insert(0, str(path.parent))
pattern = "test_" + (os.environ.get("TEST_PATTERN") or "*")
wanted = [test for test in tests_of(unittest.defaultTestLoader.loadTestsFromName(path.stem))
          if fnmatch.fnmatchcase(test.id().rpartition(".")[2], pattern)]
with open(os.devnull, "w", encoding="utf-8") as null:
    runner = unittest.TextTestRunner(null, resultclass=Tap)
    sys.exit(not runner.run(unittest.TestSuite(wanted)).wasSuccessful())
