"""Names and numbers: masked, found by either, clear for a purpose and then on the audit trail."""

from libs.common.security.roles import Role
from tests.support.screens import Browser, ShownScreens, token_of
from tests.support.worlds import HERE, THERE, World

NAME, MASKED, NUMBER = "Lý Thị Mai", "L*** T*** M***", "095101882"
COMMUNE = f"Đơn vị {HERE} ({HERE})"  # its name, and its code


async def test_people_are_found_and_shown_as_the_law_wants(
    world: World, screens: ShownScreens
) -> None:
    """One world for the three, which it takes a while to make."""
    async with screens.browser() as browser:
        await _reads_for_what_data_are_processed_without_signing_in(browser)
        await _is_masked_until_a_purpose_is_stated(world, browser)
        await browser.send("/sign-out", token_of(await browser.open("/households")))
        await _finds_people_of_the_callers_areas_alone(world, browser)
        await _reads_what_communes_are_called(world, browser)
        await browser.send("/sign-out", token_of(await browser.open("/households")))
        await _sees_the_rows_of_the_callers_areas_alone(world, browser)


async def _reads_for_what_data_are_processed_without_signing_in(browser: Browser) -> None:
    page = await browser.open("/purposes")
    assert page.status_code == 200
    assert page.url.path.endswith("/screens/purposes"), "nobody is led to the sign-in"
    for said in ("Hồ sơ vay vốn chính sách", "NĐ 356/2025/NĐ-CP", "chưa xác minh", "10 năm sau"):
        assert said in page.text
    assert "/sign-out" not in page.text


async def _is_masked_until_a_purpose_is_stated(world: World, browser: Browser) -> None:
    at = f"/households/{world.here.household}"
    page = await browser.sign_in(Role.OFFICER, HERE, path=at)
    assert MASKED in page.text
    assert NAME not in page.text
    assert NUMBER not in page.text

    refused = await browser.send(at, token_of(page), _purpose="", _case="KN-12")
    assert refused.status_code == 422
    assert '<a href="#_purpose">Chưa chọn mục đích.' in refused.text
    assert 'value="KN-12"' in refused.text
    strange = await browser.send(at, token_of(page), _purpose="curiosity")
    assert strange.status_code == 403
    assert '<a href="#_purpose">' in strange.text

    typed = await browser.send(at, token_of(page), _purpose="complaint", _case="KN số 12")
    assert typed.status_code == 422
    assert '<a href="#_case">Số hồ sơ, số yêu cầu không đúng dạng.' in typed.text
    assert 'value="KN số 12"' in typed.text
    assert NAME not in typed.text

    clear = await browser.send(at, token_of(page), _purpose="complaint", _case="KN-12")
    assert NAME in clear.text
    assert NUMBER in clear.text
    async with world.database.as_worker() as connections, connections.transaction() as tx:
        trail = await tx.fetch(
            "SELECT subjects FROM audit_line WHERE kind = 'read' AND purpose = 'complaint.kn-12'"
            " AND subject_kind = 'person'"
        )
    assert world.here.person in trail[0]["subjects"]


async def _finds_people_of_the_callers_areas_alone(world: World, browser: Browser) -> None:
    for area, is_found in ((HERE, True), (THERE, False)):
        page = await browser.sign_in(Role.OFFICER, area)
        by_number = {"/number": NUMBER, "_purpose": "review"}
        for asked, shown in ((by_number, NAME), ({"/name": "mai ly", "/commune": HERE}, MASKED)):
            found = await browser.send("/households", token_of(page), **asked)
            assert found.status_code == 200
            assert (f"/households/{world.here.household}" in found.text) == is_found
            assert (f'"Xã">{COMMUNE}</td>' in found.text) == is_found
            assert (shown in found.text) == is_found
        assert NAME not in found.text
        idle = await browser.send("/households", token_of(page), **{"/number": NUMBER})
        assert idle.status_code == 403
        assert '<a href="#_purpose">' in idle.text
        await browser.send("/sign-out", token_of(found))
    page = await browser.sign_in(Role.OFFICER, HERE)
    for field in ("/number", "/name"):
        refused = await browser.send("/households", token_of(page), **{field: "?"})
        assert f'<a href="#{field}">' in refused.text


async def _reads_what_communes_are_called(world: World, browser: Browser) -> None:
    """Where households are asked about after a reorganisation, and on the timeline."""
    at = f"/reorganisations/{world.here.done_reorganisation}"
    work = await browser.open(f"{at}/open")
    assert f'"Xã cũ">{COMMUNE}</th>' in work.text
    assert f'<option value="{HERE}">{COMMUNE}</option>' in work.text
    assert f'"Về xã mới">{COMMUNE}</td>' in (await browser.open(f"{at}/answers")).text
    single = await browser.open(f"{at}/open/households?commune={HERE}")
    assert f'<option value="{HERE}">{COMMUNE}</option>' in single.text
    for page in (at, f"{at}/reclassified"):
        assert COMMUNE in (await browser.open(page)).text
    history = await browser.open(f"/households/{world.here.household}/timeline")
    assert f"Nơi cư trú: đơn vị {HERE} ({HERE})" in history.text


async def _sees_the_rows_of_the_callers_areas_alone(world: World, browser: Browser) -> None:
    here = world.here.household
    await browser.sign_in(Role.OFFICER, THERE)
    assert (await browser.open(f"/households/{here}")).status_code == 404
    found = await browser.open("/households?find=1")
    assert str(world.there.household) in found.text
    assert str(here) not in found.text
    asked = {"/household": str(here), "/number": "", "/status": ""}
    sent = await browser.send("/households", token_of(found), **asked)
    assert sent.status_code == 303
    named = await browser.client.get(browser.url + sent.headers["location"])
    assert named.status_code == 422
    assert "Không có hộ mang mã này trong địa bàn của bạn." in named.text
    assert f'value="{here}"' in named.text, "what was typed stays"
