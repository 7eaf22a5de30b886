"""The published catalogue is current and follows the official schema of AsyncAPI 3."""

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.contract import asyncapi

SCHEMAS = Path(__file__).parents[2] / "support" / "asyncapi"


@pytest.fixture(scope="module")
def official() -> Any:
    """The official schema, from the package that its authors publish."""
    schema = SCHEMAS / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0-without-$id.json"
    if not schema.exists():
        subprocess.run(["npm", "ci", "--silent"], cwd=SCHEMAS, check=True, timeout=300)
    return jsonschema.Draft7Validator(json.loads(schema.read_text()))


@pytest.mark.feature("EX1")
def test_the_catalogue_is_current() -> None:
    assert asyncapi.CATALOGUE.read_text(encoding="utf-8") == asyncapi.render(), (
        "docs/asyncapi.json is stale: run `python -m shared.contract.asyncapi`"
    )


@pytest.mark.feature("EX1")
def test_the_catalogue_follows_the_official_schema(official: Any) -> None:
    official.validate(asyncapi.catalogue())


def test_the_official_schema_would_notice(official: Any) -> None:
    broken = copy.deepcopy(asyncapi.catalogue())
    next(iter(broken["operations"].values()))["action"] = "shout"
    assert not official.is_valid(broken)


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi.catalogue()

    def references(value: Any) -> Any:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    for reference in set(references(document)):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
