"""Everyone sees only their own pages."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from experts.models import Conversation, Expert, SourceFile
from tests.views.html import has, text

EVERYBODYS = ["dashboard", "expert_new", "files", "account", "password_change"]
OF_AN_EXPERT = ["expert_detail", "expert_edit", "expert_delete", "expert_cancel", "expert_files"]
OF_A_FILE = ["file_detail", "file_delete"]


@pytest.fixture
def stranger(bob: User) -> Client:
    browser = Client()
    browser.force_login(bob)
    return browser


@pytest.mark.parametrize("name", EVERYBODYS)
def test_pages_open_for_who_is_signed_in(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert has(response, "h1")
    assert text(response, "title").endswith(" – Expertsite")


@pytest.mark.parametrize("name", EVERYBODYS)
def test_pages_lead_others_to_sign_in(db: None, name: str) -> None:
    response = Client().get(reverse(name))
    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")


@pytest.mark.parametrize("name", [*OF_AN_EXPERT, "expert_reprocess"])
def test_an_expert_is_its_owners(client: Client, expert: Expert, name: str) -> None:
    assert client.get(reverse(name, args=[expert.pk])).status_code == 200


@pytest.mark.parametrize("name", [*OF_AN_EXPERT, "expert_reprocess"])
def test_an_expert_is_not_found_by_a_stranger(stranger: Client, expert: Expert, name: str) -> None:
    assert stranger.get(reverse(name, args=[expert.pk])).status_code == 404
    assert stranger.get(reverse(name, args=[uuid4()])).status_code == 404


@pytest.mark.parametrize(
    "name", ["expert_edit", "expert_delete", "expert_cancel", "expert_reprocess", "expert_ask"]
)
def test_a_stranger_changes_nothing(stranger: Client, expert: Expert, name: str) -> None:
    response = stranger.post(reverse(name, args=[expert.pk]), {"name": "Mine now"})
    assert response.status_code == 404
    assert Expert.objects.get(pk=expert.pk).name == "Tax guide"


@pytest.mark.parametrize("name", OF_A_FILE)
def test_a_file_is_its_owners(
    client: Client, stranger: Client, file: SourceFile, name: str
) -> None:
    address = reverse(name, args=[file.pk])
    assert (client.get(address).status_code, stranger.get(address).status_code) == (200, 404)


def test_a_stranger_deletes_no_file(stranger: Client, file: SourceFile) -> None:
    assert stranger.post(reverse("file_delete", args=[file.pk])).status_code == 404
    assert SourceFile.objects.filter(pk=file.pk).exists()


def test_a_conversation_is_its_persons(stranger: Client, alice: User, expert: Expert) -> None:
    talk = Conversation.objects.create(expert=expert, user=alice, title="Secret")
    said = talk.messages.create(role="expert", text="Yes.", citations=[])
    assert stranger.get(reverse("conversation_answer", args=[talk.pk])).status_code == 404
    assert stranger.get(reverse("quote", args=[said.pk, 1])).status_code == 404


def test_the_queue_is_for_operators(client: Client, alice: User) -> None:
    assert client.get(reverse("queue")).status_code == 403
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert text(client.get(reverse("queue")), "h1") == "Queue"


def test_the_start_leads_to_the_dashboard(client: Client) -> None:
    assert client.get("/")["Location"] == "/dashboard/"


def test_what_is_not_found_says_what_to_do(client: Client) -> None:
    response = client.get("/dashboard/experts/nobody/")
    assert response.status_code == 404
    assert "Check the address" in text(response)
