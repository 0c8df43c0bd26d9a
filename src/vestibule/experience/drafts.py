"""Working on an experience: one draft for each business, changed part by part, published as a numbered version.

A draft comes and goes only for who has the turn of its business. Changing it takes no more than its own row, and waits
for nothing while it does.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from vestibule.booking.setup.values import permit
from vestibule.experience import document, merging
from vestibule.experience.document import Document
from vestibule.experience.errors import Overtaken
from vestibule.experience.merging import Difference
from vestibule.experience.models import Draft, Version
from vestibule.people import audit, turns
from vestibule.people.characters import is_plain
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.ids import new_ref
from vestibule.store.transactions import writing

MOST_VERSIONS = 200
"""Older ones are let go when another is published."""
LONGEST_NOTE = 200


def of(actor: Actor, business: Business) -> Draft | None:
    """Return the draft of a business, or None if nobody has begun one."""
    permit(actor, business.pk, Permission.SEE_SETUP)
    found: Draft | None = Draft.objects.filter(business=business).first()
    return found


def begin(actor: Actor, business: Business) -> Draft:
    """Return the draft of a business; a new one holds what holds now."""
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    draft: Draft | None = Draft.objects.filter(business=business).first()
    if draft is not None:  # as nearly always, and then nobody has to be waited for
        return draft
    with writing():
        held = document.read(turns.take(business.pk))
        draft, _made = Draft.objects.get_or_create(
            business=business, defaults={"document": held, "base": held, "changed_by": actor.label[:160]}
        )
    return draft


def change(
    actor: Actor, business: Business, parts: Mapping[str, Any], *, step: str | None = None, edits: int | None = None
) -> Draft:
    """Put `parts` (by section) into the draft in place of what it has, checked as if they were published now.

    `step` is where the builder is left. `edits` is how many changes the editor knew of: Raises Overtaken if there were
    others since, Invalid naming the place in the document; nothing is changed then.
    """
    draft = begin(actor, business)
    wanted = document.require_readable({**draft.document, **parts, "format": document.FORMAT})
    settled = document.settled(actor, business, merging.merged(draft.base, wanted, document.read(business)))
    with writing():
        current: Draft | None = Draft.objects.select_for_update().filter(pk=draft.pk).first()
        if current is None or current.edits != draft.edits or (edits is not None and current.edits != edits):
            raise Overtaken
        for name in parts:
            current.document[name] = settled[name]
        _store(current, actor, step)
    return current


def load(actor: Actor, business: Business, wanted: Mapping[str, Any], *, template: str = "") -> Draft:
    """Begin anew with `wanted`, as from a file, an industry template or an earlier version.

    What it leaves out stays as it holds now. Raises Invalid naming the place in the document.
    """
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    settled = document.settled(actor, business, document.require_readable(wanted))
    with writing():
        current = turns.take(business.pk)  # of two at once the later one counts
        Draft.objects.filter(business=business).delete()
        draft: Draft = Draft.objects.create(
            business=business,
            base=document.read(current),
            document=settled,
            template=template,
            edits=1,
            changed_by=actor.label[:160],
        )
    return draft


def remember_step(actor: Actor, business: Business, step: str) -> None:
    """Note where the builder was left."""
    draft = begin(actor, business)
    Draft.objects.filter(pk=draft.pk).update(step=step[:20])


def discard(actor: Actor, business: Business) -> None:
    """Let go of the draft; twice is once."""
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    with writing():
        turns.take(business.pk)
        Draft.objects.filter(business=business).delete()


def pending(actor: Actor, business: Business) -> list[Difference]:
    """Return what publishing the draft would change of what holds now."""
    draft = of(actor, business)
    if draft is None:
        return []
    held = document.read(business)
    return merging.differences(held, merging.merged(draft.base, draft.document, held))


def overtaken(actor: Actor, business: Business) -> list[Difference]:
    """Return what the draft changes and another page has changed otherwise since it was begun: publishing undoes that.

    `before` is what holds now, `after` what the draft wants.
    """
    draft = of(actor, business)
    if draft is None:
        return []
    elsewhere = {one.path for one in merging.differences(draft.base, document.read(business))}
    return [one for one in pending(actor, business) if one.path in elsewhere]


def publish(actor: Actor, business: Business, *, note: str = "") -> Version:
    """Make the draft hold, store it as the next version, and let go of it. Raises NotFound without a draft, Invalid.

    What held before the first version is kept as number 0, so that there is a way back from that one too.
    """
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    if len(note) > LONGEST_NOTE or not is_plain(note):
        raise Invalid(_("Use at most 200 characters that can be seen."), field="note")
    with writing():
        current = turns.take(business.pk)
        draft = Draft.objects.select_for_update().filter(business=business).first()
        if draft is None:
            raise NotFound(_("There is no draft to publish. Begin one first."))
        held = document.read(current)
        if not Version.objects.filter(business=business).exists():
            Version.objects.create(business=business, number=0, document=held)
        wanted = merging.merged(draft.base, draft.document, held)
        written = document.write(actor, business, wanted, held)
        version = _next_version(actor, business, draft.template, note)
        draft.delete()
        audit.record(
            actor, business.pk, "experience.published", "experience", business.ref, number=version.number, parts=written
        )
    return version


def versions(actor: Actor, business: Business) -> list[Version]:
    """Return what was published, the latest first, without the documents."""
    permit(actor, business.pk, Permission.SEE_SETUP)
    return list(Version.objects.filter(business=business).defer("document"))


def version(actor: Actor, business: Business, number: int) -> Version:
    """Return one version. Raises NotFound."""
    permit(actor, business.pk, Permission.SEE_SETUP)
    found: Version | None = Version.objects.filter(business=business, number=number).first()
    if found is None:
        raise NotFound(_("There is no such version. Choose one of the list."))
    return found


def roll_back(actor: Actor, business: Business, number: int, *, note: str = "") -> Version:
    """Publish an earlier version again, as a new one. What came into being since and is no part of it stays.

    A draft being worked on is let go. Raises NotFound, Invalid if what it holds cannot be any more.
    """
    earlier = version(actor, business, number)
    with writing():
        load(actor, business, _known_parts(earlier.document), template=earlier.template)
        back = _("Back to version %(number)s") % {"number": number} if number else _("Back to before the first version")
        return publish(actor, business, note=note or back)


def _known_parts(stored: Mapping[str, Any]) -> Document:
    """Return a stored document without parts that this release no longer has."""
    return {name: value for name, value in stored.items() if name == "format" or name in document.SECTIONS}


def _store(draft: Draft, actor: Actor, step: str | None) -> None:
    draft.edits += 1
    draft.changed_at, draft.changed_by = clock.now(), actor.label[:160]
    if step is not None:
        draft.step = step[:20]
    draft.save()


def _next_version(actor: Actor, business: Business, template: str, note: str) -> Version:
    rows = Version.objects.filter(business=business)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    Business.objects.filter(pk=business.pk).update(experience_stamp=new_ref())
    made: Version = Version.objects.create(
        business=business,
        number=number,
        document=document.read(Business.objects.get(pk=business.pk)),
        template=template,
        note=note,
        published_by=actor.label[:160],
    )
    rows.filter(number__lte=number - MOST_VERSIONS).delete()
    return made
