"""What a partner's answer to a callback or a notification means."""

import json
from typing import Any

import pytest

from libs.common.dci.posting import judge_ack

JSON = {"content-type": "application/json"}


def said(ack_status: str, **more: Any) -> bytes:
    return json.dumps({"message": {"ack_status": ack_status, **more}}).encode()


@pytest.mark.parametrize("ack_status", ["ACK", "NACK"])
@pytest.mark.parametrize("status", [200, 202])
def test_an_ack_or_nack_in_a_2xx_is_an_arrival(ack_status: str, status: int) -> None:
    assert judge_ack(status, JSON, said(ack_status)).is_accepted


def test_an_err_is_final_and_visible() -> None:
    answer = judge_ack(200, JSON, said("ERR", error={"code": "err.signature.invalid"}))
    assert (answer.is_final, answer.error) == (True, "ack.refused")


@pytest.mark.parametrize(
    "code", ["err.service.unavailable", "err.request.timeout", "err.request.too_many_requests"]
)
def test_an_err_that_says_later_is_tried_later(code: str) -> None:
    answer = judge_ack(200, JSON, said("ERR", error={"code": code}))
    assert (answer.is_accepted, answer.is_final) == (False, False)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (204, b""),
        (200, b"OK"),
        (200, b"[]"),
        (200, b'{"message": "ACK"}'),
        (200, said("YES")),
        (401, said("ERR", error={"code": "err.request.unauthorized"})),
        (500, said("ACK")),
        (302, said("ACK")),
    ],
)
def test_anything_else_is_tried_again(status: int, body: bytes) -> None:
    answer = judge_ack(status, JSON, body)
    assert (answer.is_accepted, answer.is_final) == (False, False)


@pytest.mark.parametrize("error", [None, [], {"code": []}, {"code": 7}, "no"])
def test_an_err_of_any_shape_is_final(error: Any) -> None:
    assert judge_ack(200, JSON, said("ERR", error=error)).is_final
