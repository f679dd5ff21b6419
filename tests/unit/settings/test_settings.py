"""A process starts with what it was told, or says what is missing or unsafe."""

import os
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from libs.common.settings import PREFIX, Mode, Settings, required
from tests.support.compose import variables_in_compose
from tests.support.servers import repository

OF_COMMANDS = {  # of no process
    *("ANSINH_URL", "ANSINH_TOKEN", "ANSINH_REGISTRY_URL", "ANSINH_POSTGRES_URL"),
}
GOOD = "postgresql://ansinh_registry_api:kD9-long-enough@db/registry"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(PREFIX) and name != "ANSINH_TEST_RUN":
            monkeypatch.delenv(name)


def distributed(**given: object) -> Settings:
    known: dict[str, object] = {
        "mode": Mode.DISTRIBUTED,
        "issuer_url": "https://id.example.vn",
        "api_dsn": SecretStr(GOOD),
    }
    return Settings(**{**known, **given})  # type: ignore[arg-type]


def test_the_example_names_every_setting_and_no_other() -> None:
    lines = (repository() / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {
        line.lstrip("#").partition("=")[0] for line in lines if line.lstrip("#").startswith(PREFIX)
    }
    wanted = {PREFIX + name.upper() for name in Settings.model_fields}
    assert named == wanted | OF_COMMANDS | {"ANSINH_SECRETS_DIR"} | set(variables_in_compose())


def test_mode_must_be_said() -> None:
    with pytest.raises(ValidationError, match="mode"):
        Settings.load()


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSINH_MODE", "embedded")
    monkeypatch.setenv("ANSINH_TODAY", "2022-01-01")
    monkeypatch.setenv("ANSINH_PEERS", '{"credit": "postgresql://a@b/c"}')
    settings = Settings.load()
    assert settings.clock.today() == date(2022, 1, 1)
    assert settings.peers["credit"].get_secret_value() == "postgresql://a@b/c"


def test_secrets_come_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ansinh_api_dsn").write_text(GOOD)
    monkeypatch.setenv("ANSINH_MODE", "test")
    monkeypatch.setenv("ANSINH_SECRETS_DIR", str(tmp_path))
    assert required("api_dsn", Settings.load().api_dsn) == GOOD


def test_a_missing_secret_is_named() -> None:
    with pytest.raises(ValueError, match="ANSINH_WORKER_DSN"):
        required("worker_dsn", Settings(mode=Mode.TEST).worker_dsn)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"today": date(2022, 1, 1)}, "ANSINH_TODAY"),
        ({"issuer_url": ""}, "ANSINH_ISSUER_URL"),
        ({"issuer_url": "http://id.example.vn"}, "ANSINH_ISSUER_URL"),
        ({"api_dsn": SecretStr("postgresql://a@db/x")}, "no password"),
        ({"amqp_url": SecretStr("amqp://guest:guest@mq/")}, "ANSINH_AMQP_URL"),
        ({"worker_dsn": SecretStr("postgresql://a:short@db/x")}, "fewer than"),
        ({"peers": {"credit": SecretStr("postgresql://a@db/x")}}, "PEERS"),
    ],
)
def test_distributed_mode_refuses_what_is_unsafe(given: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError, match=named) as refusal:
        distributed(**given)
    assert "guest:guest" not in str(refusal.value)
    assert "short" not in str(refusal.value)


def test_distributed_mode_accepts_what_is_safe() -> None:
    assert distributed(issuer_url="http://keycloak:8080", issuer_over_http=True).service == ""


def test_secrets_are_not_shown() -> None:
    assert "long-enough" not in repr(distributed())
