"""The generated Python client does a whole referral: what a bank's developer would write."""

from datetime import date
from http import HTTPStatus

from clients.python.ansinh_credit import AuthenticatedClient
from clients.python.ansinh_credit.api.files import get_list_file
from clients.python.ansinh_credit.api.lists_03td import post_confirmation
from clients.python.ansinh_credit.api.loans import list_loans, post_statements
from clients.python.ansinh_credit.api.partners import read_changes
from clients.python.ansinh_credit.api.referrals import (
    get_referral,
    list_referrals,
    put_answer,
    put_disbursement,
    put_receipt,
)
from clients.python.ansinh_credit.models import (
    AnswerIn,
    BucketsIn,
    ChangeOutDataType0,
    ChangesOut,
    ConfirmationIn,
    DisbursementIn,
    Format,
    LineIn,
    ListDetailOut,
    LoanState,
    NeedBriefOut,
    NeedStage,
    PageLoanOut,
    PageReferralOut,
    Problem,
    ReceiptIn,
    ReferralDetailOut,
    ReferralsAct,
    StatementsIn,
    StatementsOut,
    VerdictIn,
)
from clients.python.ansinh_credit.types import File
from libs.common.security.roles import Role
from tests.conftest import MakeDatabase
from tests.support.edge import bearer
from tests.support.worlds import HERE, a_world


async def test_the_generated_client_does_a_whole_referral(make_database: MakeDatabase) -> None:
    world = await a_world("credit", await make_database("credit"))
    place = world.here
    assert place.need is not None
    assert place.need_list is not None
    async with world.client() as http:
        http.headers.update(bearer(Role.BANK, Role.OFFICER, areas=[HERE]))
        client = AuthenticatedClient("http://service.test", "given by http")
        client.set_async_httpx_client(http)

        confirmed = await post_confirmation.asyncio(
            place.need_list,
            client=client,
            body=ConfirmationIn(date(2022, 5, 12), [VerdictIn(place.need, True)]),
        )
        assert isinstance(confirmed, ListDetailOut)

        page = await list_referrals.asyncio(client=client, stage=NeedStage.SENT)
        assert isinstance(page, PageReferralOut)
        [sent] = [one for one in page.items if one.referral_id == place.referral]
        listed = await get_list_file.asyncio(client=client, format_=Format.CSV)
        assert isinstance(listed, File)
        assert str(place.referral).encode() in listed.payload.read()

        blind = await put_receipt.asyncio(
            sent.referral_id, client=client, body=ReceiptIn(date(2022, 5, 13))
        )
        assert isinstance(blind, Problem)
        assert (blind.status, blind.code) == (428, "version.required")

        read = await get_referral.asyncio_detailed(sent.referral_id, client=client)
        received = await put_receipt.asyncio_detailed(
            sent.referral_id,
            client=client,
            body=ReceiptIn(date(2022, 5, 13)),
            if_match=read.headers["etag"],
        )
        answered = await put_answer.asyncio_detailed(
            sent.referral_id,
            client=client,
            body=AnswerIn(True, date(2022, 5, 18), amount=35_000_000),
            if_match=received.headers["etag"],
        )
        assert answered.status_code is HTTPStatus.OK
        paid = await put_disbursement.asyncio(
            sent.referral_id,
            client=client,
            body=DisbursementIn(date(2022, 5, 25), 35_000_000, "HD-0001/2022"),
            if_match=answered.headers["etag"],
        )
        assert isinstance(paid, ReferralDetailOut)
        assert isinstance(paid.need, NeedBriefOut)
        assert (paid.need.stage, paid.need.amount) == (NeedStage.DISBURSED, 35_000_000)
        assert paid.history[-1].act is ReferralsAct.DISBURSED

        loans = await list_loans.asyncio(client=client, household=place.household)
        assert isinstance(loans, PageLoanOut)
        [loan] = [one for one in loans.items if one.referral_id == place.referral]
        assert (loan.state, loan.due_on) == (LoanState.IN_TERM, date(2027, 5, 25))

        line = LineIn(BucketsIn(35_000_000), BucketsIn(44_000), loan.loan_id, "2022-05")
        stated = await post_statements.asyncio(client=client, body=StatementsIn([line]))
        assert isinstance(stated, StatementsOut)
        assert (stated.recorded, stated.refused) == (1, 0)

        changes = await read_changes.asyncio(client=client, limit=1_000)
        assert isinstance(changes, ChangesOut)
        own = [one for one in changes.items if one.subject == str(place.referral)]
        assert [int(one.sequence) for one in own] == list(range(1, paid.version + 1))
        assert isinstance(own[-1].data, ChangeOutDataType0)
        assert own[-1].data["state"] == "disbursed"
