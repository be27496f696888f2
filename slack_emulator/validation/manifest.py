"""Validation of app manifests with Slack's own schemas.

They are those of https://github.com/slackapi/manifest-schema; CONTRIBUTING.md says how to renew them.
"""

import json
import textwrap
from functools import cache
from pathlib import Path

from jsonschema import Draft7Validator

from slack_emulator.validation.elements import as_object

_VERSIONS = (1, 2)


def manifest_error(manifest: object) -> str | None:
    """Return why Slack would refuse a manifest, on one line; None if it is valid.

    The schema is that of `_metadata.major_version`, which Slack takes to be 1 if it is missing.
    """
    version = as_object(as_object(manifest).get("_metadata")).get("major_version", 1)
    if version not in _VERSIONS:
        return "_metadata.major_version must be 1 or 2"
    error = next(_validator(version).iter_errors(manifest), None)
    if error is None:
        return None
    place = error.json_path.removeprefix("$").removeprefix(".")
    reason = textwrap.shorten(error.message, 200, placeholder=" …")
    others = [other for other in _VERSIONS if other != version and _validator(other).is_valid(manifest)]
    hint = f'; for version {others[0]}, add "_metadata": {{"major_version": {others[0]}}}' if others else ""
    return f"{place or 'the manifest'}: {reason}{hint}"


@cache
def _validator(version: int) -> Draft7Validator:
    path = Path(__file__).with_name(f"manifest.schema.{version}.0.0.json")
    return Draft7Validator(json.loads(path.read_text("utf-8")))
