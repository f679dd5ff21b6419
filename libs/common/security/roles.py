"""Who may call: the roles of the product. A caller has one or several, each within areas."""

from enum import StrEnum


class Role(StrEnum):
    """What a caller is to the programme; the words are those of the token's roles claim."""

    OFFICER = "officer"  # commune officer: registers households, prepares decisions
    CHAIRMAN = "chairman"  # signs decisions
    REVIEWER = "reviewer"  # runs the yearly review
    PROVINCE = "province"  # reads and reports for a province
    BANK = "bank"  # the social-policy bank's system
    INSURER = "insurer"  # the health insurer's system
    TRAINING = "training"  # a vocational training centre
    PARTNER = "partner"  # another system of social protection, which asks by the DCI standard
    AUDITOR = "auditor"  # reads the audit trail and the accounts
    OPERATOR = "operator"  # keeps the platform running; sees no person without a purpose
