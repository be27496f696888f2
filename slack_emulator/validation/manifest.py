"""Validation of app manifests with Slack's own schemas.

They are those of https://github.com/slackapi/manifest-schema; CONTRIBUTING.md says how to renew them.
"""

import json
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, ValidationError

from slack_emulator.validation.elements import as_object

_VERSIONS = (1, 2)
# Documented in https://docs.slack.dev/reference/app-manifest, but not in the schemas.
_OTHER_KEYS = {"actions", "compliance", "metadata_events", "rich_previews", "search", "time_to_live_attribute"}


def manifest_error(manifest: object) -> str | None:
    """Return why Slack would refuse a manifest, on one line; None if it is valid.

    The schema is that of `_metadata.major_version`, which Slack takes to be 1 if it is missing.
    """
    version = as_object(as_object(manifest).get("_metadata")).get("major_version", 1)
    if version not in _VERSIONS:
        return "_metadata.major_version must be 1 or 2"
    error = next(_errors(manifest, version), None)
    if error is None:
        return _settings_error(as_object(manifest))
    place = error.json_path.removeprefix("$").removeprefix(".")
    reason = textwrap.shorten(error.message, 200, placeholder=" …")
    others = [other for other in _VERSIONS if other != version and not any(_errors(manifest, other))]
    hint = f'; for version {others[0]}, add "_metadata": {{"major_version": {others[0]}}}' if others else ""
    return f"{place or 'the manifest'}: {reason}{hint}"


def _settings_error(manifest: Mapping[str, Any]) -> str | None:
    """Return which setting an app with functions lacks. The schemas do not say what they depend on."""
    settings = manifest.get("settings", {})
    agent_view = manifest.get("features", {}).get("agent_view")
    if agent_view is not None and not agent_view.get("agent_description"):
        return "features.agent_view.agent_description is required"
    if not manifest.get("functions"):
        return None
    if settings.get("function_runtime") not in ("remote", "slack"):
        return "settings.function_runtime must be remote or slack in an app with functions"
    return None if settings.get("org_deploy_enabled") else "an app with functions needs settings.org_deploy_enabled"


def _errors(manifest: object, version: int) -> Iterator[ValidationError]:
    return (error for error in _validator(version).iter_errors(manifest) if not _is_documented(error))


def _is_documented(error: ValidationError) -> bool:
    """Return whether Slack documents what its schema refuses: a key, or a type of parameters."""
    if error.validator == "additionalProperties":
        return not error.instance.keys() - error.schema.get("properties", {}).keys() - _OTHER_KEYS
    return error.validator == "enum" and str(error.instance).startswith("slack#/types/")


@cache
def _validator(version: int) -> Draft7Validator:
    path = Path(__file__).with_name(f"manifest.schema.{version}.0.0.json")
    return Draft7Validator(json.loads(path.read_text("utf-8")))
