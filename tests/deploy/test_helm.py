"""The chart renders to objects that fit together, uses every value, and holds no secret."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from tests.deploy.charts import Chart
from tests.deploy.programs import program
from vestibule.__main__ import _parser
from vestibule.store.configuration import PREFIX, SETTINGS, Setting

HELM = program("helm")
FOLDER = Path(__file__).parents[2] / "deploy" / "helm" / "vestibule"
SECRET = {PREFIX + one.name for one in SETTINGS if one.secret}
VALUES_OF_THEIR_OWN = {"DATA", "PUBLIC_URL", "TRUSTED_PROXIES"}
FULL: dict[str, Any] = {
    "image": {"repository": "clinic.example.org/vestibule", "tag": "7"},
    "imagePullSecrets": [{"name": "registry"}],
    "settings": {"TURN_URLS": "turn:visits.example.org:3478", "CALENDAR_MINUTES": 10},
    "ingress": {"className": "nginx", "tlsSecret": "visits-tls", "annotations": {"example.org/size": "32m"}},
    "serviceAccount": {"annotations": {"example.org/role": "visits"}},
    "podAnnotations": {"example.org/scrape": "no"},
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "visits", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
}
WITHOUT: dict[str, Any] = {
    "redisUrl": "rediss://cache.example.org:6380",
    "makesBusiness": False,
    "ingress": {"enabled": False},
}
SECRETIVE: dict[str, Any] = {"redisInSecret": True, "existingSecret": "visits"}
VALUES = {"usual": {}, "full": FULL, "without": WITHOUT, "secretive": SECRETIVE}
KUBERNETES = ("1.27", "1.31", "1.35")


@pytest.fixture(scope="module", params=VALUES)
def chart(request: pytest.FixtureRequest) -> Chart:
    return Chart(FOLDER, VALUES[str(request.param)])


def pods(chart: Chart) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for one in chart.objects():
        if one["kind"] == "Deployment":
            yield one, one["spec"]["template"]["spec"]


def containers(chart: Chart) -> Iterator[dict[str, Any]]:
    for _one, pod in pods(chart):
        yield from pod.get("initContainers", [])
        yield from pod["containers"]


def test_it_renders_to_objects_of_known_kinds_with_names_of_their_own(chart: Chart) -> None:
    kinds = {
        "Deployment": "apps/v1",
        "Service": "v1",
        "ServiceAccount": "v1",
        "Ingress": "networking.k8s.io/v1",
        "NetworkPolicy": "networking.k8s.io/v1",
        "PodDisruptionBudget": "policy/v1",
    }
    objects = chart.objects()
    assert all(kinds[one["kind"]] == one["apiVersion"] for one in objects)
    names = [(one["kind"], one["metadata"]["name"]) for one in objects]
    assert len(set(names)) == len(names)
    assert all(one["metadata"]["labels"]["app.kubernetes.io/instance"] == "clinic" for one in objects)
    assert "create-manager" in chart.render("NOTES.txt")


def test_selectors_ports_accounts_and_volumes_lead_somewhere(chart: Chart) -> None:
    objects = chart.objects()
    labelled = [one["spec"]["template"]["metadata"]["labels"] for one, _pod in pods(chart)]
    ports = {port["name"] for one in containers(chart) for port in one.get("ports", [])}
    accounts = {one["metadata"]["name"] for one in objects if one["kind"] == "ServiceAccount"}
    for one in objects:
        selector = one["spec"].get("selector", {}) if "spec" in one else {}
        wanted = selector.get("matchLabels", selector)
        if wanted:
            assert sum(wanted.items() <= labels.items() for labels in labelled) == 1, one["metadata"]["name"]
        if one["kind"] == "Service":
            assert {port["targetPort"] for port in one["spec"]["ports"]} <= ports
    for _one, pod in pods(chart):
        assert pod["serviceAccountName"] in accounts
        held = {volume["name"] for volume in pod["volumes"]}
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            assert {mount["name"] for mount in container["volumeMounts"]} <= held


def test_no_secret_stands_in_what_is_rendered(chart: Chart) -> None:
    assert not any(one["kind"] == "Secret" for one in chart.objects())
    told: dict[str, dict[str, Any]] = {}
    for container in containers(chart):
        told |= {setting["name"]: setting for setting in container.get("env", [])}
    for name in set(told) & SECRET:
        if name == PREFIX + "REDIS_URL" and "value" in told[name]:
            assert "@" not in told[name]["value"]
            continue
        assert told[name]["valueFrom"]["secretKeyRef"]["name"] == chart.root["Values"]["existingSecret"], name
    assert set(told) >= SECRET, "a secret that this chart cannot be given"
    assert set(told) <= {PREFIX + one.name for one in SETTINGS}


def test_containers_have_no_rights_they_do_not_need_and_run_known_commands(chart: Chart) -> None:
    for _one, pod in pods(chart):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
    for container in containers(chart):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        if container["command"][0] == "vestibule":
            _parser().parse_args(container["command"][1:])


def test_every_value_is_used_and_described_by_its_schema() -> None:
    used = set[str]()
    for values in VALUES.values():
        chart = Chart(FOLDER, values)
        chart.objects()
        used |= chart.used
    given = yaml.safe_load((FOLDER / "values.yaml").read_text("utf-8"))
    known = {f"{name}.{below}" if below else name for name, one in given.items() for below in _below(one)}
    known -= {name for name in known if name.partition(".")[0] in ("settings", "redis.resources")}
    reached = {one for one in known if any(one == name or one.startswith(f"{name}.") for name in used)}
    assert known - reached - {"settings"} == set()
    shape = json.loads((FOLDER / "values.schema.json").read_text("utf-8"))
    assert set(shape["properties"]) - {"global"} == set(given)
    for values in VALUES.values():
        jsonschema.validate(Chart(FOLDER, values).root["Values"], shape)


def _below(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict) and value else [""]


WRONG: list[dict[str, Any]] = [
    {"settings": {"SECRET_KEY": "x"}},
    {"settings": {"DATABASE_URL": "postgresql://a:b@c/d"}},
    {"settings": {"EMAIL_URL": "smtp://a:b@c"}},
    {"redisUrl": "rediss://:word@cache.example.org"},
    {"publicUrl": "visits.example.org"},
    {"existingSecret": ""},
    {"colour": "red"},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_values_that_would_hold_a_secret_or_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    shape = json.loads((FOLDER / "values.schema.json").read_text("utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(Chart(FOLDER, wrong).root["Values"], shape)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: one.name)
def test_every_setting_is_taken_as_a_value_or_from_the_secret_and_never_both(setting: Setting) -> None:
    shape = json.loads((FOLDER / "values.schema.json").read_text("utf-8"))["properties"]["settings"]
    is_taken = jsonschema.Draft7Validator(shape).is_valid({setting.name: "x"})
    assert is_taken == (not setting.secret and setting.name not in VALUES_OF_THEIR_OWN)


needs_helm = pytest.mark.skipif(
    HELM is None,
    reason="NOT CHECKED with Helm itself: helm is not installed (script/build-with-go helm builds it)",
)


def helm(what: str, folder: Path, values: dict[str, Any], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """What Helm says of the chart with these values. Nothing is looked up: neither a cluster nor a repository."""
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(values))
    asks = {"lint": ["lint", "--strict"], "template": ["template", "clinic"]}[what]
    words = [str(HELM), *asks, str(folder), "--values", str(file), "--kube-version", "1.31.0"]
    homes = {f"HELM_{one}_HOME": str(tmp_path / one.lower()) for one in ("CACHE", "CONFIG", "DATA")}
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **homes}
    return subprocess.run(words, capture_output=True, text=True, check=False, env=environment)


@needs_helm
@pytest.mark.alone
@pytest.mark.parametrize("name", VALUES)
def test_helm_finds_nothing_wrong_and_renders_the_same(name: str, tmp_path: Path) -> None:
    linted = helm("lint", FOLDER, VALUES[name], tmp_path)
    assert linted.returncode == 0, linted.stdout
    assert "[WARNING]" not in linted.stdout
    rendered = helm("template", FOLDER, VALUES[name], tmp_path)
    assert rendered.returncode == 0, rendered.stderr
    theirs = [one for one in yaml.safe_load_all(rendered.stdout) if one]
    ours = Chart(FOLDER, VALUES[name]).objects()
    assert sorted(theirs, key=_kind_and_name) == sorted(ours, key=_kind_and_name)


@needs_helm
@pytest.mark.alone
@pytest.mark.parametrize("wrong", WRONG)
def test_helm_refuses_values_that_would_hold_a_secret_or_mean_nothing(wrong: dict[str, Any], tmp_path: Path) -> None:
    rendered = helm("template", FOLDER, wrong, tmp_path)
    assert rendered.returncode != 0
    assert "specifications of the schema" in rendered.stderr


def _kind_and_name(one: dict[str, Any]) -> tuple[str, str]:
    return one["kind"], one["metadata"]["name"]


@pytest.mark.parametrize("version", KUBERNETES)
def test_what_is_rendered_keeps_to_the_schemas_of_kubernetes(chart: Chart, version: str) -> None:
    for one in chart.objects():
        kubernetes_validate.validate(one, version, strict=True)
