"""Checks requests against the official description of the API, where its file is at hand."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from tests.emulators.discord.refusal import FieldError, Json, invalid

BESIDE_THE_REPOSITORY = Path(__file__).parents[4] / "shared" / "specs" / "discord-openapi.json"
_NAMES = re.compile(r"\{[^}]*\}")
# What the validator calls a fault, and what Discord calls it.
_CODES = {
    "maxLength": "BASE_TYPE_MAX_LENGTH",
    "minLength": "BASE_TYPE_BAD_LENGTH",
    "maxItems": "BASE_TYPE_MAX_LENGTH",
    "minItems": "BASE_TYPE_BAD_LENGTH",
    "required": "BASE_TYPE_REQUIRED",
    "enum": "BASE_TYPE_CHOICES",
    "pattern": "STRING_TYPE_REGEX",
    "maximum": "NUMBER_TYPE_MAX",
    "minimum": "NUMBER_TYPE_MIN",
    "uniqueItems": "SET_TYPE_ALREADY_CONTAINS_VALUE",
    "oneOf": "UNION_TYPE_CHOICES",
    "anyOf": "UNION_TYPE_CHOICES",
}


def find() -> Path | None:
    """The file of the description: `DISCORD_OPENAPI` names it, or it lies beside the repository."""
    named = os.environ.get("DISCORD_OPENAPI")
    path = Path(named) if named else BESIDE_THE_REPOSITORY
    return path if path.exists() else None


class Description:
    """Validators for the bodies and queries that the description knows, each built when first needed."""

    def __init__(self, path: Path) -> None:
        raw = json.loads(path.read_text(encoding="utf-8"))
        self._schemas: Json = _tolerant(raw["components"]["schemas"])
        self._operations = {
            (method.upper(), _NAMES.sub("{}", template)): (operation, item.get("parameters", []))
            for template, item in raw["paths"].items()
            for method, operation in item.items()
            if method != "parameters"
        }
        self._bodies: dict[tuple[str, str], jsonschema_rs.Validator | None] = {}
        self._answers: dict[tuple[str, str], jsonschema_rs.Validator | None] = {}
        self._queries: dict[tuple[str, str], dict[str, jsonschema_rs.Validator]] = {}

    def check(self, method: str, template: str, query: Mapping[str, str], body: Json | list[Json] | None) -> None:
        """Refuse what the description does not allow."""
        key = method, _NAMES.sub("{}", template)
        if key not in self._operations:
            return
        for name, validator in self._query(key).items():
            if name in query and not validator.is_valid(_typed(query[name])):
                raise invalid(FieldError((name,), "BASE_TYPE_CHOICES", f"{query[name]!r} is not allowed here."))
        validator_of_body = self._body(key)
        if validator_of_body is not None and body is not None:
            _refuse(validator_of_body, body)

    def faults_of_answer(self, method: str, template: str, answer: object) -> list[str]:
        """Where an answer (200) of the emulator itself differs from what Discord would send."""
        key = method, _NAMES.sub("{}", template)
        if key not in self._answers:
            operation = self._operations.get(key, ({}, []))[0]
            content = operation.get("responses", {}).get("200", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            self._answers[key] = self._validator(schema) if schema else None
        validator = self._answers[key]
        errors = validator.iter_errors(answer) if validator else ()
        return [f"{method} {template} {error.instance_path}: {error.message[:300]}" for error in errors]

    def _body(self, key: tuple[str, str]) -> jsonschema_rs.Validator | None:
        if key not in self._bodies:
            content = self._operations[key][0].get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            self._bodies[key] = self._validator(schema) if schema else None
        return self._bodies[key]

    def _query(self, key: tuple[str, str]) -> dict[str, jsonschema_rs.Validator]:
        if key not in self._queries:
            operation, shared = self._operations[key]
            parameters = [each for each in (*shared, *operation.get("parameters", [])) if each.get("in") == "query"]
            self._queries[key] = {each["name"]: self._validator(each["schema"]) for each in parameters}
        return self._queries[key]

    def _validator(self, schema: Json) -> jsonschema_rs.Validator:
        schema = _tolerant(schema)
        needed: set[str] = set()
        _collect(schema, self._schemas, needed)
        components = {"schemas": {name: self._schemas[name] for name in needed}}
        return jsonschema_rs.Draft202012Validator({**schema, "components": components})


@cache
def described(path: Path) -> Description:
    """The description in a file; reading it takes a while, so it is read once."""
    return Description(path)


def _refuse(validator: jsonschema_rs.Validator, body: object) -> None:
    if validator.is_valid(body):
        return
    errors = [
        FieldError(
            tuple(map(str, error.instance_path)) or ("_body",),
            _CODES.get(str(error.schema_path[-1]) if error.schema_path else "", "BASE_TYPE_INVALID"),
            error.message[:200],
        )
        for error in validator.iter_errors(body)
    ]
    raise invalid(*errors)


def _tolerant(node: Any) -> Any:  # noqa: ANN401 - any JSON
    """The schema with what Discord takes beyond its description: numbers as snowflakes, 0 and 1 as booleans."""
    if isinstance(node, list):
        return [_tolerant(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {key: _tolerant(value) for key, value in node.items()}
    if {"type": "null"} in found.get("oneOf", ()):
        return _nullable(found)
    if found.get("format") == "snowflake":
        kinds = found["type"] if isinstance(found.get("type"), list) else [found.get("type")]
        found["type"] = [*kinds, "integer"]
    if found.get("type") == "boolean":
        return {**{key: value for key, value in found.items() if key != "type"}, "enum": [True, False, 0, 1]}
    if found.get("type") == ["boolean", "null"]:
        return {**{key: value for key, value in found.items() if key != "type"}, "enum": [True, False, 0, 1, None]}
    return found


def _nullable(schema: Json) -> Json:
    """A choice of null or something else, written so that a fault is told where it is and not as a bad choice."""
    others = [each for each in schema.pop("oneOf") if each != {"type": "null"}]
    return {**schema, "if": {"not": {"type": "null"}}, "then": others[0] if len(others) == 1 else {"oneOf": others}}


def _collect(node: Any, schemas: Json, found: set[str]) -> None:  # noqa: ANN401 - any JSON
    if isinstance(node, list):
        for each in node:
            _collect(each, schemas, found)
    elif isinstance(node, dict):
        name = str(node.get("$ref", "")).removeprefix("#/components/schemas/")
        if name in schemas and name not in found:
            found.add(name)
            _collect(schemas[name], schemas, found)
        for each in node.values():
            _collect(each, schemas, found)


def _typed(text: str) -> object:
    """What a query's text stands for."""
    if text in ("true", "false", "True", "False"):
        return text.lower() == "true"
    return int(text) if text.isdigit() else text
