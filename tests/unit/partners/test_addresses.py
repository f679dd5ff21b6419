"""Where a webhook may go."""

import asyncio
import socket
from ipaddress import ip_address
from typing import Any

import pytest

from libs.common.partners.webhooks.addresses import LOOPBACK, Networks, Refused, parse


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.0.0.1",  # noqa: S104
        "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1",
        "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_no_address_of_ours_is_sent_to(address: str) -> None:
    assert not Networks().allows(ip_address(address), "https")


@pytest.mark.parametrize("address", ["113.160.1.1", "8.8.8.8", "2001:ee0::1"])
def test_a_public_address_is_sent_to_by_tls_alone(address: str) -> None:
    assert Networks().allows(ip_address(address), "https")
    assert not Networks().allows(ip_address(address), "http")


def test_a_named_network_is_sent_to_and_no_other() -> None:
    leased = Networks("10.20.0.0/16, fd00:1::/32")
    assert leased.allows(ip_address("10.20.3.4"), "http")
    assert leased.allows(ip_address("::ffff:10.20.3.4"), "https")
    assert not leased.allows(ip_address("10.21.0.1"), "https")
    assert Networks(LOOPBACK).allows(ip_address("127.0.0.1"), "http")


@pytest.mark.parametrize(
    "url",
    [
        "", "ftp://a.vn/", "https://", "https:///x", "//a.vn/", "https://a.vn:99999/",
        "https://a.vn/ x", "https://a.vn\\@b.vn/", "https://a.vn/\nHost: b", "javascript:alert(1)",
        "https://[::1/", "https://bank.vn/đường",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        parse(url)


@pytest.mark.parametrize(
    "url",
    ["https://me:you@a.vn/", "https://a.vn/#x", f"https://a.vn/{'x' * 2000}", "https://a.vn:0/"],
)
def test_what_an_endpoint_does_not_need_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="url"):
        parse(url)


def test_the_host_header_names_the_name_and_the_connection_the_address() -> None:
    target = parse("https://Hooks.Bank.vn:8443/in?x=1")
    assert target.authority == "hooks.bank.vn:8443"
    assert target.at(ip_address("113.160.1.1")) == "https://113.160.1.1:8443/in?x=1"
    assert parse("https://bank.vn").at(ip_address("2001:ee0::1")) == "https://[2001:ee0::1]:443/"


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (["127.0.0.1"], "address.internal"),
        (["113.160.1.1", "10.0.0.1"], "address.internal"),  # one bad apple
        ([], "address.unresolved"),
    ],
)
async def test_a_name_that_leads_inside_is_refused(
    found: list[str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in found]

    monkeypatch.setattr(type(asyncio.get_running_loop()), "getaddrinfo", resolve)
    with pytest.raises(Refused, match=reason):
        await Networks().resolve(parse("https://bank.vn/"))
