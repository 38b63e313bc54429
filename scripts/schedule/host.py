# SPDX-License-Identifier: GPL-2.0
"""make bench on this machine, with its running kernel. Each boot is an observation, so this measures
one: after a reboot, the same command adds the next boot to the same run. Only the measurement itself
runs as root, by scripts/host.sh."""
from __future__ import annotations

import hashlib
import os
import re
import time
from dataclasses import replace
from pathlib import Path

from harness import DONE, HARNESS, SKIP, SPLITBENCH, TOP, USAGE, Failure, call, run, stage, write
from request import OF_VM, Request
from runs import Run, has_plan, into, planned, point_latest_to, report, sketch
from schedule import Schedule, in_turn, recall, share_of

# No inference with fewer; see userspace/stats/stats.h.
ENOUGH_BOOTS = 6
HOST = TOP / "scripts/host.sh"
LOCKDOWN = Path("/sys/kernel/security/lockdown")


def lacks(stock: bool = False) -> str:
    """What this machine lacks, in a line; "" if it is suitable. @stock: for migrations on a kernel
    without patches"""
    return run(HOST, "--lacks", *(["--stock"] if stock else []))


def what_is_left() -> str:
    """What can be done nevertheless, if this machine lacks something"""
    can_watch = run(SPLITBENCH, "migrate", "--list-arms").splitlines()[-1].startswith("new ")
    try:
        with open("/proc/kallsyms", encoding="ascii", errors="replace") as symbols:
            can_watch &= any(line.split()[2] == "migrate_vma_setup" for line in symbols)
        locked = LOCKDOWN.exists() and "[confidentiality]" in LOCKDOWN.read_text()
    except OSError:
        locked = True
    return "TARGET=vm measures in a VM" + (
        "" if locked or not can_watch else ", and sudo userspace/build/splitbench watch shows what "
        "migrations of other programs take here")


def key_of(request: Request) -> str:
    """A hash of all that has to be the same in all boots of a run"""
    digest = hashlib.sha256("".join(f"{word}\n" for word in request.plan_options()).encode())
    if not request.like:
        digest.update(request.cells().read_bytes())
    digest.update(Path("/sys/kernel/notes").read_bytes())
    digest.update(run(SPLITBENCH, "--version").encode() + b"\n")
    return digest.hexdigest()[:16]


def boot_of(this: Run, boot_id: str) -> int:
    """The number of the machine's boot @boot_id in a run; 0 if the run does not have it"""
    return next((boot for boot in range(1, this.boots + 1) if this.is_measured(boot)
                 and well(this, boot).exists() and boot_id in well(this, boot).read_text().split()), 0)


def well(this: Run, boot: int) -> Path:
    """The file with the machine's boot id for a boot of the run"""
    return this.folder / f".boot-{boot}.well"


def choose_folder(request: Request, key: str, release: str, boot_id: str) -> Path:
    """The folder of the run to resume, or of a new one"""
    if request.run:
        folder = request.folder / request.run
        if has_plan(folder) and planned(folder).get("key") != key and request.said(
                ("plan", "arms", "boots", "blocks", "reps", "margin", "new_order", "like")):
            raise Failure(f"{folder} has a plan already, which is not changed: "
                          f"use RUN={request.run} alone, or another name", USAGE)
        return folder
    base = re.sub("[^A-Za-z0-9._-]", "_", f"{os.uname().nodename}-{release}")
    folder, number = request.folder / base, 1
    # A run with another plan or kernel, or with all its boots, is not resumed.
    while has_plan(folder):
        this = Run(folder, planned(folder))
        if this.plan.get("key") == key and (this.missing() or boot_of(this, boot_id)):
            break
        number += 1
        folder = request.folder / f"{base}.{number}"
    return folder


def how_many_more(this: Run) -> str:
    """How many boots are still needed for a reliable result"""
    made = this.boots - len(this.missing())
    if made == this.boots:
        return f"all {made} boots are there"
    more = f": {ENOUGH_BOOTS - made} more make inference possible" if made < ENOUGH_BOOTS else ""
    return (f"{made} of {this.boots} boots are there; reboot, and make bench "
            f"RUN={this.folder.name} adds the next{more}")


def measure(this: Run, schedule: Schedule, module: str, fact: dict[str, str]) -> int:
    """Measure this boot; and, once per run, whole commands, if the run has migrations and the driver
    is there. Return: a bad status if these are missing; scripts/host.sh has said why."""
    step = schedule.pending()[0]
    this.begin(step.boot)
    stage(f"measuring: {step.name}, this one")
    since = time.monotonic()
    status = call(HOST, this.console(step.boot), TOP / "scripts/target-measure.sh", this.folder,
                  step.boot, module, fact["test_hmm"])
    if status:
        raise Failure("", status)
    write(well(this, step.boot), fact["boot_id"] + "\n")
    this.is_well(step.boot)
    schedule.done(step, round(time.monotonic() - since), [this])
    if not schedule.pending(commands=True) or fact["has_test_hmm"] != "y":
        return DONE
    stage("measuring: whole commands, by hyperfine and perf stat")
    driver = f"test_hmm={fact['test_hmm']}" if fact["test_hmm"] else "test_hmm"
    status = call(HOST, this.console(0), SPLITBENCH, "guard", "--load", driver,
                  TOP / "scripts/target-commands.sh", this.folder, fact["unit"])
    if status >= 128:
        raise Failure("", status)
    if status:
        stage("measuring: whole commands are missing (see above), the run is otherwise complete")
    return HARNESS if status else DONE


def open_run(request: Request, fact: dict[str, str]) -> Run:
    """The run that this boot is measured into, new or resumed"""
    key = key_of(request)
    folder = choose_folder(request, key, fact["release"], fact["boot_id"])
    more = int(request.more or 0)
    if not has_plan(folder):
        if more:
            raise Failure(f"there is no run {folder} to append boots to", USAGE)
        options = [*request.plan_options(), "--cpus", str(len(os.sched_getaffinity(0)))]
        if request.dryrun:
            return Run(folder, sketch(options))
        request.folder.mkdir(parents=True, exist_ok=True)
        run(SPLITBENCH, "plan", "--run", folder, *options, *request.seed_options(),
            "--target=target=host", f"--target=key={key}", f"--target=unit={fact['unit']}",
            f"--target=kernel={fact['release']}", f"--target=command={request.command()}",
            *([f"--target=stock={fact['release']}",
               f"--target=title=stock: Linux {fact['release']}, as it runs here"]
              if request.as_it_is else []))
    if request.dryrun:
        return Run(folder, planned(folder), "", more)
    this = Run(folder, planned(folder))
    this.hold()
    if more:
        run(SPLITBENCH, "plan", "--more", folder, "--boots", request.more)
        this.boots += more
    return this


def bench(request: Request) -> int:
    """Do it all. Return: the exit status"""
    if request.said(tuple(name for name in OF_VM if name != "ksrc")):
        raise Failure("TARGET=host measures the running kernel with this machine's CPUs: "
                      f"{', '.join(name.upper() for name in OF_VM[:-1])} and {OF_VM[-1].upper()} "
                      "are for TARGET=vm", USAGE)
    missing = lacks()
    if missing:
        # Migrations can be measured on a kernel without patches.
        deeper = lacks(stock=True)
        if deeper:
            raise Failure(f"{deeper}; {what_is_left()}", SKIP)
        stage(f"target: this machine with its kernel without patches: migrations only, as {missing}")
        request = replace(request, as_it_is="1")
    elif request.ksrc:
        raise Failure("KSRC is for TARGET=vm: TARGET=host measures the running kernel", USAGE)
    fact = dict(line.split("=", 1) for line in run(HOST, "--facts").splitlines())
    request = replace(request, target="host")
    this = open_run(request, fact)
    boot = boot_of(this, fact["boot_id"])
    if boot:
        raise Failure(f"this boot is boot {boot} of {this.folder} already; {how_many_more(this)}",
                      SKIP)
    if not this.missing():
        raise Failure(f"{this.folder}: {how_many_more(this)}: make more RUN={this.folder.name} "
                      "appends to it, another RUN=NAME starts a new one", SKIP)
    schedule = Schedule("host", fact["unit"], int(this.plan["cpus"]), 0, steps=in_turn(
        [this], share_of(request.folder, fact["unit"], this.limit)))
    recall(schedule.steps, [this])
    if request.dryrun:
        print(schedule.text())
        return DONE
    module = "" if request.as_it_is else run(TOP / "bench/build.sh", fact["build"])
    if request.as_it_is and fact["has_test_hmm"] != "y":
        fact |= {"has_test_hmm": "y",
                 "test_hmm": run(TOP / "kernel/driver.sh", fact["build"], KSRC=request.ksrc)}
    if not (this.folder / "config").exists():
        into(this.folder / "config", HOST, "--config")
    status = measure(this, schedule, module, fact)
    status = max(status, report(this.folder))
    point_latest_to(this.folder)
    stage(f"done: {how_many_more(this)}; table, figures and summary.json are in {this.folder}")
    return status
