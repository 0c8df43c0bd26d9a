"""The desk in a real browser, against a server made up here: 500 who wait, each decision of staff, what calls out."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessible import look_at
from tests.web.provider.desk_scene import ADA, BO, House, area, at, desk_of, visit

pytestmark = pytest.mark.browser

ASKED = {"asked": ["name", "birth_date"], "given": {"name": "Samir Khan", "birth_date": "1981-04-02"}}
DIFFERS = {**ASKED, "state": "differs", "differs": ["birth_date"]}
LOCKED = {"state": "locked", "asked": ["birth_date"], "given": {}, "differs": []}
LONG = "Maximiliane-Charlotte von und zu Hohenstein-Oberwaldenburg"
ARABIC = "عبد الرحمن بن محمد بن عبد العزيز آل الشيخ الأنصاري"
COUNT_CHANGES = """() => {
    window.changed = [];
    new MutationObserver((all) => window.changed.push(...all.map((one) => {
        const element = one.target.nodeType === 1 ? one.target : one.target.parentElement;
        const place = element.closest("[data-entry]")?.dataset.entry ?? element.closest("[id]")?.id ?? "page";
        return one.type + " " + place;
    }))).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
}"""


def came(number: int, of: int = 500) -> float:
    """When somebody of a crowd came, in minutes; nobody's wait is about to grow by one, the first came first."""
    minutes, within = divmod(of - number, 20)
    return -1.3 - minutes - within / 50


def crowd(count: int = 500) -> list[dict[str, Any]]:
    return [visit(f"{n:03}", since=came(n, count), start=n / 10) for n in range(count)]


def row(page: Page, key: str) -> Any:
    return page.locator(f"#desk-queue [data-entry=apt_{key}]")


def changed(page: Page) -> list[str]:
    """What was changed since the last look, once the page had the time to draw."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")
    found: list[str] = page.evaluate("window.changed.splice(0)")
    return found


def test_one_change_among_five_hundred_touches_nothing_but_its_row(chromium: Browser) -> None:
    house = House(crowd())
    with desk_of(chromium, house, stands_still=True) as page:
        expect(page.locator("#desk-queue [data-entry]")).to_have_count(40)
        expect(page.locator("#desk-summary")).to_contain_text("500 waiting")
        page.evaluate(COUNT_CHANGES)
        house.changes(visit("007", since=came(7), start=0.7, unanswered=2))
        expect(row(page, "007").locator(".count")).to_have_text("2")
        assert len(changes := changed(page)) <= 12
        assert {one.split()[1] for one in changes} <= {"apt_007"}
        house.changes(visit("400", since=came(400), start=40, unanswered=1))
        house.changes(visit("007", since=came(7), start=0.7, unanswered=3))
        expect(row(page, "007").locator(".count")).to_have_text("3")  # so the one before it was taken in
        assert {one.split()[1] for one in changed(page)} == {"apt_007"}, "far down nothing is drawn"


def test_whoever_leaves_five_hundred_takes_one_row_away_and_the_next_one_comes_up(chromium: Browser) -> None:
    house = House(crowd())
    with desk_of(chromium, house) as page:
        page.evaluate(COUNT_CHANGES)
        house.says(type="entry_gone", id="apt_000")
        expect(row(page, "040")).to_be_visible()
        expect(row(page, "000")).to_have_count(0)
        rows = [one for one in changed(page) if one.startswith("childList desk-queue")]
        assert len(rows) == 3, "one out, one in, and one less to come"


def test_the_rest_of_a_long_queue_comes_by_keyboard_too_and_a_name_finds_anybody(chromium: Browser) -> None:
    house = House([*crowd(120), visit("x", name="Anneliese Hürlimann", since=0)])
    with desk_of(chromium, house) as page:
        more = page.locator("#desk-queue .queue__more button")
        expect(more).to_have_text("Show 81 more")
        more.focus()
        page.keyboard.press("Enter")
        expect(row(page, "079")).to_have_count(1)
        # Coming near the end is enough for the next forty; the press then goes on behind them.
        assert page.evaluate("document.activeElement.closest('[data-entry]').dataset.entry") in {"apt_040", "apt_080"}
        page.get_by_label("Find a name").fill("hurli")
        expect(page.locator("#desk-queue [data-entry]")).to_have_count(1)
        expect(row(page, "x")).to_be_visible()
        expect(page).to_have_title("121 waiting · Lakeside Clinic")
        expect(page.locator("#desk-bar")).to_contain_text("120 more waiting outside of what is shown.")
        page.get_by_role("button", name="Show all").click()
        expect(page.get_by_label("Find a name")).to_have_value("")


def test_joining_is_one_click_and_the_keyboard_goes_on_at_the_next_person(chromium: Browser) -> None:
    house = House([visit("a", since=-9), visit("b", since=-4)])
    with desk_of(chromium, house) as page:
        row(page, "a").get_by_role("button", name="Join").focus()
        house.says(type="entry_gone", id="apt_a")
        expect(row(page, "a")).to_have_count(0)
        assert page.evaluate("document.activeElement.closest('[data-entry]').dataset.entry") == "apt_b"
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/visit/mtg_b")
        house.hears(page, [{"type": "start", "meeting": "mtg_b"}])


def test_whoever_must_be_recognised_is_compared_before_anybody_is_let_in(chromium: Browser) -> None:
    house = House([visit("a", name="Samir Khan", identity=DIFFERS)])
    with desk_of(chromium, house) as page:
        row(page, "a").get_by_role("button", name="Join").click()
        asked = page.get_by_role("dialog", name="Is this Samir Khan?")
        expect(asked).to_contain_text("2 April 1981")
        expect(asked).to_contain_text("differs from the booking")
        look_at(page, "desk: is this the right person")
        house.hears(page, [])  # nobody is let in by asking
        asked.get_by_role("button", name="Yes, let in and join").click()
        page.wait_for_url("**/desk/visit/mtg_a")
        house.hears(page, [{"type": "start", "meeting": "mtg_a", "confirmed": True}])


def test_every_decision_about_a_person_is_in_the_drawer_and_says_what_it_does(chromium: Browser) -> None:
    areas = [area("everybody", "Waiting room"), area("skin", "Skin clinic")]
    house = House([visit("a", name="Ada Ng")], areas=areas)
    with desk_of(chromium, house) as page:
        drawer = page.get_by_role("dialog")

        def press(button: str) -> None:
            row(page, "a").get_by_role("button", name="More").click()
            drawer.get_by_role("button", name=button, exact=True).click()

        row(page, "a").get_by_role("button", name="More").click()
        expect(drawer).to_be_visible()
        look_at(page, "desk: everything about one person")
        page.keyboard.press("Escape")
        expect(drawer).to_have_count(0)
        press("Put on hold")
        press("Transfer")
        drawer.get_by_label("To whom").select_option("area:skin")
        drawer.get_by_role("button", name="Transfer").click()
        expect(page.locator("#desk-status")).to_contain_text("Ada Ng waits for Skin clinic now.")
        press("Let in without joining")
        press("Do not let in")
        drawer.get_by_label("Message (optional)").fill("Please call us.")
        look_at(page, "desk: not letting somebody in")
        drawer.get_by_role("button", name="Do not let in").click()
        expect(drawer).to_have_count(0)
        house.hears(
            page,
            [
                {"type": "hold", "participant": "par_a"},
                {"type": "transfer", "participant": "par_a", "area": "skin"},
                {"type": "admit", "participant": "par_a"},
                {"type": "deny", "participant": "par_a", "text": "Please call us."},
            ],
        )


def test_a_conversation_counts_what_is_unanswered_and_a_prepared_text_goes_with_one_tap(chromium: Browser) -> None:
    texts: list[dict[str, Any]] = [
        {"id": "t1", "text": "Ten minutes late.", "area": None, "after_minutes": 10},
        {"id": "t2", "text": "Only for skin.", "area": "skin", "after_minutes": None},
    ]
    house = House([visit("a", name="Ada Ng", unanswered=3)], prepared=texts)
    with desk_of(chromium, house) as page:
        row(page, "a").get_by_role("button", name="Message: Ada Ng, 3 unanswered").click()
        ada = {"id": "par_a", "name": "Ada Ng", "role": "consumer"}
        house.says(type="notice", id="n1", participant="par_a", text="Am I right here?", at=at(-1), **{"from": ada})
        expect(page.locator(".bubble", has_text="Am I right here?")).to_be_visible()
        page.get_by_text("Prepared texts").click()
        expect(page.get_by_role("button", name="Only for skin.")).to_have_count(0)
        look_at(page, "desk: a conversation with prepared texts")
        page.get_by_role("button", name="Ten minutes late.").click()
        expect(page.locator(".bubble--own", has_text="Ten minutes late.")).to_be_visible()
        house.hears_so_many(page, 1)
        (sent,) = house.commands()
        assert (sent["type"], sent["participant"], sent["text"]) == ("notice", "par_a", "Ten minutes late.")


def test_the_queue_is_closed_with_words_and_the_provider_steps_away_with_words(chromium: Browser) -> None:
    house = House([], provider=ADA["slug"])
    with desk_of(chromium, house) as page:
        page.get_by_role("button", name="Close the queue").click()
        page.get_by_label("For how long").select_option("30")
        page.get_by_role("dialog").get_by_role("button", name="Close the queue").click()
        page.get_by_role("button", name="Step away").click()
        page.get_by_label("Message (optional)").fill("back at 14:00")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_have_count(0)
        closed = area("everybody", "Waiting room", closed_at=at(0), closed_until=at(30))
        house.says(type="areas", areas=[closed], prepared=[])
        away = {**ADA, "presence": "away", "away_words": "back at 14:00"}
        house.says(type="providers", providers=[away, {**BO, "presence": "ready", "away_words": ""}])
        expect(page.locator("#desk-bar")).to_contain_text("Closed until 12:30")
        expect(page.locator("#desk-own")).to_contain_text("back at 14:00")
        page.get_by_role("button", name="Open the queue").click()
        page.get_by_role("button", name="I am back").click()
        expect(page.locator("#desk-team")).to_contain_text("Dr Bo Lund")
        house.hears(
            page,
            [
                {"type": "close_area", "area": "everybody", "minutes": 30},
                {"type": "step_away", "text": "back at 14:00"},
                {"type": "open_area", "area": "everybody"},
                {"type": "come_back"},
            ],
        )


def test_nobody_is_missed_by_title_and_words_and_the_browser_is_asked_only_after_a_press(chromium: Browser) -> None:
    house = House([], alerts={"sound": True, "title": True, "desktop": True, "only_mine": False})
    with desk_of(chromium, house) as page:
        page.evaluate(
            "() => { window.asked = 0; Notification.requestPermission = async () => (window.asked += 1, 'denied'); }"
        )
        expect(page).to_have_title("Nobody is waiting · Lakeside Clinic")
        house.changes(visit("a", name="Ada Ng", since=0))
        expect(page).to_have_title("1 waiting · Lakeside Clinic")
        expect(page.locator("#desk-status")).to_have_text("Ada Ng is waiting for First visit.")
        assert page.evaluate("window.asked") == 0
        locked = visit("b", name="Samir Khan", state="arrived", identity=LOCKED)
        house.changes(locked)
        sentence = "Samir Khan gave a wrong date of birth five times."
        house.says(type="warning", kind="locked", entry="apt_b", participant="par_b", sentence=sentence)
        expect(page.locator("#desk-status")).to_have_text(sentence)
        row(page, "b").get_by_role("button", name="Unlock the link").click()
        expect(page.locator("#desk-queue [data-entry]").first).to_have_attribute("data-entry", "apt_b")
        house.hears(page, [{"type": "unlock", "participant": "par_b"}])


def test_a_refusal_and_a_lost_line_are_said_in_words(chromium: Browser) -> None:
    sentence = "Ada Ng is not here at the moment, so nobody was let in."
    house = House([visit("a", name="Ada Ng")], refuses={"start": {"code": "wrong_state", "sentence": sentence}})
    with desk_of(chromium, house) as page:
        row(page, "a").get_by_role("button", name="Join").click()
        expect(page.locator("#desk-status")).to_have_text(sentence)
        page.unroute_all()
        page.context.set_offline(True)
        house.hangs_up()
        expect(page.locator("#desk-status[data-lost]")).to_contain_text("Not connected")


def test_whoever_left_and_asked_to_be_called_is_called_rather_than_joined(chromium: Browser) -> None:
    house = House([visit("call", state="arrived", call_request={"phone": "+41795550111", "asked_at": at(-1)})])
    with desk_of(chromium, house) as page:
        expect(row(page, "call").locator("[data-desk=join]")).to_have_count(0)
        row(page, "call").locator("[data-desk=telephoned]").click()
        expect(page.locator("#desk-status")).to_have_text("")
        house.hears(page, [{"type": "call_done", "participant": "par_call"}])


def test_where_a_telephone_service_is_set_up_one_press_calls_and_a_failure_says_whom_to_dial(chromium: Browser) -> None:
    wish = {"phone": "+41795550111", "asked_at": at(-1)}
    sentence = "The call could not be placed from here. Dial +41795550111 yourself."
    house = House([visit("call", state="arrived", call_request=wish)], calls_out=True)
    with desk_of(chromium, house) as page:
        row(page, "call").get_by_role("button", name="Call now").click()
        expect(page.locator("#desk-status")).to_have_text("+41795550111 is being called.")
        house.hears(page, [{"type": "call_now", "participant": "par_call"}])
        house.refuses["call_now"] = {"code": "not_dialled", "sentence": sentence}
        row(page, "call").locator("[data-desk=call-now]").click()
        expect(page.locator("#desk-status")).to_have_text(sentence)
        row(page, "call").locator("[data-desk=details]").click()
        expect(page.locator("#desk-drawer, dialog[open]").get_by_role("button", name="I have called")).to_be_visible()


@pytest.mark.parametrize(("phone", "scheme"), [(False, "light"), (False, "dark"), (True, "light")])
def test_every_state_of_a_row_can_be_read_by_everybody(chromium: Browser, phone: bool, scheme: Any) -> None:
    skin = area("skin", "Skin clinic", takes_walk_ins=True, is_open=False)
    rows = [
        visit("late", name=LONG, since=-22, unanswered=2, preparation="missing", connection="reconnecting"),
        visit("id", name=ARABIC, since=-9, identity=DIFFERS, host=BO, mine=False),
        visit("walk", since=0, kind="walk_in", host=None, area="skin", reason="A rash on my arm", devices={}),
        visit("bad", since=-6, devices={"mic": "denied", "cam": "missing", "network": "blocked"}, connection="gone"),
        visit("held", since=-12, state="on_hold"),
        visit("locked", state="arrived", identity=LOCKED),
        visit("call", state="arrived", call_request={"phone": "+41795550111", "asked_at": at(-1)}),
        visit("later", state="invited", start=60),
        visit("asked", state="invited", start=90, status="requested"),
    ]
    house = House(rows, areas=[area("everybody", "Waiting room"), skin], provider=ADA["slug"])
    with desk_of(chromium, house, phone=phone, color_scheme=scheme) as page:
        look_at(page, f"desk: every state, {scheme}")
        expect(page.locator("#desk-held")).to_contain_text("On hold")
        page.get_by_label("Show").select_option("skin")
        expect(page.locator("#desk-bar")).to_contain_text("Closed by its hours")
        expect(page.locator("#desk-queue [data-entry]")).to_have_count(1)
