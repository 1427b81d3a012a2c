"""Files as received → the tables of the story, by the story's own loaders.

What loaders make is validated beside the story as it is, with what ``check`` validates, before anything is
replaced; then the tables, the dates of their description and the list of files they came from are replaced as one.
Given files, the outcome depends on these alone: no clock, no network.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from generator.comparing import Difference, Side, laid_over
from generator.datasets.descriptor import DESCRIPTOR, Package, read_descriptor
from generator.datasets.read import Tables
from generator.diff import diff
from generator.memory import Memory
from generator.prepare import contradictions
from generator.problems import Location, Problem, Problems, SourceError, did_you_mean, one_of
from generator.refresh.fetch import Open, download, is_address
from generator.refresh.received import Received, gathered, matching
from generator.refresh.records import PROVENANCE, Dates, descriptor_path, provenance
from generator.refresh.report import Report
from generator.refresh.tables import Change, as_text, change
from generator.source import Node, read_text
from generator.story import load
from generator.story_code import LOADERS, Loader, loaders
from generator.write import digest_of, recover_data, replace_files

__all__ = ["Refreshed", "RefusedError", "is_address", "refresh"]

RECEIVED = f"{LOADERS}/received"
"""The files that a story keeps as they came: what is loaded when no others are given."""


class Refreshed(Struct, frozen=True):
    """What a refresh did, or would do."""

    changes: tuple[Change, ...]
    warnings: tuple[Problem, ...]
    files: Mapping[str, bytes]
    """Path below ``data/`` → the new bytes of each file that differs."""
    read: int
    """Files that a loader read."""
    unread: tuple[str, ...]
    """Files given that no loader reads."""
    difference: Difference | None = None
    """What changes in what the pages say, where that was asked for."""


class RefusedError(SourceError):
    """What loaders made is not valid; ``files`` is that, path below ``data/`` → bytes, and was thrown away."""

    files: Mapping[str, bytes] = MappingProxyType({})


def refresh(
    root: Path,
    datasets: Sequence[str] = (),
    given: Sequence[str] = (),
    *,
    retrieved: str = "",
    today: dt.date | None = None,
    dry: bool = False,
    open_: Open | None = None,
    compared: bool = False,
) -> Refreshed:
    """Runs the loaders of ``datasets`` (all when empty) on files, folders and addresses, and replaces their tables.

    Without ``given``, on the files that the story keeps as received, and on what its loaders say to download.
    ``retrieved`` is the day (ISO 8601) on which files that are given were retrieved, where that is known; of
    downloads it is ``today``. With ``dry`` nothing is replaced. ``compared``: what changes in what the pages say is
    worked out, too. Raises SourceError with every problem found; then nothing has been replaced.
    """
    recover_data(root)
    before = {path.name: digest_of(path) for path in (root / DESCRIPTOR, root / PROVENANCE)}
    text = read_text(root, DESCRIPTOR)
    package, node = read_descriptor(text, DESCRIPTOR)
    before |= {each.path: digest_of(root / descriptor_path(each.path)) for each in package.resources}
    there = loaders(root)
    chosen = _chosen(there, package, datasets)
    with TemporaryDirectory(prefix="broadsheet-") as folder, ExitStack() as stack:
        files = _received(root, chosen, given, retrieved, today, Path(folder), open_)
        report = Report()
        made, read = _loaded(root, package, node, chosen, files, report)
        report.problems.raise_if_any()
        dates = Dates(text, package, node)
        dates.take(report)
        dates.problems.raise_if_any()
        resources = [each for each in package.resources if each.name in made]
        changes = tuple(change(each, _present(root, each.path), made[each.name]) for each in resources)
        fresh = {each.path: made[each.name] for each in resources}
        fresh[Path(DESCRIPTOR).name] = dates.text()
        fresh[Path(PROVENANCE).name] = provenance(
            _present(root, Path(PROVENANCE).name),
            {name: list(report.taken.get(name, {}).values()) for name in made},
        )
        new = {path: now.encode() for path, now in fresh.items() if now != _present(root, path)}
        other = stack.enter_context(_beside(root, new))
        try:
            warnings = [*report.problems, *_validated(other)]
        except SourceError as error:
            refused = RefusedError(*report.problems, *error.problems)
            refused.files = new
            raise refused from None
        unread = tuple(file.shown for file in files if not any(matching([file], each.reads) for each in there))
        difference = None
        if compared and new:
            difference = replace(diff(root, data=other / "data"), after=Side("the data after the refresh"))
        done = Refreshed(changes, tuple(warnings), new, len(read), unread, difference)
        if new and not dry:
            replace_files(root / "data", new, before)
        return done


def _chosen(there: Sequence[Loader], package: Package, datasets: Sequence[str]) -> list[Loader]:
    """The loaders to be run. Raises SourceError for a dataset that is none, or that no loader makes."""
    problems = Problems()
    known = [resource.name for resource in package.resources]
    made = [name for loader in there for name in loader.loads]
    for loader in there:
        for name in loader.loads:
            if name not in known:
                message = f"LOADS has {name!r}, and there is no such dataset{did_you_mean(name, known)}"
                problems.extend([Problem("unknown-dataset", message, Location(loader.path))])
    for name in datasets:
        if name not in made:
            what = "no loader makes the dataset" if name in known else "there is no dataset"
            hint = f"Loaders make {one_of(made, most=30)}." if made else f"There are none in {LOADERS}."
            message = f"{what} {name!r}{did_you_mean(name, made)}"
            problems.extend([Problem("unknown-dataset", message, Location(DESCRIPTOR), hint)])
    if not there:
        hint = f"A loader is a module in {LOADERS} with LOADS and load(received, tables, report)."
        problems.extend([Problem("no-loader", "the story has no loader", Location(LOADERS), hint)])
    problems.raise_if_any()
    return [loader for loader in there if not datasets or set(datasets) & set(loader.loads)]


def _received(
    root: Path,
    chosen: Sequence[Loader],
    given: Sequence[str],
    retrieved: str,
    today: dt.date | None,
    folder: Path,
    open_: Open | None,
) -> list[Received]:
    """The files to be loaded, each once. Raises SourceError when there are none, or one cannot be had."""
    problems = Problems()
    addresses = [text for text in given if is_address(text)]
    paths = [Path(text) for text in given if not is_address(text)]
    if not given:
        paths = [root / RECEIVED] if (root / RECEIVED).is_dir() else []
        addresses = [address for loader in chosen for address in loader.addresses]
    found: list[Received] = []
    for path in paths:
        found += problems.attempt(partial(gathered, root, path, retrieved), [])
    for address in dict.fromkeys(addresses):
        day = today or dt.datetime.now(dt.UTC).date()
        file = problems.attempt(partial(download, address, folder, day, open_=open_))
        found += [file] if file else []
    problems.raise_if_any()
    seen: dict[Path, Received] = {}
    for file in found:
        seen.setdefault(file.path.resolve(), file)
    if not seen:
        hint = "Name what to load: broadsheet refresh --from FILE|FOLDER|ADDRESS"
        raise SourceError(Problem("nothing-received", "there are no files to load", Location(RECEIVED), hint))
    return list(seen.values())


def _loaded(
    root: Path, package: Package, node: Node, chosen: Sequence[Loader], files: Sequence[Received], report: Report
) -> tuple[dict[str, str], set[int]]:
    """Dataset → the text of its new table, and which files were read. What is wrong is in the report."""
    made: dict[str, str] = {}
    read: set[int] = set()
    tables = Tables(root, package, node, "data", Memory())
    for loader in chosen:
        own = matching(files, loader.reads)
        if not own:
            continue
        read.update(map(id, own))
        before = len(report.problems.errors)
        rows = report.attempt(partial(loader.load, tuple(own), tables, report))
        if len(report.problems.errors) > before:
            continue
        for name, text in report.attempt(partial(_texts, loader, package, rows), {}).items():
            made[name] = text
            if name not in report.taken:
                report.took(name, *own)
    if not read and not report.problems:
        shown = one_of([file.shown for file in files])
        patterns = one_of([pattern for loader in chosen for pattern in loader.reads], most=12)
        hint = f"They read {patterns}." if patterns else ""
        message = f"no loader of {one_of([name for loader in chosen for name in loader.loads])} reads {shown}"
        report.problems.extend([Problem("nothing-received", message, Location(LOADERS), hint)])
    return made, read


def _texts(loader: Loader, package: Package, rows: Any) -> dict[str, str]:
    """What a loader gave, as texts. Raises SourceError when it is something else than rows of its datasets."""

    def wrong(message: str) -> SourceError:
        return SourceError(Problem("bad-loader", message, Location(loader.path)))

    if not isinstance(rows, Mapping):
        raise wrong("load is to return a dict: dataset → rows")
    found = {}
    for name, listed in rows.items():
        resource = package.resource(name)
        if resource is None or name not in loader.loads:
            raise wrong(f"load returns rows of {name!r}, which is not among what it LOADS")
        try:
            found[name] = as_text(resource, listed)
        except (ValueError, AttributeError, TypeError) as error:
            raise wrong(f"a row that load returns for {name!r} is none: {error}") from None
    return found


def _present(root: Path, path: str) -> str:
    """A file of ``data/`` as it is; empty where there is none. Raises SourceError for one that cannot be read."""
    name = descriptor_path(path)
    return read_text(root, name) if (root / name).exists() else ""


@contextmanager
def _beside(root: Path, files: Mapping[str, bytes]) -> Iterator[Path]:
    """The story with these files of ``data/`` instead of its own, in a folder that is removed again."""
    with TemporaryDirectory(prefix="broadsheet-") as folder:
        for path, data in files.items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        with laid_over(root, Path(folder), whole=False) as other:
            yield other


def _validated(other: Path) -> list[Problem]:
    """What is wrong with the tables as they would be. Raises SourceError for errors."""
    problems = Problems()
    problems.extend(contradictions(load(other)))
    problems.raise_if_any()
    return list(problems)
