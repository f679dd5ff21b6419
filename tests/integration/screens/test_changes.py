"""A change request at the screens: seen ahead, asked with evidence, decided by somebody else."""

import re

from libs.common.security.roles import Role
from tests.support.screens import ShownScreens, token_of
from tests.support.worlds import HERE, World

NAME = "Hoàng Thị Nụ"
EVIDENCE = {
    "/evidence/kind": "birth_certificate",
    "/evidence/number": "17/2022",
    "/evidence/issued_on": "2022-05-21",
    "/evidence/issued_by": "UBND xã Nghiên Loan",
}


def hidden(page: str) -> dict[str, str]:
    """What the page's form carries by itself."""
    return dict(re.findall(r'type="hidden" name="([~/][^"]+)" value="([^"]*)"', page))


async def test_two_persons_change_a_household(world: World, screens: ShownScreens) -> None:
    await _keeps_a_row_with_its_member(world, screens)
    await _is_seen_ahead_asked_and_approved_by_another(world, screens)


async def test_a_household_comes_from_elsewhere_and_one_moves_within_the_commune(
    world: World, screens: ShownScreens
) -> None:
    async with screens.browser() as asker, screens.browser() as second:
        await asker.sign_in(Role.OFFICER, HERE, "nguoi-de-nghi", "/changes")
        listed = await asker.open("/changes")
        assert "/registry/screens/changes/new/arrival" in listed.text
        form = await asker.open("/changes/new/arrival")
        assert f'name="/proposal/new/commune" type="text" value="{HERE}"' in form.text
        one = "/proposal/new/members/0"
        typed = {
            **hidden(form.text),
            **EVIDENCE,
            "/effective_on": "2022-05-20",
            "/proposal/new/commune": HERE,
            "/proposal/new/village": "Nà Phầy",
            "/proposal/new/address": "Số 7, đường Trường Chinh",
            "/proposal/new/is_farm_household": "false",
            f"{one}/who/name": NAME,
            f"{one}/birth_year": "1985",
            f"{one}/sex": "female",
            f"{one}/relation": "head",
            f"{one}/schooling": "",
            "/proposal/new/members/1/sex": "",
        }
        refused = await asker.send("/changes/new/arrival?people=6", token_of(form), **typed)
        assert refused.status_code == 422
        assert f'href="#{one}/ethnicity"' in refused.text
        more = await asker.send("/changes/new/arrival?people=12", token_of(form), **typed)
        assert 'name="/proposal/new/members/11/sex"' in more.text
        assert f'value="{NAME}"' in more.text, "what was typed stays"
        typed[f"{one}/ethnicity"] = "tay"
        ahead = await asker.send("/changes/new/arrival?people=6", token_of(form), **typed)
        assert "Nếu được thực hiện" in ahead.text
        assert "<strong>2</strong>" in ahead.text
        assert f"đơn vị {HERE} ({HERE})" in ahead.text, "the commune by its name"
        sent = await asker.send("/changes/ask/arrival", token_of(form), **typed, _key="arrival")
        assert sent.status_code == 303
        path = sent.headers["location"].removeprefix("/registry/screens")
        page = await second.sign_in(Role.CHAIRMAN, HERE, "chu-tich", path)
        assert "H*** T*** N***" in page.text
        assert "Trường Chinh" not in page.text
        endorsed = await second.send(path, token_of(page), **{"/act": "endorse"}, _key="endorse")
        assert endorsed.status_code == 303

        at = f"/changes/new/rehousing?household_id={world.here.household}"
        form = await asker.open(at)
        typed = {**hidden(form.text), **EVIDENCE, "/effective_on": "2022-05-20"}
        refused = await asker.send(at, token_of(form), **typed)
        assert 'href="#/proposal/village"' in refused.text
        typed["/proposal/village"] = "Khuổi Muồng"
        ahead = await asker.send(at, token_of(form), **typed)
        assert "Nếu được thực hiện" in ahead.text
        assert "Khuổi Muồng" in ahead.text
        ask = at.replace("/new/", "/ask/")
        sent = await asker.send(ask, token_of(form), **typed, _key="rehousing")
        path = sent.headers["location"].removeprefix("/registry/screens")
        page = await second.open(path)
        await second.send(path, token_of(page), **{"/act": "approve"}, _key="approve")
        household = await asker.open(f"/households/{world.here.household}")
        assert "Khuổi Muồng, " in household.text


async def _is_seen_ahead_asked_and_approved_by_another(world: World, screens: ShownScreens) -> None:
    at = f"birth?household_id={world.here.household}"
    async with screens.browser() as asker, screens.browser() as second:
        form = await asker.sign_in(Role.OFFICER, HERE, "nguoi-de-nghi", f"/changes/new/{at}")
        child = {"/proposal/children/0/sex": "female", "/proposal/children/1/sex": ""}
        typed = {**hidden(form.text), **child, "/effective_on": "2022-05-20", **EVIDENCE}
        refused = await asker.send(f"/changes/new/{at}", token_of(form), **typed)
        assert refused.status_code == 422
        assert 'href="#/proposal/children/0/ethnicity"' in refused.text
        assert 'value="UBND xã Nghiên Loan"' in refused.text

        typed |= {
            "/proposal/children/0/ethnicity": "tay",
            "/proposal/children/0/who/name": NAME,
        }
        ahead = await asker.send(f"/changes/new/{at}", token_of(form), **typed)
        assert "Nếu được thực hiện" in ahead.text
        assert f'value="{NAME}"' in ahead.text, "what was typed stays"
        sent = await asker.send(f"/changes/ask/{at}", token_of(form), **typed, _key="once")
        assert sent.status_code == 303
        path = sent.headers["location"].removeprefix("/registry/screens")

        own = await asker.open(path)
        assert "Rút đề nghị" in own.text
        assert "Phê duyệt" not in own.text
        page = await second.sign_in(Role.OFFICER, HERE, "nguoi-thu-hai", path)
        assert "H*** T*** N***" in page.text
        assert NAME not in page.text
        assert "17/2022" not in page.text
        without = await second.send(f"{path}/clear", token_of(page))
        assert (without.status_code, "H*** T*** N***" in without.text) == (403, True)
        clear = await second.send(f"{path}/clear", token_of(page), _purpose="register")
        assert NAME in clear.text
        assert "17/2022" in clear.text
        no_reason = await second.send(path, token_of(page), **{"/act": "refuse"})
        assert '<a href="#/reason">' in no_reason.text
        done = await second.send(path, token_of(page), **{"/act": "approve"}, _key="once")
        assert done.status_code == 303
        assert "Đã thực hiện" in (await second.open(path)).text
        household = await second.open(f"/households/{world.here.household}")
        assert "20/05/2022" in household.text
        assert "H*** T*** N***" in household.text
        history = await second.open(f"/households/{world.here.household}/timeline")
        assert history.status_code == 200
        assert "20/05/2022" in history.text
        assert "Lượt xem</span>" not in history.text, "reads would drown the facts"
        reads = await second.open(f"/households/{world.here.household}/timeline?reads=true")
        assert 'name="reads" value="true" checked' in reads.text


async def _keeps_a_row_with_its_member(world: World, screens: ShownScreens) -> None:
    at = f"split?household_id={world.here.household}"
    async with screens.browser() as asker:
        form = await asker.sign_in(Role.OFFICER, HERE, "nguoi-de-nghi", f"/changes/new/{at}")
        typed = hidden(form.text)
        second = next(n for n, v in typed.items() if v == str(world.here.person) and "new" in n)
        typed[second[1:].replace("person_id", "relation")] = "head"
        refused = await asker.send(f"/changes/new/{at}", token_of(form), **typed)
        assert refused.status_code == 422
        chosen = re.search(
            rf'name="~(/proposal/new/members/\d+)/person_id" value="{world.here.person}"',
            refused.text,
        )
        assert chosen
        select = refused.text.partition(f'<select id="{chosen.group(1)}/relation"')[2]
        assert '<option value="head" selected>' in select.partition("</select>")[0]

        typed |= {"/proposal/new/is_farm_household": "true", "/effective_on": "2022-05-20"}
        ahead = await asker.send(f"/changes/new/{at}", token_of(form), **typed, **EVIDENCE)
        assert "Nếu được thực hiện" in ahead.text, "of the household and of persons"
