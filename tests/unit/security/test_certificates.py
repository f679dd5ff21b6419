"""The thumbprint of what a gateway passes on, and who is refused for it without any database."""

from typing import cast

import httpx
import pytest

from libs.common.clock import SystemClock
from libs.common.database import Database
from libs.common.problems import Problem
from libs.common.security.certificates import thumbprint_of
from libs.common.security.roles import Role
from libs.common.security.tokens import caller_of
from libs.common.web import create_app
from services.credit.app import build
from tests.support.certificates import Certificate
from tests.support.edge import a_token, verifier
from tests.support.partners import terms


def test_both_spellings_give_the_thumbprint() -> None:
    made = Certificate.made()
    assert thumbprint_of(made.header) == made.thumbprint
    assert thumbprint_of(made.header_of_rfc_9440) == made.thumbprint


@pytest.mark.parametrize("header", ["", ":", "::", ":%:", "-----BEGIN", "%00", "x" * 20_000])
def test_what_is_no_certificate_has_no_thumbprint(header: str) -> None:
    assert thumbprint_of(header) is None


def test_a_token_says_what_it_is_bound_to() -> None:
    assert caller_of({"sub": "x", "cnf": {"x5t#S256": "abc"}}).certificate == "abc"
    for claims in ({"sub": "x"}, {"sub": "x", "cnf": "abc"}, {"sub": "x", "cnf": {"jkt": "abc"}}):
        assert caller_of(claims).certificate is None


def test_any_of_the_registered_certificates_will_do_and_none_is_asked_for_where_none_is() -> None:
    known = terms(certificates=("old", "new"))
    known.check_certificate("old")
    known.check_certificate("new")
    for other in ("strange", None):
        with pytest.raises(Problem) as refused:
            known.check_certificate(other)
        assert (refused.value.status, refused.value.code) == (403, "partner.certificate")
    terms().check_certificate(None)


@pytest.mark.parametrize("sent", ["another", "broken", "none"])
async def test_a_bound_token_without_its_certificate_is_refused_at_the_door(sent: str) -> None:
    token = a_token(Role.BANK, bound_to=Certificate.made().thumbprint)
    headers = {"Authorization": f"Bearer {token}"}
    given = {"another": Certificate.made().header, "broken": "%%"}
    headers |= {"X-Client-Cert": given[sent]} if sent in given else {}
    nowhere = cast("Database", None)  # nobody comes so far
    app = create_app(
        build(), nowhere, clock=SystemClock(), auth=verifier(), certificate_header="x-client-cert"
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        assert (await client.get("/v1/loans", headers=headers)).status_code == 401
