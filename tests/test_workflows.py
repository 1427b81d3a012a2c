"""The workflows of the repository and of new stories: what they may do, and that what strangers send stays text."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from repositories import NEEDS_GIT, answer, commit, git

from generator.comparing import Difference, Side, as_markdown

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted(
    path for folder in (".github/workflows", "generator/scaffold/around") for path in (ROOT / folder).glob("*.yml")
)
COMMENTS = [path for path in WORKFLOWS if path.name == "comment.yml"]
MAY_WRITE = {
    ("deploy", "pages"), ("deploy", "id-token"), ("comment", "pull-requests"), ("propose", "contents"),
    ("propose", "pull-requests"),
}  # fmt: skip
"""Which job may write what."""

pytestmark = list(NEEDS_GIT)
each = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.relative_to(ROOT).as_posix())


def _read(path: Path) -> dict[Any, Any]:
    made: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    made["on"] = made.pop(True)  # what YAML 1.1 takes "on" for
    return made


def _events(workflow: dict[Any, Any]) -> set[str]:
    on = workflow["on"]
    return {on} if isinstance(on, str) else set(on)


def faults(workflow: dict[Any, Any], text: str) -> Iterator[str]:
    """What a workflow that anybody may start must not have."""
    events = _events(workflow)
    if "pull_request_target" in events:
        yield "pull_request_target runs with the rights of the repository"
    if not set((workflow.get("permissions", {"all": "write"}) or {}).values()) <= {"read"}:
        yield "the whole workflow may write"
    if "secrets." in text:
        yield "a secret"
    for used, version in re.findall(r"uses: (\S+)(?: # (\S+))?", text):
        if not re.fullmatch(r"[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40}", used):
            yield f"{used} is not pinned"
        if not re.fullmatch(r"v\d+\.\d+\.\d+", version):
            yield f"{used}: nobody can tell which version that is"
    for name, job in workflow["jobs"].items():
        writes = {(name, what) for what, right in job.get("permissions", {}).items() if right == "write"}
        if not writes <= MAY_WRITE:
            yield f"{sorted(writes - MAY_WRITE)} may be written"
        if writes and "pull_request" in events:
            yield f"{name} may write, in a workflow that strangers start"
        for step in job["steps"]:
            if "${{" in step.get("run", ""):
                yield f"{name}: a value stands in the text of a script"
            if "actions/checkout@" in step.get("uses", ""):
                if "workflow_run" in events or (writes and not events <= {"schedule", "workflow_dispatch"}):
                    yield f"{name} may write, and holds the content of others"
                if step["with"].get("persist-credentials") is not False:
                    yield f"{name}: the token stays in the checkout"


@each
def test_a_workflow_can_do_no_harm(path: Path) -> None:
    assert list(faults(_read(path), path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  pull_request:\n", "  pull_request_target:\n", "pull_request_target"),
        ("  contents: read\n", "  contents: write\n", "the whole workflow"),
        ("    timeout-minutes: 30\n", "    permissions:\n      pages: write\n", "may be written"),
        ("@de0fac2e4500dabe0009e67214ff5f5447ce83dd", "@v6", "not pinned"),
        (" # v6.0.2", "", "which version"),
        ("persist-credentials: false", "persist-credentials: true", "the token"),
        ("run: broadsheet build", "run: echo ${{ github.head_ref }}", "the text of a script"),
        ("run: broadsheet build", "run: a\n        env: {A: '${{ secrets.A }}'}", "a secret"),
    ],
)
def test_harm_is_found(old: str, new: str, fault: str) -> None:
    text = (ROOT / "generator/scaffold/around/check.yml").read_text(encoding="utf-8")
    assert old in text
    made = text.replace(old, new)
    loaded = yaml.safe_load(made)
    loaded["on"] = loaded.pop(True)
    assert any(fault in found for found in faults(loaded, made))


def test_a_comment_follows_the_workflow_that_leaves_its_text() -> None:
    for path in COMMENTS:
        [followed] = _read(path)["on"]["workflow_run"]["workflows"]
        texts = [other.read_text(encoding="utf-8") for other in path.parent.glob("*.yml")]
        [source] = [text for text in texts if f"\nname: {followed}\n" in f"\n{text}"]
        assert "name: diff\n" in source
        assert "path: diff.md\n" in source
        assert "pull_request:" in source


def test_what_the_data_makes_untrue_is_told_although_the_check_fails_for_it() -> None:
    for name in (".github/workflows/test.yml", "generator/scaffold/around/check.yml"):
        steps = _read(ROOT / name)["jobs"]["story"]["steps"]
        [compared] = [at for at, step in enumerate(steps) if "diff" in step.get("run", "")]
        [kept] = [at for at, step in enumerate(steps) if step.get("with", {}).get("name") == "diff"]
        [checked] = [at for at, step in enumerate(steps) if "check" in step.get("run", "")]
        assert compared < kept < checked
        assert steps[compared]["continue-on-error"], "nor does the check fail for what cannot be compared"


def test_the_two_comments_are_one() -> None:
    first, second = (_read(path)["jobs"]["comment"]["steps"] for path in COMMENTS)
    assert first == second


# --- new data ----------------------------------------------------------------------------------------------


def test_what_loaders_make_is_handed_on_without_rights_and_without_code(tmp_path: Path) -> None:
    """The patch of the job that reads is applied as the job that writes applies it."""
    jobs = _read(ROOT / "generator/scaffold/around/refresh.yml")["jobs"]
    assert jobs["read"]["permissions"] == {"contents": "read"}
    [line] = re.findall(r"git apply .*", _proposing())

    begun = {"data/towns.csv": "a\n", "data/loaders/towns.py": "a\n", "content/index.md": "a\n", "x.yml": "a\n"}
    changed = dict.fromkeys(begun, "b\n") | {"data/new/more.csv": "c\n", "data/new.py": "c\n", "data.csv": "c\n"}
    for name in ("ours", "theirs"):
        for path, text in begun.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text)
        git(tmp_path / name, "init", "--quiet")
        git(tmp_path / name, "add", ".")
    for path, text in changed.items():
        (tmp_path / "theirs" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "theirs" / path).write_text(text)
    git(tmp_path / "theirs", "add", "--intent-to-add", ".")
    (tmp_path / "refresh").mkdir()
    (tmp_path / "refresh/data.patch").write_bytes(answer(tmp_path / "theirs", "diff", "--binary"))
    given = {**os.environ, "RUNNER_TEMP": str(tmp_path)}
    subprocess.run(["bash", "-c", line], cwd=tmp_path / "ours", env=given, check=True, capture_output=True)
    files = [path for path in (tmp_path / "ours").rglob("*") if path.is_file() and ".git" not in path.parts]
    made = {path.relative_to(tmp_path / "ours").as_posix(): path.read_text() for path in files}
    assert made == begun | {"data/towns.csv": "b\n", "data/new/more.csv": "c\n"}


GH = """\
#!/bin/sh
echo "$*" >> "$RUNNER_TEMP/asked"
case "$*" in
"run download"*) mkdir -p "$RUNNER_TEMP/refresh" && cp "$RUNNER_TEMP/data.patch" "$RUNNER_TEMP/diff.md" "$RUNNER_TEMP/refresh" ;;
*state=open*) cat "$RUNNER_TEMP/open" ;;
esac
"""
"""Answers as gh does, and writes down what it was asked."""


def _proposing() -> str:
    """The script that opens the pull request with new data."""
    steps = _read(ROOT / "generator/scaffold/around/refresh.yml")["jobs"]["propose"]["steps"]
    [script] = [step["run"] for step in steps if "run" in step]
    return str(script)


@dataclass
class Morning:
    """A repository on a server, a checkout of it, and one run of the job that proposes new data after another."""

    above: Path

    def __post_init__(self) -> None:
        git(self.above, "init", "-q", "--bare", "owner/story.git")
        (self.above / "gh").write_text(GH)
        (self.above / "gh").chmod(0o755)
        (self.above / "first/data").mkdir(parents=True)
        (self.above / "first/data/towns.csv").write_text("a\n")
        (self.above / "diff.md").write_text("What changes")
        (self.above / "open").write_text("")
        git(self.above / "first", "init", "-q")
        commit(self.above / "first")
        git(self.above / "first", "push", "-q", str(self.above / "owner/story.git"), "main")

    def run(self, figures: str) -> str:
        """What GitHub shows of it; asked of gh is what ``asked`` says afterwards."""
        here = self.above / "checkout"
        shutil.rmtree(here, ignore_errors=True)
        git(self.above, "clone", "-q", "--depth=1", (self.above / "owner/story.git").as_uri(), str(here))
        (here / "data/towns.csv").write_text(figures)
        (self.above / "data.patch").write_bytes(answer(here, "diff", "--binary"))
        git(here, "checkout", "-q", "data")
        (self.above / "asked").write_text("")
        given = {
            "PATH": f"{self.above}:{os.environ['PATH']}", "RUNNER_TEMP": str(self.above), "GH_TOKEN": "t0ken",
            "GITHUB_RUN_ID": "3", "GITHUB_SERVER_URL": "https://github.example", "GITHUB_REPOSITORY": "owner/story",
            "GITHUB_REPOSITORY_OWNER": "owner", "GITHUB_REF_NAME": "main", "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{self.above}/.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://x-access-token:t0ken@github.example/", "BOT": BOT,
        }  # fmt: skip
        done = subprocess.run(
            ["bash", "-e", "-c", _proposing()],
            cwd=here,
            env={**os.environ, **given},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def asked(self) -> list[str]:
        return (self.above / "asked").read_text().splitlines()[1:]

    def there(self) -> str:
        return git(self.above / "owner/story.git", "show", "new-data:data/towns.csv")


BOT = "41898282+github-actions[bot]@users.noreply.github.com"


def test_each_morning_the_proposal_is_renewed(tmp_path: Path) -> None:
    morning = Morning(tmp_path)
    morning.run("b\n")
    assert morning.there() == "b"
    assert morning.asked[-1].startswith("pr create --base main --head new-data")
    (tmp_path / "open").write_text("7\n")
    morning.run("c\n")
    assert morning.there() == "c"
    assert morning.asked[-1] == (
        f"api --silent --method PATCH repos/owner/story/pulls/7 --field body=@{tmp_path}/refresh/diff.md"
    )
    assert not any(line.startswith("pr ") for line in morning.asked)
    assert git(tmp_path / "owner/story.git", "rev-list", "--count", "main..new-data") == "1"


def test_what_an_editor_put_on_top_of_new_data_is_left_alone(tmp_path: Path) -> None:
    """The sentences that new data makes untrue are mended on the branch of the pull request."""
    morning = Morning(tmp_path)
    morning.run("b\n")
    git(tmp_path, "clone", "-q", "--branch", "new-data", str(tmp_path / "owner/story.git"), "editor")
    (tmp_path / "editor/index.md").write_text("What is true now.\n")
    theirs = commit(tmp_path / "editor")
    git(tmp_path / "editor", "push", "-q", "origin", "new-data")
    assert "::warning::Somebody works on the branch new-data" in morning.run("c\n")
    assert git(tmp_path / "owner/story.git", "rev-parse", "new-data") == theirs
    assert morning.asked == []


# --- the comment -------------------------------------------------------------------------------------------


@dataclass
class GitHub:
    """What a stranger's pull request left behind, and what is then asked of the API."""

    text: bytes = b"## What the data changes\n"
    pulls: list[dict[str, Any]] = field(default_factory=lambda: [{"number": 7, "head": {"sha": "abc"}}])
    comments: list[dict[str, Any]] = field(default_factory=list)
    size: int = 100
    name: str = "diff"
    asked: list[str] = field(default_factory=list)
    posted: list[tuple[str, str, str]] = field(default_factory=list)
    tokens: dict[str, str | None] = field(default_factory=dict)

    def answer(self, path: str) -> bytes:
        if "/pulls?" in path:
            return json.dumps(self.pulls).encode()
        if path.split("?")[0].endswith("/artifacts"):
            one = {"id": 5, "name": self.name, "size_in_bytes": self.size}
            return json.dumps({"artifacts": [one]}).encode()
        if path == "/stored.zip":
            made = io.BytesIO()
            with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("diff.md", self.text)
            return made.getvalue()
        assert "/comments?" in path, path
        return json.dumps(self.comments).encode()


@contextmanager
def served(github: GitHub) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            github.asked.append(self.path)
            github.tokens[self.path] = self.headers["Authorization"]
            if self.path.endswith("/zip"):  # another host keeps it
                self.send_response(302)
                self.send_header("Location", f"http://127.0.0.1:{server.server_port}/stored.zip")
                self.end_headers()
                return
            self._send(github.answer(self.path))

        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            github.posted.append((self.command, self.path, said["body"]))
            self._send(b"{}")

        do_PATCH = do_POST  # noqa: N815

        def _send(self, data: bytes) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def comment(github: GitHub, branch: str = "change") -> subprocess.CompletedProcess[str]:
    """Runs the script of the workflow against this GitHub."""
    [step] = _read(COMMENTS[0])["jobs"]["comment"]["steps"]
    assert step["shell"] == "python"
    with served(github) as address:
        given = {
            "GITHUB_API_URL": address, "GITHUB_REPOSITORY": "owner/rivers", "TOKEN": "t0ken", "RUN": "3",
            "HEAD_OWNER": "stranger", "HEAD_BRANCH": branch, "HEAD_SHA": "abc",
        }  # fmt: skip
        assert set(step["env"]) <= set(given)
        environment = {**os.environ, **given, "no_proxy": "*"}
        done = subprocess.run([sys.executable, "-c", step["run"]], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


def test_the_comment_is_posted_to_the_pull_request_of_the_commit() -> None:
    github = GitHub(pulls=[{"number": 6, "head": {"sha": "other"}}, {"number": 7, "head": {"sha": "abc"}}])
    comment(github)
    [(how, path, body)] = github.posted
    assert (how, path) == ("POST", "/repos/owner/rivers/issues/7/comments")
    assert "## What the data changes" in body


def test_the_token_goes_to_the_api_alone() -> None:
    github = GitHub()
    comment(github)
    assert github.tokens.pop("/stored.zip") is None
    assert set(github.tokens.values()) == {"Bearer t0ken"}


def test_a_comment_that_is_there_is_changed_and_only_our_own() -> None:
    mark = "<!-- what the data changes -->\n"
    theirs = {"id": 1, "user": {"login": "stranger"}, "body": mark}
    ours = {"id": 2, "user": {"login": "github-actions[bot]"}, "body": f"{mark}old"}
    github = GitHub(comments=[theirs, ours])
    comment(github)
    assert [(how, path) for how, path, _ in github.posted] == [("PATCH", "/repos/owner/rivers/issues/comments/2")]


@pytest.mark.parametrize(
    "github",
    [
        GitHub(pulls=[]),
        GitHub(pulls=[{"number": 6, "head": {"sha": "other"}}]),
        GitHub(size=2_000_000),
        GitHub(name="site"),
    ],
    ids=["no pull request", "another commit", "too large", "another artifact"],
)
def test_nothing_is_posted_where_nothing_fits(github: GitHub) -> None:
    comment(github)
    assert github.posted == []


def test_what_has_no_difference_needs_no_comment() -> None:
    text = as_markdown(Difference(Side("a"), Side("b"), pages=3)).encode()
    github = GitHub(text=text)
    comment(github)
    assert github.posted == []


@pytest.mark.parametrize(
    "hostile",
    [
        b"```\n@everyone <img src=x> [click](https://example.org)\n```",
        b"````\n" * 9_000,
        b"\x1b[2J\x00\xff\xfe" + "\u202eabc".encode(),
        b"x" * 5_000_000,
        b"",
    ],
    ids=["ends the block", "many ends", "control characters", "a bomb", "empty"],
)
def test_what_strangers_send_stays_text(hostile: bytes) -> None:
    github = GitHub(text=hostile)
    comment(github)
    [(_, _, body)] = github.posted
    lines = body.split("\n")
    assert lines[:2] == ["<!-- what the data changes -->", "```text"]
    assert lines[-2:] == ["```", ""]
    assert not any(re.match(r"\s*```", line) for line in lines[2:-2]), "nothing ends the block before its end"
    assert len(body) < 65_536
    assert all(sign == "\n" or sign.isprintable() for sign in body)


def test_a_branch_may_be_called_anything() -> None:
    github = GitHub()
    comment(github, branch='x&state=closed" $(touch x) `y`')
    [asked] = [path for path in github.asked if "/pulls?" in path]
    assert (
        asked
        == "/repos/owner/rivers/pulls?state=open&head=stranger%3Ax%26state%3Dclosed%22%20%24%28touch%20x%29%20%60y%60"
    )
