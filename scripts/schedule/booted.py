# SPDX-License-Identifier: GPL-2.0
"""make bench HOSTS= KBUILD=DIR: measure one boot of other machines, of the kernel in the build folder
DIR, which another engine, such as ktest, has installed and booted. Nothing is installed or rebooted
here. The boot is added to the run, as TARGET=host does on the machine itself."""
from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness import SKIP, USAGE, Failure, run, write
from request import Request

if TYPE_CHECKING:
    from fleet import Machine

# Variables for kernels that are built or booted here
OF_KERNELS = ("kernel", "kernels", "revs", "cc", "config", "ksrc", "base", "append", "modules",
              "keep", "boot_timeout")


def is_build(folder: Path) -> bool:
    """Is it a kernel's build folder?"""
    return (folder / "include/config/kernel.release").exists()


def release_of(build: Path) -> str:
    """The release of a built kernel"""
    return (build / "include/config/kernel.release").read_text(encoding="utf-8").strip()


def checked(request: Request) -> Request:
    """Refuse what does not fit together. Return: the request, with an absolute path"""
    if request.said(OF_KERNELS):
        said = [name.upper() for name in OF_KERNELS if getattr(request, name)]
        raise Failure(f"{', '.join(said)}: not with KBUILD, whose kernel is built and booted already",
                      USAGE)
    build = Path(request.kbuild).resolve()
    if not is_build(build):
        raise Failure(f"KBUILD={request.kbuild} is not the build folder of a kernel: it has no "
                      "include/config/kernel.release", USAGE)
    return replace(request, kbuild=str(build))


def notes_of(vmlinux: Path) -> str:
    """The SHA-256 of the notes of a kernel, with its build ID, which a running kernel has in
    /sys/kernel/notes"""
    with tempfile.NamedTemporaryFile() as file:
        run("objcopy", "-O", "binary", "--only-section=.notes", vmlinux, file.name)
        return hashlib.sha256(Path(file.name).read_bytes()).hexdigest()


def unfit(facts: dict[str, str], build: Path) -> str:
    """Why this boot of a machine cannot be measured, in a line; "" if it can"""
    release = release_of(build)
    if facts["arch"] != os.uname().machine:
        return f"it is of {facts['arch']}, and splitbench is built here for {os.uname().machine}"
    if facts["release"] != release:
        return f"it runs Linux {facts['release']}, and KBUILD={build} has {release}: boot that one"
    vmlinux = build / "vmlinux"
    if vmlinux.exists() and facts["notes"] != notes_of(vmlinux):
        return f"it runs another build of Linux {release} than KBUILD={build} has: install and boot that one"
    return ""


def prepare(machine: Machine, build: Path) -> None:
    """A machine that has booted the kernel in the folder: this boot is measured, once"""
    this, boot_id = machine.runs[0], machine.facts["boot_id"]
    for boot in range(1, this.boots + 1):
        well = this.folder / f".boot-{boot}.well"
        if this.is_measured(boot) and well.exists() and boot_id in well.read_text().split():
            machine.fail(f"this boot is boot {boot} of {this.folder} already", SKIP)
            return
    if not machine.pending():
        machine.fail(f"{this.folder} has all {this.boots} boots: another RUN=NAME starts a new one",
                     SKIP)
        return
    machine.packages = [str(build)]
    write(this.folder / "config", (build / ".config").read_text(encoding="utf-8"))
