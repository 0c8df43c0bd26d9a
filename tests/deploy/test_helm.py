"""The chart renders to objects that fit together, uses every value, and holds no secret."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.deploy.charts import Chart
from vestibule.__main__ import _parser
from vestibule.store.configuration import PREFIX, SETTINGS

FOLDER = Path(__file__).parents[2] / "deploy" / "helm" / "vestibule"
SECRET = {PREFIX + one.name for one in SETTINGS if one.secret} - {PREFIX + "REDIS_URL"}
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


@pytest.fixture(scope="module", params=["usual", "full", "without"])
def chart(request: pytest.FixtureRequest) -> Chart:
    return Chart(FOLDER, {"usual": {}, "full": FULL, "without": WITHOUT}[str(request.param)])


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
        assert told[name]["valueFrom"]["secretKeyRef"]["name"] == "vestibule", name
    assert {PREFIX + "DATABASE_URL", PREFIX + "SECRET_KEY"} <= set(told)
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
    for values in ({}, FULL, WITHOUT):
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
    for values in ({}, FULL, WITHOUT):
        jsonschema.validate(Chart(FOLDER, values).root["Values"], shape)


def _below(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict) and value else [""]


@pytest.mark.parametrize(
    "wrong",
    [
        {"settings": {"SECRET_KEY": "x"}},
        {"settings": {"DATABASE_URL": "postgresql://a:b@c/d"}},
        {"settings": {"EMAIL_URL": "smtp://a:b@c"}},
        {"publicUrl": "visits.example.org"},
        {"existingSecret": ""},
        {"colour": "red"},
    ],
)
def test_values_that_would_hold_a_secret_or_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    shape = json.loads((FOLDER / "values.schema.json").read_text("utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(Chart(FOLDER, wrong).root["Values"], shape)


@pytest.mark.skipif(shutil.which("helm") is None, reason="NOT CHECKED with Helm itself: helm is not installed")
def test_helm_renders_the_same(tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    for given in ({}, FULL, WITHOUT):
        values.write_text(yaml.safe_dump(given))
        words = ["helm", "template", "clinic", str(FOLDER), "-f", str(values)]
        rendered = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        theirs = [one for one in yaml.safe_load_all(rendered) if one]
        ours = Chart(FOLDER, given).objects()
        assert sorted(theirs, key=_kind_and_name) == sorted(ours, key=_kind_and_name)


def _kind_and_name(one: dict[str, Any]) -> tuple[str, str]:
    return one["kind"], one["metadata"]["name"]


def test_what_is_rendered_keeps_to_the_schemas_of_kubernetes(chart: Chart) -> None:
    reason = "NOT CHECKED against the schemas of Kubernetes: kubernetes-validate (22 MB) is not installed"
    schemas = pytest.importorskip("kubernetes_validate", reason=reason)
    for one in chart.objects():
        schemas.validate(one, "1.31", strict=True)
