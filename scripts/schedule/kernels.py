# SPDX-License-Identifier: GPL-2.0
"""The kernels that are measured, by KERNELS, REVS, KERNEL or STOCK."""
from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Iterable

from harness import TOP, USAGE, Failure, run, stage
from request import Request

# Variants of kernel/build.sh, and their descriptions for readers of a result
VARIANTS = {"both": "the old split beside the new one", "new": "the new split alone",
            "after": "the new split alone", "before": "from before folio_split_unmapped()",
            "own": "", "auto": ""}
# Further ones, for KERNEL= only: they are not compared with others
SPECIAL = ("locks", "debug", "mutants", "debug-mutants", "pristine")
COMPILER = re.compile(r"(/\S*/)?(gcc|clang)|(gcc|clang)-[0-9][0-9.]*")
PROPOSALS = TOP / "patches/proposals"


@dataclass
class Kernel:
    """A kernel that is measured."""
    label: str  # the suffix of its run's name; "" if it is the only kernel
    variant: str  # see kernel/variant.sh
    source: str = ""  # its tree; "": that of BASE
    revision: str = ""  # of that tree; "": the work tree
    compiler: str = ""  # "": gcc
    config: str = ""  # a file; "": kernel/bench.config
    against: bool = False  # is it compared with another compiler's kernel?
    release: str = ""  # of a stock kernel, whose variant is "stock"
    builds: list[Path] = field(default_factory=list)
    modules: list[Path | str] = field(default_factory=list)  # one for each build; "": none

    @property
    def title(self) -> str:
        """What tells it apart: its patches, the commit, the package; "" if that is not known"""
        if self.release:
            return "stock: " + ((self.builds[0] / "package").read_text().strip() if self.builds
                                else f"Linux {self.release} as its distribution has built it")
        variant, proposal = parts_of(self.variant)
        return ", ".join(filter(None, (
            VARIANTS.get(variant) if self.variant != proposal else "",
            proposal and subject_of(PROPOSALS / proposal),
            self.source and describe(self.source, self.revision),
            self.against and version_of(self.compiler))))

    def build(self, base: str, builds: int) -> None:
        """Build the kernel, @builds times with different layouts, and the module for each. A stock
        kernel is downloaded, and has no module."""
        if self.release:
            self.builds.append(Path(run(TOP / "kernel/stock.sh", self.release)))
            self.modules.append("")
            name = (self.builds[0] / "include/config/kernel.release").read_text()
            self.release = re.match("[0-9.]*", name)[0]
            return
        self.variant = run(TOP / "kernel/variant.sh", "--name", self.variant, KSRC=self.source,
                           KREV=self.revision, BASE=base)
        for number in range(builds):
            if builds > 1:
                of = f" of {self.label}" if self.label else ""
                stage(f"kernel: build {number + 1} of {builds}{of}")
            path = run(TOP / "kernel/variant.sh", self.variant, KSRC=self.source,
                       KREV=self.revision, BASE=base, LAYOUT=str(number),
                       SPLITBENCH_CC=self.compiler, CONFIG=self.config)
            self.builds.append(Path(path))
            self.modules.append(Path(run(TOP / "bench/build.sh", path)))


def proposals() -> list[str]:
    """The names of patches/proposals/, each of which is a kernel"""
    return sorted(path.name for path in PROPOSALS.glob("*") if path.is_dir())


def parts_of(word: str) -> tuple[str, str]:
    """The variant and the proposal of a word KERNEL, PROPOSAL or KERNEL+PROPOSAL"""
    variant, plus, proposal = word.partition("+")
    return ("after", variant) if not plus and variant in proposals() else (variant, proposal)


def is_kernel(word: str, variants: Iterable[str]) -> bool:
    """Does it name one of the variants, a proposal, or both?"""
    variant, proposal = parts_of(word)
    return variant in variants and proposal in ("", *proposals()) and word[-1] != "+"


def subject_of(folder: Path) -> str:
    """The subject of the cover letter in a folder of patches, or of the last patch; "" if there is
    none"""
    patches = sorted(folder.glob("0000-*.patch")) or sorted(folder.glob("*.patch"))
    text = patches[-1].read_text(encoding="utf-8", errors="replace") if patches else ""
    match = re.search(r"^Subject: (?:\[.*?\] )?(.*(?:\n[ \t].*)*)", text, re.MULTILINE)
    return " ".join(match[1].split()) if match else ""


def describe(source: str, revision: str) -> str:
    """The version of a git tree, and its commit's subject; "" if it is not the top of a git tree"""
    git = ("git", "-C", source)
    top = run(*git, "rev-parse", "--show-toplevel", quiet=True, otherwise="")
    if not top or Path(top).resolve() != Path(source).resolve():
        return ""
    version = run(*git, "describe", "--always", "--abbrev=12", revision or "--dirty",
                  quiet=True, otherwise="")
    subject = run(*git, "log", "-1", "--format=%s", revision or "HEAD", "--",
                  quiet=True, otherwise="")
    return f'{version} "{subject}"' if version else ""


def version_of(compiler: str) -> str:
    """The first line of its --version; "" if it is not installed"""
    try:
        return run(compiler, "--version", quiet=True, otherwise="").partition("\n")[0]
    except OSError:
        return ""


def commit_of(source: str, revision: str) -> str:
    """The commit of a revision, as HEAD or a branch may name another one tomorrow"""
    return revision and run("git", "-C", source or ".", "rev-parse", "--verify", "--quiet",
                            revision + "^{commit}", quiet=True, otherwise=revision)


def add(kernels: list[Kernel], kernel: Kernel) -> None:
    """Add a kernel with a unique label. The same kernel may be measured twice: it shows the noise."""
    wanted = label = re.sub("[^A-Za-z0-9._-]", "_", kernel.label)
    number = 1
    while label in [other.label for other in kernels]:
        number += 1
        label = f"{wanted}.{number}"
    kernels.append(replace(kernel, label=label,
                           revision=commit_of(kernel.source, kernel.revision)))


def choose(request: Request) -> list[Kernel]:
    """The kernels of KERNELS, REVS or CCS, or the one of KERNEL; and those of STOCK"""
    kernels: list[Kernel] = []
    if request.kernels and (request.revs or request.kernel):
        raise Failure("KERNELS, REVS and KERNEL exclude each other", USAGE)
    if request.ccs and request.said(("kernels", "revs", "cc")):
        raise Failure("CCS compiles one kernel with several compilers: "
                      "not with KERNELS, REVS, CC or LLVM", USAGE)
    if request.revs and not request.ksrc:
        raise Failure("REVS are revisions of a git tree: set KSRC=DIR too", USAGE)
    known = " ".join((*VARIANTS, *proposals()))
    if request.kernel and not is_kernel(request.kernel, (*VARIANTS, *SPECIAL)):
        raise Failure(f"unknown kernel '{request.kernel}'; known: {known} {' '.join(SPECIAL)}",
                      USAGE)
    for entry in request.kernels.split():
        source = Path(entry).resolve()
        if is_kernel(entry, VARIANTS):
            add(kernels, Kernel(entry, entry, request.ksrc, request.krev))
        elif source.is_dir():
            add(kernels, Kernel(source.name, "own", str(source)))
        else:
            raise Failure(f"KERNELS: {entry} is neither a folder nor one of: {known}", USAGE)
    for compiler in request.ccs.split():
        if not COMPILER.fullmatch(compiler):
            raise Failure(f"CCS: {compiler} is not a compiler for Linux; "
                          "use gcc, gcc-N, clang or clang-N", USAGE)
        add(kernels, Kernel(Path(compiler).name, request.kernel or "both", request.ksrc,
                            request.krev, compiler, against=True))
    for revision in request.revs.split():
        add(kernels, Kernel(revision, request.kernel or "own", request.ksrc, revision))
    releases = request.releases
    if request.kernel and releases:
        raise Failure("STOCK adds kernels: use KERNELS=, not KERNEL=, to compare with them", USAGE)
    several = len(kernels) + len(releases) > 1
    for release in releases:
        add(kernels, Kernel(f"stock-{release}" if several else "", "stock", release=release))
    if not kernels:
        # Of a user's tree, the best variant that it allows
        variant = request.kernel or ("auto" if request.ksrc else "both")
        add(kernels, Kernel("", variant, request.ksrc, request.krev))
    for kernel in [kernel for kernel in kernels if not kernel.release]:
        kernel.compiler = kernel.compiler or request.cc
        kernel.config = request.config and str(Path(request.config).resolve())
    return kernels
