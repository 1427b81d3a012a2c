"""What is refused when an expression asks for something that cannot be answered honestly."""

from __future__ import annotations

from typing import Any


class QuantityError(Exception):
    """Something an expression asked for that cannot be answered honestly."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.code, self.message, self.hint))
