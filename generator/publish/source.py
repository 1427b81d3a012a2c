"""The commit that a site claims to be made from, held against what a build would read."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from generator.config import SETTINGS, read_config
from generator.git import GitError, GitMissingError, Repository, ask, blob_of, line
from generator.inputs import FOLDERS, read_inputs
from generator.problems import Location, Problem, SourceError
from generator.source import read_text

MOST_NAMED = 30
"""Files that differ from the commit, named one by one; beyond that they are counted."""
_LINK = "120000"


class Source(Struct, frozen=True):
    """The commit that the story's files are those of."""

    repository: Repository
    commit: str
    branch: str
    """That it is checked out on; '' when on none."""


def read_source(root: Path) -> Source:
    """Raises SourceError when there is no commit."""
    repository = repository_of(root)
    return Source(repository, _head(repository), _branch(repository))


def unlike(root: Path, source: Source) -> Iterator[Problem]:
    """Why the site would not be that of the commit, or the commit nobody's."""
    yield from _nameless(source)
    yield from differing(root, source)


def repository_of(root: Path) -> Repository:
    """Raises SourceError."""
    try:
        return Repository.of(root)
    except GitMissingError as error:
        hint = "Install git, or let the workflow publish: broadsheet doctor says whether there is one."
        raise SourceError(Problem("git-missing", str(error), Location(".git"), hint)) from None
    except GitError as error:
        if "not a git repository" in str(error) or "must be run in a work tree" in str(error):
            message = "the story is in no git repository, so that there is no commit to publish"
            hint = "Begin one: git init, git add ., git commit; or copy what broadsheet build makes."
            raise SourceError(Problem("no-repository", message, Location(".git"), hint)) from None
        raise SourceError(refusal(error, "git does not open the repository")) from None


def refusal(error: GitError, what: str) -> Problem:
    """git's own words, where nothing better can be said."""
    if isinstance(error, GitMissingError):
        return Problem("git-missing", str(error), Location(".git"), "Install git.")
    return Problem("git-refused", what, Location(".git"), "Put right what git says.", notes=(("git", str(error)),))


def _head(repository: Repository) -> str:
    try:
        return line(repository.top, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except GitError:
        message, hint = (
            "nothing is committed yet, so that there is nothing to publish",
            "Commit: git add ., git commit.",
        )
        raise SourceError(Problem("no-commit", message, Location(".git"), hint)) from None


def _branch(repository: Repository) -> str:
    try:
        return line(repository.top, "symbolic-ref", "--quiet", "HEAD").removeprefix("refs/heads/")
    except GitError:
        return ""


def _nameless(source: Source) -> Iterator[Problem]:
    """A commit that no branch and no tag leads to is soon gone, and nobody could look at what was published."""
    if source.branch:
        return
    where = ("refs/heads", "refs/tags", "refs/remotes")
    named = line(source.repository.top, "for-each-ref", "--count=1", f"--contains={source.commit}", *where)
    if not named:
        message = f"the commit {source.commit[:10]} is on no branch and has no tag, so that nobody could look it up"
        yield Problem("nameless-commit", message, Location(".git"), "Give it a branch: git switch -c NAME.")


def unpushed(source: Source, remote: str) -> Iterator[Problem]:
    """A warning when no branch of the remote, as far as it is known here, has the commit."""
    where = f"refs/remotes/{remote}"
    found = line(source.repository.top, "for-each-ref", "--count=1", f"--contains={source.commit}", where)
    if not found:
        message = f"the commit {source.commit[:10]} is on no branch of {remote}: readers cannot look at the source"
        what = source.branch or "HEAD:refs/heads/NAME"
        yield Problem(
            "unpushed-commit", message, Location(".git"), f"Push it: git push {remote} {what}.", severity="warning"
        )


# --- the files -----------------------------------------------------------------------------------------


def differing(root: Path, source: Source) -> Iterator[Problem]:
    """Each file of ``content``, ``data`` and ``templates`` that is not as the commit has it.

    The files themselves are read: the index plays no part, nor does what it was told to overlook.
    """
    committed = committed_files(source.repository, source.commit)
    wanted = {path for path in committed if path.split("/", 1)[0] in FOLDERS}
    inputs = {*read_inputs(root).files, *_maps(root)}
    found = dict(_differing(root, source.repository, committed, sorted(wanted | inputs), inputs))
    short = source.commit[:10]
    for path, how in list(found.items())[:MOST_NAMED]:
        message = f"{how.format(commit=short)}, so that the site would not be that of the commit"
        name = shlex.quote(path)
        back = f"or put it back: git restore {name}" if path in committed else "or move it out of the story"
        yield Problem("uncommitted", message, Location(path), f"Commit it: git add {name}, git commit; {back}.")
    if len(found) > MOST_NAMED:
        message = f"{len(found) - MOST_NAMED} more files are not as they are in {short}"
        yield Problem("uncommitted", message, Location(FOLDERS[0]), "git status lists them all.")


def _maps(root: Path) -> Iterable[str]:
    """Maps may be kept outside of the three folders."""
    try:
        return read_config(read_text(root, SETTINGS)).spec.geometry.values()
    except SourceError:  # told by the check
        return ()


def committed_files(repository: Repository, commit: str) -> dict[str, tuple[str, str]]:
    """Path below the story → mode and object, of all that a commit has of the story."""
    try:
        listed = ask(repository.top, "ls-tree", "-r", "-z", "--full-tree", f"{commit}:{repository.prefix}")
    except GitError:  # it has no such folder
        return {}
    found = {}
    for entry in filter(None, listed.decode("utf-8", "surrogateescape").split("\0")):
        about, _, path = entry.partition("\t")
        mode, _, name = about.split()
        found[path] = (mode, name)
    return found


def _differing(
    root: Path,
    repository: Repository,
    committed: Mapping[str, tuple[str, str]],
    paths: Iterable[str],
    inputs: Collection[str],
) -> Iterator[tuple[str, str]]:
    """Path and what is the matter with it; where a link leads matters for inputs alone."""
    others = []
    for path in paths:
        if path not in committed:
            yield path, "the file is not in the commit {commit}"
            continue
        mode, name = committed[path]
        target = root / path
        if not os.path.lexists(target):
            yield path, "the file is gone, and the commit {commit} has it"
        elif target.is_symlink():
            if mode != _LINK or blob_of(os.fsencode(target.readlink()), repository.format) != name:
                yield path, "the link is not the one of the commit {commit}"
            elif path in inputs and not _known(root, target, committed):
                yield path, "the link leads to something that is not in the commit {commit}"
        elif mode == _LINK or not stat.S_ISREG(target.lstat().st_mode):
            yield path, "this is another kind of file than in the commit {commit}"
        elif (data := _bytes(target)) is None:
            yield path, "the file cannot be read, and the commit {commit} has it"
        elif blob_of(data, repository.format) != name:
            others.append(path)
    for path in others:
        if _filtered(root, path) != committed[path][1]:
            yield path, "the file was changed after the commit {commit}"


def _bytes(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


def _known(root: Path, link: Path, committed: Mapping[str, tuple[str, str]]) -> bool:
    """Whether a link leads to a file that is looked at as well, or to a folder, which nobody follows."""
    target, top = link.resolve(), root.resolve()
    if target.is_dir():
        return True
    if not target.is_relative_to(top):
        return False
    path = target.relative_to(top).as_posix()
    return path in committed and path.split("/", 1)[0] in FOLDERS


def _filtered(root: Path, path: str) -> str:
    """The object that git would make of a file, with line ends and filters as its attributes say."""
    try:
        return line(root, "hash-object", "--", f"./{path}")
    except GitError:
        return ""
