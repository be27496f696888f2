"""Validation of app manifests."""

from typing import Any

import pytest

from slack_emulator import Workspace, default_manifest
from slack_emulator.validation.manifest import manifest_error

TEXT = {"type": "string", "title": "Text", "description": "Any text"}


SETTINGS = {"function_runtime": "remote", "org_deploy_enabled": True}


def manifest(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return a manifest with a name and the settings that functions need."""
    return {"display_information": {"name": "x"}, "settings": SETTINGS, **more}


def step(input_parameters: dict[str, Any], output_parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the `functions` of a manifest with one function."""
    function = {"title": "Say", "description": "A step"}
    return {"say": function | {"input_parameters": input_parameters, "output_parameters": output_parameters}}


VERSION_1 = step({"text": {**TEXT, "name": "text", "is_required": True}}, {})
VERSION_2 = step({"properties": {"text": TEXT}, "required": ["text"]}, {"properties": {}})
METADATA = {"major_version": 2}


@pytest.mark.parametrize(
    "good",
    [
        manifest(),
        manifest(functions=VERSION_1),
        manifest(functions=VERSION_1, _metadata={"major_version": 1}),
        manifest(functions=VERSION_2, _metadata=METADATA),
        manifest(functions=step({"properties": {"one": {"type": "slack#/types/options_select"}}}, {"properties": {}}))
        | {"_metadata": METADATA},
        manifest(features={"search": {"search_function_callback_id": "say"}, "rich_previews": {"is_active": True}}),
        default_manifest(),
    ],
    ids=range(7),
)
def test_good_manifests(good: dict[str, Any]) -> None:
    """Functions are declared as in version 1, which is the default, or 2; what is documented is accepted."""
    assert manifest_error(good) is None
    Workspace(good)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({}, "the manifest: 'display_information' is a required property"),
        ([], "the manifest: [] is not of type 'object'"),
        ({"display_information": {"name": "x" * 36}}, "display_information.name: "),
        (manifest(feature={}), "the manifest: Additional properties are not allowed ('feature' was unexpected)"),
        (manifest(features={"shortcuts": [{"name": "a", "type": "global"}]}), "'callback_id' is a required property"),
        (manifest(features={"slash_commands": [{"command": "hi", "description": "Hi"}]}), "slash_commands[0].command"),
        (manifest(settings={"event_subscriptions": {"bot_events": "message.im"}}), "bot_events: "),
        (manifest(_metadata={"major_version": 3}), "_metadata.major_version must be 1 or 2"),
        (
            manifest(functions=step({"properties": {"one": {"type": "text"}}}, {"properties": {}}), _metadata=METADATA),
            "functions.say.input_parameters.properties.one.type: 'text' is not one of",
        ),
        (manifest(functions=VERSION_1, _metadata=METADATA), "'properties' is a required property; for version 1, "),
        (manifest(functions=VERSION_2), '; for version 2, add "_metadata": {"major_version": 2}'),
        (manifest(functions={"say": {"title": "Say"}}), "functions.say: 'description' is a required property"),
        (manifest(functions=VERSION_1, settings={}), "settings.function_runtime must be remote or slack"),
        (manifest(functions=VERSION_1, settings={"function_runtime": "remote"}), "needs settings.org_deploy_enabled"),
    ],
    ids=range(14),
)
def test_bad_manifests(bad: Any, reason: str) -> None:  # noqa: ANN401 - any JSON
    """Slack's schema refuses a manifest, and the reason says where the error is."""
    assert reason in str(manifest_error(bad))
    assert "\n" not in str(manifest_error(bad))
    with pytest.raises(ValueError, match="manifest is invalid"):
        Workspace(bad)
