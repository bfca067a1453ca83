"""Finds who answers a request."""

from __future__ import annotations

from urllib.parse import unquote

from tests.emulators.discord.call import Handler, Routes
from tests.emulators.discord.refusal import Refusal, field

# Not snowflakes, though they stand in the path.
_FREE = ("emoji_name", "webhook_token", "interaction_token")


class Table:
    """Handlers by method and path; a literal step goes before a parameter."""

    def __init__(self, routes: Routes) -> None:
        self._by_shape: dict[tuple[str, int], list[tuple[list[str], str, Handler]]] = {}
        for (method, template), handler in routes.items():
            steps = template.split("/")
            self._by_shape.setdefault((method, len(steps)), []).append((steps, template, handler))
        for candidates in self._by_shape.values():
            candidates.sort(key=lambda each: sum(step.startswith("{") for step in each[0]))

    def find(self, method: str, path: str) -> tuple[Handler, str, dict[str, str]]:
        """The handler, its template and the path's parameters; refused if there is none."""
        steps = path.split("/")
        for template_steps, template, handler in self._by_shape.get((method, len(steps)), ()):
            if (found := _match(template_steps, steps)) is not None:
                return handler, template, _checked(found)
        raise Refusal(0, status=404, message="404: Not Found")


def _match(template: list[str], steps: list[str]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for wanted, step in zip(template, steps, strict=True):
        if wanted.startswith("{"):
            found[wanted[1:-1]] = unquote(step)
        elif wanted != unquote(step):
            return None
    return found


def _checked(parameters: dict[str, str]) -> dict[str, str]:
    for name, value in parameters.items():
        if name not in _FREE and not value.isdigit():
            raise field(name, "NUMBER_TYPE_COERCE", f'Value "{value[:100]}" is not snowflake.')
    return parameters
