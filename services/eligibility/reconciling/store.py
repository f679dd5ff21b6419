"""The insurer's list: how ours of a day is read, what of a line is compared, who should act."""

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

_ROLL = """
FROM roll_period AS period
WHERE from_day <= $2 AND (until IS NULL OR $2 < until)
  AND recorded_at <= $3 AND (superseded_at IS NULL OR $3 < superseded_at)
  AND ($4::text[] IS NULL OR commune = ANY ($4))
  AND ($5::text IS NULL OR group_code ~ $5)
"""
# What a household is, the commune decides; what follows from it in law, we do.
ROLL = Listing(
    name="roll",
    title=Text("Danh sách tham gia BHYT", "The health-insurance roll"),
    event_type="insurance.roll_changed.v1",
    prefix="insurance.",
    key=Column("person_id", UUID_TEXT, None, Acts.PARTNER, "period.person_id::text"),
    columns=(
        Column("household_id", UUID_TEXT, "household_id", Acts.COMMUNE, "household_id::text"),
        Column("commune", COMMUNE, "area.commune", Acts.COMMUNE, "commune"),
        Column("group", WORD, "periods.group", Acts.PARTNER, "group_code"),
        Column(
            "support_percent",
            WHOLE,
            "periods.support_percent",
            Acts.PARTNER,
            "support_percent::text",
        ),
        Column(
            "benefit_percent",
            WHOLE,
            "periods.benefit_percent",
            Acts.PARTNER,
            "benefit_percent::text",
        ),
        Column("from_day", DAY, "periods.from_day", Acts.PARTNER, "from_day::text"),
        Column(
            "until",
            DAY,
            "periods.until",
            Acts.PARTNER,
            "coalesce(until::text, '')",
            is_optional=True,
        ),
    ),
    commune="commune",
    programme="group",
    rows=_ROLL,
    household="household_id",
    here=Acts.COMMUNE,  # on the insurer's roll, and not poor in our books
    there=Acts.PARTNER,
)

LISTS = {ROLL.name: ROLL}
