"""``load(root)`` → Story: everything a page may know, read once, checked and frozen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from generator.claims.spec import ClaimFile, read_claims
from generator.config import SETTINGS, CollectionSpec, Config, read_config
from generator.datasets.cells import Cell
from generator.datasets.descriptor import DESCRIPTOR, Package, Resource
from generator.datasets.read import Table, Tables, no_dataset, read_datasets
from generator.inputs import digest, generator
from generator.letters import without_accents
from generator.measures.cells import as_text
from generator.measures.cube import Cube, CubeBuilder
from generator.measures.grouping import grouped
from generator.measures.kept import ingredients, nested, packed, places, unpacked
from generator.measures.select import Answers, Nesting, Selector
from generator.measures.spec import MeasureSpec
from generator.memory import Memory
from generator.model import Collection, Entity
from generator.problems import Location, Problem, Problems, SourceError, did_you_mean, one_of
from generator.reading import read_spec
from generator.releases import Releases, read_releases
from generator.source import (
    Document,
    JsonFile,
    MapNode,
    Node,
    locate,
    parse_yaml,
    read_text,
    split_front_matter,
)
from generator.updates import Updates, read_updates

MEASURES = "data/measures.yml"


class Story(Struct, frozen=True):
    """A story as loaded. Nothing that it says changes afterwards."""

    root: Path
    config: Config
    package: Package
    tables: Mapping[str, Table]
    collections: Mapping[str, Collection]
    measures: Mapping[str, MeasureSpec]
    selector: Selector
    documents: Mapping[str, Document]
    """Path below the story's root → document."""
    geometry: Mapping[str, JsonFile]
    claims: ClaimFile | None = None
    updates: Updates | None = None
    problems: tuple[Problem, ...] = ()
    """What is wrong with documents, updates or releases, and leaves the rest to be looked at."""
    parquet: Mapping[str, Resource] = field(default_factory=dict)
    """The resources that are no tables; some of the tables are what queries give of them."""
    releases: Releases = field(default_factory=Releases)

    @property
    def cubes(self) -> Mapping[str, Cube]:
        return self.selector.cubes

    def let_go(self) -> None:
        """Of tables and cubes, since others make the pages. What is asked for all the same is made again."""
        self.selector.let_go()
        for made in (self.tables, self.cubes):
            if isinstance(made, Tables | Cubes):
                made.let_go()

    def resource(self, name: str) -> Resource:
        """The description of a table, which is not read for it. Raises KeyError where there is no such table."""
        found = self.package.resource(name)  # which has what queries give, too
        if found is None:
            raise KeyError(name)
        return found


def load(
    root: Path,
    *,
    base_url: str | None = None,
    memory: Memory | None = None,
    sound: bool = False,
    known: Mapping[str, str] | None = None,
) -> Story:
    """Reads a story folder. Raises SourceError with every problem found when settings or data are among them.

    What ``memory`` holds of tables and cubes is not worked out again. With ``sound`` it is known that the data is
    as it should be, and tables are read when they are needed. ``known`` has digests of the story's files, by path.
    """
    memory = memory or Memory()
    problems, aside = Problems(), Problems()
    config = problems.attempt(lambda: read_config(read_text(root, SETTINGS), base_url=base_url, root=root))
    documents = read_documents(root, aside)
    data = problems.attempt(
        lambda: read_datasets(root, DESCRIPTOR, "data", memory=memory, sound=sound, known=known)
    )
    measures = problems.attempt(lambda: _measures(root))
    if config is None or data is None or measures is None:
        raise SourceError(*problems, *aside)
    package, tables = data
    collections = _Collections(config, tables, problems).build()
    if len(collections) < len(config.spec.collections):  # whatever measures them would be wrong, too
        raise SourceError(*problems, *aside)
    written, node = measures
    specs = grouped(written, node, tables, problems, sound=sound)
    if sound:
        tables.read()  # the groups, too
    package = replace(package, resources=tables.resources)
    made = Cubes(specs, node, CubeBuilder(tables, collections, problems), tables, memory)
    cubes = made if sound else made.worked_out()
    _check_measure_names(cubes, collections, config, node, problems)
    claims = read_claims(root)
    updates = read_updates(root)
    aside.extend(updates.problems if updates else ())
    releases = read_releases(root)
    aside.extend(releases.problems)
    geometry = _geometry(root, config, problems, sound=sound)
    if problems.errors:
        raise SourceError(*problems, *aside, *(claims.problems if claims else ()))
    selector = Selector(cubes, made.nesting, made.answers)
    measured = {name: specs[name] for name in cubes}
    return Story(
        root, config, package, tables, collections, measured, selector, documents, geometry, claims, updates,
        tuple(aside), tables.parquet, releases,
    )  # fmt: skip


class Cubes(Mapping[str, Cube]):
    """The cubes of a story's measures by name, each worked out when it is first asked for.

    It is worked out anew only when a table, the measure or the places have changed. One that cannot be is not
    there; why is among the builder's problems.
    """

    def __init__(
        self, specs: Mapping[str, MeasureSpec], node: Node, builder: CubeBuilder, tables: Tables, memory: Memory
    ) -> None:
        self._specs = specs
        self._node = node
        self._builder = builder
        self._tables = tables
        self._memory = memory
        self._places = places(builder.collections)
        self._nested = digest(self._places, *nested(builder.collections, tables))
        self.nesting: Nesting = memory.thing("nesting", [self._nested], lambda: Nesting(builder.collections))
        self._done: dict[str, Cube | None] = {}

    def __getitem__(self, name: str) -> Cube:
        if name not in self._done:
            self._done[name] = self._cube(name, self._specs[name])
        cube = self._done[name]
        if cube is None:
            raise KeyError(name)
        return cube

    def worked_out(self) -> Cubes:
        """The same, now, and without those that cannot be."""
        self._specs = {name: spec for name, spec in self._specs.items() if self.get(name) is not None}
        return self

    def let_go(self) -> None:
        """What was worked out is worked out again, or found in the store, when it is asked for."""
        self._done.clear()

    def __contains__(self, name: object) -> bool:
        return name in self._specs

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    def _cube(self, name: str, spec: MeasureSpec) -> Cube | None:
        builder, place = self._builder, locate(self._node, (name,))

        def pack(cube: Cube | None) -> bytes | None:
            return packed(cube) if cube is not None else None  # what is wrong with it must be told each time

        return self._memory.stored(
            "cube",
            [generator(), self._places, *ingredients(name, spec, self._tables)],
            lambda: builder.build(name, spec, place),
            pack,
            lambda data: unpacked(data, name, spec),
            sure=True,
        )

    def answers(self, name: str) -> Answers:
        """What was asked of a measure while neither it, its tables nor the places were others."""
        parts = [self._nested, *ingredients(name, self._specs[name], self._tables)]
        return self._memory.thing("answers", parts, Answers)


def read_documents(root: Path, problems: Problems) -> dict[str, Document]:
    found: dict[str, Document] = {}
    content = root / "content"
    for path in sorted(content.rglob("*.md")):
        name = path.relative_to(root).as_posix()
        inner = path.relative_to(content)
        if path.name == "README.md" or any(part.startswith((".", "_")) for part in inner.parts):
            continue
        try:
            found[name] = split_front_matter(read_text(root, name), name)
        except SourceError as error:
            hint = "It is a link to a file elsewhere; put the file itself here." if path.is_symlink() else ""
            problems.extend(replace(problem, hint=hint or problem.hint) for problem in error.problems)
            found[name] = Document(name, MapNode({}, {}, Location(name)), "", 1, unread=True)
    return found


def _measures(root: Path) -> tuple[dict[str, MeasureSpec], Node]:
    if not (root / MEASURES).is_file():
        return {}, MapNode({}, {}, Location(MEASURES))
    node = parse_yaml(read_text(root, MEASURES), MEASURES)
    problems = Problems()
    specs: dict[str, MeasureSpec] = {}
    if not isinstance(node, MapNode):
        problems.add("wrong-shape", "measures.yml is not a list of 'name: …' entries", node.location)
        raise SourceError(*problems)
    for name, entry in node.entries.items():
        try:
            specs[name] = read_spec(entry, MeasureSpec, f"the measure {name!r}")
        except SourceError as error:
            problems.absorb(error)
    for name, spec in specs.items():
        for rate, rule in spec.rates.items():
            if rule.by not in node.entries:
                problems.add(
                    "unknown-measure",
                    f"{name}.{rate}: there is no measure {rule.by!r}{did_you_mean(rule.by, node.entries)}",
                    locate(node, (name, "rates", rate, "by")),
                )
    problems.raise_if_any()
    return specs, node


RESERVED = frozenset(("key", "name", "slug", "url", "link", "site", "page"))


def _check_measure_names(
    cubes: Mapping[str, Cube],
    collections: Mapping[str, Collection],
    config: Config,
    node: Node,
    problems: Problems,
) -> None:
    relations = {name for spec in config.spec.collections.values() for name in spec.relations}
    taken = RESERVED | relations | collections.keys() | {c.one for c in collections.values()}
    for name in cubes:
        if not name.isidentifier() or name in taken:
            problems.add(
                "bad-name",
                f"a measure cannot be called {name!r}: "
                + ("that name is taken" if name in taken else "use letters, digits and _"),
                locate(node, (name,)),
            )


def _geometry(root: Path, config: Config, problems: Problems, *, sound: bool) -> dict[str, JsonFile]:
    found: dict[str, JsonFile] = {}
    for name, path in config.spec.geometry.items():
        try:
            file = JsonFile(path, read_text(root, path, named_at=config.place(("geometry", name))))
            if not sound:
                file.held  # noqa: B018 - said at once, whether or not a map is drawn
            found[name] = file
        except SourceError as error:
            problems.absorb(error)
    return found


# --- collections ---------------------------------------------------------------------------------------


def slugify(name: str) -> str:
    """A name as the last part of an address: ``Peña Blanca`` → ``pena-blanca``.

    Letters lose their accents, apostrophes vanish, everything else that is no letter or digit becomes one
    hyphen. Letters that have no plain form stay as they are (addresses are percent-encoded when written).
    """
    text = _APOSTROPHE.sub("", without_accents(name.casefold()))
    return _NO_LETTERS.sub("-", unicodedata.normalize("NFC", text)).strip("-")


_APOSTROPHE = re.compile("[’'`ʻ]")
_NO_LETTERS = re.compile(r"[^\w]+|_+")


def _other_names(spec: CollectionSpec, row: Mapping[str, Cell]) -> tuple[str, ...]:
    cells = (as_text(row[column]) for column in spec.other_names)
    return tuple(name for cell in cells for part in cell.split(";") if (name := part.strip()))


class _Collections:
    def __init__(self, config: Config, tables: Tables, problems: Problems) -> None:
        self.config = config
        self.specs = config.spec.collections
        self.tables = tables
        self.problems = problems
        self.done: dict[str, Collection] = {}

    def build(self) -> dict[str, Collection]:
        for name in self.specs:
            self._one(name, ())
        ordered = {name: self.done[name] for name in self.specs if name in self.done}
        self._check_addresses(ordered)
        return ordered

    def _one(self, name: str, above: tuple[str, ...]) -> Collection | None:
        if name in self.done:
            return self.done[name]
        place = self.place(name, "from")
        spec = self.specs[name]
        if name in above:
            self.problems.add("bad-parent", f"{name} is among its own parents", place)
            return None
        parent = self._one(spec.parent.collection, (*above, name)) if spec.parent else None
        table = self.tables.get(spec.dataset)
        if table is None:
            message = f"collection {name}: {no_dataset(spec.dataset, self.tables)}"
            self.problems.add("unknown-dataset", message, place)
            return None
        if not self._columns_exist(name, spec, table):
            return None
        entities = self._entities(name, spec, table, parent)
        if not entities:
            hint = "Look at 'where', which leaves out every row." if spec.where else "The table has no rows."
            self.problems.add(
                "empty-collection", f"collection {name}: no row of {table.name} is left", place, hint=hint
            )
            return None
        collection = Collection(name, spec.one, spec.dataset, tuple(entities), parent.name if parent else "")
        self.done[name] = collection
        return collection

    def place(self, name: str, *path: str) -> Location:
        """Where a collection's setting stands in site.yml."""
        return self.config.place(("collections", name, *path))

    def _columns_exist(self, name: str, spec: CollectionSpec, table: Table) -> bool:
        wanted: list[tuple[tuple[str, ...], str]] = [
            (("key",), spec.key), (("name",), spec.name), (("slug",), spec.slug)
        ]  # fmt: skip
        wanted += [(("where", column), column) for column in spec.where]
        wanted += [(("other_names",), column) for column in spec.other_names]
        wanted.append((("parent", "field"), spec.parent.field if spec.parent else ""))
        good = [self._column_exists(name, path, column, table.resource) for path, column in wanted if column]
        for relation, rule in spec.relations.items():
            target = self.tables.resource(rule.dataset)
            if target is None:
                message = f"collection {name}: relation {relation}: {no_dataset(rule.dataset, self.tables)}"
                self.problems.add("unknown-dataset", message, self.place(name, "relations", relation, "from"))
                good.append(False)
            else:
                good.append(self._column_exists(name, ("relations", relation, "field"), rule.field, target))
        return all(good)

    def _column_exists(self, name: str, path: tuple[str, ...], column: str, resource: Resource) -> bool:
        if resource.schema_.field(column):
            return True
        fields = [field.name for field in resource.schema_.fields]
        self.problems.add(
            "unknown-field",
            f"collection {name}: {resource.name} has no field {column!r}{did_you_mean(column, fields)}",
            self.place(name, *path),
            hint=f"Its fields: {one_of(fields, most=30)}.",
        )
        return False

    def _entities(self, name: str, spec: CollectionSpec, table: Table, parent: Collection | None) -> list[Entity]:
        parents = {entity.key: entity for entity in parent} if parent else {}
        found = []
        for index in range(len(table)):
            row = table.row(index)
            if any(as_text(row[column]) not in allowed for column, allowed in spec.where.items()):
                continue
            above = self._parent_of(name, spec, row, parents, table, index)
            slug = as_text(row[spec.slug]) if spec.slug else slugify(as_text(row[spec.name]))
            if spec.path and not re.fullmatch(r"[\w-]+", slug):
                self._bad_slug(spec, row, slug, table.location(index, spec.slug or spec.name))
            url = spec.path.replace("{slug}", slug).replace("{parent}", above.slug if above else "")
            key, title = as_text(row[spec.key]), as_text(row[spec.name])
            others = _other_names(spec, row)
            found.append(
                Entity(name, key, title, slug, url, table.lines[index], above.key if above else "", others, row)
            )
        return found

    def _bad_slug(self, spec: CollectionSpec, row: Mapping[str, Cell], slug: str, place: Location) -> None:
        if spec.slug:
            message, hint = f"{slug!r} cannot be part of an address", "Write letters, digits and '-' only."
        else:
            message = f"{as_text(row[spec.name])!r} leaves nothing for an address"
            hint = "Give it a name with a letter or digit, or name a column of the table as 'slug' in site.yml."
        self.problems.add("bad-slug", message, place, hint=hint)

    def _parent_of(
        self,
        name: str,
        spec: CollectionSpec,
        row: Mapping[str, Cell],
        parents: Mapping[str, Entity],
        table: Table,
        index: int,
    ) -> Entity | None:
        if spec.parent is None or not parents:
            return None
        if not spec.parent.field:
            if len(parents) == 1:
                return next(iter(parents.values()))
            message = f"collection {name}: 'parent' names no field, and {spec.parent.collection} has several"
            hint = "Write 'parent: {collection: …, field: …}', with the column that holds the parent's key."
            self.problems.add("bad-parent", message, self.place(name, "parent"), hint=hint)
            return None
        key = as_text(row[spec.parent.field])
        if key not in parents:
            self.problems.add(
                "foreign-key",
                f"{spec.parent.field}: {key!r} is not in {spec.parent.collection}{did_you_mean(key, parents)}",
                table.location(index, spec.parent.field),
            )
        return parents.get(key)

    def _check_addresses(self, collections: Mapping[str, Collection]) -> None:
        seen: dict[str, tuple[Collection, Entity]] = {}
        for collection in collections.values():
            spec, table = self.specs[collection.name], self.tables[collection.dataset]
            keys: dict[str, Entity] = {}
            for entity in collection:
                if entity.key in keys:
                    message = f"{collection.name}: key {entity.key!r} is already on line {keys[entity.key].line}"
                    self.problems.add("duplicate-row", message, table.source.place(entity.line, spec.key))
                keys[entity.key] = entity
                if not entity.url:
                    continue
                other = seen.setdefault(entity.url.casefold(), (collection, entity))[1]
                if other is not entity:
                    self.problems.add(
                        "address-collision",
                        f"{entity.name!r} and {other.name!r} would both be at {entity.url!r}",
                        table.source.place(entity.line, spec.slug or spec.name),
                        hint="Give them different names, or name a column of the table as 'slug' in site.yml.",
                    )
