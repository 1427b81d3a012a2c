"""A story, its repository and its workflows → what would go wrong, and what to do; nothing is fetched."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.config import Config
from generator.doctor.checkout import checkout_problems
from generator.doctor.links import plain_http
from generator.doctor.python import old_python
from generator.doctor.workflows import read_workflows, workflow_problems
from generator.embargoes import embargoed, over
from generator.freshness import stale
from generator.git import GitError, Repository, ask, line
from generator.outputs.weight import MOST, overweight
from generator.pages.maker import is_draft
from generator.problems import Location, Problem, Problems, SourceError
from generator.publish.address import domain_in, misfits, on_github, settings
from generator.publish.branch import url_of
from generator.publish.files import heavy
from generator.publish.source import refusal, repository_of
from generator.searching import lacking
from generator.story import load
from generator.write import Site


def doctor(root: Path, now: dt.datetime, *, base_url: str | None = None) -> tuple[Problem, ...]:
    """Everything that was found; empty when nothing would go wrong."""
    problems = Problems()
    problems.extend(old_python(sys.version_info[:2], Location("python")))
    config: Config | None = problems.attempt(lambda: settings(root, base_url))
    repository: Repository | None = problems.attempt(lambda: repository_of(root))
    if config is not None:
        problems.extend(lacking(config))
        problems.extend(_ageing(root, now))
    problems.extend(plain_http(root))
    problems.extend(_weight(root, config.size_limit if config else MOST))
    if repository is not None:
        try:
            _looked_at(root, repository, config, problems, given=base_url is not None)
        except GitError as error:
            problems.extend([refusal(error, "git cannot be asked")])
    return tuple(problems)


def _looked_at(
    root: Path, repository: Repository, config: Config | None, problems: Problems, *, given: bool
) -> None:
    workflows = read_workflows(repository.top, root)
    problems.extend(checkout_problems(root, any("lfs: true" in file.text for file in workflows)))
    url: str = problems.attempt(lambda: url_of(repository, "origin"), "")
    asks = any("outputs.base_url" in file.text for file in workflows)  # GitHub, which knows the address
    if config is not None and url and (config.base_url or not asks):
        problems.extend(misfits(config, url, given=given, domain=_domain(root, repository)))
    by_branch = bool(line(repository.top, "for-each-ref", "refs/remotes/*/gh-pages"))
    problems.extend(workflow_problems(root, workflows, needed=on_github(url) is not None and not by_branch))


def _domain(root: Path, repository: Repository) -> str:
    """What a CNAME says, of the branch as it was fetched last, or of the built site."""
    try:
        return domain_in(ask(repository.top, "cat-file", "blob", "refs/remotes/origin/gh-pages:CNAME"))
    except GitError:
        pass
    try:
        return domain_in((root / "site/CNAME").read_bytes())
    except OSError:
        return ""


def _ageing(root: Path, now: dt.datetime) -> Iterable[Problem]:
    """What has come about with time alone; what is wrong with the data instead, when that is so."""
    try:
        story = load(root)
        documents = story.documents
        drafts = frozenset(path for path, document in documents.items() if is_draft(document))
        return [*stale(story, now.date()), *embargoed(documents, drafts, now), *over(documents, drafts, now)]
    except SourceError as error:
        return error.problems


def _weight(root: Path, most: int) -> Iterator[Problem]:
    """What is too large in the site that was built last, if there is one."""
    try:
        paths = Site(root / "site").files()
    except SourceError as error:
        yield from error.problems
        return
    sizes = {path: file.stat().st_size for path in paths if (file := root / "site" / path).is_file()}
    yield from overweight(sizes, most=most)
    yield from heavy(sizes)
