"""Publishing: against a real repository, from the build to the page in a browser, and whatever can go wrong between."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from repositories import IGNORED, NEEDS_GIT, answer, commit, git

from generator.cli import main
from generator.git import without_secrets
from generator.problems import Problem, SourceError
from generator.publish import Asked, branch, publish, publish_to_folder
from generator.publish.address import domain_in, misfits, on_github, own_domain, pages_address, settings
from generator.publish.branch import Workshop
from generator.publish.files import LONGEST_PATH, files_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
BASE = ROOT / "tests/story"
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)

pytestmark = [*NEEDS_GIT, pytest.mark.aside]


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story with what a build keeps, so that the tests need not draw it again."""
    from generator.build import build

    story = tmp_path_factory.mktemp("warm") / "story"
    shutil.copytree(BASE, story, ignore=shutil.ignore_patterns("site", ".broadsheet", "__pycache__"))
    build(story, story.parent / "site", today=NOW.date())
    return story


@pytest.fixture
def story(warm: Path, tmp_path: Path) -> Path:
    """The story in a repository with a bare remote beside it, everything committed and pushed."""
    made = tmp_path / "story"
    shutil.copytree(warm, made)
    (made / ".gitignore").write_text(IGNORED)
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(made, "init", "-q")
    git(made, "remote", "add", "origin", str(tmp_path / "remote.git"))
    commit(made)
    git(made, "push", "-q", "origin", "main")
    return made


def asked(story: Path, **more: Any) -> Asked:
    return Asked(story, NOW, **more)


def run(story: Path, *words: str) -> Result:
    return CliRunner().invoke(
        main, ["publish", str(story), *words], env={"SOURCE_DATE_EPOCH": str(int(NOW.timestamp()))}
    )


def refused(act: Callable[[], object]) -> list[Problem]:
    with pytest.raises(SourceError) as caught:
        act()
    return list(caught.value.problems)


def published(remote: Path, ref: str = "gh-pages") -> dict[str, bytes]:
    """Path → bytes of all that the branch holds."""
    names = git(remote, "ls-tree", "-r", "-z", "--name-only", ref).split("\0")
    return {name: answer(remote, "cat-file", "blob", f"{ref}:{name}") for name in filter(None, names)}


def files(folder: Path, *, but: str = ".broadsheet") -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != but
    }


def everything(*folders: Path) -> dict[str, tuple[int, int, bytes]]:
    """All files below folders as they are: when they were changed, how large they are, what they hold."""
    return {
        str(path): (path.lstat().st_mtime_ns, path.lstat().st_size, b"" if path.is_dir() else path.read_bytes())
        for folder in folders
        for path in sorted(folder.rglob("*"))
    }


def repository(story: Path) -> dict[str, tuple[int, int, bytes]]:
    return everything(story / ".git", story / "content", story / "data")


def tip(story: Path, ref: str = "gh-pages") -> str:
    return git(story.parent / "remote.git", "rev-parse", ref)


def branches(story: Path) -> list[str]:
    return git(story.parent / "remote.git", "branch", "--format=%(refname:short)").splitlines()


def other_clone(story: Path, ref: str = "gh-pages") -> Path:
    folder = story.parent / "other"
    git(story.parent, "clone", "-q", "--branch", ref, str(story.parent / "remote.git"), str(folder))
    return folder


def by_hand(story: Path, name: str = "hello.txt", ref: str = "gh-pages") -> str:
    """Somebody else commits to the branch."""
    folder = other_clone(story, ref)
    (folder / name).write_text("by hand\n")
    made = commit(folder, "Fixed by hand")
    git(folder, "push", "-q", "origin", ref)
    shutil.rmtree(folder)
    return made


# --- the cycle -----------------------------------------------------------------------------------------


def test_what_is_published_is_what_was_built(story: Path, warm: Path) -> None:
    before, remote = repository(story), story.parent / "remote.git"
    done = run(story)
    assert done.exit_code == 0, done.output
    source = git(story, "rev-parse", "HEAD")
    assert f"published {source[:10]} to the branch gh-pages" in done.output
    assert published(remote) == files(story / "site")
    assert files(story / "site") == files(warm.parent / "site"), "as broadsheet build makes it"
    assert published(remote)[".nojekyll"] == b""
    message = git(remote, "log", "-1", "--format=%B", "gh-pages")
    assert message.startswith(f"Publish Borrowed, {source[:10]}\n\n")
    assert f"\nBroadsheet-Source: {source}\n" in message
    assert f"\nBroadsheet-Tree: {git(remote, 'rev-parse', 'gh-pages^{tree}')}\n" in message
    assert repository(story) == before, "the story's repository is untouched"


def test_publishing_twice_changes_nothing(story: Path) -> None:
    assert run(story).exit_code == 0
    first = tip(story)
    again = run(story)
    assert again.exit_code == 0
    assert "holds this site already: nothing to publish" in again.output
    assert tip(story) == first
    (story / "data/loaders").mkdir(exist_ok=True)
    (story / "data/loaders/note.txt").write_text("no page is made from this\n")
    commit(story)
    assert run(story).exit_code == 0
    assert tip(story) == first, "another commit of the story with the same site"


LOADER = """\
LOADS = ("loans",)
READS = ("loans*.csv",)


def load(received, tables, report):
    return {"loans": [row for file in received for row in file.records()]}
"""


def test_from_a_publishers_file_to_the_published_tree(story: Path) -> None:
    """refresh → diff → commit → publish: what is published is what a build makes of the new data."""
    loader, remote = story / "data/loaders/loans.py", story.parent / "remote.git"
    loader.parent.mkdir()
    loader.write_text(LOADER)
    commit(story)
    assert run(story).exit_code == 0
    first = published(remote)
    sent = story.parent / "loans-2026.csv"
    rows = (story / "data/loans.csv").read_text(encoding="utf-8")
    assert "DUN,2025,41200\n" in rows
    sent.write_text(rows.replace("DUN,2025,41200\n", "DUN,2025,41300\n"))
    done = CliRunner().invoke(main, ["refresh", "--story", str(story), "--from", str(sent)])
    assert done.exit_code == 0, done.output
    assert "altered: DUN 2025: loans '41200' → '41300'" in done.output
    assert re.search(r"Dunmoor.*\[41,200 → 41,300\]", done.output), "the narrative diff"
    told = CliRunner().invoke(main, ["diff", str(story), "--against", "HEAD", "--format", "markdown"])
    assert "41,300" in told.output
    assert run(story).exit_code == 1, "the data is not that of a commit"
    assert published(remote) == first
    commit(story, "New loans")
    assert run(story).exit_code == 0
    assert published(remote) == files(story / "site") != first
    tip_ = tip(story)
    assert run(story).exit_code == 0
    assert tip(story) == tip_, "twice changes nothing"


def test_a_change_is_one_more_commit(story: Path) -> None:
    (story / "content/extra.md").write_text("---\ntitle: Extra\ndescription: An extra page.\n---\nWords.\n")
    commit(story)
    done = run(story)
    assert done.exit_code == 0, done.output
    first = tip(story)
    (story / "content/extra.md").unlink()
    _append(story / "content/method.md", "\nMore words.\n")
    commit(story)
    done = run(story, "--dry-run")
    listed = {tuple(line.split()[::3]) for line in done.output.splitlines() if line.startswith("    ")}
    assert ("removed", "extra/index.html") in listed, done.output
    assert ("changed", "method/index.html") in listed
    assert tip(story) == first
    done = run(story)
    assert done.exit_code == 0, done.output
    assert git(story.parent / "remote.git", "rev-parse", "gh-pages^") == first
    assert published(story.parent / "remote.git") == files(story / "site")


def test_a_page_that_is_gone_without_a_word_is_told_of(story: Path) -> None:
    """Whoever follows the hint has the address lead on, without a release that remembers it."""
    page = story / "content/lists.md"
    page.write_text("---\ntitle: Lists\ndescription: Lists.\n---\nLists.\n")
    commit(story)
    publish(asked(story))
    page.rename(story / "content/tables.md")
    commit(story)
    git(story, "push", "-q", "origin", "main")
    [problem] = publish(asked(story, dry=True)).warnings
    assert problem.code == "page-gone"
    assert problem.message == "a published page is gone: 'lists/'"
    assert "'lists/: NEW ADDRESS'" in problem.hint
    _append(story / "content/site.yml", "redirects:\n  lists/: tables/\n")
    commit(story)
    git(story, "push", "-q", "origin", "main")
    assert not publish(asked(story)).warnings
    assert b"../tables/" in published(story.parent / "remote.git")["lists/index.html"]


def test_a_dry_run_says_what_would_change_and_writes_nothing(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = story.parent / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before = everything(story, story.parent / "remote.git", scratch)
    done = run(story, "--dry-run")
    assert done.exit_code == 0, done.output
    assert everything(story, story.parent / "remote.git", scratch) == before
    lines = done.output.splitlines()
    assert any(line.split()[0] == "added" and line.endswith("  index.html") for line in lines if line)
    assert "    Publish Borrowed, " in done.output
    assert lines[-1] == "nothing was written"
    run(story)
    would = {line.split()[-1] for line in lines if line.startswith("    added ")}
    assert would == set(published(story.parent / "remote.git"))


def test_a_site_that_stands_is_used_and_a_page_that_was_touched_is_made_again(story: Path) -> None:
    run(story)
    expected = published(story.parent / "remote.git")
    (story / "site/index.html").write_bytes(b"edited where it was built")
    assert run(story).exit_code == 0
    assert published(story.parent / "remote.git") == expected


def test_a_file_that_changes_before_it_is_read_is_not_published(
    story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator import publish as module

    def meddling(out: Path, domain: str) -> Any:
        found = files_of(out, domain)
        (out / "index.html").write_bytes(b"meanwhile")
        return found

    monkeypatch.setattr(module, "files_of", meddling)
    [problem] = refused(lambda: publish(asked(story)))
    assert (problem.code, problem.location.path) == ("output-changed", "index.html")
    assert branches(story) == ["main"]


def test_a_document_that_changes_during_the_build_is_not_published(
    story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator import build as module

    whole = module.build

    def meddling(*given: Any, **named: Any) -> Any:
        made = whole(*given, **named)
        with (story / "content/method.md").open("a") as file:
            file.write("\nMore.\n")
        return made

    monkeypatch.setattr(module, "build", meddling)
    [problem] = refused(lambda: publish(asked(story)))
    assert (problem.code, problem.location.path) == ("uncommitted", "content/method.md")


def test_a_change_that_is_taken_back_is_noticed(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changed after it was held against the commit, built, and changed back."""
    from generator import build as module

    path = story / "content/method.md"
    text = path.read_bytes()
    checking, building = module.check, module.build

    def before(*given: Any, **named: Any) -> Any:
        _append(path, "\nMeanwhile.\n")
        return checking(*given, **named)

    def after(*given: Any, **named: Any) -> Any:
        made = building(*given, **named)
        path.write_bytes(text)
        return made

    monkeypatch.setattr(module, "check", before)
    monkeypatch.setattr(module, "build", after)
    assert [problem.code for problem in refused(lambda: publish(asked(story)))] == ["output-changed"]
    assert branches(story) == ["main"]


# --- the same over the network --------------------------------------------------------------------------


@contextmanager
def daemon(folder: Path) -> Iterator[str]:
    """The repositories of a folder, served by ``git daemon``; skipped where there is none."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["--reuseaddr", f"--base-path={folder}", "--export-all", "--enable=receive-pack", "--listen=127.0.0.1"]
    running = subprocess.Popen(
        ["git", "daemon", *words, f"--port={port}"], stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        for _ in range(200):
            if running.poll() is not None:
                pytest.skip("there is no git daemon on this machine")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"git://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.communicate()


def test_over_the_network(story: Path) -> None:
    with daemon(story.parent) as address:
        git(story, "remote", "set-url", "origin", f"{address}/remote.git")
        assert run(story).exit_code == 0
        by_hand(story)
        done = run(story)
    assert done.exit_code == 1
    assert "error[unknown-commit]" in done.output
    assert published(story.parent / "remote.git")["hello.txt"] == b"by hand\n"


def test_from_a_shallow_clone(story: Path) -> None:
    """As a workflow has it: one commit of the story, on its branch, and nothing of the site's."""
    run(story)
    _append(story / "content/method.md", "\nMore words.\n")
    source = commit(story)
    git(story, "push", "-q", "origin", "main")
    clone = story.parent / "clone"
    git(story.parent, "clone", "-q", "--depth=1", f"file://{story.parent / 'remote.git'}", str(clone))
    before, shallow = everything(clone / ".git"), (clone / ".git/shallow").read_bytes()
    done = run(clone)
    assert done.exit_code == 0, done.output
    assert f"Broadsheet-Source: {source}" in git(
        story.parent / "remote.git", "log", "-1", "--format=%B", "gh-pages"
    )
    assert git(story.parent / "remote.git", "rev-list", "--count", "gh-pages") == "2"
    assert (clone / ".git/shallow").read_bytes() == shallow
    assert everything(clone / ".git") == before


# --- others at the same branch ---------------------------------------------------------------------------


def test_a_commit_by_hand_is_not_overwritten(story: Path) -> None:
    run(story)
    theirs = by_hand(story)
    done = run(story)
    assert done.exit_code == 1
    assert "error[unknown-commit]" in done.output
    assert theirs[:10] in done.output
    assert "'Fixed by hand'" in done.output
    assert f"--over {theirs[:10]}" in done.output
    assert tip(story) == theirs
    assert run(story, "--over", theirs[:10]).exit_code == 0
    assert git(story.parent / "remote.git", "rev-parse", "gh-pages^") == theirs, "its history is kept"
    assert "hello.txt" not in published(story.parent / "remote.git")
    assert "nothing to publish" in run(story).output


def test_a_commit_of_ours_that_somebody_amended_is_none_of_ours(story: Path) -> None:
    run(story)
    folder = other_clone(story)
    (folder / "index.html").write_text("amended\n")
    git(folder, "commit", "-q", "--all", "--amend", "--no-edit")
    git(folder, "push", "-q", "--force", "origin", "gh-pages")
    [problem] = refused(lambda: publish(asked(story)))
    assert problem.code == "unknown-commit"


def test_a_branch_that_holds_something_else_is_not_taken(story: Path) -> None:
    git(story, "push", "-q", "origin", "main:gh-pages")
    [problem] = refused(lambda: publish(asked(story)))
    assert problem.code == "unknown-commit"


@pytest.mark.parametrize("before", [True, False], ids=["a branch that is there", "a branch that is new"])
def test_a_push_between_our_look_and_our_push_is_kept(
    story: Path, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    if before:
        run(story)
        _append(story / "content/method.md", "\nMore words.\n")
        commit(story)
    ours = Workshop.push
    theirs: list[str] = []

    def late(self: Workshop, made: str, target: branch.Target) -> None:
        if not before:
            git(story, "push", "-q", "origin", "main:gh-pages")
        theirs.append(by_hand(story))
        ours(self, made, target)

    monkeypatch.setattr(Workshop, "push", late)
    done = run(story)
    assert done.exit_code == 1
    assert "error[branch-moved]: somebody else pushed to the branch gh-pages" in done.output
    assert "Run it again" in done.output
    assert tip(story) == theirs[0]


def test_two_publications_at_once_do_not_undo_each_other(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that comes second finds the site of the first, and says so."""
    ours = Workshop.push
    once: list[str] = []

    def late(self: Workshop, made: str, target: branch.Target) -> None:
        if not once:
            once.append(made)
            publish(asked(story, base_url="https://example.org/other/"))
        ours(self, made, target)

    monkeypatch.setattr(Workshop, "push", late)
    [problem] = refused(lambda: publish(asked(story)))
    assert problem.code == "branch-moved"
    assert git(story.parent / "remote.git", "rev-list", "--count", "gh-pages") == "1"


def test_an_older_commit_does_not_undo_what_somebody_published(story: Path) -> None:
    """A colleague published meanwhile; whoever did not pull is told, and can do as told."""
    colleague = other_clone(story, "main")
    _append(colleague / "content/method.md", "\nA correction.\n")
    theirs = commit(colleague)
    git(colleague, "push", "-q", "origin", "main")
    publish(asked(colleague))
    before = tip(story)
    for dry in (False, True):
        [problem] = refused(lambda dry=dry: publish(asked(story, dry=dry)))  # type: ignore[misc]
        assert problem.code == "story-behind"
        assert f"holds the site of {theirs[:10]}" in problem.message
        assert "git pull" in problem.hint
    assert tip(story) == before
    git(story, "pull", "-q", "origin", "main")
    assert not publish(asked(story)).commit, "it is there already"
    git(story, "reset", "-q", "--hard", "HEAD~1")
    [problem] = refused(lambda: publish(asked(story)))
    assert f"git merge {theirs[:10]}" in problem.hint
    assert publish(asked(story), over=before[:10]).commit


def test_a_commit_beside_the_published_one_does_not_undo_it(story: Path) -> None:
    git(story, "switch", "-q", "-c", "draft")
    _append(story / "content/method.md", "\nA correction.\n")
    theirs = commit(story)
    publish(asked(story))
    git(story, "switch", "-q", "main")
    _append(story / "content/method.md", "\nAnother one.\n")
    commit(story)
    [problem] = refused(lambda: publish(asked(story)))
    assert problem.code == "story-behind"
    git(story, "merge", "-q", "-X", "ours", "--no-edit", theirs[:10])
    assert publish(asked(story)).commit


def test_a_shallow_clone_says_what_it_knows(story: Path) -> None:
    """It does not know whether it builds on a commit that is not there; it may know that it is older."""
    publish(asked(story))
    _append(story / "content/method.md", "\nMore words.\n")
    commit(story)
    git(story, "push", "-q", "origin", "main")
    clone = story.parent / "shallow"
    git(story.parent, "clone", "-q", "--depth=1", (story.parent / "remote.git").as_uri(), str(clone))
    assert publish(asked(clone)).commit
    old = git(clone, "rev-parse", "HEAD")
    _append(clone / "content/method.md", "\nMore words.\n")
    commit(clone)
    assert publish(asked(clone)).commit
    git(clone, "switch", "-q", "-c", "old", old)
    assert [problem.code for problem in refused(lambda: publish(asked(clone)))] == ["story-behind"]


def test_over_names_the_commit_that_is_there(story: Path) -> None:
    for over in ("abcdef0", "abc", "--force", "HEAD"):
        [problem] = refused(lambda over=over: publish(asked(story), over=over))  # type: ignore[misc]
        assert problem.code == "wrong-commit"
    run(story)
    theirs = by_hand(story)
    by_hand(story, "again.txt")
    assert [p.code for p in refused(lambda: publish(asked(story), over=theirs))] == ["wrong-commit"]


def test_two_stories_do_not_take_each_others_branch(story: Path) -> None:
    run(story)
    shutil.copytree(story, story / "stories/second", ignore=shutil.ignore_patterns(".git", "stories", "site"))
    commit(story)
    second = story / "stories/second"
    [problem] = refused(lambda: publish(asked(second)))
    assert problem.code == "unknown-commit"
    assert "another story" in problem.message
    made = publish(asked(second), branch="second")
    assert "Broadsheet-Story: stories/second/" in made.message
    assert not publish(asked(second), branch="second").commit


# --- the tree is the commit ------------------------------------------------------------------------------


def _append(path: Path, words: str = "\n") -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(words)


DIRTY: dict[str, tuple[Callable[[Path], object], str]] = {
    "changed": (lambda story: _append(story / "content/method.md"), "content/method.md"),
    "changed table": (lambda story: _append(story / "data/loans.csv"), "data/loans.csv"),
    "new": (lambda story: (story / "content/new.md").write_text("---\ntitle: New\n---\nNew.\n"), "content/new.md"),
    "gone": (lambda story: (story / "content/method.md").unlink(), "content/method.md"),
    "staged": (lambda story: (_append(story / "content/method.md"), git(story, "add", ".")), "content/method.md"),
    "overlooked": (
        lambda story: (
            git(story, "update-index", "--assume-unchanged", "content/method.md"),
            _append(story / "content/method.md"),
        ),
        "content/method.md",
    ),
    "a newline in its name": (lambda story: (story / "data/a\nb.csv").write_text("x\n"), "data/a\nb.csv"),
    "a flag": (lambda story: (story / "data/--force").write_text("x\n"), "data/--force"),
}  # fmt: skip


@pytest.mark.parametrize("how", DIRTY)
def test_what_is_not_committed_is_named(story: Path, how: str) -> None:
    change, path = DIRTY[how]
    change(story)
    [problem] = refused(lambda: publish(asked(story)))
    assert (problem.code, problem.location.path) == ("uncommitted", path)
    assert git(story, "rev-parse", "HEAD")[:10] in problem.message
    done = run(story, "--to-folder", str(story.parent / "public"))
    assert done.exit_code == 1
    assert "nothing was published" in done.output
    assert not (story.parent / "public").exists()
    assert branches(story) == ["main"]


def test_an_input_that_git_ignores_is_named(story: Path) -> None:
    (story / ".gitignore").write_text(f"{IGNORED}extra.md\n")
    commit(story)
    (story / "content/extra.md").write_text("---\ntitle: Extra\ndescription: Extra.\n---\nExtra.\n")
    [problem] = refused(lambda: publish(asked(story)))
    assert problem.location.path == "content/extra.md"


def test_a_link_leads_to_what_is_committed(story: Path) -> None:
    (story / "elsewhere.csv").write_text("x\n")
    (story / "data/linked.csv").symlink_to("../elsewhere.csv")
    commit(story)
    [problem] = refused(lambda: publish(asked(story)))
    assert (problem.code, problem.location.path) == ("uncommitted", "data/linked.csv")
    (story / "data/linked.csv").unlink()
    (story / "data/linked.csv").symlink_to("loans.csv")
    commit(story)
    assert publish(asked(story)).commit


def test_a_link_that_no_page_is_made_from_may_lead_anywhere(story: Path) -> None:
    (story / "data/loaders").mkdir()
    (story / "data/loaders/received").symlink_to(story.parent)
    (story / "data/loaders/latest.csv").symlink_to(story.parent / "nowhere.csv")
    (story / "content/folder").symlink_to("towns")
    commit(story)
    assert publish(asked(story)).commit


def test_all_that_is_wrong_is_told_at_once(story: Path) -> None:
    _append(story / "content/method.md")
    git(story, "checkout", "-q", "--detach")
    (story / "data/new.csv").write_text("x\n")
    found = [problem.code for problem in refused(lambda: publish(asked(story), remote="upstream"))]
    assert sorted(found) == ["no-remote", "uncommitted", "uncommitted"]


def test_many_are_counted(story: Path) -> None:
    for number in range(40):
        (story / f"content/note{number:02}.txt").write_text("x\n")
    problems = refused(lambda: publish(asked(story)))
    assert len(problems) == 31
    assert any("10 more files" in problem.message for problem in problems)


def test_what_no_page_is_made_from_is_not_looked_at(story: Path) -> None:
    (story / "notes.txt").write_text("outside\n")
    (story / "content/.hidden").write_text("not read\n")
    (story / "content/README.md").write_text("a guide\n")
    assert publish(asked(story)).commit


def test_line_ends_that_git_translates_are_no_change(story: Path) -> None:
    path = story / "content/method.md"
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n"))
    (story / ".gitattributes").write_text("content/method.md text eol=crlf\n")
    commit(story)
    path.unlink()
    git(story, "checkout", "content/method.md")
    assert b"\r\n" in path.read_bytes()
    assert publish(asked(story)).commit


def test_a_commit_needs_a_name(story: Path) -> None:
    git(story, "checkout", "-q", "--detach")
    assert publish(asked(story)).commit, "a branch leads to it"
    _append(story / "content/method.md")
    source = commit(story)
    [problem] = refused(lambda: publish(asked(story)))
    assert problem.code == "nameless-commit"
    assert source[:10] in problem.message
    git(story, "tag", "v1")
    assert publish(asked(story)).source == source


def test_a_commit_that_was_not_pushed_is_told_of(story: Path) -> None:
    assert not publish(asked(story)).warnings
    _append(story / "content/method.md")
    commit(story)
    [problem] = publish(asked(story)).warnings
    assert problem.code == "unpushed-commit"
    git(story, *problem.hint.removeprefix("Push it: git ").removesuffix(".").split())
    assert not publish(asked(story)).warnings


def test_no_repository_no_commit_no_remote(warm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    story = tmp_path / "story"
    shutil.copytree(warm, story)
    assert [p.code for p in refused(lambda: publish(asked(story)))] == ["no-repository"]
    git(story, "init", "-q")
    assert [p.code for p in refused(lambda: publish(asked(story)))] == ["no-commit"]
    (story / ".gitignore").write_text(IGNORED)
    commit(story)
    [problem] = refused(lambda: publish(asked(story)))
    assert problem.code == "no-remote"
    assert "git remote add origin URL" in problem.hint
    git(story, "remote", "add", "upstream", str(tmp_path))
    [problem] = refused(lambda: publish(asked(story), remote="upstrem"))
    assert "did you mean 'upstream'" in problem.message


def test_without_git(story: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run(story)
    assert done.exit_code == 1
    assert "error[git-missing]: git is not installed, or cannot be run" in done.output
    assert "Traceback" not in done.output


# --- the check -------------------------------------------------------------------------------------------


def test_what_check_refuses_is_not_published_and_in_its_words(story: Path) -> None:
    with (story / "content/method.md").open("a") as file:
        file.write("\nThere are 4,711 of them. [Nowhere](/nowhere/).\n")
    commit(story)
    done = run(story)
    assert done.exit_code == 1
    check = CliRunner().invoke(main, ["check", str(story), "--strict", "--rendered"])
    assert check.exit_code == 1
    told = [line for line in check.output.splitlines() if "error[" in line or "warning[" in line]
    assert len(told) >= 2
    assert [line for line in done.output.splitlines() if "error[" in line or "warning[" in line] == told
    assert "nothing was published" in done.output


def test_what_is_under_embargo_is_not_published(story: Path) -> None:
    text = f"---\ntitle: Lists\ndescription: Lists.\nembargo: {NOW:%Y-%m-%d} 12:01\n---\nWords.\n"
    (story / "content/lists.md").write_text(text)
    commit(story)
    [problem] = refused(lambda: publish(asked(story)))
    assert (problem.code, problem.location.path) == ("embargoed", "content/lists.md")
    assert publish(Asked(story, NOW + dt.timedelta(minutes=1))).commit


def test_a_site_needs_its_page_for_what_is_not_there(story: Path) -> None:
    (story / "content/404.md").unlink()
    commit(story)
    [problem] = refused(lambda: publish(asked(story)))
    assert (problem.code, problem.location.path) == ("no-not-found-page", "content/404.md")


def test_paths_that_are_too_long_are_told(tmp_path: Path) -> None:
    from generator.write import Staging

    long = "/".join(["a" * 200] * (LONGEST_PATH // 200)) + "/" + "b" * 40
    with Staging(tmp_path / "site") as stage:
        stage.add("404.html", b"x")
        stage.add(long, b"x")
        stage.commit()
    [problem] = refused(lambda: files_of(tmp_path / "site", ""))
    assert (problem.code, problem.location.path) == ("path-too-long", f"{long[:60]}…")


# --- names and secrets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["-x", "--force", "a b", "a\nb", "a..b", "x.lock", "", "/", "main", "a~1", "@{u}"])
def test_a_branch_has_a_name_that_git_takes(story: Path, name: str) -> None:
    [problem] = refused(lambda: publish(asked(story), branch=name))
    assert problem.code == "bad-branch"


@pytest.mark.parametrize("name", ["-x", "--upload-pack=touch x", "../remote.git", "o\nrigin"])
def test_a_remote_is_one_of_the_repository(story: Path, name: str) -> None:
    [problem] = refused(lambda: publish(asked(story), remote=name))
    assert problem.code == "no-remote"


def test_files_on_the_branch_may_be_called_anything(story: Path) -> None:
    """Somebody's ``--force`` and a name with a line break: listed, taken away, and never a command."""
    run(story)
    folder = other_clone(story)
    for name in ("--force", "a\nb\x1b[2J", "-x"):
        (folder / name).write_text("x\n")
    theirs = commit(folder, "\x1b[2JNames\x07")
    git(folder, "push", "-q", "origin", "gh-pages")
    done = run(story)
    assert "\x1b" not in done.output
    done = run(story, "--dry-run", "--over", theirs)
    assert done.exit_code == 0
    assert "\x1b" not in done.output
    removed = [line for line in done.output.splitlines() if line.startswith("    removed")]
    assert len(removed) == 3
    assert run(story, "--over", theirs).exit_code == 0
    assert published(story.parent / "remote.git") == files(story / "site")


def test_nothing_is_asked_and_no_password_is_shown(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asks = story.parent / "asks"
    asks.write_text(f"#!/bin/sh\ntouch {story.parent}/asked\necho x\n")
    asks.chmod(0o755)
    for name in ("GIT_ASKPASS", "SSH_ASKPASS"):
        monkeypatch.setenv(name, str(asks))
    git(story, "config", "core.askPass", str(asks))
    with daemon(story.parent) as address:
        port = address.rsplit(":", 1)[1]
        git(story, "remote", "set-url", "origin", f"http://editor:s3cr3t@127.0.0.1:{port}/remote.git")
        done = run(story)
    assert done.exit_code == 1
    assert "error[remote-failed]" in done.output
    assert "s3cr3t" not in done.output
    assert "editor" not in done.output
    assert not (story.parent / "asked").exists()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("fatal: https://token@example.org/a/b.git: no", "fatal: https://example.org/a/b.git: no"),
        ("https://u:p@ss@example.org/a 'ssh://git@example.org/b'", "https://example.org/a 'ssh://example.org/b'"),
        ("https://example.org/a?private_token=abc&x=1", "https://example.org/a?private_token=…&x=1"),
        ("git@example.org:a/b.git", "git@example.org:a/b.git"),
    ],
)
def test_addresses_are_shown_without_secrets(said: str, shown: str) -> None:
    assert without_secrets(said) == shown


def test_the_hooks_of_the_story_are_not_run(story: Path) -> None:
    for name in ("pre-push", "reference-transaction", "post-commit"):
        hook = story / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {story.parent}/ran-{name}\nexit 1\n")
        hook.chmod(0o755)
    assert run(story).exit_code == 0
    assert not list(story.parent.glob("ran-*"))


def test_a_push_that_the_server_refuses_is_told_in_its_words(story: Path) -> None:
    hook = story.parent / "remote.git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nprintf 'this branch\\tis protected\\r\\n' >&2\nexit 1\n")
    hook.chmod(0o755)
    done = run(story)
    assert done.exit_code == 1
    assert "error[push-refused]" in done.output
    assert re.search("this branch +is protected", done.output)
    assert "\ufffd" not in done.output, "nothing is left of what only steers a terminal"


# --- killed in the middle ----------------------------------------------------------------------------------


def _started(story: Path, scratch: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch)}
    words = [sys.executable, "-m", "generator", "publish", str(story)]
    return subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _until(holds: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.005)


@pytest.mark.skipif(os.name != "posix", reason="signals are others there")
@pytest.mark.parametrize("when", ["while objects are made", "during the push"])
def test_killed_in_the_middle_it_leaves_nothing_half(story: Path, when: str) -> None:
    remote, scratch, mark = story.parent / "remote.git", story.parent / "scratch", story.parent / "pushing"
    scratch.mkdir()
    hook = remote / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {mark}\nsleep 1\n")
    hook.chmod(0o755)
    before = repository(story)
    running = _started(story, scratch)
    if when == "during the push":
        _until(mark.exists)
    else:
        _until(lambda: list(scratch.glob("broadsheet-*/objects.git/objects/pack/*")))
    running.send_signal(signal.SIGKILL)
    running.wait()
    time.sleep(1.5)  # what git had begun by itself has ended
    assert repository(story) == before
    assert git(story, "status", "--porcelain") == ""
    there = git(remote, "branch", "--list", "gh-pages")
    if there:
        assert published(remote) == files(story / "site")
    git(remote, "fsck", "--strict")
    hook.unlink()
    assert run(story).exit_code == 0, "and again, as if nothing had happened"
    assert published(remote) == files(story / "site")


# --- into a folder -----------------------------------------------------------------------------------------


def test_a_folder_for_a_workflow(story: Path) -> None:
    git(story, "remote", "remove", "origin")
    out = story.parent / "public"
    before = everything(story)
    done = run(story, "--to-folder", str(out), "--dry-run")
    assert done.exit_code == 0, done.output
    assert not out.exists()
    assert everything(story) == before
    done = run(story, "--to-folder", str(out))
    assert done.exit_code == 0, done.output
    assert files(out, but="") == files(story / "site")
    assert not (out / ".broadsheet").exists()
    assert [p.code for p in refused(lambda: publish_to_folder(asked(story), out))] == ["folder-exists"]
    assert [p.code for p in refused(lambda: publish_to_folder(asked(story), out / "a/b"))] == ["no-folder"]
    assert sorted(path.name for path in story.parent.iterdir()) == ["public", "remote.git", "story"]


def test_a_folder_or_a_branch(story: Path) -> None:
    assert run(story, "--to-folder", str(story.parent / "x"), "--to", "y").exit_code == 2


# --- the address -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://github.com/Owner/Rivers.git", ("Owner", "Rivers")),
        ("https://token@github.com/Owner/Rivers", ("Owner", "Rivers")),
        ("git@github.com:Owner/Rivers.git", ("Owner", "Rivers")),
        ("ssh://git@ssh.github.com:443/Owner/Rivers.git", ("Owner", "Rivers")),
        ("https://example.org/Owner/Rivers.git", None),
        ("../remote.git", None),
        ("https://github.com/Owner", None),
        ("https://github.com.example.org/a/b", None),
    ],
)
def test_a_remote_on_github_is_known(url: str, named: tuple[str, str] | None) -> None:
    assert on_github(url) == named


def test_where_github_serves_a_repository() -> None:
    assert pages_address("Owner", "Rivers") == "https://owner.github.io/Rivers/"
    assert pages_address("Owner", "owner.github.io") == "https://owner.github.io/"


@pytest.mark.parametrize(
    ("base_url", "domain"),
    [
        ("https://stories.example.org/", "stories.example.org"),
        ("https://Stories.Example.org/", "stories.example.org"),
        ("https://example.org/story/", ""),
        ("https://owner.github.io/", ""),
        ("https://127.0.0.1/", ""),
        ("https://localhost/", ""),
        ("https://example.org:8443/", ""),
        ("", ""),
    ],
)
def test_a_domain_of_ones_own(base_url: str, domain: str) -> None:
    assert own_domain(base_url) == domain


@pytest.mark.parametrize(
    ("base_url", "url", "domain", "fits"),
    [
        ("https://owner.github.io/rivers/", "https://github.com/owner/rivers", "", True),
        ("https://owner.github.io/", "https://github.com/owner/rivers", "", False),
        ("https://owner.github.io/other/", "https://github.com/owner/rivers", "", False),
        ("https://owner.github.io/", "https://github.com/owner/owner.github.io", "", True),
        ("https://stories.example.org/", "https://github.com/owner/rivers", "", True),
        ("https://example.org/story/", "https://github.com/owner/rivers", "", False),
        ("https://owner.github.io/rivers/", "https://github.com/owner/rivers", "stories.example.org", False),
        ("https://example.org/story/", "https://example.org/any.git", "", True),
        ("https://example.org/story/", "https://example.org/any.git", "stories.example.org", False),
        ("", "https://github.com/owner/rivers", "", False),
        ("", "../remote.git", "", True),
    ],
)
def test_the_address_fits_the_remote(base_url: str, url: str, domain: str, fits: bool) -> None:
    found = list(misfits(settings(BASE, base_url), url, given=True, domain=domain))
    assert [problem.code for problem in found] == ([] if fits else ["wrong-base-url"])
    assert all(problem.severity == "warning" for problem in found)


def test_the_cname_is_written_and_kept(story: Path) -> None:
    remote = story.parent / "remote.git"
    publish(asked(story, base_url="https://stories.example.org/"))
    assert published(remote)["CNAME"] == b"stories.example.org\n"
    made = publish(asked(story, base_url="https://example.org/borrowed/"))
    assert published(remote)["CNAME"] == b"stories.example.org\n"
    assert [problem.code for problem in made.warnings] == ["wrong-base-url"]


@pytest.mark.parametrize(
    ("text", "domain"),
    [(b"Stories.example.org\n", "stories.example.org"), (b"a b", ""), (b"\xff.org", ""), (b"", "")],
)
def test_a_cname_names_a_domain_or_nothing(text: bytes, domain: str) -> None:
    assert domain_in(text) == domain


def test_no_branch_and_no_tag_is_pruned(story: Path) -> None:
    for key in ("fetch.prune", "fetch.pruneTags", "remote.origin.pruneTags"):
        git(story, "config", key, "true")
    git(story, "tag", "mine")
    git(story, "update-ref", "refs/remotes/origin/gone", "HEAD")
    publish(asked(story))
    before = repository(story)
    publish(asked(story))
    assert repository(story) == before
    assert git(story, "tag") == "mine"


@pytest.mark.parametrize(
    ("base_url", "prefix"),
    [("https://owner.github.io/borrowed/", "/borrowed/"), ("https://stories.example.org/", "/")],
    ids=["below a project", "at a domain of its own"],
)
def test_what_is_published_works_in_a_browser(
    story: Path, page: Page, serve: Callable[..., str], base_url: str, prefix: str
) -> None:
    publish(asked(story, base_url=base_url))
    folder = other_clone(story)
    address = serve(folder, prefix)
    failed: list[str] = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(address)
    assert page.title().startswith("Borrowed") or "Borrowed" in page.content()
    first = page.locator("main a[href*='towns/']").first
    first.click()
    page.wait_for_url(f"{address}towns/**")
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.styleSheets.length") > 0
    assert failed == []
    page.goto(f"{address}no/such/page/at/all/")
    assert page.evaluate("document.styleSheets.length") > 0, "its style is found at any depth"
    assert [url for url in failed if not url.endswith("no/such/page/at/all/")] == []
    home = page.evaluate("document.querySelector('.missing a').href")
    assert home == address
