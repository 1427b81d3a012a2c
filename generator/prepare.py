"""A story and its routes, read and looked at, ready to make any page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from generator.charts import KINDS
from generator.config import refused
from generator.documents import Compiler
from generator.pages import PageMaker
from generator.problems import Location, Problem, Problems, SourceError, as_plain, from_plain
from generator.prose.render import Language
from generator.prose.slots import Slot
from generator.routes import find_routes
from generator.run import Run
from generator.story import Story, load, read_documents
from generator.story_code import chart_functions, data_problems, named_functions
from generator.theme import Theme
from generator.values import NumberStyle


def prepare(
    root: Path, *, base_url: str | None = None, drawing: bool = True, look: bool = True, run: Run | None = None
) -> PageMaker:
    """A story and its routes, ready to make any page.

    What is wrong with documents and data rules is in the maker's ``problems``, so that the pages which can be
    made are still looked at; without ``look``, :func:`looked_at` says later what is wrong with the data. With
    a ``run`` (of the same base URL) nothing is worked out that it remembers. Raises SourceError when the settings
    or the data leave nothing to look at, or when the settings ask for another generator, which alone is told then.
    """
    if not (root / "content").is_dir():
        raise SourceError(
            Problem(
                "no-story",
                f"{root.name or root} holds no story: it has no folder 'content'",
                Location("content"),
                "Name the story's folder: broadsheet build STORY.",
            )
        )
    if other := refused(root):
        raise SourceError(other)
    run = run or Run(root, base_url=base_url, cache=False)
    inputs = run.inputs if run.store else None  # as they are before anything is read
    problems = Problems()
    sound = Sound.known(run)
    functions = problems.attempt(lambda: _functions(root, sound), None)
    known = functions is not None  # which kinds of figure there are
    functions = functions or {}
    theme = Theme(root, run.bytecode)
    try:
        story = load(
            root,
            base_url=base_url,
            memory=run.memory,
            sound=sound is not None,
            known=inputs.files if inputs else None,
        )
    except SourceError as error:
        problems.absorb(error)
        _compile_alone(root, theme, functions, problems)
        if not known:
            problems.drop("unknown-kind")
        raise SourceError(*problems) from None
    routes = problems.attempt(lambda: find_routes(story), {})
    if run.store is not None and routes:
        run.store.make_room(len(routes))
    maker = PageMaker(
        story,
        routes,
        theme,
        functions,
        drawing=drawing,
        memory=run.memory,
        words=inputs.words if inputs else "",
        code=inputs.data if inputs else "",
        bytecode=run.bytecode,
    )
    if story.claims is not None:
        problems.extend(story.claims.problems)
    if look or sound is not None:
        problems.extend(looked_at(run, maker, sound))
    maker.compile()
    maker.problems.extend(problems)
    if not known:
        maker.problems.drop("unknown-kind")
    if failing(maker):
        maker.shop.blocks.drawing = False  # nothing will be written
    return maker


def failing(maker: PageMaker) -> bool:
    """Whether something is wrong that keeps the site from being written; what is wrong with drafts does not."""
    return any(p.severity == "error" and p.location.path not in maker.drafts for p in maker.problems)


class Sound(Struct, frozen=True):
    """What an earlier run found of data, settings and code that it found no error in."""

    warnings: tuple[Problem, ...]
    functions: tuple[str, ...]
    """The names of the story's chart functions."""

    @staticmethod
    def known(run: Run) -> Sound | None:
        """None when nobody has looked at the data as it is now, or when it was wrong."""
        data = run.store.get("sound", run.inputs.data) if run.store else None
        if data is None:
            return None
        try:
            warnings, functions = json.loads(data)
            return Sound(from_plain(warnings), tuple(functions))
        except (ValueError, TypeError):
            return None

    def keep(self, run: Run) -> None:
        if run.store:
            made = [as_plain(self.warnings), self.functions]
            run.store.put("sound", run.inputs.data, json.dumps(made, ensure_ascii=False).encode())


def _functions(root: Path, sound: Sound | None) -> dict[str, Callable[..., Any]]:
    return chart_functions(root) if sound is None else named_functions(root, sound.functions)


def contradictions(story: Story) -> Iterator[Problem]:
    """Where the tables of a story contradict each other, or what it says must hold of them."""
    from generator.measures.consistency import inconsistencies  # not needed where the data is known to be sound

    yield from inconsistencies(story.root, story.tables, story.selector)
    yield from data_problems(story)


def looked_at(run: Run, maker: PageMaker, sound: Sound | None = None) -> Problems:
    """What is wrong with the data and with what claims say of it; ``sound`` is what was found before, if known."""
    problems = Problems()
    sound = sound or Sound.known(run)
    if sound is not None:
        problems.extend(sound.warnings)
        return problems
    story = maker.story
    problems.extend(contradictions(story))
    problems.extend(maker.hold_claims())
    if not problems.errors:
        Sound(tuple(problems), tuple(maker.shop.blocks.functions)).keep(run)
    return problems


def _compile_alone(root: Path, theme: Theme, functions: Mapping[str, Any], problems: Problems) -> None:
    """What can be told of the documents while the data or the settings are broken: their syntax."""
    language = Language(NumberStyle(), lambda _id, words, _where: Slot("text", words))
    compiler = Compiler(language, {**KINDS, **functions}, theme.templates)
    for document in read_documents(root, Problems()).values():
        if not document.unread:
            problems.attempt(lambda d=document: compiler.compile(d), None)  # type: ignore[misc]
