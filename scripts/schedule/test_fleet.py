# SPDX-License-Identifier: GPL-2.0
"""Other machines: which they are, what they lack, what is taken over from them, how they fail."""
import io
import json
import os
import tarfile
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import fleet
from harness import HARNESS, KERNEL, SKIP, USAGE, Failure
from request import Request
from runs import Run

END = b'{"block":1}\n{"end":true}\n'
SOUND = {"arch": "x86_64", "release": "6.1.0", "cpus": "2", "boot_id": "b", "cannot_boot_once": "",
         "initramfs": "mkinitramfs", "full": ""}


class Named(unittest.TestCase):
    """HOSTS and INVENTORY"""

    def refused(self, text, call, *arguments):
        """A line that says what is wrong, and 64"""
        with self.assertRaises(Failure) as raised:
            call(*arguments)
        self.assertIn(text, str(raised.exception))
        self.assertEqual(raised.exception.code, USAGE)
        return str(raised.exception)

    def test_words_are_machines(self):
        machines = fleet.machines_of_words("root@lab1 lab2:2222 [fe80::1]:22 me@10.0.0.1")
        self.assertEqual([machine.name for machine in machines],
                         ["lab1", "lab2-2222", "_fe80__1_-22", "10.0.0.1"])
        self.assertEqual(machines[0].variables, {"ansible_host": "lab1", "ansible_user": "root"})
        self.assertEqual(machines[1].address, "lab2:2222")
        self.assertEqual(machines[2].variables["ansible_host"], "fe80::1")

    def test_words_that_are_none_are_named(self):
        for word in ("-oProxyCommand=x", "a;b", "lab1:x", "a/b", "$(id)"):
            self.refused(f"HOSTS: {word} is not [USER@]HOST[:PORT]", fleet.machines_of_words, word)

    def test_passwords_are_not_said(self):
        said = self.refused("use a key", fleet.machines_of_words, "root:secret@lab1")
        self.assertNotIn("secret", said)

    def test_same_machine_twice_is_named(self):
        self.refused("lab1: the same machine is named twice", fleet.check_twice,
                     fleet.machines_of_words("root@lab1 lab1"))
        self.refused("a and b: the same machine is named twice", fleet.check_twice, [
            fleet.Machine("a", {"ansible_host": "lab1"}), fleet.Machine("b", {"ansible_host": "lab1"})])
        fleet.check_twice(fleet.machines_of_words("lab1:22 lab1:2222"))
        fleet.check_twice(fleet.machines_of_words("lab1 lab2"))

    def test_lines_of_an_inventory_that_are_there_twice_are_named(self):
        self.assertEqual(fleet.twice_in("[a]\nlab1 x=1\nlab2\n# lab1\nlab1\n"), "lab1")
        self.assertEqual(fleet.twice_in("[a]\nlab1\n[b]\nlab1\n[b:vars]\nx=1\nx=1\n"), "")

    def test_groups_of_an_inventory_are_machines_once(self):
        machines = fleet.machines_of_list({
            "_meta": {"hostvars": {"lab1": {"ansible_port": 2222}}},
            "all": {"children": ["a", "b"]}, "a": {"hosts": ["lab2", "lab1"]}, "b": {"hosts": ["lab1"]}})
        self.assertEqual([(machine.name, machine.address) for machine in machines],
                         [("lab1", "lab1:2222"), ("lab2", "lab2:22")])

    def test_requests_of_other_targets_are_refused(self):
        for variables in ({"target": "vm"}, {"stock": "7.2.13"}, {"budget": "9m"}, {"ccs": "gcc"}):
            name = next(iter(variables)).upper()
            self.refused(f"{name}: not with HOSTS", fleet.bench, Request(hosts="lab1", **variables))
        self.refused("exclude each other", fleet.bench, Request(hosts="lab1", inventory="x"))
        self.refused("BOOT_TIMEOUT=soon", fleet.bench, Request(hosts="lab1", boot_timeout="soon"))


class Unfit(unittest.TestCase):
    """Machines that cannot be measured"""

    def why(self, **facts):
        """In words"""
        return fleet.unfit({**SOUND, **facts}, "x86_64")

    def test_facts_say_why(self):
        self.assertEqual(self.why(), "")
        self.assertIn("it is of aarch64, and kernels are built here for x86_64", self.why(arch="aarch64"))
        self.assertEqual(self.why(cannot_boot_once="there is no /boot/grub"),
                         "its boot loader cannot boot a kernel once: there is no /boot/grub")
        self.assertIn("none of mkinitramfs", self.why(initramfs=""))
        self.assertEqual(self.why(full="its disk is full: /boot"), "its disk is full: /boot")

    def test_facts_are_read(self):
        self.assertEqual(fleet.parse_facts("arch=x86_64\r\nos=A=B\n\nnoise\n"),
                         {"arch": "x86_64", "os": "A=B"})

    def test_failures_are_put_in_words(self):
        for said, words in (
                ("ssh: Could not resolve hostname lab9: Name or service not known", "unknown host"),
                ("root@lab1: Permission denied (publickey).", "refuses the ssh key"),
                ("Host key verification failed.", "host key is not known"),
                ("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
                 "host key has changed"),
                ("connect to host lab1 port 22: Connection refused", "by ssh: Connection refused"),
                ("Missing sudo password", "sudo asks for a password"),
                ("OSError: [Errno 28] No space left on device", "its disk is full"),
                ("timed out waiting for ping module test: x", "cannot be reached by ssh any more"),
                ("Timed out waiting for last boot time check (timeout=30)", "did not come back")):
            self.assertIn(words, fleet.words_of({"msg": said}))
        self.assertEqual(fleet.words_of({"stderr": "[guest] a stage\nwhat is wrong\n", "msg": "non-zero"}),
                         "what is wrong")
        self.assertEqual(fleet.words_of({"task": "fetch"}), "fetch failed")

    def test_failures_have_statuses(self):
        self.assertEqual(fleet.code_of({"rc": KERNEL}), KERNEL)
        self.assertEqual(fleet.code_of({"rc": SKIP}), SKIP)
        self.assertEqual(fleet.code_of({"rc": 255, "msg": "x"}), HARNESS)
        late = {"msg": "Timed out waiting for last boot time check"}
        self.assertEqual(fleet.code_of(late), KERNEL)
        self.assertEqual(fleet.code_of({**late, "task": fleet.OWN_KERNEL}), HARNESS)
        self.assertEqual(fleet.code_of({"msg": "timed out waiting for ping module"}), HARNESS)

    def test_first_failure_of_a_machine_counts(self):
        machine = fleet.Machine("lab1")
        with mock.patch("fleet.stage"):
            machine.fail("first", SKIP)
            machine.fail("second", HARNESS)
        self.assertEqual((machine.why, machine.code), ("first", SKIP))


class Taken(unittest.TestCase):
    """What comes from machines"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name).resolve()
        self.plan = {"boots": "2", "seconds": "60", "jobs": "split"}
        (self.path / "run").mkdir()
        self.run = Run(self.path / "run", self.plan)

    def take(self, **files):
        """Of a machine that has these: NAME_of_a_file, with . for the last _"""
        archive = self.path / "records.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            for name, content in files.items():
                member = tarfile.TarInfo("./run/" + name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        with mock.patch("fleet.planned", return_value=self.plan):
            fleet.take(archive, self.path, ["run"])

    def test_whole_boots_are_taken_over(self):
        self.take(**{"boot-1.jsonl": END, "boot-1.well": b"id\n", "console-1.log": b"said\n",
                     "machine.json": b"{}", "plan.json": b"theirs"})
        self.assertEqual(self.run.missing(), [2])
        self.assertEqual((self.run.folder / ".boot-1.well").read_text(), "id\n")
        self.assertEqual(self.run.console(1).read_text(), "said\n")
        # A plan is ours.
        self.assertEqual(sorted(os.listdir(self.run.folder)),
                         [".boot-1.well", "boot-1.jsonl", "console-1.log", "machine.json"])

    def test_broken_boots_are_kept_and_do_not_count(self):
        self.take(**{"boot-1.jsonl": b'{"block":1}\n'})
        self.assertEqual(self.run.missing(), [1, 2])
        with mock.patch("runs.stage"):
            self.take(**{"boot-1.jsonl": END, "boot-1.well": b"id\n"})
        self.assertEqual(self.run.missing(), [2])
        self.assertEqual((self.run.folder / "boot-1.broken-1.jsonl").read_bytes(), b'{"block":1}\n')

    def test_boots_that_ended_badly_do_not_count(self):
        self.take(**{"boot-1.jsonl": END})
        self.assertEqual(self.run.missing(), [1, 2])

    def test_what_is_there_is_not_changed(self):
        self.take(**{"boot-1.jsonl": END, "boot-1.well": b"id\n"})
        self.take(**{"boot-1.jsonl": b"other\n" + END, "boot-1.well": b"other\n"})
        self.assertEqual(self.run.samples(1).read_bytes(), END)

    def test_names_from_elsewhere_are_left_alone(self):
        self.take(**{"../../evil.json": b"x", "boot-9.jsonl": END, "machine.json.sh": b"x"})
        self.assertEqual(os.listdir(self.run.folder), [])
        self.assertEqual(sorted(os.listdir(self.path)), ["records.tar.gz", "run"])


class Ordered(unittest.TestCase):
    """Which boots"""

    def test_kernels_are_in_turn_and_boots_that_are_there_are_not_repeated(self):
        with tempfile.TemporaryDirectory() as path:
            runs = []
            for label in "AB":
                folder = Path(path) / f"r-lab1-{label}"
                folder.mkdir()
                runs.append(Run(folder, {"boots": "2", "seconds": "60", "jobs": "split", "builds": "1"},
                                label))
            runs[0].samples(1).write_bytes(END)
            machine = fleet.Machine("lab1", facts=SOUND, runs=runs)
            steps = fleet.schedule_of(Request(results=path), machine).pending()
            self.assertEqual([(step.label, step.boot) for step in steps], [("B", 1), ("B", 2), ("A", 2)])
            self.assertEqual(machine.pending(), 3)


class Played(unittest.TestCase):
    """Ansible, made up"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name)

    def fleet(self, failures, status=0):
        """With an ansible-playbook that says so"""
        self.said = []

        def call(*command, **environment):
            self.said.append(([str(word) for word in command], environment))
            (self.path / "failures").write_text("".join(json.dumps(each) + "\n" for each in failures))
            return status
        patch = mock.patch("fleet.call", call)
        patch.start()
        self.addCleanup(patch.stop)
        return fleet.Fleet(fleet.machines_of_words("root@lab1 root@lab2 lab3"), Request(hosts="x"),
                           self.path)

    def facts_of(self, name, **facts):
        """As facts.yml leaves them"""
        (self.path / name).mkdir(exist_ok=True)
        (self.path / name / "facts").write_text(
            "".join(f"{key}={value}\n" for key, value in {**SOUND, **facts}.items()))

    def test_machines_fail_one_by_one(self):
        this = self.fleet([{"host": "lab2", "kind": "unreachable", "msg": "Connection refused"}], 4)
        self.facts_of("lab1", boot_id="1")
        self.facts_of("lab3", boot_id="3", arch="aarch64")
        with mock.patch("fleet.stage"):
            this.look()
            self.assertEqual(fleet.conclude(this), SKIP)
        self.assertEqual([machine.name for machine in this.sound], ["lab1"])

    def test_two_names_of_a_machine_are_one(self):
        this = self.fleet([])
        for name in ("lab1", "lab2", "lab3"):
            self.facts_of(name, boot_id="1" if name != "lab2" else "2")
        with mock.patch("fleet.stage"):
            this.look()
        self.assertEqual(this.named("lab3").why, "it is lab1 under another name")
        self.assertEqual([machine.name for machine in this.sound], ["lab1", "lab2"])

    def test_ansible_that_fails_by_itself_is_the_end(self):
        with self.assertRaises(Failure):
            self.fleet([], 1).look()

    def test_user_s_settings_of_ansible_do_not_count(self):
        with mock.patch.dict(os.environ, {"ANSIBLE_HOST_KEY_CHECKING": "False"}):
            this = self.fleet([{"host": name, "msg": "x"} for name in ("lab1", "lab2", "lab3")])
            self.assertNotIn("ANSIBLE_HOST_KEY_CHECKING", os.environ)
        with mock.patch("fleet.stage"):
            this.look()
        self.assertTrue(self.said[0][1]["ANSIBLE_CONFIG"].endswith("fleet/ansible.cfg"))
        self.assertNotIn("StrictHostKeyChecking", (fleet.FLEET / "ansible.cfg").read_text())


if __name__ == "__main__":
    unittest.main()
