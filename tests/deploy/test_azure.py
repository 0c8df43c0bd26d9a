"""The templates for Azure hold together, hold no secret, and are the same in both languages.

Expressions, names and dependencies are read here as the engine of Azure Resource Manager and the compiler of Bicep read
them. Which parts each resource has is checked in `test_azure_shapes`.
"""

import re
from typing import Any

import pytest

from tests.deploy.arm import FOLDER, PAIRS, Template, texts
from tests.deploy.bicep import Source

VERSION = re.compile(r"20\d\d-\d\d-\d\d(-preview)?")
PLACES_OF_SECRETS = {"Microsoft.KeyVault/vaults/secrets", "Microsoft.DBforPostgreSQL/flexibleServers"}
FOUND_THERE = {
    "Microsoft.KeyVault/vaults/given",
    "Microsoft.App/managedEnvironments/given",
    "Microsoft.DBforPostgreSQL/flexibleServers/given",
    "Microsoft.Communication/communicationServices/given",
}


@pytest.fixture(params=PAIRS)
def pair(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def template(pair: str) -> Template:
    return Template.read(FOLDER / f"{pair}.json")


@pytest.fixture
def source(pair: str, template: Template) -> Source:
    return Source(FOLDER / f"{pair}.bicep", template.values)


def test_every_expression_can_be_worked_out_and_every_parameter_and_variable_is_used(template: Template) -> None:
    content = template.content
    assert content["$schema"].endswith("/2019-04-01/deploymentTemplate.json#")
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", content["contentVersion"])
    template.value(content["resources"])
    template.value(content["outputs"])
    declared = {f"{kind}.{name}" for kind in ("parameters", "variables") for name in content[kind]}
    assert template.used == declared


def test_every_resource_has_a_version_a_name_of_its_own_and_a_name_that_fits(template: Template) -> None:
    resources = template.content["resources"]
    for one in resources:
        assert VERSION.fullmatch(one["apiVersion"]), one["type"]
        assert one["type"].count("/") == template.value(one["name"]).count("/") + 1, one["type"]
    ids = [template.id_of(one) for one in resources]
    assert len(set(ids)) == len(ids)
    assert all(len(one.rsplit("/", 1)[1]) <= 63 for one in ids)


def test_everything_that_is_depended_on_or_asked_is_there_and_made_before(template: Template) -> None:
    by_id = {template.id_of(one): one for one in template.content["resources"]}
    before = {made: set(template.value(one.get("dependsOn", []))) for made, one in by_id.items()}
    for made, needed in before.items():
        assert needed <= set(by_id), (made, needed - set(by_id))
    for made, one in by_id.items():
        template.asked.clear()
        template.value({name: part for name, part in one.items() if name != "dependsOn"})
        for asked in template.asked:
            if asked.partition("/providers/")[2] in FOUND_THERE:
                continue
            assert asked in _all_before(made, before), f"{made} asks {asked} without waiting for it"


def _all_before(made: str, before: dict[str, set[str]]) -> set[str]:
    found, left = set[str](), [made]
    while left:
        for one in before[left.pop()] - found:
            found.add(one)
            left.append(one)
    assert made not in found, f"{made} waits for itself"
    return found


def test_no_secret_has_a_default_and_none_stands_anywhere_but_in_the_vault(template: Template) -> None:
    secure = {name for name, one in template.content["parameters"].items() if one["type"] == "securestring"}
    for name, one in template.content["parameters"].items():
        assert one["metadata"]["description"]
        if re.search(r"secret|password|key$|token", name, re.IGNORECASE):
            assert name in secure, name
    assert not any("defaultValue" in template.content["parameters"][name] for name in secure)
    for one in template.content["resources"]:
        told = " ".join(texts(one))
        if one["type"] not in PLACES_OF_SECRETS:
            assert not any(f"parameters('{name}')" in told for name in secure), one["type"]
            assert "listKeys" not in told or one["type"] == "Microsoft.App/managedEnvironments", one["type"]
    assert not any(name in " ".join(texts(template.content["outputs"])) for name in (*secure, "listKeys"))


def test_apps_read_their_secrets_from_the_vault_by_an_identity_that_may(template: Template) -> None:
    identity = "Microsoft.ManagedIdentity/userAssignedIdentities/vestibule-identity"
    for one in template.content["resources"]:
        if one["type"] != "Microsoft.App/containerApps" or "identity" not in one:
            continue
        app = template.value(one["properties"])
        kept = {secret["name"]: secret for secret in app["configuration"]["secrets"]}
        assert all(set(secret) == {"name", "keyVaultUrl", "identity"} for secret in kept.values())
        assert all(secret["identity"].endswith(identity) for secret in kept.values())
        for container in [*app["template"].get("initContainers", []), *app["template"]["containers"]]:
            named = {setting["secretRef"] for setting in container["env"] if "secretRef" in setting}
            assert named == set(kept)
            assert all(len({"value", "secretRef"} & set(setting)) == 1 for setting in container["env"])
    assert any("4633458b-17de-408a-b874-0445c86b69e6" in text for text in texts(template.content["resources"]))


def test_both_languages_ask_azure_for_the_same(source: Source, template: Template) -> None:
    kept = {
        template.id_of(one): {
            name: template.value(part) for name, part in one.items() if name not in ("dependsOn", "scope")
        }
        for one in template.content["resources"]
    }
    assert {one.id: one.content() for one in source.resources.values() if not one.exists} == kept
    told = {name: (one["type"], template.value(one["value"])) for name, one in template.content["outputs"].items()}
    assert {name: (kind, source.value(node)) for name, (kind, node) in source.outputs.items()} == told


def test_both_languages_make_things_in_the_same_order(source: Source, template: Template) -> None:
    made = [one for one in source.resources.values() if not one.exists]
    for one in made:
        one.content()
    theirs = {one.id: {source.resources[name].id for name in one.before} for one in made}
    ours = {template.id_of(one): set(template.value(one.get("dependsOn", []))) for one in template.content["resources"]}
    assert {one: _all_before(one, theirs) for one in theirs} == {one: _all_before(one, ours) for one in ours}


def test_both_languages_ask_people_for_the_same(source: Source, template: Template) -> None:
    assert list(source.parameters) == list(template.content["parameters"])
    for name, one in template.content["parameters"].items():
        told = dict(source.parameters[name])
        told["type"] = ("secure" if told.pop("secure", False) else "") + told["type"]
        bounds = {bound: one[bound] for bound in ("minLength", "maxLength", "minValue", "maxValue") if bound in one}
        if "allowedValues" in one:
            bounds["allowed"] = one["allowedValues"]
        assert told == {"type": one["type"], "description": one["metadata"]["description"], **bounds}, name
        assert source.has_default(name) == ("defaultValue" in one), name
        if source.has_default(name):
            assert source.default(name) == template.value(one["defaultValue"]), name


def test_every_name_in_bicep_is_used(source: Source) -> None:
    for one in source.resources.values():
        one.content()
    for _kind, node in source.outputs.values():
        source.value(node)
    existing = {name for name, one in source.resources.items() if one.exists}
    assert {*source.parameters, *source.variables, *existing} <= source.used


def test_what_apps_are_told_are_settings(template: Template) -> None:
    from vestibule.store.configuration import PREFIX, SETTINGS

    known = {PREFIX + one.name for one in SETTINGS}
    told: set[Any] = {text for text in texts(template.content) if text.startswith(PREFIX)}
    assert told
    assert told <= known
