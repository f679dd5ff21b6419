"""What other registries sent: operators see that it came, and what it says for a purpose alone."""

from typing import Any

from libs.common.security.roles import Role
from tests.integration.dci.asynchronous import a_callback
from tests.integration.dci.conftest import Registry
from tests.support.edge import bearer

PATH = "/internal/v1/dci/received"
OPERATOR = bearer(Role.OPERATOR)


def _event(reference: str) -> dict[str, Any]:
    return {
        "reference_id": reference,
        "timestamp": "2022-06-01T08:00:00+07:00",
        "data": {"reg_record_type": "Group", "reg_records": {"@type": "Group"}},
    }


async def test_operators_see_what_came_and_its_values_for_a_purpose(registry: Registry) -> None:
    events = [_event(f"event-{place}") for place in range(5)]
    message = {"transaction_id": "txn", "notify_event": events}
    sent = await registry.post(a_callback("notify", message), "notify")
    assert sent.json()["message"]["ack_status"] == "ACK"

    seen, query = list[dict[str, Any]](), {"limit": "2", "partner": "nhcsxh"}
    while "after" not in query or query["after"]:
        page = (await registry.client.get(PATH, params=query, headers=OPERATOR)).json()
        seen += page["items"]
        query["after"] = page["next"]
    assert [one["key"] for one in seen] == [f"event-{place}" for place in (4, 3, 2, 1, 0)]
    assert not {"header", "message"} & seen[0].keys()

    asked = {"partner": "nhcsxh", "action": "notify", "key": "event-3"}
    for headers, rule in (
        (OPERATOR, "purpose.needed"),
        ({**OPERATOR, "X-Purpose": "complaint-12"}, "purpose.not_registered"),
    ):
        refused = await registry.client.get(f"{PATH}/values", params=asked, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, rule)
    stated = {**OPERATOR, "X-Purpose": "repair.12"}
    shown = await registry.client.get(f"{PATH}/values", params=asked, headers=stated)
    assert shown.json()["message"]["notify_event"] == [_event("event-3")]
    [line] = await registry.audit(shown.headers["X-Correlation-Id"])
    assert (line["kind"], line["purpose"]) == ("read", "repair.12")
    unknown = {**asked, "key": "none"}
    none = await registry.client.get(f"{PATH}/values", params=unknown, headers=stated)
    assert none.status_code == 404
