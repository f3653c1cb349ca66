"""Signing up, in and out; the account and its tokens."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from tests.views.html import attributes, text, texts

PASSWORD = "a long walk to school"


def sign_up(browser: Client, **fields: str) -> Any:
    form = {"username": "carol", "password1": PASSWORD, "password2": PASSWORD}
    return browser.post("/accounts/signup/", form | fields)


def test_signing_up_signs_in(db: None) -> None:
    browser = Client()
    assert sign_up(browser)["Location"] == "/dashboard/"
    assert text(browser.get("/dashboard/"), ".menu-label") == "Signed in as carol"


def test_a_name_that_is_taken_is_said_next_to_the_field(alice: User) -> None:
    response = sign_up(Client(), username="alice")
    assert "already exists" in text(response, "#id_username_error")
    assert attributes(response, "#id_username", "value") == ["alice"]


def test_a_wrong_password_keeps_the_name(alice: User) -> None:
    form = {"username": "alice", "password": "guess"}
    response = Client().post("/accounts/login/", form)
    assert "correct username and password" in text(response, ".error-summary")
    assert attributes(response, "#id_username", "value") == ["alice"]


def test_signing_in_leads_to_where_one_wanted(alice: User) -> None:
    form = {"username": "alice", "password": "a good password", "next": "/dashboard/files/"}
    assert Client().post("/accounts/login/", form)["Location"] == "/dashboard/files/"


def test_signing_out_takes_a_click_and_not_a_link(client: Client) -> None:
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert client.get("/dashboard/").status_code == 302


def test_the_password_is_changed(client: Client, alice: User) -> None:
    form = {
        "old_password": "a good password",
        "new_password1": PASSWORD,
        "new_password2": PASSWORD,
    }
    response = client.post("/accounts/password/", form, follow=True)
    assert texts(response, ".toast p") == ["Your password is changed."]
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_name_and_address_are_changed(client: Client, alice: User) -> None:
    client.post("/dashboard/account/", {"username": "alicia", "email": "a@example.com"})
    alice.refresh_from_db()
    assert (alice.username, alice.email) == ("alicia", "a@example.com")


def test_a_refused_name_is_not_shown_as_ones_own(client: Client, bob: User) -> None:
    response = client.post("/dashboard/account/", {"username": "bob"})
    assert "already exists" in text(response, ".error-summary")
    assert text(response, ".menu-label") == "Signed in as alice"


def test_a_token_is_shown_once_and_works(client: Client) -> None:
    token = text(client.post("/dashboard/account/tokens/"), "#new-token")
    program = APIClient(headers={"Authorization": f"Token {token}"})
    assert program.get("/experts/").status_code == 200
    assert token not in client.get("/dashboard/account/").content.decode()


def test_a_revoked_token_is_refused(client: Client) -> None:
    response = client.post("/dashboard/account/tokens/")
    token = text(response, "#new-token")
    [revoke] = attributes(response, ".rows a", "href")
    assert revoke is not None
    assert token[:8] in text(client.get(revoke), "h2")
    client.post(revoke)
    program = APIClient(headers={"Authorization": f"Token {token}"})
    assert program.get("/experts/").status_code == 401


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_strangers_token_is_not_found(client: Client, bob: User, method: str) -> None:
    other = Client()
    other.force_login(bob)
    [revoke] = attributes(other.post("/dashboard/account/tokens/"), ".rows a", "href")
    assert getattr(client, method)(revoke).status_code == 404
