# SPDX-License-Identifier: GPL-2.0
"""make bench HOSTS= or INVENTORY=: measure other machines, unattended. Each machine has a run of its
own, or one for each kernel; nothing is pooled. Ansible, with the playbooks in fleet/, connects to the
machines, reboots them and waits for them, each at its own pace. This module decides what is built for
which machine and which boots are still to be measured, and reports which machine failed and why. The
records of a boot are copied into the run before the next reboot, so the same command resumes a run.
With KBUILD=, one boot of a kernel that something else has built and booted is measured: see booted.py."""
from __future__ import annotations

import hashlib
import json
import os
import re
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable

import booted
import columns
from harness import (DONE, HARNESS, KERNEL, SKIP, SPLITBENCH, TOP, USAGE, Failure, Interrupted, call,
                     run, stage, write)
from kernels import Kernel, choose
from request import Request
from runs import Run, has_plan, planned, point_latest_to, report, sketch
from schedule import Schedule, in_turn, recall, share_of

FLEET = TOP / "fleet"
# Variables for VMs and their kernels, and those that are not implemented for other machines
NOT_HERE = ("target", "stock", "builds", "cpus", "unit", "budget", "ccs", "more")
# Seconds that a machine may take to come back after a reboot
BOOT_TIMEOUT = 900
# How many of them a machine that was lost before gets at the end of the run
LAST_LOOK = 30
# The task that boots a machine's own kernel
OWN_KERNEL = "Booting its own kernel"
# How often a machine is tried whose connection is lost during a run
TRIES = 2
# Messages of Ansible and ssh, and what to report for them
WORDS = (
    (r"Could not resolve hostname", "unknown host: its name has no address"),
    (r"REMOTE HOST IDENTIFICATION HAS CHANGED",
     "its host key has changed: somebody else may answer; if it was installed anew, ssh-keygen -R HOST"),
    (r"Host key verification failed",
     "its host key is not known: ssh to it once by hand and compare the key"),
    (r"Permission denied|Too many authentication failures",
     "it refuses the ssh key: ssh-copy-id, or name the right one in ~/.ssh/config"),
    (r"(Connection refused|No route to host|Connection timed out|Network is unreachable)",
     r"it cannot be reached by ssh: \1"),
    (r"(sudo: a password is required|Missing sudo password)",
     "no root: sudo asks for a password"),
    (r"No space left on device", "its disk is full"),
    (r"timed out waiting for ping module", "it cannot be reached by ssh any more"),
    (r"Timed out waiting for last boot time check|Timed out waiting for post-reboot",
     "it did not come back in time after a reboot"),
)


@dataclass
class Machine:
    """A machine that is measured."""
    name: str  # in the inventory
    variables: dict[str, object] = field(default_factory=dict)  # from the inventory: address, port
    facts: dict[str, str] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)  # one for each kernel
    packages: list[str] = field(default_factory=list)  # one for each kernel, see kernel/package.sh
    why: str = ""  # it failed; "": it did not
    code: int = DONE

    @property
    def address(self) -> str:
        """Its address and port, to find two names for one machine"""
        variables = self.variables
        return (f"{variables.get('ansible_host', self.name)}:"
                f"{variables.get('ansible_port', 22)}")

    def fail(self, why: str, code: int) -> None:
        """Record and print why it failed; only the first reason counts."""
        if not self.why:
            self.why, self.code = why, code
            stage(f"{self.name}: FAILED: {why}")

    def pending(self) -> int:
        """The number of boots that are still to be measured"""
        return sum(len(each.missing()) for each in self.runs)


def machines_of_words(hosts: str) -> list[Machine]:
    """The machines of HOSTS="root@lab1 lab2:2222": [USER@]HOST[:PORT]"""
    machines: list[Machine] = []
    for word in hosts.split():
        match = re.fullmatch(r"(?:([A-Za-z0-9._-]+)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]+))?", word)
        if not match or word[0] == "-":
            shown = re.sub(r":[^@]*@", ":...@", word)
            raise Failure(f"HOSTS: {shown} is not [USER@]HOST[:PORT]"
                          + ("; do not put a password on the command line: use a key"
                             if shown != word else ""), USAGE)
        user, host, port = match.groups()
        variables: dict[str, object] = {"ansible_host": host.strip("[]")}
        if user:
            variables["ansible_user"] = user
        if port:
            variables["ansible_port"] = int(port)
        name = re.sub(r"[\[\]:]", "_", host) + (f"-{port}" if port else "")
        machines.append(Machine(name, variables))
    return machines


def machines_of_list(listing: dict) -> list[Machine]:
    """The machines in the output of ansible-inventory --list"""
    names = sorted({name for group, of in listing.items() if group != "_meta"
                    for name in of.get("hosts", [])})
    variables = listing.get("_meta", {}).get("hostvars", {})
    return [Machine(name, variables.get(name, {})) for name in names]


def twice_in(text: str) -> str:
    """A duplicate name in a section of an INI inventory, which Ansible would merge; "": none"""
    seen: set[str] = set()
    for line in text.splitlines():
        word = line.split("#")[0].split(None, 1)[0] if line.split("#")[0].split() else ""
        if word.startswith("["):
            seen = set()
        elif word in seen and "=" not in word:
            return word
        seen.add(word)
    return ""


def check_twice(machines: Iterable[Machine]) -> None:
    """Refuse two entries for the same machine."""
    known: dict[str, str] = {}
    for machine in machines:
        for key in (machine.name, machine.address):
            if key in known and (key == machine.name or known[key] != machine.name):
                names = sorted({machine.name, known[key]})
                raise Failure(f"{' and '.join(names)}: the same machine is named twice", USAGE)
        known[machine.name] = known[machine.address] = machine.name


def words_of(failure: dict) -> str:
    """Why an Ansible task failed, in a line"""
    texts = [str(failure.get(key) or "") for key in ("stderr", "stdout", "msg")]
    for pattern, words in WORDS:
        for text in texts:
            match = re.search(pattern, text)
            if match:
                return match.expand(words)
    # The last line that our command printed, without lines about stages; otherwise Ansible's
    said = [line.strip() for line in texts[0].splitlines()
            if line.strip() and not line.startswith("[") and "Shared connection" not in line]
    lines = said[-1:] or [line.strip() for line in texts[2].splitlines() if line.strip()][:1]
    return lines[0] if lines else f"{failure.get('task')} failed"


def code_of(failure: dict) -> int:
    """The exit status for a failure"""
    status = failure.get("rc")
    if status in (1, SKIP, HARNESS, KERNEL):
        return int(status)
    if "come back in time" in words_of(failure) and failure.get("task") != OWN_KERNEL:
        return KERNEL
    return HARNESS


class Fleet:
    """The machines, and Ansible, which runs playbooks on them."""

    def __init__(self, machines: list[Machine], request: Request, work: Path) -> None:
        self.machines, self.request, self.work = machines, request, work
        # The user's settings for Ansible must not affect this.
        for name in [name for name in os.environ if name.startswith("ANSIBLE_")]:
            del os.environ[name]
        self.environment = {
            "ANSIBLE_CONFIG": str(FLEET / "ansible.cfg"), "ANSIBLE_HOME": str(work / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(work / "ansible/tmp"),
            # Sharing an existing connection would skip the check of the host key.
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(work / "cp"),
            "SPLITBENCH_FAILURES": str(work / "failures"), "PYTHONDONTWRITEBYTECODE": "1"}

    @property
    def boot_timeout(self) -> int:
        """Seconds that a machine may take to come back after a reboot"""
        return int(self.request.boot_timeout or BOOT_TIMEOUT)

    @property
    def sound(self) -> list[Machine]:
        """The machines that have not failed"""
        return [machine for machine in self.machines if not machine.why]

    def play(self, name: str, machines: list[Machine], **each: dict[str, object]) -> list[dict]:
        """Run a playbook on some machines. @each: the variables of each machine. Return: the first
        failure of each machine; the caller decides whether the machine has failed"""
        if not machines:
            return []
        request = self.request
        hosts = {machine.name: {
            **(machine.variables if not request.inventory else {}),
            **each.get(machine.name, {}),
            "becomes": machine.facts.get("becomes", "") == "yes"} for machine in machines}
        document = {"all": {"children": {"splitbench": {"hosts": hosts}}}}
        write(self.work / "machines.json", json.dumps(document))
        variables = {
            "work": str(self.work), "append": request.append,
            "boot_timeout": self.boot_timeout,
            "keep": request.keep == "1",
            "reboots": not request.kbuild,
            "fix": request.fix if request.fix != "0" else "",
            "take": ["/usr/bin/python3", "-EsB", str(TOP / "scripts/schedule"), "take"],
            "results": str(request.folder.resolve()), "wants_config": not request.config}
        write(self.work / "variables.json", json.dumps(variables))
        failures = self.work / "failures"
        failures.unlink(missing_ok=True)
        inventories = ["-i", request.inventory] if request.inventory else []
        status = call("ansible-playbook", *inventories, "-i", self.work / "machines.json",
                      "--forks", min(50, len(machines)), "-e", f"@{self.work}/variables.json",
                      FLEET / f"{name}.yml", **self.environment)
        found: dict[str, dict] = {}
        if failures.exists():
            for line in failures.read_text(encoding="utf-8").splitlines():
                failure = json.loads(line)
                found.setdefault(failure["host"], failure)
        if status and not found:
            raise Failure(f"ansible-playbook ended with status {status} (see above)")
        return list(found.values())

    def hang_up(self) -> None:
        """Close ssh's connections, which would stay open for a minute with our standard error"""
        for path in (self.work / "cp").glob("*"):
            call("ssh", "-O", "exit", "-o", f"ControlPath={path}", "machine", quiet=True)

    def named(self, name: str) -> Machine:
        """The machine of that name"""
        return next(machine for machine in self.machines if machine.name == name)

    def look(self) -> None:
        """Collect facts before anything is changed. Machines that cannot be measured fail."""
        for machine in self.machines:
            (self.work / machine.name).mkdir(exist_ok=True)
        for failure in self.play("facts", self.machines):
            self.named(failure["host"]).fail(words_of(failure), SKIP)
        seen: dict[str, str] = {}
        for machine in self.sound:
            facts = parse_facts((self.work / machine.name / "facts").read_text(encoding="utf-8"))
            machine.facts = facts
            why = (booted.unfit(facts, Path(self.request.kbuild)) if self.request.kbuild
                   else unfit(facts, os.uname().machine))
            if why:
                machine.fail(why, SKIP)
            elif facts["boot_id"] in seen:
                machine.fail(f"it is {seen[facts['boot_id']]} under another name", USAGE)
            seen[facts["boot_id"]] = machine.name


def parse_facts(text: str) -> dict[str, str]:
    """The facts in lines KEY=VALUE"""
    return dict(line.rstrip("\r").split("=", 1) for line in text.splitlines() if "=" in line)


def unfit(facts: dict[str, str], arch: str) -> str:
    """Why kernels of ours cannot be booted on a machine, in a line; "" if they can"""
    if facts["arch"] != arch:
        return (f"it is of {facts['arch']}, and kernels are built here for {arch}: "
                f"run make bench on a machine of {facts['arch']}")
    if facts["cannot_boot_once"]:
        return f"its boot loader cannot boot a kernel once: {facts['cannot_boot_once']}"
    if not facts["initramfs"]:
        return "none of mkinitramfs, dracut and mkinitcpio is there to make an initramfs"
    return facts["full"]


def key_of(request: Request, machine: Machine, kernel: Kernel) -> str:
    """A hash of all that has to be the same in all boots of a run"""
    words = [*request.plan_options(), *(
        [machine.facts["notes"]] if request.kbuild else
        [kernel.variant, kernel.source, kernel.revision, kernel.compiler, kernel.config, request.base,
         request.append, request.modules])]
    digest = hashlib.sha256("".join(f"{word}\n" for word in words).encode())
    if not request.like:
        digest.update(request.cells().read_bytes())
    digest.update(run(SPLITBENCH, "--version").encode() + b"\n")
    return digest.hexdigest()[:16]


def folder_of(request: Request, machine: Machine, kernel: Kernel, key: str) -> Path:
    """The folder of the run to resume, or of a new one: RUN-HOST, or fleet-HOST"""
    base = "-".join(filter(None, (request.run or "fleet", machine.name, kernel.label)))
    folder, number = request.folder / base, 1
    while has_plan(folder) and planned(folder).get("key") != key:
        if request.run:
            raise Failure(f"{folder} has another plan, kernel or splitbench, which are not changed: "
                          "use another RUN=NAME", USAGE)
        number += 1
        folder = request.folder / f"{base}.{number}"
    return folder


def unit_of(request: Request, machine: Machine) -> str:
    """The unit of a machine; a guest of the tests that stands for one has it on its command line"""
    return (re.search(r"(?:.*splitbench\.unit=([a-z]+))?", request.append)[1] or
            (request.kbuild and machine.facts["unit"]) or "tsc")


def begin(request: Request, machine: Machine, kernel: Kernel) -> Run:
    """Create or resume a machine's run of a kernel"""
    key = key_of(request, machine, kernel)
    folder = folder_of(request, machine, kernel, key)
    options = [*request.plan_options(), "--cpus", machine.facts["cpus"]]
    if not has_plan(folder):
        if request.dryrun:
            return Run(folder, sketch(options), kernel.label)
        request.folder.mkdir(parents=True, exist_ok=True)
        title = [f"--target=title={kernel.title}"] if kernel.title else []
        run(SPLITBENCH, "plan", "--run", folder, *options, *request.seed_options(),
            "--target=target=host", f"--target=key={key}",
            f"--target=unit={unit_of(request, machine)}", f"--target=machine={machine.name}",
            *([f"--target=label={kernel.label}"] if kernel.label else []), *title,
            f"--target=command={request.command()}")
    this = Run(folder, planned(folder), kernel.label)
    if not request.dryrun:
        this.hold()
    return this


def build(request: Request, machine: Machine, kernel: Kernel, this: Run, work: Path) -> str:
    """Build a kernel's packages for a machine, with the configuration that the machine had when its
    run began. Return: their folder"""
    kept = this.folder / "machine"
    if not (kept / "modules").exists():
        kept.mkdir(exist_ok=True)
        source = Path(request.config) if request.config else work / machine.name / "config"
        write(kept / "config", source.read_text(encoding="utf-8"))
        write(kept / "facts", "".join(f"{key}={machine.facts[key]}\n"
                                      for key in ("arch", "release", "cpus", "os", "initramfs")))
        write(kept / "modules", machine.facts["modules"].replace(" ", "\n") + "\n")
    modules = "" if request.modules == "all" else str(kept / "modules")
    variant = run(TOP / "kernel/variant.sh", "--name", kernel.variant, KSRC=kernel.source,
                  KREV=kernel.revision, BASE=request.base)
    packages = run(TOP / "kernel/variant.sh", "--package", variant, KSRC=kernel.source,
                   KREV=kernel.revision, BASE=request.base, SPLITBENCH_CC=kernel.compiler,
                   CONFIG=str(kept / "config"), LSMOD=modules, LABEL=kernel.label)
    config = Path(packages).parent / ".config"
    write(this.folder / "config", config.read_text(encoding="utf-8"))
    return packages


def release_of(packages: str) -> str:
    """The release of a built kernel"""
    folder = Path(packages) if booted.is_build(Path(packages)) else Path(packages).parent
    return booted.release_of(folder)


def schedule_of(request: Request, machine: Machine) -> Schedule:
    """The boots of a machine; kernels take turns"""
    unit = unit_of(request, machine)
    steps = in_turn(machine.runs, share_of(request.folder, unit, machine.runs[0].limit))
    schedule = Schedule(machine.name, unit, int(machine.facts["cpus"]), 0,
                        steps=[step for step in steps if step.boot])
    recall(schedule.steps, machine.runs)
    return schedule


def order(fleet: Fleet, machine: Machine, bundle: Path) -> dict[str, object]:
    """The variables that tell measure.yml what to do on a machine"""
    of = {this.folder.name: release_of(packages)
          for this, packages in zip(machine.runs, machine.packages)}
    steps = [{"name": step.name, "run": step.run, "boot": step.boot, "limit": step.limit,
              "release": of[step.run]}
             for step in schedule_of(fleet.request, machine).pending()]
    # With machine.json, a boot can check that it is on the same machine.
    files = [{"src": str(path), "dest": f"runs/{this.folder.name}/{path.name}"}
             for this in machine.runs for path in sorted(this.folder.glob("machine*.json"))]
    plans = [{"src": str(this.folder / "plan.json"), "dest": f"runs/{this.folder.name}/plan.json"}
             for this in machine.runs]
    by_us = not fleet.request.kbuild
    return {"steps": steps if by_us else steps[:1], "releases": list(of.values()) if by_us else [],
            "runs": list(of), "bundle": str(bundle), "files": plans + files,
            "patience": LAST_LOOK if machine.why else fleet.boot_timeout}


def take(archive: Path, results: Path, runs: list[str]) -> int:
    """Copy a machine's records into its runs: a boot that ended well counts; the files of another one
    are kept, but do not count. Files that a run has already are not changed."""
    with tarfile.open(archive) as tar:
        for run_name in runs:
            this = Run(results / run_name, planned(results / run_name))
            prefix = f"./{run_name}/"
            names = {member.name[len(prefix):]: member for member in tar.getmembers()
                     if member.isfile() and member.name.startswith(prefix)}

            def copy(name: str, to: Path) -> None:
                source = tar.extractfile(names[name])
                temporary = to.with_name(f".incoming-{to.name}")
                with open(temporary, "wb") as file:
                    file.write(source.read())
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(to)

            for name in names:
                if re.fullmatch(r"machine(-[0-9]+)?\.json", name) and not (this.folder / name).exists():
                    copy(name, this.folder / name)
            for boot in this.missing():
                take_boot(this, boot, names, copy)
    return DONE


def take_boot(this: Run, boot: int, names: dict, copy: object) -> None:
    """Copy a boot that the run does not have yet"""
    samples, console = this.samples(boot), this.console(boot)
    if samples.name not in names:
        return
    this.begin(boot)
    for path in (console, samples):
        if path.name in names:
            copy(path.name, path)
    if f"boot-{boot}.well" in names:
        copy(f"boot-{boot}.well", this.folder / f".boot-{boot}.well")
        this.is_well(boot)


def finish(fleet: Fleet) -> int:
    """Make tables and figures of each run, and comparisons of a machine's kernels"""
    status = DONE
    for machine in fleet.machines:
        measured = [this for this in machine.runs if len(this.missing()) < this.boots]
        for this in measured:
            stage(f"{machine.name}: {this.folder}: {this.boots - len(this.missing())} of "
                  f"{this.boots} boots are there")
            status = max(status, report(this.folder))
            point_latest_to(this.folder)
    of = columns.of_machines(this.folder for machine in fleet.machines for this in machine.runs
                             if len(this.missing()) < this.boots)
    # A machine that failed before its first boot of one of the kernels has nothing to compare.
    most = max(map(len, of.values()), default=0)
    whole = {name: runs for name, runs in of.items() if len(runs) == most}
    if len(whole) > 1:
        path = fleet.request.folder / f"{fleet.request.run or 'fleet'}-machines.txt"
        columns.compare(whole, path)
    elif most > 1:
        call(TOP / "scripts/compare.sh", *next(iter(whole.values())))
    return status


def dry(fleet: Fleet) -> int:
    """DRYRUN=1: print what would be measured, and what would be changed on each machine"""
    each = {}
    base = fleet.request.base or "X.Y"
    for machine in fleet.sound:
        labels = [f"-{this.label}" if this.label else "" for this in machine.runs]
        each[machine.name] = {"releases": [f"{base}-splitbench{label}" for label in labels]}
    if fleet.request.kbuild:
        for machine in fleet.sound:
            print(schedule_of(fleet.request, machine).text())
            print(f"on {machine.name}, as root: splitbench is copied to /var/lib/splitbench, measures the "
                  "boot that is there, and is removed")
        return conclude(fleet)
    for failure in fleet.play("show", fleet.sound, **each):
        fleet.named(failure["host"]).fail(words_of(failure), code_of(failure))
    for machine in fleet.sound:
        print(schedule_of(fleet.request, machine).text())
        print(f"on {machine.name} ({machine.facts['os']}), as root:")
        for line in (fleet.work / machine.name / "commands").read_text().splitlines():
            print(f"  {line}")
    return conclude(fleet)


def conclude(fleet: Fleet) -> int:
    """List the machines that failed. Return: the worst of their statuses"""
    failed = [machine for machine in fleet.machines if machine.why]
    if failed:
        stage(f"fleet: {len(failed)} of {len(fleet.machines)} machines failed, see above: "
              + " ".join(machine.name for machine in failed))
    return max((machine.code for machine in failed), default=DONE)


def prepare(fleet: Fleet, kernels: list[Kernel]) -> None:
    """Create or resume the runs, and build the kernels"""
    for machine in fleet.sound:
        machine.runs = [begin(fleet.request, machine, kernel) for kernel in kernels]
    if fleet.request.dryrun:
        return
    for machine in fleet.sound:
        if fleet.request.kbuild:
            booted.prepare(machine, Path(fleet.request.kbuild))
        if not machine.pending() or machine.why or machine.packages:
            continue
        try:
            machine.packages = [build(fleet.request, machine, kernel, this, fleet.work)
                                for kernel, this in zip(kernels, machine.runs)]
        except Failure as failure:
            machine.fail(str(failure) or "no kernel for it (see above)", failure.code)


def measure(fleet: Fleet) -> None:
    """Measure all missing boots. A machine whose connection is lost is tried again."""
    bundles: dict[tuple[str, ...], Path] = {}
    for machine in fleet.sound:
        of = tuple(machine.packages)
        if of and of not in bundles:
            stage(f"fleet: packing Linux {', '.join(map(release_of, of))} and splitbench")
            bundles[of] = fleet.work / f"bundle-{len(bundles)}.tar.gz"
            run(FLEET / "bundle.sh", bundles[of], *of)
    touched = [machine for machine in fleet.sound if machine.pending()]
    again = touched
    for tried in range(1, TRIES + 1):
        each = {machine.name: order(fleet, machine, bundles[tuple(machine.packages)])
                for machine in again}
        failures = fleet.play("measure", again, **each)
        again = []
        for failure in failures:
            machine, why = fleet.named(failure["host"]), words_of(failure)
            if tried < TRIES and failure["kind"] == "unreachable":
                stage(f"{machine.name}: lost: {why}; it is tried again")
                again.append(machine)
            else:
                machine.fail(why, code_of(failure))
    each = {machine.name: order(fleet, machine, bundles[tuple(machine.packages)])
            for machine in touched}
    for failure in fleet.play("remove", touched, **each):
        machine, why = fleet.named(failure["host"]), words_of(failure)
        if machine.why:
            stage(f"{machine.name}: what was installed is still there: {why}")
        machine.fail(f"what was installed is still there: {why}", code_of(failure))
    for machine in touched:
        if machine.pending() and not fleet.request.kbuild:
            machine.fail(f"{machine.pending()} boots are missing", HARNESS)


def machines_of(request: Request, work: Path) -> list[Machine]:
    """The machines of HOSTS or INVENTORY"""
    if request.hosts:
        return machines_of_words(request.hosts)
    path = Path(request.inventory)
    if not os.access(path, os.R_OK):
        raise Failure(f"INVENTORY={path} cannot be read", USAGE)
    if path.is_file() and path.suffix not in (".yml", ".yaml", ".json"):
        name = twice_in(path.read_text(encoding="utf-8", errors="replace"))
        if name:
            raise Failure(f"INVENTORY={path}: duplicate machine {name}", USAGE)
    listing = run("ansible-inventory", "-i", path, "--list", ANSIBLE_CONFIG=str(FLEET / "ansible.cfg"),
                  ANSIBLE_HOME=str(work / "ansible"))
    machines = machines_of_list(json.loads(listing))
    if not machines:
        raise Failure(f"INVENTORY={path} has no machines", USAGE)
    return machines


def bench(request: Request) -> int:
    """Do it all. Return: the exit status"""
    if request.hosts and request.inventory:
        raise Failure("HOSTS and INVENTORY exclude each other", USAGE)
    if request.said(NOT_HERE):
        said = [name.upper() for name in NOT_HERE if getattr(request, name)]
        raise Failure(f"{', '.join(said)}: not with HOSTS or INVENTORY, whose machines are measured "
                      "with their own CPUs, and with kernels that are built for them", USAGE)
    if not re.fullmatch(r"([1-9][0-9]{1,4})?", request.boot_timeout):
        raise Failure(f"BOOT_TIMEOUT={request.boot_timeout} is not a number of seconds", USAGE)
    if request.kbuild:
        request = booted.checked(request)
    kernels = choose(request)
    with tempfile.TemporaryDirectory(prefix="splitbench-fleet.") as folder:
        fleet = Fleet([], request, Path(folder))
        try:
            return everything(fleet, kernels)
        finally:
            fleet.hang_up()


def everything(fleet: Fleet, kernels: list[Kernel]) -> int:
    """All steps, from the machines to their tables. Return: the exit status"""
    fleet.machines = machines_of(fleet.request, fleet.work)
    check_twice(fleet.machines)
    fleet.look()
    prepare(fleet, kernels)
    if fleet.request.dryrun:
        return dry(fleet)
    try:
        measure(fleet)
    except Interrupted:
        stage("interrupted: our kernels may still be installed on machines, which do not boot them by "
              "default: the same command resumes, and removes them at its end")
        raise
    status = finish(fleet)
    return max(conclude(fleet), status)
