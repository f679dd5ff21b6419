"""The made-up bank and insurer of demo and sandbox as partners, and how partners are registered."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

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
INSURER: dict[str, Any] = {
    "partner": "bhxh",
    "name": "Bảo hiểm xã hội (giả lập / made up)",
    "subjects": [f"demo-{Role.INSURER}"],
    "event_types": ["insurance.*.v1"],
    "programmes": ["insurance.*"],
    "fields": ["household_id", "area.commune", "periods"],
    "legal_basis": "Cấp thẻ bảo hiểm y tế",
    "legal_document": "NĐ 146/2018/NĐ-CP",
    "valid_from": "2022-01-01",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a partner on this machine is told."""

    endpoint_id: str
    port: int
    secrets: tuple[str, ...]  # in force, newest first


async def register(client: Client, service: str, registration: dict[str, Any]) -> None:
    """Make it a partner of a service, where it is none yet."""
    if not await is_partner(client, service, registration):
        await client.post(Role.OPERATOR, _path(service), registration)


async def is_partner(client: Client, service: str, registration: dict[str, Any]) -> bool:
    known = await client.get(Role.OPERATOR, _path(service))
    return any(one["partner"] == registration["partner"] for one in known)


async def endpoint_of(
    client: Client, service: str, registration: dict[str, Any], port: int
) -> Endpoint:
    """The partner's endpoint: the one it has, or a new one at `port`, told from the beginning."""
    internal, partner = f"/{service}/internal/v1", registration["partner"]
    known = await client.get(Role.OPERATOR, f"{internal}/partners/{partner}/endpoints")
    if not known:
        asked = {"url": f"http://127.0.0.1:{port}/webhooks", "from_beginning": True}
        path = f"{internal}/partners/{partner}/endpoints"
        known = [await client.post(Role.OPERATOR, path, asked)]
    one = known[0]
    path = f"{internal}/webhooks/{one['endpoint_id']}/secrets"
    secrets = (await client.get(Role.OPERATOR, path))["secrets"]
    return Endpoint(one["endpoint_id"], urlsplit(one["url"]).port or port, tuple(secrets))


def _path(service: str) -> str:
    return f"/{service}/internal/v1/partners"
