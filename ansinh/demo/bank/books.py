"""The bank's own books: every statement on them. Nothing is deleted, only void."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from ansinh.demo.bank.cases import Case, SeenNeed, Step, View, follow
from ansinh.demo.bank.rules import (
    Asked,
    Rules,
    contract_number,
    decide,
    months_ended,
    owed_at,
)
from ansinh.demo.bank.writes import AnswerWrite, Line, PaymentWrite, ReceiptWrite, Write
from ansinh.demo.counterpart.books import OpenBooks

_OPEN_CASES = "SELECT rowid AS place, * FROM answer WHERE NOT is_over"
_SCHEMA = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")


class Books(OpenBooks):
    """What the bank keeps of referrals, answers, payments and statements."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _SCHEMA)

    def cursor(self) -> str | None:
        """Up to where the change feed has been taken into the books."""
        row = self._one("SELECT value FROM cursor")
        return None if row is None else row["value"]

    @property
    def is_rereading(self) -> bool:
        """The feed is read anew from its beginning: what it says first is long past."""
        row = self._one("SELECT is_rereading FROM cursor")
        return row is not None and bool(row["is_rereading"])

    def move_cursor(self, value: str | None) -> None:
        self._run(
            "INSERT INTO cursor (is_only, value) VALUES (1, ?) "
            "ON CONFLICT (is_only) DO UPDATE SET value = excluded.value",
            value,
        )

    def begin_again(self) -> None:
        """An Sinh was restored to an earlier day: its versions start anew, all is told again.

        Money that has left stays paid, whatever An Sinh remembers of it.
        """
        self._run("INSERT OR REPLACE INTO cursor VALUES (1, NULL, 1)")
        self._run("UPDATE referral SET version = 0")
        self._run("UPDATE loan SET version = 0")
        self._run(
            "UPDATE answer SET is_over = 0 "
            "WHERE rowid IN (SELECT max(rowid) FROM answer GROUP BY referral_id) "
            "AND ((NOT approved AND answer_told) "
            "OR case_id IN (SELECT case_id FROM payment WHERE state = 'paid'))"
        )
        self._run("UPDATE answer SET receipt_told = 0, answer_told = 0, told_version = 0")
        self._run("UPDATE payment SET told = 0")
        self._run("UPDATE statement SET state = 'promised' WHERE state = 'told'")

    def catch_up(self, rules: Rules, day: date) -> None:
        """The feed was read anew to its end: every case follows what is true now."""
        self._run("UPDATE cursor SET is_rereading = 0")
        for row in self._all("SELECT * FROM referral ORDER BY rowid"):
            self._follow(_view_of(row), rules, day)

    def absorb(self, view: View, rules: Rules, day: date) -> bool:
        """Take over what An Sinh shows of a referral; False: it is nothing new."""
        if view.version <= self.version_of(view.referral_id):
            return False
        self._keep_view(view)
        if not self.is_rereading:
            self._follow(view, rules, day)
        return True

    def note_loan(self, data: Mapping[str, Any], version: int) -> None:
        """Under which id and rate An Sinh keeps a loan."""
        self._run(
            "INSERT INTO loan VALUES (?, ?, ?, ?, ?) ON CONFLICT (referral_id) DO UPDATE "
            "SET loan_id = excluded.loan_id, version = excluded.version, state = excluded.state, "
            "yearly_rate = excluded.yearly_rate WHERE excluded.version > loan.version",
            data["referral_id"],
            data["loan_id"],
            version,
            data["state"],
            data["yearly_rate_percent"],
        )

    def version_of(self, referral_id: UUID) -> int:
        row = self._one("SELECT version FROM referral WHERE referral_id = ?", str(referral_id))
        return 0 if row is None else row["version"]

    def sign(self, day: date) -> int:
        """A contract for every approval that An Sinh has taken; answers how many were signed."""
        approved = self._all(
            "SELECT * FROM answer WHERE approved AND answer_told AND NOT is_over "
            "AND case_id NOT IN (SELECT case_id FROM payment) ORDER BY rowid"
        )
        for row in approved:
            self._run(
                "INSERT INTO payment (contract_number, case_id, referral_id, need_id, amount, "
                "months, source, paid_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                contract_number(row["case_id"], day),
                *(row[name] for name in ("case_id", "referral_id", "need_id")),
                *(row[name] for name in ("amount", "months", "source")),
                max(day.isoformat(), row["answered_on"]),
            )
        return len(approved)

    def close_months(self, today: date) -> int:
        """A statement of every paid loan for every month that is over; answers how many are new."""
        paid = self._all(
            "SELECT contract_number, amount, paid_on, loan_id, yearly_rate FROM payment "
            "JOIN loan USING (referral_id) WHERE payment.state = 'paid' "
            "AND loan.state NOT IN ('closed', 'written_off') ORDER BY payment.rowid"
        )
        before = self._db.total_changes
        for row in paid:
            contract, paid_on = row["contract_number"], date.fromisoformat(row["paid_on"])
            for end in months_ended(paid_on, today):
                rate = Decimal(row["yearly_rate"])
                owed = owed_at(contract, row["amount"], paid_on, end, rate)
                self._run(
                    "INSERT OR IGNORE INTO statement (contract_number, month_end, loan_id, "
                    "principal, interest) VALUES (?, ?, ?, ?, ?)",
                    contract,
                    end.isoformat(),
                    row["loan_id"],
                    owed.principal,
                    owed.interest,
                )
        return self._db.total_changes - before

    def unsent(self) -> list[Write]:
        """What is promised and not taken yet, case by case, each in its order."""
        writes: list[tuple[int, int, Write]] = [
            *(
                (row["place"], 0, ReceiptWrite.of(row))
                for row in self._all(f"{_OPEN_CASES} AND NOT receipt_told")
            ),
            *(
                (row["place"], 1, AnswerWrite.of(row))
                for row in self._all(f"{_OPEN_CASES} AND NOT answer_told")
            ),
            *(
                (row["place"], 2, PaymentWrite.of(row))
                for row in self._all(
                    "SELECT answer.rowid AS place, payment.* FROM payment "
                    "JOIN answer USING (case_id) "
                    "WHERE state <> 'void' AND NOT told AND answer_told AND NOT is_over"
                )
            ),
        ]
        return [write for _, _, write in sorted(writes, key=lambda each: each[:2])]

    def untold_statements(self) -> list[Line]:
        """What the months' ends are to say, oldest month first."""
        rows = self._all(
            "SELECT * FROM statement WHERE state = 'promised' ORDER BY month_end, contract_number"
        )
        return [Line.of(row) for row in rows]

    def tick_off(self, write: Write, version: int) -> None:
        """An Sinh has taken it; `version` is the referral's after that."""
        match write:
            case ReceiptWrite():
                self._run(
                    "UPDATE answer SET receipt_told = 1, told_version = ? WHERE case_id = ?",
                    version,
                    write.case_id,
                )
            case AnswerWrite():
                # A refusal ends the case; an approval ends with the payment.
                self._run(
                    "UPDATE answer SET answer_told = 1, is_over = NOT approved WHERE case_id = ?",
                    write.case_id,
                )
            case PaymentWrite():
                self._run(
                    "UPDATE payment SET state = 'paid', told = 1 WHERE contract_number = ?",
                    write.contract_number,
                )
                self._run("UPDATE answer SET is_over = 1 WHERE case_id = ?", write.case_id)

    def tick_off_lines(self, lines: list[Line]) -> None:
        for line in lines:
            self._set_statement(line, "told")

    def void(self, case_id: str) -> None:
        """The case has come to nothing, and a contract that was signed for it and not paid too."""
        self._run("UPDATE answer SET is_over = 1 WHERE case_id = ?", case_id)
        self._run(
            "UPDATE payment SET state = 'void' WHERE case_id = ? AND state = 'promised'", case_id
        )

    def give_up_line(self, line: Line) -> None:
        self._set_statement(line, "refused")

    def _set_statement(self, line: Line, state: str) -> None:
        self._run(
            "UPDATE statement SET state = ? WHERE contract_number = ? AND month_end = ?",
            state,
            line.contract_number,
            line.month_end.isoformat(),
        )

    def _follow(self, view: View, rules: Rules, day: date) -> None:
        case = self._open_case(view.referral_id)
        step = follow(view, case)
        if case is not None and step in (Step.VOID, Step.REOPEN):
            self.void(case.case_id)
        if step in (Step.OPEN, Step.REOPEN):
            self._take_up(view, rules, day)

    def _keep_view(self, view: View) -> None:
        need = view.need
        self._run(
            "INSERT OR REPLACE INTO referral VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            str(view.referral_id),
            view.version,
            view.programme,
            view.state,
            view.limit_amount,
            view.limit_months,
            *(_columns(need) if need else (None,) * 6),
        )

    def _open_case(self, referral_id: UUID) -> Case | None:
        row = self._one(
            "SELECT answer.*, coalesce(state = 'paid', 0) AS is_paid FROM answer "
            "LEFT JOIN payment USING (case_id) WHERE answer.referral_id = ? AND NOT is_over",
            str(referral_id),
        )
        return row and Case(
            row["case_id"], UUID(row["need_id"]), row["told_version"], bool(row["is_paid"])
        )

    def _take_up(self, view: View, rules: Rules, day: date) -> None:
        """A new case: the receipt and the answer are promised at once."""
        need = view.need
        if need is None:
            return
        asked = Asked(
            need.need_id,
            need.amount,
            need.months,
            need.source,
            view.limit_amount,
            view.limit_months,
        )
        decision = decide(asked, rules)
        # An Sinh's day may have begun before the bank's.
        taken_on = max(day, need.changed_on).isoformat()
        self._run(
            "INSERT INTO answer (case_id, referral_id, need_id, received_on, answered_on, "
            "approved, amount, months, source, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            f"{need.need_id}@{view.version}",
            str(view.referral_id),
            str(need.need_id),
            taken_on,
            taken_on,
            decision.approved,
            decision.amount,
            decision.months,
            need.source,
            decision.reason,
        )


def _view_of(row: Mapping[str, Any]) -> View:
    need = row["need_id"] and SeenNeed(
        UUID(row["need_id"]),
        row["stage"],
        date.fromisoformat(row["changed_on"]),
        row["amount"],
        row["months"],
        row["source"],
    )
    return View(
        UUID(row["referral_id"]),
        row["version"],
        row["programme"],
        row["state"],
        row["limit_amount"],
        row["limit_months"],
        need,
    )


def _columns(need: SeenNeed) -> tuple[str, str, str, int, int, str]:
    changed_on = need.changed_on.isoformat()
    return (str(need.need_id), need.stage, changed_on, need.amount, need.months, need.source)
