from enum import StrEnum


class ReferralsAct(StrEnum):
    DISBURSED = "disbursed"
    FLAGGED = "flagged"
    MOVED = "moved"
    NEED_APPLIED = "need_applied"
    NEED_APPROVED = "need_approved"
    NEED_DECLINED = "need_declined"
    NEED_LISTED = "need_listed"
    NEED_NOT_CONFIRMED = "need_not_confirmed"
    NEED_RECEIVED = "need_received"
    NEED_REFUSED = "need_refused"
    NEED_SENT = "need_sent"
    NEED_WITHDRAWN = "need_withdrawn"
    OPENED = "opened"
    RELOCATED = "relocated"
    REPRICED = "repriced"
    UNFLAGGED = "unflagged"
    WITHDRAWN = "withdrawn"

    def __str__(self) -> str:
        return str(self.value)
