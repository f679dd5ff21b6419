"""A partner sees the rows of its registration's programmes alone; certificates, and what it was told and did."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.partners.schema import install_traces
from libs.common.security.rls import narrow_by_programme, narrow_through

revision = "0008"
down_revision = "0007"

_OF_STREAM = {
    "referral": "referral",
    "referral_version": "referral",
    "loan": "loan",
    "loan_version": "loan",
    "capital_plan": "plan",
    "capital_plan_version": "plan",
}
# A payment makes a loan, also where the payer is registered for referrals alone.
_MADE = ("loan", "loan_version")
# Through the rows that have a programme. A list is written before its entries.
_THROUGH = (
    ("disbursement", "referral_id", "referral"),
    ("need", "referral_id", "referral"),
    ("need_version", "need_id", "need"),
    ("need_list_entry", "need_id", "need"),
    ("loan_statement", "loan_id", "loan"),
)


def upgrade() -> None:
    policies = [
        narrow_by_programme(
            "credit", table, stream, "'credit.' || programme", writes=table not in _MADE
        )
        for table, stream in _OF_STREAM.items()
    ]
    policies += [narrow_through("credit", table, key, of) for table, key, of in _THROUGH]
    policies.append(narrow_through("credit", "need_list", "list_id", "need_list_entry", writes=False))
    run_script(op.get_bind(), install_traces("credit") + "".join(policies))
