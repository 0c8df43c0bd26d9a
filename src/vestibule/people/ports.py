"""What an account at a vendor must be told, and what a look at it shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self


class NotConnected(Exception):
    """An account or gateway cannot be set up as told. The text, translated, says what to mend; `field` names where."""

    def __init__(self, text: str, *, field: str = "") -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Field:
    """One thing a kind of gateway or account must be told. `label` and `hint` are marked for translation, in English.

    A `secret` is typed, never shown again. `choices` are values with their words. `kind` is `text`, `lines`, `url`,
    `email`, `phone`, `number` or `tick` (kept as "1" or ""): how it is typed, no check; what is wrong is for
    `connected` to say. Of all that name the same `one_of` one at least is needed. `part` heads, marked for translation,
    what few people need: it stands below the others, closed until something in it is set.
    """

    name: str
    label: str
    hint: str = ""
    secret: bool = False
    required: bool = True
    kind: str = "text"
    choices: Sequence[tuple[str, str]] = ()
    default: str = ""
    one_of: str = ""
    part: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing a look at an account came to. `code` names it for programs.

    `state` is `ok`, `missing` (something cannot work until it is mended), `warning` (something cannot work that not
    everybody needs) or `unknown` (nothing shows it from here: see for yourself). `words` say what it is and what it
    means, `remedy` what to click, `commands` what to type, all translated already.
    """

    code: str
    state: str
    words: str
    remedy: str = ""
    commands: tuple[str, ...] = ()


class Vendor(Protocol):
    """One kind of outside account, as a class. Making one talks to nobody."""

    label: str
    """What the kind is called, marked for translation."""
    purpose: str
    """What it is needed for, in a sentence marked for translation."""
    fields: Sequence[Field]
    """What it must be told."""
    heading: str
    """What is described by `fields`, marked for translation."""
    steps: Sequence[str]
    """What to do at the vendor before, marked for translation."""
    enough: str
    """What can be said where nothing is missing, marked for translation."""
    removal: str
    """What follows when the account is removed here, marked for translation."""

    @classmethod
    def connected(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return the account for what was typed into `fields`. Raises NotConnected.

        `allowed` are hosts of the own network, or endpoints the vendor does not own, that may be asked.
        """
        ...

    @classmethod
    def shown(cls, access: Mapping[str, str]) -> str:
        """Return what of an access may be shown, so that people know it again; never a secret."""
        ...

    def look(self) -> list[Finding]:
        """Ask the vendor what works and what is missing, in up to 45 seconds.

        Raises NotConnected where the account cannot be used at all.
        """
        ...


@dataclass(frozen=True)
class SignedIn:
    """What an administrator's sign-in left: whose it is, and the secret by which it can be used from now on."""

    shown: str
    secret: str = field(repr=False)


class SignsIn(Vendor, Protocol):
    """A vendor at whose own pages an administrator signs in, for what an account may not do by itself.

    `back` is the address of ours they are sent back to, `state` what tells theirs from anybody else's return.
    """

    def sign_in_address(self, back: str, state: str, verifier: str) -> str:
        """Return where they sign in. Only whoever knows `verifier` can use what comes back."""
        ...

    def consent_address(self, back: str, state: str) -> str:
        """Return where they allow what the account asks for."""
        ...

    def redeem(self, code: str, back: str, state: str, verifier: str) -> SignedIn:
        """Return what a code that came back is worth, in up to 30 seconds. Raises NotConnected."""
        ...

    def refusal(self, told: Mapping[str, str]) -> str:
        """Return, translated, why the vendor sent them back without it; "" where it did not refuse."""
        ...

    def consented(self, told: Mapping[str, str]) -> None:
        """Learn that it was allowed. Raises NotConnected where that was for another account."""
        ...

    def make_business(self, name: str, secret: str, keep: Callable[[str], None]) -> None:
        """Open a business there in the name of whoever signed in, in up to 45 seconds. Raises NotConnected.

        `keep` is given what takes the place of their `secret`.
        """
        ...
