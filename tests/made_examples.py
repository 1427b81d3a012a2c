"""An example for each code that no folder in ``cases`` can show, made as an author would meet it.

Each function takes an empty folder, and does there what its first line says.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace

from generator import cluster
from generator.config import Config, refused
from generator.doctor.checkout import checkout_problems, clashing
from generator.doctor.links import plain_http
from generator.doctor.workflows import File, workflow_problems
from generator.embargoes import embargoed, over
from generator.freezing import refuse_taken, release
from generator.freshness import stale
from generator.git import GitError, ask
from generator.languages import default_theme
from generator.new import new_collection, new_page, new_story
from generator.outputs.weight import overweight
from generator.prepare import prepare
from generator.problems import Problem, SourceError
from generator.publish import Asked, publish
from generator.publish.address import misfits, settings
from generator.publish.branch import SOURCE, TREE, Target, target_of, workshop
from generator.publish.files import files_of, gone, heavy
from generator.publish.source import read_source, unpushed
from generator.reports import told
from generator.searching import lacking, search_files
from generator.source import Document
from generator.story import load
from generator.write import STATE, Staging

BASE = Path(__file__).parent / "story"
FILES = {"index.html": b"<p>Towns", "towns/aldford/index.html": b"<p>Aldford"}


def build(above: Path, more: tuple[str, ...] = ()) -> None:
    with _staged(above, more) as stage:
        stage.commit()


@contextmanager
def _staged(above: Path, more: tuple[str, ...] = ()) -> Iterator[Staging]:
    with Staging(above / "site") as stage:
        for path, data in (*FILES.items(), *((path, b"more") for path in more)):
            stage.add(path, data)
        yield stage


def path_(above: Path) -> None:
    """A page at the address `towns/con/`: no file on Windows can be called so."""
    build(above, ("towns/con/index.html",))


def twice(above: Path) -> None:
    """A story's own file at the address of a page."""
    build(above, ("towns/aldford/index.html",))


def collision(above: Path) -> None:
    """Two pages whose addresses differ in their letter case alone."""
    build(above, ("towns/Aldford/index.html",))


def foreign(above: Path) -> None:
    """`broadsheet build --out` names a folder that holds something else."""
    (above / "site").mkdir()
    (above / "site/letter.txt").write_bytes(b"mine")
    build(above)


def link(above: Path) -> None:
    """Somebody put a link into the output folder, where the site has a folder of its own."""
    (above / "elsewhere").mkdir()
    build(above)
    (above / "site/rivers").symlink_to(above / "elsewhere", target_is_directory=True)
    build(above, ("rivers/dane/index.html",))


def not_folder(above: Path) -> None:
    """`broadsheet build --out` names a file."""
    (above / "site").write_bytes(b"a file")
    build(above)


def locked(above: Path) -> None:
    """A build is started while another one still writes."""
    with _staged(above):
        build(above)


def manifest(above: Path) -> None:
    """The list of the files made, `.broadsheet/manifest.json`, was edited."""
    build(above)
    (above / "site" / STATE / "manifest.json").write_text("{")
    build(above)


def changed(above: Path) -> None:
    """A page is edited in the output folder while a build runs."""
    build(above)
    with _staged(above) as stage:
        (above / "site/index.html").write_bytes(b"meanwhile")
        stage.commit()


def failed(above: Path) -> None:
    """The disk is full."""
    with patch("generator.write.journal.flush", side_effect=OSError(errno.ENOSPC, "No space left on device")):
        build(above)


def too_large(above: Path) -> None:
    """A story whose maps have come to weigh more than all the rest."""
    sizes = {"index.html": 9_000, "towns/index.html": 52_000_000, "data/geo/towns.json": 99_000_000}
    raise SourceError(*overweight({**sizes, **{f"towns/{n}/index.html": 400_000 for n in range(1_900)}}))


def file_too_large(above: Path) -> None:
    """A table of two million rows is published."""
    raise SourceError(*overweight({"index.html": 9_000, "data/loans.csv": 128_000_000}))


# --- the versions and the day -------------------------------------------------------------------------------


def story_in(above: Path) -> Path:
    return Path(shutil.copytree(BASE, above / "story", ignore=shutil.ignore_patterns("site", ".broadsheet")))


def other_generator(above: Path) -> None:
    """`content/site.yml` says `requires-broadsheet: ">=99"`."""
    settings = story_in(above) / "content/site.yml"
    settings.write_text(f'requires-broadsheet: ">=99"\n{settings.read_text()}', encoding="utf-8")
    if problem := refused(above / "story"):
        raise SourceError(problem)


def stale_data(above: Path) -> None:
    """A table with `"accrualPeriodicity": "annual"` has nothing newer than a year and a half."""
    descriptor = story_in(above) / "data/datapackage.json"
    text = descriptor.read_text(encoding="utf-8")
    named = '"path": "loans.csv",'
    assert text.count(named) == 1
    descriptor.write_text(text.replace(named, f'{named}\n      "accrualPeriodicity": "annual",'), encoding="utf-8")
    raise SourceError(*stale(load(above / "story"), dt.date(2027, 8, 23)))


# --- more data than memory ------------------------------------------------------------------------------------


def _with_parquet(above: Path) -> Path:
    """The base story with a Parquet file of visits, a row for each."""
    import duckdb

    descriptor = story_in(above) / "data/datapackage.json"
    with duckdb.connect(":memory:") as connection:
        rows = "SELECT 'ALD' AS town, 2025 AS year, 12 AS minutes"
        connection.execute(f"COPY ({rows}) TO '{above / 'story/data/visits.parquet'}' (FORMAT parquet)")
    fields = '[{"name": "town"}, {"name": "year", "type": "year"}, {"name": "minutes", "type": "integer"}]'
    visits = f'{{"name": "visits", "path": "visits.parquet", "format": "parquet", "schema": {{"fields": {fields}}}}},\n    '
    text = descriptor.read_text(encoding="utf-8").replace(
        '"resources": [\n    ', f'"resources": [\n    {visits}', 1
    )
    descriptor.write_text(text, encoding="utf-8")
    return above / "story"


def duckdb_not_installed(above: Path) -> None:
    """`data/datapackage.json` describes a Parquet file, and the extra is not installed."""
    story = _with_parquet(above)
    with patch("importlib.util.find_spec", return_value=None):
        prepare(story)


def not_added_up(above: Path) -> None:
    """`data/measures.yml` measures the mean of a column, `minutes`, of a Parquet file."""
    measures = _with_parquet(above) / "data/measures.yml"
    stay = (
        "stay: {from: visits, value: minutes, entity: {town: town}, unit: minutes, time: {year: year, type: mean}}"
    )
    measures.write_text(f"{stay}\n{measures.read_text(encoding='utf-8')}", encoding="utf-8")
    prepare(above / "story")


# --- the text search ------------------------------------------------------------------------------------------


def _searching(above: Path) -> Config:
    settings = story_in(above) / "content/site.yml"
    settings.write_text(f"search_page: search/\n{settings.read_text()}", encoding="utf-8")
    return load(above / "story").config


def search_not_installed(above: Path) -> None:
    """`content/site.yml` says `search_page: search/`, and the extra is not installed."""
    with patch("importlib.util.find_spec", return_value=None):
        raise SourceError(*lacking(_searching(above)))


def search_failed(above: Path) -> None:
    """`content/site.yml` says `search_page: search/`, and the disk is full."""
    config = _searching(above)
    program = above / "pagefind"
    program.write_text("#!/bin/sh\necho 'No space left on device (os error 28)' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    with patch("pagefind_bin.get_executable", return_value=program):
        search_files({"index.html": lambda: b"<main>Towns</main>"}, config)


# --- the cluster ------------------------------------------------------------------------------------------------


class Scheduler:
    """What a build sees of a cluster with some workers, and what these say of what is installed there."""

    status = "running"
    scheduler = SimpleNamespace(identity=None)

    def __init__(self, **workers: Mapping[str, Sequence[str]]) -> None:
        self.workers = {
            f"tcp://10.0.0.{address.removeprefix('w')}:40001": said for address, said in workers.items()
        }

    def sync(self, *_: object, **__: object) -> object:
        return {"workers": {worker: {"status": "running"} for worker in self.workers}}

    def submit(self, *_: object, workers: Sequence[str], **__: object) -> object:
        said = self.workers[workers[0]]
        return SimpleNamespace(status="finished", result=lambda timeout: said, cancelled=lambda: False)

    def close(self, timeout: float) -> None:
        pass


def _on_cluster(scheduler: Scheduler) -> None:
    story = cluster.Story(packed=b"", base_url=None, whole="")
    with (
        patch.object(cluster, "_connected", lambda address: scheduler),
        patch.object(cluster, "PATIENCE", 0.2),
        patch.object(cluster._Workers, "_wait", lambda self: None),
        cluster._Workers("tcp://10.0.0.5:8786", story, lambda route, outcome: None, print),
    ):
        pass


def no_cluster(above: Path) -> None:
    """`broadsheet build --dask localhost:1`, where nobody listens."""
    cluster._connected("tcp://localhost:1")


def no_workers(above: Path) -> None:
    """`broadsheet build --dask 10.0.0.5:8786`, where a scheduler runs and no worker."""
    _on_cluster(Scheduler())


def worker_differs(above: Path) -> None:
    """`broadsheet build --dask 10.0.0.5:8786`, where a worker has another pandas."""
    here = cluster._generator()
    mine = [name for name in here["libraries"] if name.startswith("pandas-") and name.endswith(".dist-info")]
    listed = [*(name for name in here["libraries"] if name not in mine), "pandas-2.9.9.dist-info"]
    with patch.object(
        cluster, "_generator", lambda: {**here, "libraries": [*listed[:-1], "pandas-3.0.0.dist-info"]}
    ):
        _on_cluster(Scheduler(w7={**here, "libraries": listed}))


# --- what broadsheet new refuses ----------------------------------------------------------------------------


def bad_title(above: Path) -> None:
    """`broadsheet new rivers --title "Rivers of {{ year }}"`"""
    new_story(above / "rivers", "Rivers of {{ year }}")


def folder_exists(above: Path) -> None:
    """`broadsheet new rivers`, where the folder `rivers` holds something."""
    (above / "rivers").mkdir()
    (above / "rivers/letter.txt").write_bytes(b"mine")
    new_story(above / "rivers")


def no_folder(above: Path) -> None:
    """`broadsheet new stories/rivers`, where there is no folder `stories`."""
    new_story(above / "stories/rivers")


def file_exists(above: Path) -> None:
    """`broadsheet new page Method`, in a story that has such a page."""
    new_page(story_in(above), "Method")


def cannot_write(above: Path) -> None:
    """`broadsheet new page Rivers`, on a full disk."""
    story = story_in(above)
    whole = Path.open

    def refusing(self: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        if mode == "x":
            raise OSError(errno.ENOSPC, "No space left on device")
        return whole(self, mode, *more, **named)

    with patch("pathlib.Path.open", refusing):
        new_page(story, "Rivers")


def collection_exists(above: Path) -> None:
    """`broadsheet new collection towns`, in a story that has them."""
    new_collection(story_in(above), "towns")


def no_key(above: Path) -> None:
    """`broadsheet new collection libraries`, a table without a `primaryKey`."""
    descriptor = story_in(above) / "data/datapackage.json"
    text = descriptor.read_text(encoding="utf-8")
    key = '        "primaryKey": ["id"],\n'
    assert key in text
    descriptor.write_text(text.replace(key, "", 1), encoding="utf-8")
    new_collection(above / "story", "libraries")


def release_exists(above: Path) -> None:
    """`broadsheet release 2026-06` a second time."""
    (above / "content/releases/2026-06").mkdir(parents=True)
    refuse_taken(above, "2026-06")


def release_incomplete(above: Path) -> None:
    """A story's own `embed.html` loads a file of the site that is not in `templates/assets`."""
    story = story_in(above)
    own = story / "templates/embed.html"
    own.parent.mkdir(exist_ok=True)
    html = (default_theme() / own.name).read_text(encoding="utf-8")
    script = '<script src="{{ page.root }}claims.json" defer></script>'
    own.write_text(html.replace("</head>", f"{script}\n</head>"), encoding="utf-8")
    release(story, "2026-06", today=dt.date(2026, 6, 18))


# --- publishing ---------------------------------------------------------------------------------------------


@contextmanager
def _committed(above: Path) -> Iterator[Path]:
    """A small story in a repository with a remote, in a commit that is the same wherever this is run."""
    story, remote = above / "story", above / "remote.git"
    for path, text in {"site.yml": "title: Rivers\ndescription: Of rivers.\n", "index.md": "# Rivers\n"}.items():
        (story / "content").mkdir(parents=True, exist_ok=True)
        (story / "content" / path).write_text(text, encoding="utf-8")
    moment = "2026-03-01T12:00:00+00:00"
    known = {f"GIT_{role}_{part}": text for role in ("AUTHOR", "COMMITTER") for part, text in (
        ("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", moment),
    )}  # fmt: skip
    nobodys = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": str(above)}
    with patch.dict(os.environ, {**known, **nobodys}):
        ask(above, "init", "--quiet", "--bare", str(remote))
        ask(above, "-c", "init.defaultBranch=main", "init", "--quiet", str(story))
        ask(story, "add", ".")
        ask(story, "commit", "--quiet", "--message=Begin")
        ask(story, "remote", "add", "origin", str(remote))
        yield story


def _published(story: Path, **more: str) -> None:
    publish(Asked(story, dt.datetime(2026, 3, 1, tzinfo=dt.UTC)), **more)


def _refused(problems: Iterable[Problem]) -> None:
    raise SourceError(*problems)


def git_missing(above: Path) -> None:
    """`broadsheet publish`, where git is not installed."""
    with patch.dict(os.environ, {"PATH": str(above)}):
        _published(above)


def git_refused(above: Path) -> None:
    """`broadsheet publish`, in a folder of somebody else's."""
    said = f"fatal: detected dubious ownership in repository at '{above}/story'"
    with patch("generator.publish.source.Repository.of", side_effect=GitError(said)):
        _published(above)


def no_repository(above: Path) -> None:
    """`broadsheet publish`, where nobody has said `git init`."""
    with patch.dict(os.environ, {"GIT_CEILING_DIRECTORIES": str(above.parent)}):
        _published(above)


def no_commit(above: Path) -> None:
    """`broadsheet publish`, before the first commit."""
    with _committed(above) as story:
        ask(story, "update-ref", "-d", "HEAD")
        _published(story)


def uncommitted(above: Path) -> None:
    """`broadsheet publish`, after a sentence was changed and not committed."""
    with _committed(above) as story:
        (story / "content/index.md").write_text("# Rivers and lakes\n", encoding="utf-8")
        _published(story)


def nameless_commit(above: Path) -> None:
    """`broadsheet publish`, from a commit that was made on no branch (`git checkout --detach`)."""
    with _committed(above) as story:
        ask(story, "checkout", "--quiet", "--detach")
        ask(story, "commit", "--quiet", "--allow-empty", "--message=Try")
        _published(story)


def unpushed_commit(above: Path) -> None:
    """`broadsheet publish`, before `git push`."""
    with _committed(above) as story:
        _refused(unpushed(read_source(story), "origin"))


def no_remote(above: Path) -> None:
    """`broadsheet publish --remote upstream`, in a repository that knows `origin` alone."""
    with _committed(above) as story:
        _published(story, remote="upstream")


def bad_branch(above: Path) -> None:
    """`broadsheet publish --to main`, on the branch `main`."""
    with _committed(above) as story:
        _published(story, branch="main")


def remote_failed(above: Path) -> None:
    """`broadsheet publish`, without a connection."""
    said = GitError(
        "fatal: unable to access 'https://example.org/rivers.git/': Could not resolve host: example.org"
    )
    with _committed(above) as story, patch("generator.publish.branch.line", side_effect=said):
        source = read_source(story)
        with workshop(source.repository) as shop:
            shop.tip(Target("gh-pages", "origin", "https://example.org/rivers.git"))


def unknown_commit(above: Path) -> None:
    """`broadsheet publish`, after somebody pushed to `gh-pages` by hand."""
    with _committed(above) as story:
        ask(story, "push", "--quiet", "origin", "main:gh-pages")
        _published(story)


def story_behind(above: Path) -> None:
    """`broadsheet publish`, after a colleague published a newer commit, which nobody has pulled."""
    with _committed(above) as story:
        source = read_source(story)
        with workshop(source.repository) as shop:
            tree, _ = shop.tree([("index.html", b"Rivers")])
            message = f"Publish\n\n{SOURCE}: {'9f' * 20}\n{TREE}: {tree}\n"
            shop.push(shop.commit(tree, "", message, 0), target_of(source, "gh-pages", "origin"))
        _published(story)


def page_gone(above: Path) -> None:
    """`broadsheet publish`, after a document was renamed."""
    _refused(gone(["how-we-count/index.html", "how-we-count/values.json"]))


def wrong_commit(above: Path) -> None:
    """`broadsheet publish --over 1234567`, where the branch is at another commit."""
    with _committed(above) as story:
        ask(story, "push", "--quiet", "origin", "main:gh-pages")
        _published(story, over="1234567")


def branch_moved(above: Path) -> None:
    """`broadsheet publish`, while a colleague publishes, too."""
    with _committed(above) as story:
        source = read_source(story)
        target = target_of(source, "gh-pages", "origin")
        with workshop(source.repository) as shop:
            tree, _ = shop.tree([("index.html", b"Rivers")])
            made = shop.commit(tree, "", "Publish", 0)
            ask(story, "push", "--quiet", "origin", "main:gh-pages")
            shop.push(made, target)


def push_refused(above: Path) -> None:
    """`broadsheet publish --to pages`, a branch that is protected."""
    said = GitError("remote: error: GH006: Protected branch update failed for refs/heads/pages.")
    with _committed(above) as story:
        source = read_source(story)
        target = target_of(source, "pages", "origin")
        with workshop(source.repository) as shop, patch("generator.publish.branch.ask", side_effect=said):
            shop.push(source.commit, target)


def wrong_base_url(above: Path) -> None:
    """`broadsheet publish --base-url https://owner.github.io/`, to the repository `owner/rivers` on GitHub."""
    _refused(misfits(settings(BASE, "https://owner.github.io/"), "git@github.com:owner/rivers.git", given=True))


def no_not_found_page(above: Path) -> None:
    """`broadsheet publish`, in a story without `content/404.md`."""
    build(above)
    files_of(above / "site", "")


def path_too_long(above: Path) -> None:
    """`broadsheet publish`, with a page in a folder in a folder, and so on, of long names."""
    build(above, ("404.html", "/".join(["of-the-rivers-that-run-into-lakes"] * 31) + "/index.html"))
    files_of(above / "site", "")


def heavy_file(above: Path) -> None:
    """`broadsheet publish`, with a table of a million rows."""
    _refused(heavy({"index.html": 9_000, "data/loans.csv": 64_000_000}))


# --- what the doctor finds --------------------------------------------------------------------------------------


def _workflow(line: str, path: str = ".github/workflows/pages.yml") -> None:
    _refused(workflow_problems(BASE, [File(path, f"{line}\n")], needed=False))


def site_committed(above: Path) -> None:
    """`git add .`, in a story whose `.gitignore` does not name `/site/`."""
    with _committed(above) as story:
        (story / "site").mkdir()
        (story / "site/index.html").write_text("Rivers", encoding="utf-8")
        ask(story, "add", ".")
        _refused(checkout_problems(story, fetches_lfs=False))


def no_workflow(above: Path) -> None:
    """A repository on GitHub that holds no folder `.github`."""
    _refused(workflow_problems(above, [], needed=True))


def unpinned_action(above: Path) -> None:
    """`uses: actions/checkout@v6`"""
    _workflow("- uses: actions/checkout@v6")


def old_action(above: Path) -> None:
    """The version behind an action's digest is that of years ago."""
    _workflow("- uses: actions/checkout@f43a0e5ff2bd294095638e18286ca9a3d1956744 # v3.6.0")


def old_generator(above: Path) -> None:
    """`requirements.txt` names the version with which the story began."""
    _workflow("broadsheet==0.0.9", "requirements.txt")


def old_python_(above: Path) -> None:
    """`python-version: "3.9"`"""
    _workflow('python-version: "3.9"')


def ignored_input(above: Path) -> None:
    """`.gitignore` says `*.csv`."""
    with _committed(above) as story:
        (story / ".gitignore").write_text("*.csv\n", encoding="utf-8")
        (story / "data").mkdir()
        (story / "data/rivers.csv").write_text("river\nDane\n", encoding="utf-8")
        _refused(checkout_problems(story, fetches_lfs=False))


def lfs_pointer(above: Path) -> None:
    """A clone of a repository with Git LFS, on a machine that does not have it."""
    with _committed(above) as story:
        (story / "data").mkdir()
        pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 84977953\n"
        (story / "data/rivers.csv").write_text(pointer, encoding="utf-8")
        _refused(checkout_problems(story, fetches_lfs=False))


def name_clash(above: Path) -> None:
    """Two files whose names differ in their letter case alone."""
    _refused(clashing(["content/Rivers.md", "content/rivers.md"]))


def line_ends_(above: Path) -> None:
    """A table that was put together from files of two systems."""
    with _committed(above) as story:
        (story / "data").mkdir()
        (story / "data/rivers.csv").write_bytes(b"river\r\nDane\n")
        ask(story, "add", ".")
        _refused(checkout_problems(story, fetches_lfs=False))


def plain_http_(above: Path) -> None:
    """`[the survey](http://example.org/survey)`"""
    with _committed(above) as story:
        (story / "content/index.md").write_text("See [the survey](http://example.org/survey).\n", encoding="utf-8")
        _refused(plain_http(story))


# --- embargoes ------------------------------------------------------------------------------------------------


def _dated(above: Path, front: str) -> tuple[Mapping[str, Document], dt.datetime]:
    story = story_in(above)
    text = f"---\ntitle: Lists\ndescription: Lists.\n{front}---\nLists.\n"
    (story / "content/lists.md").write_text(text, encoding="utf-8")
    return load(story).documents, dt.datetime(2026, 11, 30, 18, tzinfo=dt.UTC)


def embargoed_(above: Path) -> None:
    """`embargo: 2026-12-01T06:00+01:00` in the front matter, without `draft: true`, on the day before."""
    documents, now = _dated(above, "embargo: 2026-12-01T06:00+01:00\n")
    _refused(embargoed(documents, frozenset(), now))


def embargo_over(above: Path) -> None:
    """`embargo: 2026-11-30` and `draft: true`, in the evening of that day."""
    documents, now = _dated(above, "draft: true\nembargo: 2026-11-30\n")
    _refused(over(documents, frozenset({"content/lists.md"}), now))


EXAMPLES: dict[str, Callable[[Path], None]] = {
    "output-path": path_,
    "output-twice": twice,
    "output-collision": collision,
    "output-foreign": foreign,
    "output-link": link,
    "output-not-folder": not_folder,
    "output-locked": locked,
    "output-manifest": manifest,
    "output-changed": changed,
    "output-failed": failed,
    "site-too-large": too_large,
    "file-too-large": file_too_large,
    "other-generator": other_generator,
    "stale-data": stale_data,
    "duckdb-not-installed": duckdb_not_installed,
    "not-added-up": not_added_up,
    "search-not-installed": search_not_installed,
    "search-failed": search_failed,
    "no-cluster": no_cluster,
    "no-workers": no_workers,
    "worker-differs": worker_differs,
    "bad-title": bad_title,
    "folder-exists": folder_exists,
    "no-folder": no_folder,
    "file-exists": file_exists,
    "cannot-write": cannot_write,
    "collection-exists": collection_exists,
    "no-key": no_key,
    "release-exists": release_exists,
    "release-incomplete": release_incomplete,
    "git-missing": git_missing,
    "git-refused": git_refused,
    "no-repository": no_repository,
    "no-commit": no_commit,
    "uncommitted": uncommitted,
    "nameless-commit": nameless_commit,
    "unpushed-commit": unpushed_commit,
    "no-remote": no_remote,
    "bad-branch": bad_branch,
    "remote-failed": remote_failed,
    "unknown-commit": unknown_commit,
    "story-behind": story_behind,
    "wrong-commit": wrong_commit,
    "branch-moved": branch_moved,
    "push-refused": push_refused,
    "wrong-base-url": wrong_base_url,
    "no-not-found-page": no_not_found_page,
    "path-too-long": path_too_long,
    "heavy-file": heavy_file,
    "page-gone": page_gone,
    "site-committed": site_committed,
    "no-workflow": no_workflow,
    "unpinned-action": unpinned_action,
    "old-action": old_action,
    "old-generator": old_generator,
    "old-python": old_python_,
    "ignored-input": ignored_input,
    "lfs-pointer": lfs_pointer,
    "name-clash": name_clash,
    "line-ends": line_ends_,
    "plain-http": plain_http_,
    "embargoed": embargoed_,
    "embargo-over": embargo_over,
}
WARNINGS = frozenset(
    {"stale-data", "unpushed-commit", "wrong-base-url", "heavy-file", "page-gone", "plain-http", "embargo-over"}
)
"""Those of them that are no errors."""


def problem_of(code: str) -> Problem:
    """What the example of a code is answered with. Raises AssertionError when it is answered by nothing else."""
    with TemporaryDirectory() as folder:
        try:
            EXAMPLES[code](Path(folder))
        except SourceError as error:
            [problem] = error.problems
            assert problem.code == code, f"{code} is answered with {problem}"

            def anywhere(text: str) -> str:
                return text.replace(f"{folder}/", "")

            where = replace(problem.location, path=anywhere(problem.location.path))
            notes = tuple((label, anywhere(note)) for label, note in problem.notes)
            return replace(problem, message=anywhere(problem.message), location=where, notes=notes)
    raise AssertionError(f"the example of {code} is not refused")


def said_of(code: str) -> tuple[str, str]:
    """What was done, and what is printed; the number of a process as NUMBER."""
    [text] = told([problem_of(code)])
    return (EXAMPLES[code].__doc__ or "").strip(), re.sub(r"process \d+", "process NUMBER", text)
