"""Staff are invited, change roles and leave; a business never loses its last owner."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail

from tests.factories import make_business, make_membership, make_provider, make_user, manager_of
from vestibule.people import staff
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, Business, Membership, Provider
from vestibule.people.permissions import SYSTEM, Actor, Role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def business() -> Business:
    return make_business()


def owner_of(business: Business) -> Actor:
    return manager_of(business, role=Role.OWNER)


def last_entry() -> AuditEntry:
    entry = AuditEntry.objects.first()
    assert entry is not None
    return entry


def test_an_invitation_mails_a_link_to_choose_a_password_and_leaves_a_trace(business: Business) -> None:
    membership = staff.invite(owner_of(business), " New.One@Example.org ", "New One", Role.SCHEDULER)
    assert (membership.user.email, membership.role) == ("new.one@example.org", "scheduler")
    assert not membership.user.has_usable_password()
    assert mail.outbox[0].to == ["new.one@example.org"]
    assert "/account/password/choose/" in mail.outbox[0].body
    assert (last_entry().action, last_entry().actor_label) == ("staff.invited", "Mara Manager")


def test_somebody_who_signs_in_elsewhere_only_gets_word_of_the_role(business: Business) -> None:
    make_user(email="known@example.org", password="a good long one")
    staff.invite(owner_of(business), "known@example.org", "", Role.VIEWER)
    assert "/signin" in mail.outbox[0].body
    assert "/account/password/choose/" not in mail.outbox[0].body


def test_an_invited_provider_can_be_booked_under_a_name_of_their_own(business: Business) -> None:
    make_provider(business=business, slug="ada-blum")
    membership = staff.invite(owner_of(business), "ada@example.org", "Ada Blum", Role.PROVIDER, as_provider=True)
    assert Provider.objects.get(membership=membership).slug == "ada-blum-2"


@pytest.mark.parametrize(
    ("name", "slug"), [("Łukasz_Groß", "lukasz-gross"), ("阿达", "provider"), ("A" * 49 + " B", "a" * 49)]
)
def test_the_name_of_a_provider_in_addresses_is_made_of_plain_letters(name: str, slug: str, business: Business) -> None:
    membership = staff.invite(owner_of(business), "ada@example.org", name, Role.PROVIDER, as_provider=True)
    assert Provider.objects.get(membership=membership).slug == slug


def test_a_name_is_spelled_with_joiners_where_its_language_is_and_hides_nothing(business: Business) -> None:
    membership = staff.invite(owner_of(business), "a@example.org", "نرگس\u200cسا علی", Role.VIEWER)
    assert membership.user.name == "نرگس\u200cسا علی"
    for hidden in ("A\u200dda", "Ada\u200b", "Ada\u202e", "Ada\x07"):
        with pytest.raises(Invalid):
            staff.invite(owner_of(business), "b@example.org", hidden, Role.VIEWER)


def test_an_invitation_may_give_a_provider_a_sign_in(business: Business) -> None:
    provider = make_provider(business=business)
    membership = staff.invite(owner_of(business), "ada@example.org", "Ada", Role.PROVIDER, as_provider=provider)
    assert Provider.objects.get(pk=provider.pk).membership == membership


def test_the_provider_of_another_business_is_not_given_away(business: Business) -> None:
    with pytest.raises(Invalid):
        staff.invite(owner_of(business), "x@example.org", "X", Role.PROVIDER, as_provider=make_provider())
    assert not Membership.objects.filter(user__email="x@example.org").exists()


def test_nobody_is_invited_twice(business: Business) -> None:
    staff.invite(owner_of(business), "a@example.org", "A", Role.VIEWER)
    with pytest.raises(staff.AlreadyStaff):
        staff.invite(owner_of(business), "A@example.org", "A", Role.OWNER)


def test_who_left_comes_back_with_the_new_role(business: Business) -> None:
    first = staff.invite(owner_of(business), "a@example.org", "A", Role.MANAGER)
    staff.deactivate(owner_of(business), first.pk)
    again = staff.invite(owner_of(business), "a@example.org", "A", Role.VIEWER)
    assert (again.pk, again.role, again.is_active) == (first.pk, "viewer", True)


@pytest.mark.parametrize("email", ["", "nobody", "a b@example.org", "x" * 250 + "@example.org", "a\0@example.org"])
def test_a_bad_address_is_refused_and_nothing_is_stored(business: Business, email: str) -> None:
    with pytest.raises(Invalid):
        staff.invite(owner_of(business), email, "A", Role.VIEWER)
    assert Membership.objects.count() == 0


@pytest.mark.parametrize("role", [Role.SCHEDULER, Role.PROVIDER, Role.VIEWER])
def test_only_owners_and_managers_invite(business: Business, role: Role) -> None:
    with pytest.raises(NotPermitted):
        staff.invite(manager_of(business, role=role), "a@example.org", "A", Role.VIEWER)


def test_a_manager_makes_no_owner_and_touches_none(business: Business) -> None:
    owner = make_membership(business=business, role=Role.OWNER)
    make_membership(business=business, role=Role.OWNER)
    manager = manager_of(business)
    with pytest.raises(NotPermitted):
        staff.invite(manager, "a@example.org", "A", Role.OWNER)
    with pytest.raises(NotPermitted):
        staff.change_role(manager, owner.pk, Role.VIEWER)
    with pytest.raises(NotPermitted):
        staff.deactivate(manager, owner.pk)


def test_the_last_owner_can_be_neither_demoted_nor_removed(business: Business) -> None:
    only = make_membership(business=business, role=Role.OWNER)
    with pytest.raises(staff.LastOwner):
        staff.change_role(owner_of(business), only.pk, Role.MANAGER)
    with pytest.raises(staff.LastOwner):
        staff.deactivate(owner_of(business), only.pk)


def test_an_owner_who_cannot_sign_in_does_not_count(business: Business) -> None:
    only = make_membership(business=business, role=Role.OWNER)
    gone = make_membership(business=business, role=Role.OWNER)
    staff.deactivate(owner_of(business), gone.pk)
    with pytest.raises(staff.LastOwner):
        staff.deactivate(owner_of(business), only.pk)


def test_a_business_is_handed_over_in_one_step(business: Business) -> None:
    mine, theirs = make_membership(business=business, role=Role.OWNER), make_membership(business=business)
    me = Actor(**{**vars(owner_of(business)), "user_id": mine.user_id})
    staff.transfer(me, theirs.pk)
    assert Membership.objects.get(pk=theirs.pk).role == "owner"
    assert Membership.objects.get(pk=mine.pk).role == "manager"


def test_staff_of_another_business_do_not_exist(business: Business) -> None:
    foreign = make_membership(business=make_business())
    for attempt in (staff.deactivate, staff.reactivate, staff.invite_again):
        with pytest.raises(NotFound):
            attempt(owner_of(business), foreign.pk)
    with pytest.raises(NotFound):
        staff.change_role(owner_of(business), foreign.pk, Role.VIEWER)


def test_only_the_system_appoints_without_a_mail(business: Business) -> None:
    assert staff.appoint(SYSTEM, business, "first@example.org", "First", Role.OWNER).role == "owner"
    assert mail.outbox == []
    with pytest.raises(NotPermitted):
        staff.appoint(owner_of(business), business, "second@example.org", "", Role.OWNER)


def test_second_steps_are_reset_for_somebody_who_lost_them(business: Business) -> None:
    membership = make_membership(business=business, role=Role.PROVIDER)
    Authenticator.objects.create(user=membership.user, type=Authenticator.Type.TOTP, data={})
    staff.reset_second_steps(manager_of(business), membership.pk)
    assert not Authenticator.objects.exists()
    assert last_entry().action == "staff.second_steps_reset"


def test_one_business_does_not_weaken_the_door_of_another(business: Business) -> None:
    membership = make_membership(business=business, role=Role.PROVIDER)
    make_membership(business=make_business(), user=membership.user)
    Authenticator.objects.create(user=membership.user, type=Authenticator.Type.TOTP, data={})
    with pytest.raises(NotPermitted):
        staff.reset_second_steps(owner_of(business), membership.pk)
    assert Authenticator.objects.exists()
