"""Identifiers: random, of the promised form."""

from egov.base.ids import new_password, new_token, new_uid
from egov.security.passwords import check_strength


def test_uids_are_positive_and_fit_a_json_number():
    uids = {new_uid() for _ in range(1000)}

    assert len(uids) == 1000
    assert all(0 < uid < 2**53 for uid in uids)


def test_tokens_hold_256_bits_and_go_into_an_address():
    tokens = {new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(len(t) == 43 and t.replace("-", "").replace("_", "").isalnum() for t in tokens)


def test_a_made_password_without_small_letters_is_not_taken(monkeypatch):
    drawn = iter("AAAAAAAAAAAAAAA2" + "AAAAAAAAAAAAAAa2")
    monkeypatch.setattr("secrets.choice", lambda _alphabet: next(drawn))

    assert new_password() == "AAAAAAAAAAAAAAa2"


def test_a_made_password_passes_the_rule_for_passwords_and_has_no_look_alikes():
    for _ in range(200):
        password = new_password()
        check_strength(password)
        assert not set(password) & set("0Oo1lIi")
