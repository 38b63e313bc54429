# SPDX-License-Identifier: GPL-2.0
"""What ansible-playbook prints for make bench: a line for a step of a machine, and nothing of
what tasks return. Why a machine failed is appended to the file $SPLITBENCH_FAILURES, a line of
JSON each, for scripts/schedule/fleet.py, which says it in words."""
from __future__ import annotations

import json
import os
import sys
import time

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Tasks whose names begin with a capital are said."""
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "splitbench"

    def v2_runner_on_start(self, host, task):
        """A machine begins a task."""
        name = task.get_name()
        if not name[:1].isupper() or os.environ.get("SPLITBENCH_QUIET"):
            return
        since = int(time.time()) - int(os.environ.get("SPLITBENCH_START") or time.time())
        print(f"[{since:4d}s] {host.get_name()}: {name[0].lower()}{name[1:]}", file=sys.stderr,
              flush=True)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        """A task failed."""
        if not ignore_errors:
            self.note(result, "failed")

    def v2_runner_on_unreachable(self, result):
        """The machine cannot be reached, or no longer."""
        if not result._task.ignore_unreachable:  # pylint: disable=protected-access
            self.note(result, "unreachable")

    @staticmethod
    def note(result, kind):
        """For who has started us"""
        of = result._result  # pylint: disable=protected-access
        words = {key: of.get(key) for key in ("msg", "stdout", "stderr", "rc")}
        with open(os.environ["SPLITBENCH_FAILURES"], "a", encoding="utf-8") as file:
            file.write(json.dumps({"host": result._host.get_name(), "kind": kind,
                                   "task": result.task_name, **words}) + "\n")
