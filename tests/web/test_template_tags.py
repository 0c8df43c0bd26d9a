"""What templates say about times, people and places."""

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template

from vestibule.people.permissions import Role, staff_actor
from vestibule.store import clock
from vestibule.web import assets, times
from vestibule.web.staff_pages import entries
from vestibule.web.templatetags.vestibule import block_place, duration, icon, initials, share, wait_level

MONDAY_NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HALF_PAST = MONDAY_NINE + timedelta(minutes=30)


@pytest.fixture(autouse=True)
def _in_march() -> None:
    clock.set_to(MONDAY_NINE)


def rendered(source: str, **context: object) -> str:
    return Template(source).render(Context(context)).strip()


def test_a_time_is_said_with_its_day_and_zone() -> None:
    assert times.moment(MONDAY_NINE, "Europe/London") == "Monday 2 March, 09:00 (London time)"


def test_a_utc_minute_is_the_same_time() -> None:
    assert times.moment(clock.to_minute(MONDAY_NINE), "America/New_York") == "Monday 2 March, 04:00 (New York time)"


def test_the_year_is_said_when_it_is_another() -> None:
    assert times.day(datetime(2027, 1, 4, 9, tzinfo=UTC), "UTC") == "Monday 4 January 2027"


def test_the_new_year_begins_in_the_readers_zone() -> None:
    clock.set_to(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert times.day(datetime(2027, 1, 1, 0, 30, tzinfo=UTC), "Pacific/Auckland") == "Friday 1 January"


def test_a_span_names_the_day_once() -> None:
    assert times.span(MONDAY_NINE, HALF_PAST, "Europe/London") == "Monday 2 March, 09:00 – 09:30 (London time)"


def test_a_span_over_midnight_names_both_days() -> None:
    late = datetime(2026, 3, 2, 23, 45, tzinfo=UTC)
    said = times.span(late, late + timedelta(minutes=30), "UTC")
    assert said == "Monday 2 March, 23:45 – Tuesday 3 March, 00:15 (UTC)"


def test_when_carries_the_instant_for_machines() -> None:
    out = rendered("{% when start end zone %}", start=MONDAY_NINE, end=HALF_PAST, zone="Asia/Tokyo")
    assert out == ('<time datetime="2026-03-02T09:00:00Z">Monday 2 March, 18:00 – 18:30 (Tokyo time)</time>')


def test_a_time_without_a_zone_is_not_shown() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        times.moment(datetime(2026, 3, 2, 9), "UTC")


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("Europe/London", "London time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("UTC", "UTC"),
        ("Etc/GMT+3", "UTC−03:00"),
        ("Nowhere/Atlantis", "UTC"),
        ("../etc/passwd", "UTC"),
    ],
)
def test_a_zone_is_named_by_its_place(zone: str, name: str) -> None:
    assert times.zone_name(zone) == name


@pytest.mark.parametrize(
    ("length", "said", "briefly"),
    [
        (90, "1 hour 30 minutes", "1 h 30 min"),
        (timedelta(minutes=1, seconds=59), "1 minute", "1 min"),
        (120, "2 hours", "2 h"),
        (0, "0 minutes", "0 min"),
        (-5, "0 minutes", "0 min"),
    ],
)
def test_a_length_is_said_in_hours_and_minutes(length: int | timedelta, said: str, briefly: str) -> None:
    assert (duration(length), duration(length, "short")) == (said, briefly)


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Dr Amara Okafor", "AO"), ("Cher", "C"), ("", ""), ("Mary  Jane Seacole", "MS"), ("عائشة الخطيب", "عا")],
)
def test_an_avatar_shows_first_and_last_name(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_wait_is_long_after_five_minutes_and_late_after_fifteen() -> None:
    assert [wait_level(minutes) for minutes in (4, 5, 14, 15)] == ["fresh", "long", "long", "late"]


def test_a_bar_is_never_longer_than_the_longest_and_none_without_a_longest() -> None:
    assert [share(21, 42), share(50, 42), share(-1, 42), share(3, 0)] == ["50.0", "100.0", "0.0", "0.0"]


def test_a_calendar_block_stands_on_a_five_minute_line() -> None:
    assert block_place(9 * 60 + 17, 28) == (
        'data-h="9" data-m="15" data-lh="0" data-lm="30" data-lane="0" data-lanes="1"'
    )


def test_more_blocks_than_lanes_share_the_last_lane() -> None:
    assert 'data-lane="7" data-lanes="8"' in block_place(0, 30, lane=11, lanes=12)


def test_an_icon_is_silent_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in icon("mic")
    assert 'role="img" aria-label="&lt;b&gt;"' in icon("mic", label="<b>")


def test_what_was_not_built_keeps_its_plain_name_and_no_script_is_named() -> None:
    assert assets.url("never-built.css") == "/static/never-built.css"
    assert rendered('{% script "never-built.js" %}') == ""


def test_a_provider_sees_the_desk_and_not_the_results() -> None:
    actor = staff_actor(user_id=1, label="p", business_id=1, role=Role.PROVIDER, provider_id=1)
    seen = {entry.path for entry in entries("/desk", actor)}
    assert "/desk" in seen
    assert not seen & {"/manage/results", "/manage/activity"}


def test_the_bar_marks_the_nearest_page_only() -> None:
    marked = [entry.path for entry in entries("/manage/setup/services/3", None) if entry.is_here]
    assert marked == ["/manage/setup"]


class Contact(forms.Form):
    name = forms.CharField(label="Your <name>", help_text="As on your card")
    reach = forms.ChoiceField(label="How", choices=[("mail", "By mail")], widget=forms.RadioSelect)


def field(form: forms.Form, name: str, **extra: object) -> str:
    return rendered('{% include "parts/field.html" %}', field=form[name], **extra)


def test_a_field_ties_label_hint_and_error_to_its_control() -> None:
    html = field(Contact({}), "name")
    assert '<label class="field__label" for="id_name">Your &lt;name&gt;</label>' in html
    assert 'aria-describedby="id_name_hint id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_hint">As on your card<' in html
    assert 'id="id_name_error"' in html


def test_a_hint_of_the_page_takes_the_place_of_the_forms() -> None:
    html = field(Contact(), "name", hint="Any name will do")
    assert "Any name will do" in html
    assert "As on your card" not in html


def test_radio_buttons_are_one_group_with_a_legend() -> None:
    html = field(Contact(), "reach")
    assert html.startswith("<fieldset")
    assert '<legend class="field__label">How</legend>' in html
    assert '<label class="tick" for="id_reach_0">' in html


def test_the_error_summary_leads_to_each_question() -> None:
    html = rendered('{% include "parts/error_summary.html" %}', form=Contact({}))
    assert '<a href="#id_name">Your &lt;name&gt;: This field is required.</a>' in html
    assert '<a href="#id_reach">' in html


def test_a_form_without_errors_has_no_summary() -> None:
    assert rendered('{% include "parts/error_summary.html" %}', form=Contact()) == ""
