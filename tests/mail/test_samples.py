"""What a mail is looked at with."""

from __future__ import annotations

import pytest

from gatepost.mail.rendering import render, template_names, variables_of
from gatepost.mail.samples import sample_variables
from gatepost.vocabulary.language import Language


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("template", sorted(template_names()))
def test_every_mail_can_be_looked_at_with_all_its_blocks(template: str, language: Language) -> None:
    samples = sample_variables(template, language)

    assert samples.keys() == variables_of(template, language, None)
    assert "{{" not in render(template, language, samples).text


def test_a_code_lives_for_minutes_and_a_link_for_days() -> None:
    assert sample_variables("login_verify_code", Language.EN_US)["expires_in"] == "5 minutes"
    assert sample_variables("email_bound", Language.EN_US)["expires_in"] == "72 hours"
