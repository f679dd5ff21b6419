"""The bank's lists: how ours of a day is read, what of a line is compared, and who should act."""

from libs.common.partners.reconciling.domain import (
    COMMUNE,
    DAY,
    UUID_TEXT,
    WHOLE,
    WORD,
    Acts,
    Column,
    Listing,
)
from libs.common.problems import Text

# As `PUT …/disbursement` takes it.
CONTRACT = r"[0-9A-Za-z./-]{1,40}"
_PERCENT = r"(?:0|[1-9][0-9]?)(?:\.[0-9]{0,3}[1-9])?"


def _amount(name: str, path: str) -> Column:
    """What the bank's statements say: its books are the authority, so it states the month again."""
    return Column(name, WHOLE, path, Acts.PARTNER, f"was.{name}::text")


# Newest first of what had become true by the day: a statement of July that comes in August counts
# for July. What has ended is on nobody's list.
_LOANS = """
FROM (SELECT DISTINCT ON (loan_id) * FROM loan_version
      WHERE changed_on <= $2 AND recorded_at <= $3 ORDER BY loan_id, version DESC) AS was
JOIN loan USING (loan_id)
WHERE was.paid_on <= $2 AND was.state NOT IN ('closed', 'written_off')
  AND ($4::text[] IS NULL OR was.commune = ANY ($4))
  AND ($5::text IS NULL OR was.programme ~ $5)
"""
LOANS = Listing(
    name="loans",
    title=Text("Khoản vay còn dư nợ", "Outstanding loans"),
    event_type="loan.changed.v1",
    prefix="credit.",
    key=Column("contract_number", CONTRACT, None, Acts.PARTNER, "loan.contract_number"),
    columns=(
        Column("referral_id", UUID_TEXT, "referral_id", Acts.PARTNER, "loan.referral_id::text"),
        Column("commune", COMMUNE, "area.commune", Acts.COMMUNE, "was.commune"),
        Column("programme", WORD, "programme", Acts.US, "was.programme"),
        Column("source", WORD, "source", Acts.PARTNER, "was.source"),
        Column("state", WORD, "state", Acts.PARTNER, "was.state"),
        _amount("principal", "principal"),
        Column("paid_on", DAY, "paid_on", Acts.PARTNER, "was.paid_on::text"),
        # The first term; the events tell its end.
        Column("months", WHOLE, "due_on", Acts.PARTNER, "was.months::text"),
        Column("due_on", DAY, "due_on", Acts.PARTNER, "was.due_on::text"),
        _amount("balance_in_term", "balances.in_term"),
        _amount("balance_overdue", "balances.overdue"),
        _amount("balance_frozen", "balances.frozen"),
        _amount("interest_in_term", "interest.in_term"),
        _amount("interest_overdue", "interest.overdue"),
        _amount("interest_frozen", "interest.frozen"),
        Column("balance_on", DAY, "balance_on", Acts.PARTNER, "was.balance_on::text"),
        Column(
            "yearly_rate_percent",
            _PERCENT,
            "yearly_rate_percent",
            Acts.US,
            "trim_scale(was.yearly_rate)::text",
        ),
    ),
    commune="commune",
    programme="programme",
    rows=_LOANS,
    household="loan.household_id",
    here=Acts.PARTNER,  # a payment that was never told
    there=Acts.PARTNER,
)

_REFERRALS = """
FROM (SELECT DISTINCT ON (referral_id) * FROM referral_version
      WHERE changed_on <= $2 AND recorded_at <= $3 ORDER BY referral_id, version DESC) AS was
JOIN referral USING (referral_id)
WHERE was.state = 'open'
  AND ($4::text[] IS NULL OR was.commune = ANY ($4))
  AND ($5::text IS NULL OR was.programme ~ $5)
"""
REFERRALS = Listing(
    name="referrals",
    title=Text("Giới thiệu vay vốn đang mở", "Open referrals"),
    event_type="referral.changed.v1",
    prefix="credit.",
    key=Column("referral_id", UUID_TEXT, None, Acts.PARTNER, "was.referral_id::text"),
    columns=(
        Column("household_id", UUID_TEXT, "household_id", Acts.US, "referral.household_id::text"),
        Column("commune", COMMUNE, "area.commune", Acts.COMMUNE, "was.commune"),
        Column("programme", WORD, "programme", Acts.PARTNER, "was.programme"),
        Column("opened_on", DAY, "opened_on", Acts.PARTNER, "was.opened_on::text"),
        Column(
            "max_amount",
            WHOLE,
            "terms.max_amount",
            Acts.US,
            "coalesce(was.max_amount::text, '')",
            is_optional=True,
        ),
    ),
    commune="commune",
    programme="programme",
    rows=_REFERRALS,
    household="referral.household_id",
    here=Acts.PARTNER,
    there=Acts.PARTNER,  # it reads the change feed again
    is_monthly=False,
)

LISTS = {one.name: one for one in (LOANS, REFERRALS)}
