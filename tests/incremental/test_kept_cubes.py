"""Cubes come back from the bytes they are kept as as they went in."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from test_cases import BASE

from generator.measures.kept import packed, unpacked
from generator.story import Story, load

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", params=["small", "real"])
def story(request: pytest.FixtureRequest) -> Story:
    return load(BASE if request.param == "small" else ROOT)


def test_round_trip(story: Story) -> None:
    assert story.cubes
    for name, cube in story.cubes.items():
        again = unpacked(packed(cube), name, cube.spec)
        assert again == cube
        assert packed(again) == packed(cube)
        for collection, grid in cube.grids.items():
            other = again.grids[collection]
            assert list(other) == list(grid), "in the same order"
            for at, times in grid.items():
                assert [list(cells) for cells in other[at].values()] == [list(cells) for cells in times.values()]


def test_nothing_else_is_taken_for_a_cube(story: Story) -> None:
    name, cube = next(iter(story.cubes.items()))
    whole = msgspec.msgpack.decode(packed(cube))
    broken = [b"", b"null", b"[]", b"{}", b"\xff", packed(cube)[:-1]]
    broken += [msgspec.msgpack.encode(whole[:left]) for left in range(len(whole))]
    broken += [msgspec.msgpack.encode(["of another machine", *whole[1:]])]
    for data in broken:
        with pytest.raises((ValueError, LookupError, TypeError)):
            unpacked(data, name, cube.spec)
