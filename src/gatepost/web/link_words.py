"""What the pages behind links say, in the language of who reads them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from gatepost.authentication.link_look import LinkLook
from gatepost.mail.wording import moment
from gatepost.messages import catalogue, filled, refusal_words
from gatepost.storage.links import LinkPurpose
from gatepost.vocabulary.fields import iso
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import Refusal, WrongCredentials


class Fact(Struct, frozen=True):
    """A line of what a page knows; `instant` is its machine form where it is a time."""

    name: str
    value: str
    instant: str | None = None


def said(language: Language, key: str, seen: LinkLook | None = None) -> str:
    """Words of the section `pages`."""
    values = {"email": seen.link.email, "app_name": seen.link.app_name} if seen else {}
    return filled(catalogue(language)["pages"][key], values)


def asking(language: Language, seen: LinkLook, refusal: Refusal | None) -> dict[str, Any]:
    """What a page says before its button is pressed."""
    key = _key(seen)
    return {
        "title": said(language, f"{key}_title"),
        "sentences": [said(language, name, seen) for name in _sentences(seen)],
        "facts": _facts(language, seen),
        "button": said(language, f"{key}_button"),
        "untouched": said(language, "untouched"),
        "takes_password": seen.takes_password,
        "email": seen.link.email,
        "words": catalogue(language)["pages"],
        "problem": _problem(language, refusal),
    }


def done(language: Language, seen: LinkLook, as_usual: bool) -> dict[str, Any]:
    """What a page says once its button did its work."""
    key = _key(seen)
    unusual = {"undo": "undo_done_taken", "verify": "verify_done_new"}
    sentence = f"{key}_done" if as_usual else unusual[key]
    has_next = f"{key}_next" in catalogue(language)["pages"]
    return {
        "title": said(language, f"{key}_done_title"),
        "sentences": [said(language, sentence, seen)],
        "next": said(language, f"{key}_next", seen) if has_next else "",
        "mark": "done",
    }


def dead(language: Language) -> dict[str, Any]:
    """What a page says where a link does nothing."""
    return {
        "title": said(language, "dead_title"),
        "sentences": [said(language, "dead_text")],
        "next": said(language, "dead_next"),
        "mark": "dead",
    }


def foreign(language: Language) -> dict[str, Any]:
    """What a page says where its button was pressed on a page of somebody else."""
    title, text = said(language, "foreign_title"), said(language, "foreign_text")
    return {"title": title, "sentences": [text], "mark": "dead"}


def _key(seen: LinkLook) -> str:
    return seen.link.purpose.replace("-", "_")


def _sentences(seen: LinkLook) -> list[str]:
    key = _key(seen)
    if seen.link.purpose == LinkPurpose.VERIFY:
        return ["verify_text", *(["verify_with_password"] if seen.takes_password else [])]
    if seen.link.purpose == LinkPurpose.UNDO_BIND:
        return ["undo_bind_text", "undo_bind_effect", "undo_safety"]
    if seen.link.purpose != LinkPurpose.UNDO:
        return [f"{key}_text", f"{key}_effect"]
    effect = "_taken" if seen.taken else "_later" if seen.later_changes else ""
    return ["undo_text", f"undo_effect{effect}", "undo_safety"]


def _facts(language: Language, seen: LinkLook) -> list[Fact]:
    """Before and after, and when, of a change; the other pages say it all in a sentence."""
    if seen.happened_at is None:
        return []
    facts = [Fact(said(language, "address"), seen.link.email)]
    when = "when_changed" if seen.link.purpose == LinkPurpose.UNDO else "when_added"
    if seen.link.purpose == LinkPurpose.UNDO or seen.present_email:
        now = seen.present_email or said(language, "address_none")
        facts.append(Fact(said(language, "address_now"), now))
    facts.append(Fact(said(language, when), moment(seen.happened_at), iso(seen.happened_at)))
    return facts


def _problem(language: Language, refusal: Refusal | None) -> str:
    if refusal is None:
        return ""
    if isinstance(refusal, WrongCredentials):
        return said(language, "verify_wrong")
    return refusal_words(language, refusal)
