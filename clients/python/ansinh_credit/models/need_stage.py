from enum import StrEnum


class NeedStage(StrEnum):
    APPLIED = "applied"
    APPROVED = "approved"
    DECLINED = "declined"
    DISBURSED = "disbursed"
    LISTED = "listed"
    NOT_CONFIRMED = "not_confirmed"
    RECEIVED = "received"
    REFUSED = "refused"
    SENT = "sent"
    WITHDRAWN = "withdrawn"

    def __str__(self) -> str:
        return str(self.value)
