"""Makes the demonstration: two businesses that must never see each other, with people, hours and appointments today.

Passwords and keys are random each time; they are written to `demo.json` (mode 0600) in the data folder and printed
once. A second start on the same folder changes nothing and prints them again.
"""

import json
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.text import slugify

from vestibule.booking import availability, lifecycle, links, setup
from vestibule.booking.errors import rfc3339
from vestibule.booking.models import Service
from vestibule.booking.setup import Hours, Need, Offer
from vestibule.booking.setup.service_values import COLOURS
from vestibule.booking.wishes import Contact, Wish
from vestibule.demo import programs
from vestibule.demo.cast import BANK, CLINIC, STAFF, AskedRole, BusinessRole, Guest
from vestibule.experience import survey
from vestibule.meetings import areas, prepared
from vestibule.people import api_keys, brand
from vestibule.people.models import Business, Membership, Provider, User
from vestibule.people.permissions import SYSTEM, Actor, Role, staff_actor
from vestibule.store import clock
from vestibule.store.transactions import writing

WHOLE_DAY = (0, 24 * 60)
WIDE_HOURS = tuple(Hours(weekday, 7 * 60, 19 * 60) for weekday in range(6))
GAP = timedelta(minutes=45)


class RandomPassword(Argon2PasswordHasher):
    """Argon2 for passwords of 96 random bits, which no guessing finds: cheap, or a first start would take seconds.

    The first sign-in hashes them again at the usual cost.
    """

    time_cost = 1
    memory_cost = 8192
    parallelism = 1


def prepare(out: TextIO) -> None:
    """Fill an empty data folder and print the welcome; on a filled one only print it."""
    path = Path(settings.DATA) / "demo.json"
    if not Business.objects.exists():
        with writing():  # a start that is broken off leaves nothing, so that the next one begins anew
            _write_secret(path, json.dumps(_make(), indent=1))
    if path.exists():
        _welcome(_facts_at(path, settings.PUBLIC_URL), out)


def _facts_at(path: Path, origin: str) -> dict[str, Any]:
    """Return what was made, with addresses of where the server is now: another port is another origin."""
    text = path.read_text("utf-8")
    before = json.loads(text)["origin"]
    now = text
    if before != origin:
        now = now.replace(f'"{before}"', f'"{origin}"').replace(f'"{before}/', f'"{origin}/')
    facts: dict[str, Any] = json.loads(now)
    programs.tell(facts)
    now = json.dumps(facts, indent=1)
    if now != text:
        _write_secret(path, now)
    return facts


def _make() -> dict[str, Any]:
    origin = settings.PUBLIC_URL
    facts: dict[str, Any] = {"origin": origin, "businesses": [], "accounts": [], "appointments": []}
    for part in (CLINIC, BANK):
        business = _business(part)
        facts["accounts"] += _accounts(business)
        _waiting(business, part)
        facts["businesses"].append(
            {
                "slug": business.slug,
                "name": business.name,
                "book_url": f"{origin}/book/{business.slug}",
                "api_key": _key(business),
            }
        )
        facts["appointments"] += _appointments(business, part)
        programs.let_in(business, _owner(business))
    facts |= {"acs": None, "outbox_url": f"{origin}/dev/outbox"}
    facts["graph"] = {"base_url": f"{origin}/graph/v1.0", "token": facts["businesses"][0]["api_key"]}
    return facts


def _business(part: BusinessRole) -> Business:
    business = setup.create_business(SYSTEM, slug=part.slug, name=part.name, timezone=part.timezone)
    setup.change_business(
        SYSTEM, business, tagline=part.tagline, accent=part.accent, phone=part.phone, email=part.email
    )
    Business.objects.filter(pk=business.pk).update(industry=part.industry)
    providers = {}
    for position, (name, title) in enumerate(part.providers):
        provider = setup.add_provider(SYSTEM, business, name=name, title=title, position=position)
        providers[provider.slug] = provider
    for provider in providers.values():
        setup.set_hours(SYSTEM, business, WIDE_HOURS, provider=provider)
    setup.keep_holidays(SYSTEM, business, *part.holidays)
    for slug in part.on_call:
        _on_call(business, providers[slug])
    devices = {name: setup.add_resource(SYSTEM, business, name=name, kind="device") for name in part.devices}
    for position, service in enumerate(part.services):
        offers = [Offer(providers[slug]) for slug in service.by or providers]
        setup.add_service(
            SYSTEM,
            business,
            name=service.name,
            description=service.description,
            duration_minutes=service.minutes,
            position=position,
            colour=COLOURS[position % len(COLOURS)],
            offers=offers,
            needs=[Need(devices[service.device])] if service.device else [],
            **service.rules,
        )
    _survey(business, part)
    if part.brand:
        from vestibule.demo import emblem

        brand.change(SYSTEM, business, **part.brand)
        brand.put(SYSTEM, business, "logo", emblem.anchor(part.brand["colour"]), part.name)
    return business


def _survey(business: Business, part: BusinessRole) -> None:
    for audience in survey.Audience.values:
        asked = [_asked(one) for one in part.survey if one.audience == audience]
        survey.put(SYSTEM, business, audience, asked)


def _asked(one: AskedRole) -> survey.Wanted:
    choices = [{"id": slugify(text), "text": text} for text in one.choices]
    return survey.Wanted(one.kind, one.text, choices=choices, asks_comment=one.asks_comment)


def _on_call(business: Business, provider: Provider) -> None:
    """Let `provider` work around the clock today and tomorrow, so that a visit is near at whatever hour it is."""
    today = clock.now().astimezone(ZoneInfo(business.timezone)).date()
    for day in (today, today + timedelta(days=1)):
        setup.set_override(SYSTEM, business, day, [WHOLE_DAY], provider=provider, note="On call")


def _accounts(business: Business) -> list[dict[str, str]]:
    people = [(role, name, None) for role, name in STAFF]
    doctors = Provider.objects.filter(business=business).order_by("position")[:2]
    people += [("provider", provider.name, provider) for provider in doctors]
    return [_account(business, role, name, provider) for role, name, provider in people]


def _account(business: Business, role: str, name: str, provider: Provider | None) -> dict[str, str]:
    nick = provider.slug if provider else role
    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(f"{nick}@{business.slug}.example", name=name)
    User.objects.filter(pk=user.pk).update(password=RandomPassword().encode(password, secrets.token_hex(8)))
    membership = Membership.objects.create(business=business, user=user, role=role)
    if provider is not None:
        Provider.objects.filter(pk=provider.pk).update(membership=membership, email=user.email)
    return {"business": business.slug, "role": role, "email": user.email, "password": password}


def _owner(business: Business) -> Actor:
    owner = Membership.objects.select_related("user").get(business=business, role=Role.OWNER)
    return staff_actor(
        user_id=owner.user_id, label=str(owner.user), business_id=business.pk, role=Role.OWNER, provider_id=None
    )


def _key(business: Business) -> str:
    _stored, token = api_keys.create(_owner(business), "Demonstration", api_keys.SCOPES)
    return token


def _waiting(business: Business, part: BusinessRole) -> None:
    """Make the waiting areas and the prepared texts."""
    actor = _owner(business)
    for position, area in enumerate(part.areas):
        slug = areas.DEFAULT_SLUG if not position else areas.create(actor, area.name, providers=list(area.by)).slug
        areas.change(actor, slug, name=area.name, **area.settings)
    for text, after_minutes in part.texts:
        prepared.add(actor, text, after_minutes=after_minutes)


def _appointments(business: Business, part: BusinessRole) -> list[dict[str, str]]:
    """Book today's guests, the first one at the next free start."""
    service = Service.objects.select_related("business").filter(business=business).order_by("position").first()
    assert service is not None, "a demonstration business has services"
    made = []
    after = clock.now()
    for guest in part.guests:
        provider, start = _next_start(service, part, guest, after)
        appointment = lifecycle.book(SYSTEM, _wish(service, guest, provider, start))
        made.append(
            {
                "business": business.slug,
                "id": appointment.ref,
                "consumer_url": links.addresses(appointment).visit,
                "provider_url": links.provider_visit(appointment),
                "start": rfc3339(start),
            }
        )
        after = start + GAP
    return made


def _next_start(service: Service, part: BusinessRole, guest: Guest, after: datetime) -> tuple[Provider, datetime]:
    """Return who sees `guest` when: the wanted provider, but late in the evening rather a colleague still today."""
    zone = ZoneInfo(part.timezone)
    today = clock.now().astimezone(zone).date()
    colleagues = [(slug, clock.now()) for slug in part.on_call if slug != guest.provider]
    found = []
    for slug, earliest in ((guest.provider, after), *colleagues):
        provider = Provider.objects.get(business=service.business, slug=slug)
        slot = availability.next_free(service, earliest, provider=provider, as_staff=True)
        assert slot is not None, "a provider on call always has a free start"
        if slot.start.astimezone(zone).date() == today:
            return provider, slot.start
        found.append((provider, slot.start))
    return found[0]


def _wish(service: Service, guest: Guest, provider: Provider, start: datetime) -> Wish:
    contact = Contact(guest.name, guest.email, guest.phone, service.business.timezone)
    answers = {"reason": guest.reason, "consent": True}
    return Wish(service=service, start=start, provider=provider, contact=contact, answers=answers, via="demo")


def _write_secret(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _welcome(facts: dict[str, Any], out: TextIO) -> None:
    out.write(f"\nVestibule demonstration at {facts['origin']}\n")
    for business in facts["businesses"]:
        out.write(f"\n{business['name']}\n  book      {business['book_url']}\n")
        for account in facts["accounts"]:
            if account["business"] == business["slug"]:
                out.write(f"  {account['role']:<9} {account['email']}  {account['password']}\n")
        for appointment in facts["appointments"]:
            if appointment["business"] == business["slug"]:
                out.write(f"  visit     {appointment['start']}  {appointment['consumer_url']}\n")
                out.write(f"            provider        {appointment['provider_url']}\n")
    out.write("\nFor programs written for Microsoft (sign in as owner, Set-up, Programs for Microsoft)\n")
    if facts["acs"]:
        out.write(f"  Azure SDK {facts['acs']['endpoint']}\n")
    out.write(f"  Graph     {facts['graph']['base_url']}\n")
    out.write(f"\nmessages  {facts['outbox_url']}\nall of it in {settings.DATA}/demo.json\nCtrl+C stops it\n\n")
    out.flush()
