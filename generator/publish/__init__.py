"""A story → its site as one commit on a branch of its repository, or as a folder for whoever publishes it.

Everything is looked at before anything is written: that the story's files are those of a commit, that the branch
holds nothing that others put there, that ``check --strict --rendered`` passes, that the site fits where it goes.
What is then published are the bytes that the build made, read once more and held against their digests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct, field
from msgspec.structs import replace

from generator.config import Config
from generator.git import GitError
from generator.inputs import read_inputs
from generator.problems import Location, Problem, Problems, SourceError
from generator.publish.address import domain_in, misfits, own_domain, settings
from generator.publish.branch import Target, Tip, Workshop, allowed, message_of, target_of, workshop
from generator.publish.files import Files, files_of, gone, heavy, write_folder
from generator.publish.source import Source, differing, read_source, refusal, unlike, unpushed
from generator.rendering import Progress
from generator.run import Run

BRANCH = "gh-pages"


class Changes(Struct, frozen=True):
    """The files that are not as they were on the branch, each with its size in bytes."""

    added: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    removed: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


class Published(Struct, frozen=True):
    """What was published, or would be."""

    where: str
    """The branch and its remote, or the folder."""
    source: str
    """The commit that the site is made from."""
    files: int
    bytes: int
    changes: Changes = Changes()
    message: str = ""
    commit: str = ""
    """What the branch is at now; '' when it was not pushed to."""
    warnings: tuple[Problem, ...] = ()


class Asked(Struct, frozen=True):
    """What the command was asked for."""

    root: Path
    now: dt.datetime
    base_url: str | None = None
    dry: bool = False
    jobs: int = 1
    progress: Progress | None = None


def publish(asked: Asked, *, branch: str = BRANCH, remote: str = "origin", over: str = "") -> Published:
    """Adds the site to a branch as one commit, if anything in it has changed. Raises SourceError.

    A dry run (``dry``) does the same, but for the push, and leaves no file anywhere. ``over`` names a commit of the
    branch that others made, and that the site may be put over.
    """
    with _told():
        source = read_source(asked.root)
        problems = Problems()
        problems.extend(unlike(asked.root, source))
        target = problems.attempt(lambda: target_of(source, branch, remote))
        problems.raise_if_any()
        config = settings(asked.root, asked.base_url)
        with workshop(source.repository) as shop:
            tip = shop.tip(target)
            allowed(tip, target, source, over)
            present = shop.files(tip.tree) if tip else {}
            domain = domain_in(shop.content(present["CNAME"][0])) if "CNAME" in present else ""
            warnings = [*misfits(config, target.url, given=asked.base_url is not None, domain=domain)]
            warnings += unpushed(source, remote)
            with _built(asked, source) as (out, told):
                files = files_of(out, own_domain(config.base_url) or domain)
                made = _pushed(shop, files, _Onto(source, target, tip, config, asked), present)
        return replace(made, warnings=(*told, *warnings, *made.warnings))


def publish_to_folder(asked: Asked, folder: Path) -> Published:
    """The same into a folder, for a workflow that deploys it. Raises SourceError."""
    with _told():
        source = read_source(asked.root)
        problems = Problems()
        problems.extend(unlike(asked.root, source))
        problems.raise_if_any()
        config = settings(asked.root, asked.base_url)
        with _built(asked, source) as (out, told):
            files = files_of(out, own_domain(config.base_url))
            if asked.dry:
                sizes = {path: len(data) for path, data in files.each()}
            else:
                sizes = write_folder(files, folder)
        return Published(str(folder), source.commit, len(sizes), sum(sizes.values()), Changes(sizes), warnings=told)


@contextmanager
def _told() -> Iterator[None]:
    """What git refuses where nobody expects it."""
    try:
        yield
    except GitError as error:
        raise SourceError(refusal(error, "git cannot do its part")) from None


# --- the build -----------------------------------------------------------------------------------------


@contextmanager
def _built(asked: Asked, source: Source) -> Iterator[tuple[Path, tuple[Problem, ...]]]:
    """The folder of a site that passed every check and is that of the commit, and what it warns of.

    A site that an earlier build left is used when everything that it was made from is as it was. A dry run builds
    into a folder that is removed again, and keeps nothing of what it works out.
    """
    from generator.build import build, check

    root, today = asked.root, asked.now.date()
    with Run(root, base_url=asked.base_url, keep=not asked.dry) as run:
        checked = check(root, rendered=True, today=today, now=asked.now, progress=asked.progress, run=run)
        if checked.fails(strict=True):
            raise SourceError(*checked.problems)
        report, out = run.unchanged(root / "site", today), root / "site"
        with TemporaryDirectory(prefix="broadsheet-") if asked.dry and report is None else nullcontext() as aside:
            if report is None:
                out = Path(aside) / "site" if aside else out
                report = build(
                    root,
                    out,
                    today=today,
                    now=asked.now,
                    progress=asked.progress,
                    jobs=1 if asked.dry else asked.jobs,  # those that read the story keep what they work out
                    run=run,
                )
            _unmoved(asked, source, run)
            yield out, report.warnings


def _unmoved(asked: Asked, source: Source, run: Run) -> None:
    """Raises SourceError unless the story was all the while as the commit has it."""
    problems = Problems()
    problems.extend(differing(asked.root, source))
    problems.raise_if_any()
    if read_inputs(asked.root, base_url=asked.base_url) != run.inputs:
        message = "the story was changed, and changed back, while its site was being built"
        raise SourceError(Problem("output-changed", message, Location("content"), "Publish again."))


# --- the branch ----------------------------------------------------------------------------------------


class _Onto(Struct, frozen=True):
    """What is published onto what."""

    source: Source
    target: Target
    tip: Tip | None
    config: Config
    asked: Asked


def _pushed(shop: Workshop, files: Files, onto: _Onto, present: Mapping[str, tuple[str, int]]) -> Published:
    tree, made = shop.tree(files.each())
    sizes = {path: size for path, (_, size) in made.items()}
    changes = Changes(
        {path: size for path, size in sizes.items() if path not in present},
        {path: size for path, size in sizes.items() if path in present and present[path][0] != made[path][0]},
        {path: size for path, (_, size) in present.items() if path not in sizes},
    )
    message = message_of(onto.config.spec.title, tree, onto.source, onto.config.base_url)
    commit, tip = "", onto.tip
    if (tip is None or tree != tip.tree) and not onto.asked.dry:
        seconds = int(onto.asked.now.timestamp())
        commit = shop.commit(tree, tip.commit if tip else "", message, seconds)
        shop.push(commit, onto.target)
    where, whole = str(onto.target), sum(sizes.values())
    warnings = (*heavy(sizes), *gone(changes.removed))
    return Published(where, onto.source.commit, len(sizes), whole, changes, message, commit, warnings)
