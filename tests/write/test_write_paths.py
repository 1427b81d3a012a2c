"""Paths that no file of a site may have."""

from __future__ import annotations

import pytest

from generator.write.paths import is_sound, path_trouble

GOOD = ["index.html", "towns/aldford/index.html", "a-b_c.d/e", "café/index.html", ".nojekyll"]
BAD = [
    "", "/index.html", "a//b", "a/", "../a", "a/./b", "a\nb", "a\n/b", ".broadsheet/x", ".GIT/x", "a/NUL.txt", "con",
    "a./b", "a /b", "x" * 256, "a:b", "a\\b", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("path", GOOD)
def test_good_paths(path: str) -> None:
    assert not path_trouble(path)


@pytest.mark.parametrize("path", BAD)
def test_bad_paths(path: str) -> None:
    assert path_trouble(path)


@pytest.mark.parametrize("path", [*GOOD, *BAD])
@pytest.mark.parametrize("others", [[], ["a.html"], ["a.html", "b/c.html"], ["é.html"]])
def test_many_paths_are_as_sound_as_the_worst_of_them(path: str, others: list[str]) -> None:
    for at in range(len(others) + 1):
        assert is_sound([*others[:at], path, *others[at:]]) is not bool(path_trouble(path))


def test_a_private_name_deeper_in_a_path_is_sound() -> None:
    assert is_sound(["a/.git/b", "b.html"])


def test_no_path_at_all_is_sound() -> None:
    assert is_sound([])
