"""The words of every mail, in every language."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest
from jinja2 import UndefinedError

from gatepost.mail.rendering import render, source, template_names, variables_of
from gatepost.mail.wording import duration
from gatepost.vocabulary.language import Language

# What customers' templates may hold. Ours hold these, and links that only ours have.
KNOWN_VARIABLES = {
    "subject_name", "client_name", "app_name", "app_description", "app_logo", "user_email",
    "app_domain", "verify_code", "verify_link", "expires_in", "login_url", "host_url",
    "userpool_name", "userpool_logo", "ip", "country", "province", "city", "datetime",
    "update_password_link",
}  # fmt: skip
OUR_VARIABLES = {
    "not_asked_link",
    "not_me_link",
    "undo_link",
    "allow_link",
    "new_email_masked",
    "window_tag",
}
THEIR_MAILS = {
    "welcome_email", "first_created_user", "register_verify_code", "login_verify_code",
    "mfa_verify_code", "information_completion_verify_code", "first_email_login_verify",
    "console_conducted_verify", "user_password_update_remind",
    "admin_reset_user_password_notification", "user_password_reset_notification",
    "reset_password_verify_code", "self_unlocking_verify_code", "email_bind_verify_code",
    "email_unbind_verify_code",
}  # fmt: skip
OUR_MAILS = {
    "email_update_verify_code", "delete_account_verify_code", "email_bound", "email_changed",
    "email_changed_from", "email_unbound", "password_changed", "earlier_password_removed",
    "account_deleted", "no_account_here", "undo_done", "undo_done_taken", "email_removed",
    "code_mail_stopped", "test_mail",
}  # fmt: skip
LASTING_LINKS = {
    "email_bound": "not_me_link",
    "email_changed_from": "undo_link",
    "email_unbound": "undo_link",
    "code_mail_stopped": "allow_link",
    "console_conducted_verify": "verify_link",
    "first_email_login_verify": "verify_link",
}
TYPED_BY_USERS = {"user_display_name", "user_name", "username", "password", "inviter_name"}
ALL = [(name, language) for name in sorted(template_names()) for language in Language]
CODES = [(name, language) for name, language in ALL if name.endswith("_verify_code")]
every_mail = pytest.mark.parametrize(("template", "language"), ALL)
every_code_mail = pytest.mark.parametrize(("template", "language"), CODES)


def variables(template: str, language: Language) -> dict[str, str]:
    values = {name: f"[{name}]" for name in variables_of(template, language, None)}
    return values | {
        "verify_code": "482913",
        "expires_in": duration(300, language),
        "app_name": "Ann & Bob's <Shop>",
    }


def test_every_mail_that_a_step_needs_is_there_and_no_other() -> None:
    assert template_names() == THEIR_MAILS | OUR_MAILS


@pytest.mark.parametrize("template", sorted(template_names()))
def test_a_mail_exists_in_every_language_and_in_no_other(template: str) -> None:
    folder = files("gatepost.mail") / "templates" / template

    assert {entry.name for entry in folder.iterdir()} == {f"{tag.value}.toml" for tag in Language}


@every_mail
def test_a_mail_has_all_its_parts_and_nothing_else(template: str, language: Language) -> None:
    path = files("gatepost.mail") / "templates" / template / f"{language.value}.toml"
    words = tomllib.loads(path.read_text("utf-8"))

    assert set(words) == {"subject", "title", "body"}
    assert all(text == text.strip() != "" for block in words["body"] for text in block.values())
    assert "\n" not in words["subject"] + words["title"]


@every_mail
def test_a_mail_needs_the_same_variables_and_blocks_in_every_language(
    template: str, language: Language
) -> None:
    assert variables_of(template, language) == variables_of(template, Language.EN_US)
    every = variables_of(template, language, None)
    assert every == variables_of(template, Language.EN_US, None)
    assert every <= (KNOWN_VARIABLES | OUR_VARIABLES) - TYPED_BY_USERS
    assert _kinds(template, language) == _kinds(template, Language.EN_US)


def _kinds(template: str, language: Language) -> list[str]:
    path = files("gatepost.mail") / "templates" / template / f"{language.value}.toml"
    blocks = tomllib.loads(path.read_text("utf-8"))["body"]
    return [
        f"{name}={block['needs']}" if name == "needs" else name
        for block in blocks
        for name in block
    ]


@every_mail
def test_words_hold_variables_and_no_logic(template: str, language: Language) -> None:
    words = source(template, language)

    for text in (words.subject, words.text, words.html):
        assert not re.search(r"{%|{#", text)
        assert re.findall(r"{{.*?}}", text) == re.findall(r"{{[a-z_]+}}", text)


@every_mail
def test_a_mail_loads_nothing_and_says_its_language(template: str, language: Language) -> None:
    html = render(template, language, variables(template, language)).html

    assert f'<html lang="{language.value}">' in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert not re.search(r"src=|url\(|https?:|<script|<link", html)


@every_mail
def test_values_are_escaped_in_html_only(template: str, language: Language) -> None:
    mail = render(template, language, variables(template, language))

    assert "Ann & Bob's <Shop>" in mail.subject
    assert "Ann & Bob's <Shop>" in mail.text
    assert "Ann &amp; Bob&#39;s &lt;Shop&gt;" in mail.html
    assert "<Shop>" not in mail.html


@every_code_mail
def test_a_code_leads_the_subject_and_stands_alone_in_both_bodies(
    template: str, language: Language
) -> None:
    mail = render(template, language, variables(template, language))

    assert mail.subject.startswith("482913 ")
    assert mail.text.splitlines().count("482913") == 1
    assert len(re.findall(r">482913<", mail.html)) == 1
    assert duration(300, language) in mail.text
    assert duration(300, language) in mail.html


def test_the_text_of_a_code_mail_reads_well() -> None:
    values = {"verify_code": "482913", "expires_in": "5 minutes", "app_name": "Shop"}
    mail = render("login_verify_code", Language.EN_US, values)

    assert mail.subject == "482913 is your code to sign in to Shop"
    assert mail.text.startswith(
        "Enter this code to sign in to Shop:\n\n482913\n\n"
        "The code works once. It expires in 5 minutes.\n\n"
    )
    assert mail.text.endswith("\n") and not mail.text.endswith("\n\n")


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\x00"])
def test_no_value_can_add_a_line_that_looks_like_ours(end: str) -> None:
    hostile = f"Shop{end}999999{end}Bcc: mallory@example.com"
    values = {"verify_code": "482913", "expires_in": "5 minutes", "app_name": hostile}
    mail = render("login_verify_code", Language.EN_US, values)

    assert mail.subject == (
        "482913 is your code to sign in to Shop 999999 Bcc: mallory@example.com"
    )
    assert "999999" not in mail.text.splitlines()


def test_a_value_is_never_read_as_a_template() -> None:
    values = {"verify_code": "482913", "expires_in": "5 minutes", "app_name": "{{ 7 * 7 }}{% x %}"}
    mail = render("login_verify_code", Language.EN_US, values)

    assert mail.subject.endswith("{{ 7 * 7 }}{% x %}")


def test_a_missing_variable_is_a_mistake_and_not_a_gap() -> None:
    with pytest.raises(UndefinedError, match="expires_in"):
        render("login_verify_code", Language.EN_US, {"verify_code": "1", "app_name": "Shop"})


@pytest.mark.parametrize("template", ["no_such_mail", "../messages", "layout.html", ""])
def test_an_unknown_mail_is_refused(template: str) -> None:
    with pytest.raises(LookupError, match="no mail template"):
        render(template, Language.EN_US, {})


@every_mail
def test_a_link_can_be_pressed_in_html_and_copied_from_the_text(
    template: str, language: Language
) -> None:
    link = "https://id.example.com/link/undo?token=a-b_c&x=1"
    links = {name for name in variables_of(template, language, None) if name.endswith("_link")}
    for name in links:
        mail = render(template, language, variables(template, language) | {name: link})

        assert mail.text.splitlines().count(link) == 1
        assert (
            len(re.findall(f'<a [^>]*href="{re.escape(link).replace("&", "&amp;")}"', mail.html))
            == 1
        )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("template", "link"), LASTING_LINKS.items())
def test_a_mail_with_a_link_says_how_long_it_works(
    template: str, link: str, language: Language
) -> None:
    life = duration(72 * 3600, language)
    mail = render(template, language, variables(template, language) | {"expires_in": life})

    assert link in variables_of(template, language)
    assert life in mail.text and life in mail.html


@every_code_mail
def test_a_code_mail_offers_to_say_that_nobody_asked_where_there_is_a_link(
    template: str, language: Language
) -> None:
    with_link = variables(template, language)
    without = {name: value for name, value in with_link.items() if name != "not_asked_link"}
    offered, plain = render(template, language, with_link), render(template, language, without)

    assert offered.text.startswith(plain.text.rstrip("\n"))
    label, link = offered.text.removeprefix(plain.text.rstrip("\n")).split("\n")[-3:-1]
    assert (bool(label), link) == (True, "[not_asked_link]")
    assert label not in plain.text and "<a " not in plain.html


def test_a_hostile_link_stays_inside_its_attribute() -> None:
    values = variables("email_unbound", Language.EN_US)
    mail = render("email_unbound", Language.EN_US, values | {"undo_link": '"><script>x</script>'})

    assert "<script>" not in mail.html
