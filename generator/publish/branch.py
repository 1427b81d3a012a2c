"""The branch that is published to: looked at, given one more commit, and never overwritten.

All objects are made in a repository of their own in a temporary folder: blobs and trees from bytes, with no filter
and no index of the author's; whatever interrupts it, the story's repository and working tree are as they were. For
the three steps that need the network (which commit the branch is at, what that commit is, the push) git runs with
the settings of the story's repository and the objects of the temporary one.

A push is that of a child of the commit that was seen, without force. A server takes it only when the branch is
still at that commit, and tests that while it holds the branch: whatever came in between is kept, and the push is
refused. ``--force-with-lease`` alone says less: it overwrites what it was told to expect, and what to expect is
read from a tracking branch that any ``git fetch`` in the background moves on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from urllib.parse import quote, unquote

from msgspec import Struct

from generator import __version__
from generator.git import GitError, Repository, ask, blob_of, line, without_secrets
from generator.problems import Location, Problem, SourceError, did_you_mean, one_of
from generator.publish.source import Source, refusal

SOURCE, TREE, STORY, VERSION = (f"Broadsheet-{name}" for name in ("Source", "Tree", "Story", "Version"))
"""The trailers of a published commit: the commit that the site was made from, the tree as it was made (so that a
commit amended by hand is told from ours), where the story is in its repository, and the generator."""

_NOBODY = ("broadsheet", "broadsheet@localhost")
"""Name and address, where git knows nobody."""
_MODE = "100644"


class Target(Struct, frozen=True):
    """A branch of a remote."""

    branch: str
    remote: str
    url: str

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.branch}"

    def __str__(self) -> str:
        return f"the branch {self.branch} of {without_secrets(self.url)}"


class Tip(Struct, frozen=True):
    """The commit that the branch is at."""

    commit: str
    tree: str
    message: str

    @property
    def trailers(self) -> dict[str, str]:
        last = self.message.rstrip("\n").rsplit("\n\n", 1)[-1]
        return dict(match.groups() for match in re.finditer(r"(?m)^(Broadsheet-\w+): (.*)$", last))  # type: ignore[misc]

    def is_ours(self, source: Source) -> bool:
        """Whether it was published from this story, and is as it was then.

        Its parents need no look: we only add to what we know, or to what somebody has named.
        """
        said = self.trailers
        return said.get(TREE) == self.tree and bool(self.source) and _story_of(said) == source.repository.prefix

    @property
    def source(self) -> str:
        """The commit that it is the site of, as it says; '' when it names none."""
        said = self.trailers.get(SOURCE, "")
        return said if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", said) else ""


_OBJECTS_ALONE = (
    "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--refmap=", "--no-prune",
    "--no-prune-tags", "--no-recurse-submodules",
)  # fmt: skip
"""So that a fetch moves and removes no branch and no tag, whatever the settings say."""


def _story_of(trailers: Mapping[str, str]) -> str:
    return unquote(trailers.get(STORY, ""))


def url_of(repository: Repository, remote: str) -> str:
    """Where a remote is pushed to. Raises SourceError when there is none of that name."""
    known = repository.remotes()
    if remote not in known:
        told = f"the repository has no remote {remote!r}{did_you_mean(remote, known)}"
        others = f"Name one of these with --remote: {one_of(known)}."
        hint = others if known else "Add one: git remote add origin URL."
        raise SourceError(Problem("no-remote", told, Location("--remote"), hint))
    return line(repository.top, "remote", "get-url", "--push", "--", remote)


def target_of(source: Source, branch: str, remote: str) -> Target:
    """Raises SourceError when there is no such remote, or when the branch cannot be published to."""
    url, place = url_of(source.repository, remote), Location("--to")
    try:
        if branch.startswith("-") or not re.fullmatch(r"[^\x00-\x20\x7f]+", branch):
            raise GitError
        ask(source.repository.top, "check-ref-format", f"refs/heads/{branch}")
    except GitError:
        message = f"{branch!r} is no name of a branch"
        raise SourceError(Problem("bad-branch", message, place, "Name another, such as gh-pages.")) from None
    if branch == source.branch:
        message = f"{branch} is the branch of the story itself"
        hint = "Name one that holds nothing but the site, such as gh-pages."
        raise SourceError(Problem("bad-branch", message, place, hint))
    return Target(branch, remote, url)


# --- objects -------------------------------------------------------------------------------------------


class Workshop:
    """A repository of its own for the objects of one publication, which sees those of the story's as well."""

    def __init__(self, folder: Path, repository: Repository) -> None:
        self.repository = repository
        self._git = folder / "objects.git"
        words = ("--quiet", "--bare", "--template=", f"--object-format={repository.format}")
        ask(folder, "init", *words, str(self._git))
        alternates = self._git / "objects/info/alternates"
        alternates.parent.mkdir(exist_ok=True)
        alternates.write_bytes(_as_alternate(repository.objects))
        self._own = {"GIT_DIR": str(self._git), "GIT_INDEX_FILE": str(folder / "index")}
        self._network = {
            "GIT_OBJECT_DIRECTORY": str(self._git / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(repository.objects),
        }

    # with objects of our own alone

    def tree(self, files: Iterable[tuple[str, bytes]]) -> tuple[str, dict[str, tuple[str, int]]]:
        """The tree of files given as path and bytes, and each of them: path → object and size."""
        made: dict[str, tuple[str, int]] = {}
        folder = self._git.parent
        with TemporaryFile(dir=folder) as stream:
            for path, data in files:
                made[path] = (blob_of(data, self.repository.format), len(data))
                stream.writelines((b"blob\ndata %d\n" % len(data), data, b"\n"))
            stream.write(b"done\n")
            stream.seek(0)
            ask(folder, "fast-import", "--quiet", "--done", given=stream, env=self._own)
        listed = "".join(f"{_MODE} {name}\t{path}\0" for path, (name, _) in sorted(made.items()))
        ask(folder, "update-index", "-z", "--index-info", given=listed.encode(), env=self._own)
        return line(folder, "write-tree", env=self._own), made

    def commit(self, tree: str, parent: str, message: str, seconds: int) -> str:
        """A commit of this moment, in seconds since 1970, by whom git knows the author to be."""
        who = re.fullmatch(r"(.*) <(.*)> \d+ [+-]\d{4}", self._author())
        name, address = who.groups() if who else _NOBODY
        stamp = {f"GIT_{role}_{part}": text for role in ("AUTHOR", "COMMITTER") for part, text in (
            ("NAME", name), ("EMAIL", address), ("DATE", f"@{seconds} +0000"),
        )}  # fmt: skip
        parents = ("-p", parent) if parent else ()
        words = ("commit-tree", *parents, "-F", "-", tree)
        return ask(self._git.parent, *words, given=message.encode(), env={**self._own, **stamp}).decode().strip()

    def _author(self) -> str:
        try:
            return line(self.repository.top, "var", "GIT_AUTHOR_IDENT")
        except GitError:  # a workflow has no name
            return ""

    def files(self, tree: str) -> dict[str, tuple[str, int]]:
        """Path → object and size, of all files of a tree."""
        listed = ask(self._git.parent, "ls-tree", "-r", "-z", "--long", tree, env=self._own)
        found = {}
        for entry in filter(None, listed.decode("utf-8", "surrogateescape").split("\0")):
            about, _, path = entry.partition("\t")
            _, kind, name, size = about.split()
            found[path] = (name, int(size) if kind == "blob" else 0)
        return found

    def content(self, name: str) -> bytes:
        return ask(self._git.parent, "cat-file", "blob", name, env=self._own)

    # with the network

    def tip(self, target: Target) -> Tip | None:
        """Where the branch is now; None when there is no such branch. Raises SourceError."""
        top = self.repository.top
        try:
            listed = line(top, "ls-remote", "--", target.url, target.ref)
            found = [entry.split("\t")[0] for entry in listed.splitlines() if entry.endswith(f"\t{target.ref}")]
            if not found:
                return None
            ask(top, "fetch", *_OBJECTS_ALONE, "--", target.url, target.ref, env=self._network)
            raw = ask(self._git.parent, "cat-file", "commit", found[0], env=self._own).decode("utf-8", "replace")
        except GitError as error:
            raise SourceError(_unreachable(target, error)) from None
        head, _, message = raw.partition("\n\n")
        return Tip(found[0], head.split("\n", 1)[0].removeprefix("tree "), message)

    def push(self, commit: str, target: Target) -> None:
        """Adds a commit to the branch. Raises SourceError when the branch has moved, or the push is refused."""
        sure = ("--porcelain", "--no-force", "--no-verify", "--no-signed", "--no-follow-tags", "--no-thin")
        words = ("push", *sure, "--recurse-submodules=no", "--", target.url, f"{commit}:{target.ref}")
        try:
            ask(self.repository.top, *words, env=self._network)
        except GitError as error:
            raise SourceError(_not_pushed(target, error)) from None


@contextmanager
def workshop(repository: Repository) -> Iterator[Workshop]:
    """Raises SourceError for what git refuses within."""
    with TemporaryDirectory(prefix="broadsheet-") as folder:
        try:
            yield Workshop(Path(folder), repository)
        except GitError as error:
            raise SourceError(refusal(error, "git does not make the commit")) from None


def _as_alternate(objects: Path) -> bytes:
    """A line of the file in which a repository names others; in quotes where it would be read otherwise."""
    path = str(objects)
    if re.search(r'^["#]|[\n\\]', path):
        path = '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return f"{path}\n".encode("utf-8", "surrogateescape")


def _unreachable(target: Target, error: GitError) -> Problem:
    message = f"git cannot look at {target}"
    hint = f"See whether git fetch {target.remote} works in a terminal; git must not have to ask for a password."
    return Problem("remote-failed", message, Location("--remote"), hint, notes=(("git", str(error)),))


_MOVED = ("fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref", "reference already exists")


def _not_pushed(target: Target, error: GitError) -> Problem:
    if any(words in error.answer for words in _MOVED):
        message = f"somebody else pushed to {target} meanwhile; what they pushed was kept"
        hint = "Run it again: it then looks at what is there now."
        return Problem("branch-moved", message, Location("--to"), hint)
    hint = "See what git says; nothing was changed there."
    message = f"{target} did not take the push"
    return Problem("push-refused", message, Location("--remote"), hint, notes=(("git", str(error)),))


# --- what is known -------------------------------------------------------------------------------------


def allowed(tip: Tip | None, target: Target, source: Source, over: str) -> None:
    """Raises SourceError when the branch has a commit that nobody accounts for, or that of a newer site.

    ``over`` is the commit that the author has looked at and lets the site be put over, by its first seven
    characters or more.
    """
    if over and (
        not re.fullmatch(r"[0-9a-fA-F]{7,64}", over) or tip is None or not tip.commit.startswith(over.lower())
    ):
        at = f"it is at {tip.commit[:10]}" if tip else "there is no such branch yet"
        message = f"{target} is not at {over!r}: {at}"
        hint = "Name the commit that the branch is at, by its first seven characters or more."
        raise SourceError(Problem("wrong-commit", message, Location("--over"), hint))
    if tip is None or over:
        return
    if not tip.is_ours(source):
        raise SourceError(_unaccounted(tip, target, source))
    if not source.repository.builds_on(source.commit, tip.source) and not _cut_off(source, tip.source):
        raise SourceError(_behind(tip, target, source))


def _unaccounted(tip: Tip, target: Target, source: Source) -> Problem:
    said = tip.trailers
    title = tip.message.split("\n", 1)[0]
    if tip.source and _story_of(said) != source.repository.prefix:
        what = f"was published from another story, {_story_of(said) or 'that at the top of the repository'!r}"
    else:
        what = "was not made by broadsheet publish"
    message = f"{target} is at a commit that {what}: {tip.commit[:10]}, {title!r}"
    hint = (
        f"Look at it: git fetch {target.remote} {target.branch}, git show FETCH_HEAD. What is to stay belongs into "
        f"the story; then put the site over it: --over {tip.commit[:10]}. Its history is kept."
    )
    return Problem("unknown-commit", message, Location("--to"), hint)


def _cut_off(source: Source, published: str) -> bool:
    """Whether a shallow clone, as workflows make them, may only not know that the story builds on a commit."""
    repository = source.repository
    return repository.is_shallow() and not repository.builds_on(published, source.commit)


def _behind(tip: Tip, target: Target, source: Source) -> Problem:
    """Somebody published what is not part of the commit here: an older one would take it off the site again."""
    theirs, ours = tip.source[:10], source.commit[:10]
    message = f"{target} holds the site of {theirs}, and {ours} does not build on that: its changes would be undone"
    if source.repository.holds(tip.source):
        first = f"See what that is: git log {ours}..{theirs}. Take it in: git merge {theirs}"
    else:
        first = "Somebody published what is not here. Take it in, once they have pushed it: git pull"
    hint = f"{first}; then publish again. To undo it on purpose: --over {tip.commit[:10]}."
    return Problem("story-behind", message, Location("--to"), hint)


def message_of(title: str, tree: str, source: Source, base_url: str) -> str:
    """What the published commit says of itself."""
    trailers = {
        SOURCE: source.commit,
        TREE: tree,
        STORY: quote(source.repository.prefix),
        VERSION: __version__,
    }
    listed = "\n".join(f"{name}: {text}" for name, text in trailers.items() if text)
    of = f" of {source.branch}" if source.branch else ""
    address = f" for {base_url}" if base_url else ""
    words = f"Publish {title}, {source.commit[:10]}\n\nThe site of the commit {source.commit}{of}{address}."
    return f"{words}\n\n{listed}\n"
