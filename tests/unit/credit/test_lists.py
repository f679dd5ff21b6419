"""Lists 03/TD: what a vote and a confirmation do, and how each bad entry is named."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from libs.common.ids import new_id
from libs.common.problems import Problem
from libs.common.vocabulary import NeedStage
from services.credit.lists.domain import (
    Ballot,
    Candidate,
    NeedList,
    Verdict,
    Voters,
    confirm_needs,
    differences,
    vote,
)
from services.credit.needs.clocks import current_due
from services.credit.needs.domain import Need, follow_class
from services.credit.referrals.domain import Act, Change
from tests.unit.credit.needs import (
    APPLIED_ON,
    ASKED,
    CONFIRMED_ON,
    LIST_ID,
    TODAY,
    VOTED_ON,
    a_candidate,
    a_need,
)

DAY = timedelta(days=1)
GROUP = new_id()


def a_list(*needs: Need | UUID, votes: tuple[int, int] = (9, 1), **changed: Any) -> NeedList:
    ids = [need.need_id if isinstance(need, Need) else need for need in needs]
    ballots = tuple(Ballot(need_id, *votes) for need_id in ids)
    return replace(NeedList(LIST_ID, "01882", None, VOTED_ON, "01/10C", ballots), **changed)


def voted(sheet: NeedList, *candidates: Candidate, voters: Voters | None = None) -> list[Change]:
    known = {candidate.need.need_id: candidate for candidate in candidates}
    return vote(sheet, known, {"01882"}, voters, current_due(), TODAY)


def confirmed(
    sheet: NeedList, verdicts: list[Verdict], *candidates: Candidate, on: date = CONFIRMED_ON
) -> list[Change]:
    known = {candidate.need.need_id: candidate for candidate in candidates}
    return confirm_needs(sheet, verdicts, known, on, TODAY)


def need_of(change: Change) -> Need:
    assert change.referral.need is not None
    return change.referral.need


def rules(refused: pytest.ExceptionInfo[Problem]) -> list[tuple[str, str]]:
    return [(error.pointer, error.rule) for error in refused.value.errors]


# --- the vote -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("votes", "act", "stage", "due_on"),
    [
        ((9, 0), Act.NEED_LISTED, NeedStage.LISTED, date(2022, 5, 12)),
        ((6, 5), Act.NEED_LISTED, NeedStage.LISTED, date(2022, 5, 12)),
        ((5, 5), Act.NEED_DECLINED, NeedStage.DECLINED, None),
        ((0, 9), Act.NEED_DECLINED, NeedStage.DECLINED, None),
    ],
)
def test_more_than_half_lists_a_need(
    votes: tuple[int, int], act: Act, stage: NeedStage, due_on: date | None
) -> None:
    candidate = a_candidate(a_need())
    (change,) = voted(a_list(candidate.need, votes=votes), candidate)
    need = need_of(change)
    assert (change.act, need.stage, need.due_on) == (act, stage, due_on)
    assert (need.list_id, need.changed_on, change.referral.changed_on) == (
        LIST_ID,
        VOTED_ON,
        VOTED_ON,
    )
    assert need.version == change.referral.version == 2


BAD_BALLOTS: list[tuple[str, Need, dict[str, Any], list[tuple[str, str]]]] = [
    *(
        (f"at stage {stage}", a_need(stage), {}, [("/entries/0/need_id", f"need.is_{stage}")])
        for stage in NeedStage
        if stage is not NeedStage.APPLIED
    ),
    (
        "through none on a list of a group out of sight",
        a_need(),
        {"group_id": GROUP},
        [("/group_id", "group.unknown"), ("/entries/0/need_id", "need.other_group")],
    ),
    (
        "through a group on a list of none",
        a_need(application=replace(ASKED, group_id=GROUP)),
        {},
        [("/entries/0/need_id", "need.other_group")],
    ),
    (
        "applied after the vote",
        a_need(),
        {"voted_on": APPLIED_ON - DAY},
        [("/entries/0/need_id", "day.too_early")],
    ),
    ("voted tomorrow", a_need(), {"voted_on": TODAY + DAY}, [("/voted_on", "day.in_future")]),
    ("without votes", a_need(), {"votes": (0, 0)}, [("/entries/0/votes_for", "votes.none")]),
]


@pytest.mark.parametrize(
    ("need", "changed", "expected"),
    [case[1:] for case in BAD_BALLOTS],
    ids=[case[0] for case in BAD_BALLOTS],
)
def test_bad_ballot(need: Need, changed: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    with pytest.raises(Problem) as refused:
        voted(a_list(need, **changed), a_candidate(need))
    assert (refused.value.status, refused.value.code) == (422, "list.refused")
    assert rules(refused) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"is_complete": False}, [("/group_id", "group.incomplete")]),
        ({"commune": "01873"}, [("/group_id", "group.other_commune")]),
        ({"households": frozenset()}, [("/entries/0/need_id", "group.not_member")]),
    ],
)
def test_a_complete_group_of_the_commune_votes_on_its_members(
    changed: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    candidate = a_candidate(a_need(application=replace(ASKED, group_id=GROUP)))
    members = frozenset((candidate.referral.household_id,))
    voters = replace(Voters("01882", members, is_complete=True), **changed)
    sheet = a_list(candidate.need, group_id=GROUP)
    if not expected:
        assert voted(sheet, candidate, voters=voters)
        return
    with pytest.raises(Problem) as refused:
        voted(sheet, candidate, voters=voters)
    assert rules(refused) == expected


def test_every_bad_entry_is_named_and_nothing_is_listed() -> None:
    good, done = a_candidate(a_need()), a_candidate(a_need(NeedStage.SENT))
    away = a_candidate(a_need())
    away = replace(away, referral=replace(away.referral, commune="01873"))
    sheet = a_list(good.need, done.need, new_id(), good.need, away.need)
    with pytest.raises(Problem) as refused:
        voted(sheet, good, done, away)
    assert rules(refused) == [
        ("/entries/1/need_id", "need.is_sent"),
        ("/entries/2/need_id", "need.unknown"),
        ("/entries/3/need_id", "need.twice"),
        ("/entries/4/need_id", "need.other_commune"),
    ]


def test_household_recorded_under_a_former_code_of_the_commune_is_listed() -> None:
    candidate = a_candidate(a_need())
    former = replace(candidate, referral=replace(candidate.referral, commune="01876"))
    known = {former.need.need_id: former}
    assert vote(a_list(former.need), known, {"01882", "01876"}, None, current_due(), TODAY)


def test_the_same_list_differs_in_nothing_whatever_the_order_of_its_lines() -> None:
    one, two = new_id(), new_id()
    assert differences(a_list(one, two), a_list(two, one)) == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"commune": "01873"}, ["/commune"]),
        ({"minutes_number": "02/10C", "group_id": GROUP}, ["/group_id", "/minutes_number"]),
        ({"ballots": ()}, ["/entries"]),
        ({"ballots": (Ballot(LIST_ID, 5, 1),)}, ["/entries/0"]),
        ({"ballots": (Ballot(LIST_ID, 9, 1), Ballot(GROUP, 9, 1))}, ["/entries/1", "/entries"]),
    ],
)
def test_what_differs_is_named(asked: dict[str, Any], expected: list[str]) -> None:
    known = a_list(LIST_ID)
    found = differences(known, replace(known, **asked))
    assert [error.pointer for error in found] == expected


# --- the commune's confirmation -------------------------------------------------------------------


def test_confirmed_need_is_sent_and_the_other_is_over() -> None:
    good, bad = a_candidate(a_need(NeedStage.LISTED)), a_candidate(a_need(NeedStage.LISTED))
    verdicts = [
        Verdict(good.need.need_id, True, None),
        Verdict(bad.need.need_id, False, "Đã chuyển đi"),
    ]
    changes = confirmed(a_list(good.need, bad.need), verdicts, good, bad)
    assert [(c.act, need_of(c).stage, need_of(c).reason) for c in changes] == [
        (Act.NEED_SENT, NeedStage.SENT, None),
        (Act.NEED_NOT_CONFIRMED, NeedStage.NOT_CONFIRMED, "Đã chuyển đi"),
    ]
    assert {need_of(change).due_on for change in changes} == {None}


@pytest.mark.parametrize("stage", NeedStage)
def test_confirmation_of_a_need_that_is_not_listed(stage: NeedStage) -> None:
    """Known again where it was confirmed just so, a conflict where it was not."""
    candidate = a_candidate(a_need(stage))
    sheet = a_list(candidate.need)
    was_confirmed = candidate.need.is_confirmed
    yes = [Verdict(candidate.need.need_id, True, None)]
    if stage is NeedStage.LISTED:
        assert confirmed(sheet, yes, candidate)
    elif was_confirmed:
        assert confirmed(sheet, yes, candidate) == []
    else:
        with pytest.raises(Problem) as refused:
            confirmed(sheet, yes, candidate)
        assert refused.value.status == 409
        assert rules(refused) == [("/entries/0/need_id", f"need.is_{stage}")]


def test_same_refusal_again_changes_nothing_and_another_reason_is_a_conflict() -> None:
    candidate = a_candidate(a_need(NeedStage.NOT_CONFIRMED))
    again = Verdict(candidate.need.need_id, False, candidate.need.reason)
    assert confirmed(a_list(candidate.need), [again], candidate) == []
    with pytest.raises(Problem) as refused:
        confirmed(a_list(candidate.need), [replace(again, reason="khác")], candidate)
    assert refused.value.status == 409


BAD_VERDICTS: list[tuple[str, dict[str, Any], date, list[tuple[str, str]]]] = [
    ("before the vote", {}, VOTED_ON - DAY, [("/entries/0/need_id", "day.too_early")]),
    ("tomorrow", {}, TODAY + DAY, [("/confirmed_on", "day.in_future")]),
    (
        "not confirmed, and no word why",
        {"is_confirmed": False},
        CONFIRMED_ON,
        [("/entries/0/reason", "reason.required")],
    ),
    (
        "a need that is not on the list",
        {"need_id": new_id()},
        CONFIRMED_ON,
        [("/entries/0/need_id", "need.not_on_list")],
    ),
]


@pytest.mark.parametrize(
    ("changed", "on", "expected"),
    [case[1:] for case in BAD_VERDICTS],
    ids=[case[0] for case in BAD_VERDICTS],
)
def test_bad_verdict(changed: dict[str, Any], on: date, expected: list[tuple[str, str]]) -> None:
    candidate = a_candidate(a_need(NeedStage.LISTED))
    verdict = replace(Verdict(candidate.need.need_id, True, None), **changed)
    with pytest.raises(Problem) as refused:
        confirmed(a_list(candidate.need), [verdict], candidate, on=on)
    assert refused.value.status == 422
    assert rules(refused) == expected


def test_need_named_twice_is_refused() -> None:
    candidate = a_candidate(a_need(NeedStage.LISTED))
    verdict = Verdict(candidate.need.need_id, True, None)
    with pytest.raises(Problem) as refused:
        confirmed(a_list(candidate.need), [verdict, verdict], candidate)
    assert rules(refused) == [("/entries/1/need_id", "need.twice")]


def test_after_a_class_change_only_a_new_confirmation_counts() -> None:
    """The old one, sent again, must not send the need to the bank under the new programme."""
    returned = follow_class(a_need(NeedStage.APPROVED), CONFIRMED_ON, None)
    candidate = a_candidate(replace(returned, changed_on=CONFIRMED_ON))
    sheet, yes = a_list(candidate.need), [Verdict(candidate.need.need_id, True, None)]
    assert confirmed(sheet, yes, candidate, on=CONFIRMED_ON) == []
    (change,) = confirmed(sheet, yes, candidate, on=CONFIRMED_ON + DAY)
    assert change.act is Act.NEED_SENT
    with pytest.raises(Problem) as refused:
        confirmed(sheet, [replace(yes[0], is_confirmed=False, reason="x")], candidate)
    assert rules(refused) == [("/entries/0/need_id", "day.confirmed_before")]
