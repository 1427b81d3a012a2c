"""The shared fixtures themselves: a page served below a prefix, read in the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

Serve = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "towns").mkdir()
    (tmp_path / "index.html").write_text('<title>Home</title><a href="towns/">Towns</a>')
    (tmp_path / "towns/index.html").write_text("<title>Towns</title>")
    (tmp_path / "404.html").write_text("<title>Nothing here</title>")
    return tmp_path


def test_a_folder_is_served_below_its_prefix(folder: Path, serve: Serve) -> None:
    address = serve(folder, "/story/")
    with urlopen(address + "towns/") as answer:
        assert answer.read() == b"<title>Towns</title>"
    assert serve(folder, "/story/") == address


@pytest.mark.parametrize("path", ["nowhere/", "../towns/"])
def test_what_is_not_there_gets_the_404_page(folder: Path, serve: Serve, path: str) -> None:
    with pytest.raises(HTTPError) as caught:
        urlopen(serve(folder, "/story/") + path)
    with caught.value as answer:
        assert answer.code == 404
        assert b"Nothing here" in answer.read()


def test_the_browser_follows_a_link(folder: Path, serve: Serve, page: Page) -> None:
    page.goto(serve(folder, "/story/"))
    page.click("text=Towns")
    page.wait_for_url("**/towns/**", wait_until="load")  # which the click does not wait for
    assert page.title() == "Towns"
