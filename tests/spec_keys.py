"""What the types of the generator say an author may write."""

from __future__ import annotations

import types
import typing
from typing import Any

from generator.specs import Spec


def specs_in(annotation: Any) -> list[type[Spec]]:
    """The shapes that something of a type may have, or those of its entries."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return [annotation]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated or origin in (tuple, list):
        arguments = arguments[:1]
    elif origin is dict:
        arguments = arguments[1:]
    elif origin not in (typing.Union, types.UnionType):
        return []
    return [spec for part in arguments for spec in specs_in(part)]
