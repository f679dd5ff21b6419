"""The alert rules are exactly the agreed ones, for exactly the services and consumers there are."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from ansinh import services
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from tests.support.promql import asked
from tests.support.servers import repository

FOLDER = repository() / "deploy/telemetry"
AGREED = {
    "OutboxOld": ("outbox_oldest_age_seconds", 60, "30s"),
    "OutboxHeld": ("outbox_held", 0, None),
    "DeadLetters": ("dlq_messages", 0, None),
    "Parked": ("parked_count", 0, "1h"),
    "ConsumerGone": ("consumer_alive", 0, "1m"),
    "PartnerBehind": ("partner_oldest_age_seconds", 3600, None),
    "PartnerGivenUp": ("partner_failed", 0, None),
    "LedgerHorizon": ("ledger_horizon_age_seconds", 300, None),
}


def _rules() -> dict[str, dict[str, Any]]:
    text = (FOLDER / "alerts.yaml").read_text(encoding="utf-8")
    [group] = yaml.safe_load(text)["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def test_there_are_exactly_the_agreed_alerts() -> None:
    assert set(_rules()) == set(AGREED)


@pytest.mark.parametrize("name", AGREED)
def test_an_alert_has_the_agreed_metric_limit_and_patience(name: str) -> None:
    metric, limit, patience = AGREED[name]
    rule = _rules()[name]
    wanted = asked(rule["expr"])
    assert {found for found, _ in wanted.selectors} == {metric}
    assert re.search(rf"(>|==) {limit}$", rule["expr"].splitlines()[0])
    assert rule.get("for") == patience


@pytest.mark.parametrize("name", AGREED)
def test_an_alert_says_in_both_languages_what_it_means_and_where_to_read_on(name: str) -> None:
    annotations = _rules()[name]["annotations"]
    assert set(annotations) == {"summary", "description", "runbook"}
    for text in (annotations["summary"], annotations["description"]):
        assert " / " in text
    anchor = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
    assert annotations["runbook"] == f"docs/operations.md#alert-{anchor}"


def test_a_consumer_whose_process_is_gone_is_asked_for_by_name() -> None:
    selectors = asked(_rules()["ConsumerGone"]["expr"]).selectors
    absent = [equal["ansinh_consumer"] for _, equal in selectors if equal]
    assert absent == list(SUBSCRIPTIONS)


def test_a_service_that_nobody_measures_is_asked_for_by_name() -> None:
    selectors = asked(_rules()["OutboxOld"]["expr"]).selectors
    absent = [equal["ansinh_service"] for _, equal in selectors if equal]
    assert absent == list(services.NAMES)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool (Debian: prometheus)")
def test_the_alerts_fire_when_they_should_and_not_before() -> None:
    subprocess.run(["promtool", "test", "rules", FOLDER / "alerts_test.yaml"], check=True)
