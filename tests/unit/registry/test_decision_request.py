"""A decision as it is sent: what looks the same is the same number and the same authority."""

from unicodedata import normalize
from uuid import uuid4

import pytest

from services.registry.reviews.schemas import DecisionIn

NUMBER, AUTHORITY = "12/QĐ-UBND", "UBND xã Nghiên Loan"


@pytest.mark.parametrize(
    ("number", "authority"),
    [
        (NUMBER, AUTHORITY),
        (f" {NUMBER}\n", f"{AUTHORITY} "),
        (NUMBER, "UBND  xã\tNghiên Loan"),
        (NUMBER, normalize("NFD", AUTHORITY)),
    ],
)
def test_spellings_that_look_the_same_are_one(number: str, authority: str) -> None:
    body = {
        "number": number,
        "kind": "recognise",
        "signed_on": "2021-12-20",
        "effective_on": "2022-01-01",
        "authority": authority,
        "commune": "01882",
        "standard": "ND07-2021",
        "rows": [{"household_id": str(uuid4()), "status": "poor"}],
    }
    document = DecisionIn.model_validate(body).document()
    assert (document.number, document.authority) == (NUMBER, AUTHORITY)
