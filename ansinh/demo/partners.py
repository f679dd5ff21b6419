"""The made-up bank of the demo and the sandbox as a partner, and how partners are registered."""

from typing import Any

from ansinh.demo.client import Client
from libs.common.security.roles import Role

# Without what differs by place: areas, fields, requests a second.
BANK: dict[str, Any] = {
    "partner": "nhcsxh",
    "name": "Ngân hàng Chính sách xã hội (giả lập / made up)",
    "subjects": [f"demo-{Role.BANK}"],
    "event_types": ["referral.*.v1", "loan.*.v1"],
    "programmes": ["credit.*"],
    "legal_basis": "Cho vay hộ nghèo và đối tượng chính sách",
    "legal_document": "NĐ 78/2002/NĐ-CP",
    "valid_from": "2022-01-01",
}


async def register(client: Client, service: str, registration: dict[str, Any]) -> None:
    """Make it a partner of a service, where it is none yet."""
    if not await is_partner(client, service, registration):
        await client.post(Role.OPERATOR, _path(service), registration)


async def is_partner(client: Client, service: str, registration: dict[str, Any]) -> bool:
    known = await client.get(Role.OPERATOR, _path(service))
    return any(one["partner"] == registration["partner"] for one in known)


def _path(service: str) -> str:
    return f"/{service}/internal/v1/partners"
