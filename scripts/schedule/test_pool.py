# SPDX-License-Identifier: GPL-2.0
"""The pool that walks a schedule, and how many guests there is memory for."""
import os
import signal
import subprocess
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import Callable
from unittest import mock

import harness
import pool


@dataclass
class Task:
    """What is a step here: a program, and what is called when it begins"""
    name: str
    command: str
    ready: Callable = lambda: False
    before: Callable = lambda: None
    child: subprocess.Popen = None


class Programs(pool.Pool):
    """A pool that says what happens"""

    def __init__(self, lanes, said):
        super().__init__(lanes)
        self.said = said

    def start(self, step):
        self.said.append(f"{step.name} begins")
        step.before()
        step.child = subprocess.Popen(["sh", "-c", step.command])
        return step.child

    def is_ready(self, step):
        return step.ready()

    def ended(self, step, status, took):
        self.said.append(f"{step.name} ends with {status}")


class Walk(unittest.TestCase):
    """Tasks that are programs, and what happens in which order"""

    def setUp(self):
        self.said = []
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)

    def walk(self, lanes, *tasks):
        """Return: the status"""
        with mock.patch("pool.stage"):
            return Programs(lanes, self.said).walk(tasks)

    def test_one_lane_is_one_after_the_other(self):
        self.assertEqual(self.walk(1, Task("a", "exit 0", lambda: True), Task("b", "exit 0")), 0)
        self.assertEqual(self.said, ["a begins", "a ends with 0", "b begins", "b ends with 0"])

    def test_two_lanes_are_beside_each_other(self):
        fifo = self.path / "fifo"
        os.mkfifo(fifo)
        # The first ends only if the second begins meanwhile.
        self.assertEqual(self.walk(2, Task("a", f"read line < {fifo}", lambda: True),
                                   Task("b", f"echo > {fifo}")), 0)
        self.assertEqual(self.said[:2], ["a begins", "b begins"])

    def test_others_wait_until_one_is_ready(self):
        there = self.path / "there"
        self.walk(2, Task("a", f"touch {there}", there.exists),
                  Task("b", "exit 0", before=lambda: self.assertTrue(there.exists())))
        self.assertIn("b ends with 0", self.said)

    def test_after_a_failure_no_other_is_begun(self):
        self.assertEqual(self.walk(1, Task("a", "exit 70"), Task("b", "exit 0")), 70)
        self.assertEqual(self.said, ["a begins", "a ends with 70"])

    def test_killed_programs_have_the_status_of_a_shell(self):
        self.assertEqual(self.walk(1, Task("a", "kill -9 $$")), 137)

    def test_failing_emulator_gets_three_tries(self):
        self.assertEqual(self.walk(1, Task("a", "exit 72")), harness.HARNESS)
        self.assertEqual(self.said, ["a begins"] * 3 + ["a ends with 70"])

    def test_emulator_that_fails_once_is_no_failure(self):
        file = self.path / "failed"
        self.assertEqual(self.walk(1, Task("a", f"[ -e {file} ] || {{ : > {file}; exit 72; }}")), 0)
        self.assertEqual(self.said, ["a begins"] * 2 + ["a ends with 0"])

    def test_interrupted_walk_leaves_nothing_running(self):
        fifo = self.path / "fifo"
        os.mkfifo(fifo)
        harness.on_signals(harness.interrupt)
        for number in harness.SIGNALS:
            self.addCleanup(signal.signal, number, signal.SIG_DFL)
        running = Task("a", f"read line < {fifo}", lambda: True)
        with self.assertRaises(harness.Interrupted) as raised:
            self.walk(2, running, Task(
                "b", "exit 0", before=lambda: os.kill(os.getpid(), signal.SIGINT)))
        self.assertEqual(raised.exception.number, signal.SIGINT)
        self.assertEqual(running.child.returncode, -signal.SIGTERM)

    def test_ignored_signals_stay_ignored(self):
        self.addCleanup(signal.signal, signal.SIGHUP, signal.signal(signal.SIGHUP, signal.SIG_IGN))
        harness.on_signals(harness.interrupt)
        for number in (signal.SIGINT, signal.SIGTERM):
            self.addCleanup(signal.signal, number, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGHUP)
        self.assertEqual(signal.getsignal(signal.SIGHUP), signal.SIG_IGN)

    def test_programs_do_not_hear_ctrl_c(self):
        child = pool.start("sh", "-c", "kill -INT $$; exit 3")
        self.assertEqual(child.wait(), 3)


class Memory(unittest.TestCase):
    """A machine that is made up"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.plant("proc/meminfo", "MemTotal: 9000000 kB\nMemAvailable: 8192000 kB\n")
        self.plant("proc/self/cgroup", "0::/user/shell\n")

    def plant(self, name: str, text: str) -> None:
        """A file of it"""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def limit(self, group: str, limit: str, used: int = 0, cached: int = 0) -> None:
        """A control group, in MiB"""
        group = f"sys/fs/cgroup/{group}"
        self.plant(f"{group}/memory.max", limit if limit == "max" else str(int(limit) << 20))
        self.plant(f"{group}/memory.current", str(used << 20))
        self.plant(f"{group}/memory.stat", f"anon 1\ninactive_file {cached << 20}\nactive_file 0\n")

    def available(self) -> int:
        """MiB"""
        return pool.memory_available(self.root)

    def test_without_a_limit_it_is_the_machines(self):
        self.assertEqual(self.available(), 8000)
        self.limit("user/shell", "max")
        self.assertEqual(self.available(), 8000)

    def test_limit_of_the_control_group_counts(self):
        self.limit("user/shell", "300", 100)
        self.assertEqual(self.available(), 200)

    def test_limits_above_it_count(self):
        self.limit("user/shell", "7000")
        self.limit("user", "3000", 1000)
        self.assertEqual(self.available(), 2000)
        # In a container, the top may have one.
        self.limit("", "900")
        self.assertEqual(self.available(), 900)

    def test_limits_of_the_first_version_count(self):
        self.plant("proc/self/cgroup", "4:memory:/shell\n2:cpu:/\n0::/\n")
        group = "sys/fs/cgroup/memory/shell"
        self.plant(f"{group}/memory.limit_in_bytes", str(300 << 20))
        self.plant(f"{group}/memory.usage_in_bytes", str(100 << 20))
        self.plant(f"{group}/memory.stat", "cache 1\n")
        self.assertEqual(self.available(), 200)
        self.plant(f"{group}/memory.stat", "inactive_file 0\nactive_file 0\n"
                   f"total_inactive_file {50 << 20}\ntotal_active_file {10 << 20}\n")
        self.assertEqual(self.available(), 260)

    def test_file_cache_can_be_given_back(self):
        self.limit("user/shell", "300", 250, 100)
        self.assertEqual(self.available(), 150)

    def test_limit_that_is_used_up_leaves_nothing(self):
        self.limit("user/shell", "300", 400)
        self.assertEqual(self.available(), 0)

    def test_lanes_are_as_many_as_there_is_memory_for(self):
        cpus = len(os.sched_getaffinity(0))
        self.assertEqual(pool.lanes("instructions", 2560, 2600), 1)
        self.assertEqual(pool.lanes("instructions", 2560, 200), 1)
        self.assertEqual(pool.lanes("instructions", 2560, 5200), min(2, cpus))
        self.assertEqual(pool.lanes("instructions", 1, 1 << 20), cpus)
        self.assertEqual(pool.lanes("emulated", 1, 1 << 20), 1)


if __name__ == "__main__":
    unittest.main()
