"""Who and what is in the demonstration: plain values, so that it reads like a programme leaflet."""

from dataclasses import dataclass, field
from typing import Any

INTAKE: list[dict[str, Any]] = [
    {"id": "reason", "type": "long_text", "label": "What would you like to talk about?", "required": True},
    {
        "id": "since",
        "type": "choice",
        "label": "How long has this been going on?",
        "required": False,
        "choices": ["A few days", "A few weeks", "Longer", "I am not sure"],
    },
    {
        "id": "consent",
        "type": "consent",
        "label": "I agree to be seen by video and that my answers are kept with my record.",
        "required": True,
    },
]


@dataclass(frozen=True)
class ServiceRole:
    """One service of a demonstration business.

    `by` are slugs of providers, empty for all; `device` is what it needs.
    """

    name: str
    description: str
    minutes: int
    by: tuple[str, ...] = ()
    rules: dict[str, Any] = field(default_factory=dict)
    device: str = ""


@dataclass(frozen=True)
class Guest:
    """Somebody with an appointment today, with the provider of that slug if there is still time today."""

    name: str
    email: str
    phone: str
    provider: str
    reason: str


@dataclass(frozen=True)
class AreaRole:
    """A waiting area of a demonstration business; `by` are slugs of providers, empty for everybody."""

    name: str
    by: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AskedRole:
    """A question after a visit, to consumers or ("provider") to providers; `choices` are what can be chosen."""

    kind: str
    text: str
    choices: tuple[str, ...] = ()
    asks_comment: bool = False
    audience: str = "consumer"


@dataclass(frozen=True)
class BusinessRole:
    """One demonstration business. Providers `on_call` work round the clock today and tomorrow.

    The first of `areas` is the one for everybody; `texts` are sent by hand, or by themselves after so many minutes.
    `brand` is a look of its own; who has one has a logo too.
    `holidays` are a country and a region whose public holidays are kept; of each of `devices` there is one.
    """

    slug: str
    name: str
    industry: str
    tagline: str
    timezone: str
    accent: str
    phone: str
    email: str
    providers: tuple[tuple[str, str], ...]
    services: tuple[ServiceRole, ...]
    survey: tuple[AskedRole, ...]
    holidays: tuple[str, str]
    brand: dict[str, str] = field(default_factory=dict)
    devices: tuple[str, ...] = ()
    on_call: tuple[str, ...] = ()
    guests: tuple[Guest, ...] = ()
    areas: tuple[AreaRole, ...] = ()
    texts: tuple[tuple[str, int | None], ...] = ()


CLINIC = BusinessRole(
    slug="lakeside-clinic",
    name="Lakeside Clinic",
    industry="health",
    tagline="Family medicine by the lake, in person and online",
    timezone="Europe/Zurich",
    accent="lake",
    phone="+41 44 555 01 00",
    email="hello@lakeside-clinic.example",
    providers=(
        ("Dr Ada Blum", "Family medicine"),
        ("Dr Bo Lund", "Family medicine"),
        ("Dr Chiara Rossi", "Paediatrics"),
        ("Dr Daniel Okafor", "Family medicine"),
        ("Dr Elif Yılmaz", "Dermatology"),
        ("Dr Farid Haddad", "Family medicine"),
        ("Grace Mwangi", "Nurse practitioner"),
        ("Dr Hannah Weiss", "Psychiatry"),
        ("Ivo Petrov", "Physiotherapy"),
        ("Dr Jing Chen", "Family medicine"),
        ("Katarzyna Nowak", "Diabetes nurse"),
        ("Dr Liam Byrne", "Dermatology"),
        ("Maya Singh", "Nutrition"),
        ("Dr Noah Keller", "Paediatrics"),
        ("Olivia Martin", "Physiotherapy"),
        ("Dr Paulo Costa", "Family medicine"),
        ("Rania Aziz", "Psychotherapy"),
        ("Dr Sofie Jansen", "Family medicine"),
        ("Tomas Varga", "Psychotherapy"),
        ("Dr Uma Krishnan", "Internal medicine"),
    ),
    services=(
        ServiceRole(
            "First visit",
            "Meet one of our doctors by video and talk through what brings you here.",
            30,
            rules={"interval_minutes": 15, "notice_minutes": 60, "change_notice_minutes": 60, "questions": INTAKE},
        ),
        ServiceRole(
            "Follow-up",
            "A shorter video visit with somebody who knows your case.",
            15,
            rules={
                "lengths": [30, 45],
                "interval_minutes": 15,
                "notice_minutes": 30,
                "change_notice_minutes": 30,
                "prefers_known_provider": True,
            },
        ),
        ServiceRole(
            "Skin check",
            "Show us a spot or a rash; have good light and your phone at hand. We have one skin scanner.",
            20,
            ("dr-elif-yilmaz", "dr-liam-byrne"),
            {"interval_minutes": 20, "buffer_after_minutes": 10},
            "Skin scanner",
        ),
        ServiceRole(
            "Talking therapy",
            "Fifty minutes in confidence with a psychotherapist.",
            50,
            ("rania-aziz", "tomas-varga", "dr-hannah-weiss"),
            {
                "interval_minutes": 60,
                "buffer_after_minutes": 10,
                "notice_minutes": 2880,
                "needs_approval": True,
                "asks_language_need": True,
                "max_open_per_consumer": 2,
            },
        ),
        ServiceRole(
            "Physiotherapy at home",
            "Exercises shown and corrected by video.",
            40,
            ("ivo-petrov", "olivia-martin"),
            {"interval_minutes": 20, "alignment": "clock", "most_occurrences": 6, "no_show_after_minutes": 15},
        ),
        ServiceRole(
            "Living with diabetes (group)",
            "An hour with our diabetes nurse and up to seven others.",
            60,
            ("katarzyna-nowak",),
            {"interval_minutes": 60, "seats": 8, "has_waitlist": True},
        ),
    ),
    survey=(AskedRole("stars", "How was your visit?", asks_comment=True),),
    holidays=("CH", "ZH"),
    devices=("Skin scanner",),
    on_call=("dr-ada-blum", "dr-bo-lund", "dr-daniel-okafor"),
    guests=(
        Guest("Cleo Baumann", "cleo@example.org", "+41 79 555 01 11", "dr-ada-blum", "A cough that does not go away."),
        Guest("Samir Khan", "samir@example.org", "+41 79 555 01 12", "dr-ada-blum", "Results of my blood test."),
        Guest("Anneliese Wettstein-Hürlimann", "anneliese@example.org", "", "dr-ada-blum", "My knee, since Sunday."),
    ),
    areas=(
        AreaRole(
            "Waiting room",
            settings={
                "content_title": "While you wait",
                "content_text": "Have a list of your medicines at hand.\n\nYou can write to us at any time; "
                "we read it here.",
                "support_phone": "+41 44 555 01 00",
            },
        ),
        AreaRole(
            "Walk-in clinic",
            ("dr-bo-lund", "grace-mwangi", "dr-farid-haddad"),
            {
                "takes_walk_ins": True,
                "walk_in_minutes": 10,
                "content_title": "Thank you for coming by",
                "content_text": "The first of us who is free sees you. In an emergency call 144 at once.",
            },
        ),
    ),
    texts=(
        ("We are running about ten minutes late. Thank you for your patience.", None),
        ("Please have your insurance card at hand.", None),
        ("We have not forgotten you. You keep your place, also if the page closes.", 10),
    ),
)

BANK = BusinessRole(
    slug="harbour-bank",
    name="Harbour Bank",
    industry="finance",
    tagline="Talk to a person about your money",
    timezone="Europe/London",
    accent="harbour",
    phone="+44 20 7946 0100",
    email="advice@harbour-bank.example",
    providers=(
        ("Amelia Stone", "Mortgage adviser"),
        ("Ben Carter", "Mortgage adviser"),
        ("Chloe Adeyemi", "Business banking"),
        ("David Fraser", "Savings and pensions"),
        ("Esther Levy", "Savings and pensions"),
        ("Finn O'Brien", "Everyday banking"),
    ),
    services=(
        ServiceRole(
            "Mortgage talk",
            "What you can borrow, what it costs, and what to bring next time.",
            45,
            ("amelia-stone", "ben-carter"),
            {"interval_minutes": 15, "buffer_after_minutes": 15},
        ),
        ServiceRole(
            "Open an account",
            "We check your documents by video and open the account at once.",
            30,
            ("finn-obrien", "chloe-adeyemi"),
            {"interval_minutes": 30, "notice_minutes": 120},
        ),
        ServiceRole(
            "Pension review",
            "An hour to see whether your pension still fits your plans.",
            60,
            ("david-fraser", "esther-levy"),
            {"interval_minutes": 30, "lengths": [90]},
        ),
        ServiceRole("Help with a payment", "Something went wrong? Talk to us.", 15, rules={"notice_minutes": 60}),
    ),
    survey=(
        AskedRole("stars", "Did we answer your question?", asks_comment=True),
        AskedRole("many", "What was good?", ("The advice", "The time it took", "That nobody had to travel")),
        AskedRole("issues", "Did anything not work?"),
        AskedRole("thumbs", "Did the customer get what they came for?", asks_comment=True, audience="provider"),
    ),
    holidays=("GB", "ENG"),
    brand={"colour": "#8a1538", "font": "figtree", "corners": "square"},
)

STAFF = (
    ("owner", "Oona Owner"),
    ("manager", "Mara Manager"),
    ("scheduler", "Sven Scheduler"),
    ("viewer", "Vera Viewer"),
)
