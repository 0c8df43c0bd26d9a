"""The templates for Azure hold together, hold no secret, and are the same in both languages.

The official schemas are not in the checkout and are not fetched: expressions, names and dependencies are read here as
the engine of Azure Resource Manager reads them.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.arm import Template, texts

FOLDER = Path(__file__).parents[2] / "deploy" / "azure"
PAIRS = ("new", "existing")
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


def bicep(pair: str) -> str:
    return (FOLDER / f"{pair}.bicep").read_text("utf-8")


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


def test_both_languages_say_the_same(pair: str, template: Template) -> None:
    source = bicep(pair)
    assert source.count("{") == source.count("}")
    assert source.count("[") == source.count("]")
    made = re.findall(r"^resource \w+ '([\w./]+)@([\d-]+)' = \{", source, re.M)
    assert Counter(made) == Counter((one["type"], one["apiVersion"]) for one in template.content["resources"])
    assert re.findall(r"^output (\w+) string", source, re.M) == list(template.content["outputs"])
    declared = {
        name: (kind, value) for name, kind, value in re.findall(r"^param (\w+) (\w+)(?: = (.+))?$", source, re.M)
    }
    assert set(declared) == set(template.content["parameters"])
    for name, one in template.content["parameters"].items():
        assert declared[name][0] == one["type"].removeprefix("secure"), name
        assert bool(declared[name][1]) == ("defaultValue" in one), name
        assert _is_secure(source, name) == (one["type"] == "securestring"), name
        assert one["metadata"]["description"].replace("'", "\\'") in source, name


def _is_secure(source: str, name: str) -> bool:
    return "@secure()" in source.partition(f"\nparam {name} ")[0].rpartition("\n\n")[2]


def test_every_name_in_bicep_is_declared_and_used(pair: str) -> None:
    source = bicep(pair)
    code = re.sub(r"^\s*//.*$|@description\(.*\)$", "", source, flags=re.M)
    names = re.findall(r"^(?:param|var|resource) (\w+)", code, re.M)
    assert [name for name in names if len(re.findall(rf"\b{name}\b", code)) < 2] == []


def test_what_apps_are_told_are_settings(template: Template) -> None:
    from vestibule.store.configuration import PREFIX, SETTINGS

    known = {PREFIX + one.name for one in SETTINGS}
    told: set[Any] = {text for text in texts(template.content) if text.startswith(PREFIX)}
    assert told
    assert told <= known
