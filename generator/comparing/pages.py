"""Two prepared stories → everything that differs between what they print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from generator.comparing.align import aligned
from generator.comparing.changes import (
    AssertionChange,
    At,
    Difference,
    NumberChange,
    PageChange,
    SentenceChange,
    SheetChange,
    Side,
    SideProblem,
)
from generator.comparing.claims import claims, compare_claims
from generator.comparing.credits import Credits, named
from generator.comparing.ranks import compare_rankings
from generator.comparing.sentences import Witness, begins, compare_passages
from generator.comparing.sheets import compare_lists, compare_sheets
from generator.documents import BlockProgram
from generator.pages import PageMaker
from generator.pages.survey import Line, Passage, Said, Shown, Survey
from generator.problems import Problem, Problems
from generator.prose.markdown import fill_plain
from generator.routes import Route

Progress = Callable[[int, int], None]


class _Found(Struct):
    """What differs, as it is met."""

    sentences: list[SentenceChange] = field(default_factory=list)
    assertions: list[AssertionChange] = field(default_factory=list)
    sheets: list[SheetChange] = field(default_factory=list)
    pages: list[PageChange] = field(default_factory=list)


def compare(
    before: PageMaker, after: PageMaker, sides: tuple[Side, Side], progress: Progress | None = None
) -> Difference:
    """Surveys both sides page by page. What is wrong on either is in the difference's ``problems``."""
    problems = {"before": Problems(), "after": Problems()}
    for name, maker in (("before", before), ("after", after)):
        maker.shop.language.assertions = Witness(maker.story.config.style, maker.story)
        problems[name].extend(maker.problems.errors)
    credits = {"before": Credits(before), "after": Credits(after)}
    found = _Found()
    compared, left_out = 0, []
    routes = list(_routes(before, after))
    for number, (was, now) in enumerate(routes, start=1):
        found.pages += _fates(was, now)
        if was and now and before.compiled(was) and after.compiled(now):
            ours, theirs = _survey(before, was, problems["before"]), _survey(after, now, problems["after"])
            if ours and theirs:
                found.pages += _indexing(ours, theirs)
                _compare(ours, theirs, found)
                found.sentences += _compare_sources(credits["before"], ours, credits["after"], theirs)
                compared += 1
            else:
                left_out.append(now.url)
        elif was and now:
            left_out.append(now.url)
        if progress:
            progress(number, len(routes))
    return Difference(
        *sides,
        compared,
        tuple(found.assertions),
        compare_claims(claims(before), claims(after)),
        tuple(compare_rankings(before, after)),
        tuple(found.sentences),
        tuple(found.sheets),
        tuple(found.pages),
        tuple(side_problems(problems["before"], problems["after"])),
        tuple(left_out),
        Counter(path for route in after.routes.values() for path in (route.document, route.override) if path),
        after.story.config.style,
    )


def side_problems(before: Iterable[Problem], after: Iterable[Problem]) -> Iterator[SideProblem]:
    """What is wrong on both sides is told once."""
    ours, theirs = ({str(problem): problem for problem in side} for side in (before, after))
    for text, problem in theirs.items():
        yield SideProblem("both" if text in ours else "after", problem)
    for text, problem in ours.items():
        if text not in theirs:
            yield SideProblem("before", problem)


# --- which page is which -------------------------------------------------------------------------------


def _routes(before: PageMaker, after: PageMaker) -> Iterator[tuple[Route | None, Route | None]]:
    """Pages of both sides, in the order of the second; a page of an entity is the same wherever it is."""
    ours, theirs = ({_identity(route): route for route in side.routes.values()} for side in (before, after))
    for key, route in theirs.items():
        yield ours.get(key), route
    for key, route in ours.items():
        if key not in theirs:
            yield route, None


def _identity(route: Route) -> tuple[str, str]:
    entity = route.entity
    return (entity.collection, entity.key) if entity else ("", route.url)


def _fates(was: Route | None, now: Route | None) -> Iterator[PageChange]:
    route = now or was
    assert route is not None
    name = route.entity.name if route.entity else ""
    if was is None or now is None:
        yield PageChange("new" if was is None else "gone", route.url, name)
    elif was.url != now.url:
        yield PageChange("moved", now.url, name, was.url)


def _survey(maker: PageMaker, route: Route, problems: Problems) -> Survey | None:
    """What a page says; None when something is wrong with it other than words that are not true."""
    made = Survey(maker.shop, route, keep=True).run()
    untrue = {(p.code, p.location) for said in made.said if isinstance(said, Passage) for p in said.made.unborne}
    wrong = [p for p in made.problems if p.severity == "error" and (p.code, p.location) not in untrue]
    problems.extend(p.with_entities([route.entity.name]) if route.entity else p for p in wrong)
    return None if wrong else made


# --- one page ------------------------------------------------------------------------------------------


def _indexing(before: Survey, after: Survey) -> Iterator[PageChange]:
    if before.noindex != after.noindex:
        entity = after.route.entity
        yield PageChange("hidden" if after.noindex else "listed", after.route.url, entity.name if entity else "")


Key = tuple[object, ...]


def _compare(before: Survey, after: Survey, found: _Found) -> None:
    ours, theirs = _keyed(before.said), _keyed(after.said)
    blocks = _one_sided(ours, theirs)
    for key in dict.fromkeys((*theirs, *ours)):
        was, now = ours.get(key), theirs.get(key)
        one = now or was
        at = _at(one, after.route)
        if isinstance(one, Shown):
            change = compare_sheets(was, now, at, _block_name(one.block))  # type: ignore[arg-type]
            found.sheets += [change] if change else []
        elif isinstance(one, Passage) and not _told_elsewhere(one, key, blocks, both=bool(was and now)):
            changed, asserted = compare_passages(was, now, at)  # type: ignore[arg-type]
            found.sentences += changed
            found.assertions += asserted
    _compare_lines(before, after, found)


def _told_elsewhere(passage: Passage, key: Key, blocks: set[Key], *, both: bool) -> bool:
    """Headings of columns are told with their tables, texts of a block that comes or goes with the block."""
    if passage.block:
        return "." in passage.part or key[:3] in blocks
    return passage.part.startswith("numbers.") and passage.part.endswith(".label") and not both


def _keyed(said: Sequence[Said]) -> dict[Key, Said]:
    """Texts and blocks by what they are. A block that stands several times on a page is told apart by its title."""
    often = Counter(item.block.place for item in said if isinstance(item, Shown))
    seen: Counter[Key] = Counter()
    made: dict[Key, Said] = {}
    title = ""
    for item in said:
        if isinstance(item, Line):
            continue
        block = item.block
        if isinstance(item, Passage) and block and item.part == "title":
            title = fill_plain(item.made.text, item.made.slots)
        several = title if block and often[block.place] > 1 else ""
        path = item.compiled.path if isinstance(item, Passage) else ""
        part = item.part if isinstance(item, Passage) else ""
        key: Key = (block.place if block else path, several, part)
        seen[key] += 1
        made[key[0], several, seen[key], part, isinstance(item, Shown)] = item
    return made


def _one_sided(ours: Mapping[Key, Said], theirs: Mapping[Key, Said]) -> set[Key]:
    """The blocks that stand on one side only: their texts need not be told one by one."""
    there = [{key[:3] for key, said in side.items() if isinstance(said, Shown)} for side in (ours, theirs)]
    return there[0] ^ there[1]


def _at(said: Said | None, route: Route) -> At:
    assert isinstance(said, Passage | Shown)
    entity = route.entity.name if route.entity else ""
    where = said.block.place if isinstance(said, Shown) else begins(said)
    return At(where, _part(said), route.url, entity)


def _part(said: Passage | Shown) -> str:
    block = said.block
    if isinstance(said, Shown):
        return f"{said.block.what} {_block_name(said.block)}"
    if block is not None:
        text = "heading of a column" if "." in said.part else said.part
        return f"{text} of the {block.what} {_block_name(block)}"
    words = said.part.split(".")
    if words[0] == "updates":
        return f"{words[2]} of an update"
    if words[0] == "card":
        return f"{words[1]} of the card"
    return f"{words[2]} of key number {int(words[1]) + 1}" if words[0] == "numbers" else words[0]


def _block_name(block: BlockProgram) -> str:
    """Its id, or its title as it is written."""
    return repr(named(block))


def _compare_sources(before: Credits, ours: Survey, after: Credits, theirs: Survey) -> Iterator[SentenceChange]:
    """Where a page, and each figure and table of it, says that its numbers come from."""
    was_lines, now_lines = before.lines(ours), after.lines(theirs)
    entity = theirs.route.entity.name if theirs.route.entity else ""
    for (where, part), now in now_lines.items():
        was = was_lines.get((where, part))
        if was is not None and was != now:  # of what is there on one side only its block is told
            at = At(where, part, theirs.route.url, entity)
            for old, new in aligned(was, now, (lambda line: line, lambda line: line.partition(", ")[0])):
                if old != new:
                    yield SentenceChange(at, old or "", new or "")


# --- what is no text -----------------------------------------------------------------------------------


def _compare_lines(before: Survey, after: Survey, found: _Found) -> None:
    """Key numbers one by one; neighbours and places below as lists."""
    ours, theirs = _by_part(before), _by_part(after)
    for part in dict.fromkeys((*theirs, *ours)):
        was, now = ours.get(part, []), theirs.get(part, [])
        what = part.split(".")[0]
        entity = after.route.entity.name if after.route.entity else ""
        at = At((now or was)[0].where, _LISTS.get(what, "key number"), after.route.url, entity)
        if what in _LISTS:
            change = compare_lists(was, now, at)
            found.sheets += [change] if change else []
        elif was != now:
            found.sentences.append(_key_number(was, now, at))


_LISTS = {"neighbours": "neighbours in the ranking", "children": "list of places"}


def _by_part(survey: Survey) -> dict[str, list[Line]]:
    """Key numbers under their labels as printed."""
    made: dict[str, list[Line]] = {}
    labels = {}
    for said in survey.said:
        if isinstance(said, Passage) and said.part.endswith(".label") and said.part.startswith("numbers."):
            labels[said.part] = fill_plain(said.made.text, said.made.slots)
        elif isinstance(said, Line):
            label = labels.get(f"{said.part.rpartition('.')[0]}.label", said.name)
            made.setdefault(said.part, []).append(replace(said, name=label))
    return made


def _key_number(before: Sequence[Line], after: Sequence[Line], at: At) -> SentenceChange:
    was, now = (_named(side[0]) if side and side[0].text else "" for side in (before, after))
    numbers = (NumberChange(at.where, before[0].text, after[0].text),) if was and now else ()
    return SentenceChange(at, was, now, numbers)


def _named(line: Line) -> str:
    return f"{line.name}, rank: {line.text}" if line.part.endswith("rank") else f"{line.name}: {line.text}"
