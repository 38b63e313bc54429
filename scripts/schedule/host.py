# SPDX-License-Identifier: GPL-2.0
"""make bench on this machine, under the kernel that it runs. A boot is an observation, so this
measures one: after a reboot the same command adds the next one to the same run. Root is taken for
the measuring itself, and for nothing else: by scripts/host.sh."""
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

# Fewer are no inference; see userspace/stats/stats.h.
ENOUGH_BOOTS = 6
HOST = TOP / "scripts/host.sh"
LOCKDOWN = Path("/sys/kernel/security/lockdown")


def lacks(stock: bool = False) -> str:
    """What this machine lacks, in a line; "" if it is suitable. @stock: for what takes no patches"""
    return run(HOST, "--lacks", *(["--stock"] if stock else []))


def what_is_left() -> str:
    """What can be measured nevertheless, if this machine lacks something"""
    watched = {"folio_split_unmapped", "migrate_vma_setup"}
    try:
        with open("/proc/kallsyms", encoding="ascii", errors="replace") as symbols:
            watched -= {line.split()[2] for line in symbols}
        locked = LOCKDOWN.exists() and "[confidentiality]" in LOCKDOWN.read_text()
    except OSError:
        locked = True
    return "TARGET=vm measures in a VM" + (
        "" if watched or locked else ", and sudo userspace/build/splitbench watch shows what "
        "migrations of other programs take here")


def key_of(request: Request) -> str:
    """Of what has to be the same in all boots of a run"""
    digest = hashlib.sha256("".join(f"{word}\n" for word in request.plan_options()).encode())
    if not request.like:
        digest.update(request.cells().read_bytes())
    digest.update(Path("/sys/kernel/notes").read_bytes())
    digest.update(run(SPLITBENCH, "--version").encode() + b"\n")
    return digest.hexdigest()[:16]


def boot_of(this: Run, boot_id: str) -> int:
    """This boot's number in a run; 0 if it is not there"""
    return next((boot for boot in range(1, this.boots + 1) if this.is_measured(boot)
                 and well(this, boot).exists() and boot_id in well(this, boot).read_text().split()), 0)


def well(this: Run, boot: int) -> Path:
    """The file that says which boot of this machine a run's is"""
    return this.folder / f".boot-{boot}.well"


def choose_folder(request: Request, key: str, release: str, boot_id: str) -> Path:
    """Of the run that is resumed, or of a new one"""
    if request.run:
        folder = request.folder / request.run
        if has_plan(folder) and planned(folder).get("key") != key and request.said(
                ("plan", "arms", "boots", "blocks", "reps", "margin", "new_order", "like")):
            raise Failure(f"{folder} has its plan already, which is not changed: "
                          f"say RUN={request.run} alone, or another name", USAGE)
        return folder
    base = re.sub("[^A-Za-z0-9._-]", "_", f"{os.uname().nodename}-{release}")
    folder, number = request.folder / base, 1
    # One of another plan or kernel, or one that has all its boots, is left alone.
    while has_plan(folder):
        this = Run(folder, planned(folder))
        if this.plan.get("key") == key and (this.missing() or boot_of(this, boot_id)):
            break
        number += 1
        folder = request.folder / f"{base}.{number}"
    return folder


def how_many_more(this: Run) -> str:
    """What is to be done for a result that can be relied on"""
    made = this.boots - len(this.missing())
    if made == this.boots:
        return f"all {made} boots are there"
    more = f": {ENOUGH_BOOTS - made} more make inference possible" if made < ENOUGH_BOOTS else ""
    return (f"{made} of {this.boots} boots are there; reboot, and make bench "
            f"RUN={this.folder.name} adds the next{more}")


def measure(this: Run, schedule: Schedule, module: str, fact: dict[str, str]) -> int:
    """This boot; and the whole commands, once, if the run has migrations and the driver is there.
    Return: a status if these are missing. scripts/host.sh says what is wrong."""
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
        stage("measuring: whole commands are missing (see above), the run is otherwise whole")
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
    """All of it. Return: the status to end with"""
    if request.said(tuple(name for name in OF_VM if name != "ksrc")):
        raise Failure("this machine has the kernel and the CPUs that it has: "
                      f"{', '.join(name.upper() for name in OF_VM[:-1])} and {OF_VM[-1].upper()} "
                      "are for TARGET=vm", USAGE)
    missing = lacks()
    if missing:
        # A kernel without patches will do for migrations.
        deeper = lacks(stock=True)
        if deeper:
            raise Failure(f"{deeper}; {what_is_left()}", SKIP)
        stage(f"target: this machine with its kernel as it is: migrations only, as {missing}")
        request = replace(request, as_it_is="1")
    elif request.ksrc:
        raise Failure("KSRC is for TARGET=vm: this machine has the kernel that it has", USAGE)
    fact = dict(line.split("=", 1) for line in run(HOST, "--facts").splitlines())
    request = replace(request, target="host")
    this = open_run(request, fact)
    boot = boot_of(this, fact["boot_id"])
    if boot:
        raise Failure(f"this boot is boot {boot} of {this.folder} already; {how_many_more(this)}",
                      SKIP)
    if not this.missing():
        raise Failure(f"{this.folder}: {how_many_more(this)}: make more RUN={this.folder.name} "
                      "appends to it, RUN=NAME begins another", SKIP)
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
