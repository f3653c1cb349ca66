"""What vendors cost: written down as it is used, and estimated before."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from experts.costs import estimate, used_by
from experts.models import Expert, VendorUsage
from experts.operations import ask, delete_expert, search_files
from experts.providers.prices import OPENAI, price_of
from tests.factories import SourceFileFactory
from tests.vendors.conftest import Configure
from tests.vendors.learnt import expert_over, read_file
from tests.vendors.messages import KEY, Stream
from tests.vendors.openai_standin import chunks
from tests.vendors.standin import StandIn
from tests.views.html import text

# The embedder works in a thread that sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)


def expert_of(owner: User) -> Expert:
    return expert_over(read_file(owner, "The garden opens at nine.", "It closes at six."))


def tokens(**fields: Any) -> list[tuple[int, int]]:
    entries = VendorUsage.objects.filter(**fields).order_by("pk")
    return list(entries.values_list("tokens_in", "tokens_out"))


def test_embedding_a_file_is_charged_to_its_owner_its_expert_and_the_file(
    vendors: StandIn, alice: User
) -> None:
    expert = expert_of(alice)
    entry = VendorUsage.objects.get(kind="embedding")
    assert (entry.owner, entry.expert_id) == (alice, expert.pk)
    assert entry.file_id == expert.files.get().pk
    sent = [each for request in vendors.asked("/embeddings") for each in request.body["input"]]
    assert (entry.calls, entry.tokens_in, entry.tokens_out) == (1, len(sent), 0)


def test_an_answer_is_charged_with_its_question_as_the_vendor_counts(
    vendors: StandIn, alice: User
) -> None:
    expert = expert_of(alice)
    list(ask(expert, "When does the garden open?", user=alice).events)
    assert tokens(kind="search", expert_id=expert.pk) == [(1, 0)]
    assert tokens(kind="chat", expert_id=expert.pk, owner=alice) == [(50, 4)]


def test_searching_is_charged_to_the_expert(vendors: StandIn, alice: User) -> None:
    expert = expert_of(alice)
    search_files(expert, "garden", limit=3)
    assert tokens(kind="search", expert_id=expert.pk) == [(1, 0)]


def test_an_answer_that_breaks_off_is_estimated_from_its_words(
    vendors: StandIn, alice: User
) -> None:
    expert = expert_of(alice)
    half = Stream(chunks(["word "] * 20, model="small"), ending="cut")
    vendors.misbehave("/chat/completions", half)
    list(ask(expert, "When does the garden open?", user=alice).events)
    entry = VendorUsage.objects.get(kind="chat")
    assert entry.estimated
    assert 0 < entry.tokens_out < 40


def test_an_expert_s_entries_add_up(vendors: StandIn, alice: User, configure: Configure) -> None:
    configure(openai_chat_price=Decimal(1000), openai_chat_price_returned=Decimal(10000))
    expert = expert_of(alice)
    for _ in range(2):
        list(ask(expert, "When does the garden open?", user=alice).events)
    used = used_by(expert.pk)
    embedded = VendorUsage.objects.get(kind="embedding").tokens_in
    assert (used.calls, used.tokens) == (5, embedded + 2 + 2 * 54)
    assert used.price == Decimal("0.18")  # 100 tokens at 0.001 dollars, 8 at 0.01


def test_what_was_paid_outlives_the_expert(vendors: StandIn, alice: User) -> None:
    expert = expert_of(alice)
    before = used_by(expert.pk)
    pk = expert.pk
    delete_expert(expert)
    assert used_by(pk) == before


def test_the_expert_s_page_and_the_admin_say_what_it_used(
    vendors: StandIn, alice: User, client: Client, admin_client: Client
) -> None:
    expert = expert_of(alice)
    VendorUsage.objects.create(kind="chat", expert_id=expert.pk, vendor="OpenAI", model="gpt-4o")
    VendorUsage.objects.update(tokens_in=1_000_000, vendor="OpenAI", model="gpt-4o")
    page = client.get(f"/dashboard/experts/{expert.pk}/")
    assert "1,000,000 tokens in 1 call" in text(page, "#about-body") or (
        "2,000,000 tokens in 2 calls, about $5.00" in text(page, "#about-body")
    )
    assert (
        "2,000,000 tokens"
        in admin_client.get(f"/admin/experts/expert/{expert.pk}/change/").content.decode()
    )
    assert "2.500000" in admin_client.get("/admin/experts/vendorusage/").content.decode()


def test_unread_files_are_estimated_by_their_size_and_kind(
    configure: Configure, alice: User
) -> None:
    configure(openai_api_key=KEY)
    notes = SourceFileFactory(owner=alice, size=4_000_000)
    paper = SourceFileFactory(owner=alice, size=4_000_000, media_type="application/pdf")
    needed = estimate([notes, paper])
    assert needed.tokens == pytest.approx(1_160_000, rel=0.01)
    assert needed.price == pytest.approx(Decimal("0.0232"), rel=Decimal("0.01"))
    assert needed.model == "text-embedding-3-small"


def test_of_a_file_that_is_read_its_passages_are_counted(configure: Configure, alice: User) -> None:
    configure(openai_api_key=KEY)
    file = read_file(alice, "x" * 4_000, "é" * 2_000)
    file.size = 50_000_000  # of pictures, say
    assert estimate([file]).tokens == 2_000


def test_files_that_have_been_read_cost_nothing_more(configure: Configure, alice: User) -> None:
    configure(openai_api_key=KEY)
    needed = estimate([SourceFileFactory(owner=alice, status="ready")])
    assert (needed.unread, needed.tokens, needed.price) == (0, 0, 0)


def test_the_price_of_an_unknown_model_is_not_guessed(configure: Configure, alice: User) -> None:
    configure(openai_api_key=KEY, openai_embedding_model="wonder")
    assert estimate([SourceFileFactory(owner=alice)]).price is None
    configure(openai_embedding_price=Decimal(2))
    needed = estimate([SourceFileFactory(owner=alice, size=2_000_000)])
    assert (needed.price, needed.listed) == (pytest.approx(1), None)


def test_a_model_s_price_is_known_by_whatever_name_it_goes(configure: Configure) -> None:
    configure()
    for name in ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"):
        assert price_of(name, kind="chat", vendor="OpenAI") == OPENAI["gpt-4o-mini"]
    small = price_of("text-embedding-3-small@256", kind="embedding", vendor="OpenAI")
    assert small == OPENAI["text-embedding-3-small"]
    assert price_of("gpt-4o-mini", kind="chat", vendor="the server at example.com") is None


def test_the_api_estimates_before_anything_is_made(
    api: APIClient, configure: Configure, alice: User
) -> None:
    configure(openai_api_key=KEY)
    file = SourceFileFactory(owner=alice, size=4_000_000)
    answer = api.post("/experts/estimate/", {"selected_files": [str(file.pk)]}, format="json")
    body = answer.json()["estimate"]
    assert (body["unread_files"], body["price_usd"], body["free"]) == (1, 0.02, False)
    assert body["prices_source"].startswith("https://")


def test_the_api_estimates_nobody_else_s_files(api: APIClient) -> None:
    ids = [str(SourceFileFactory().pk)]
    answer = api.post("/experts/estimate/", {"selected_files": ids}, format="json")
    assert answer.status_code == 400


def test_the_form_says_what_the_ticked_files_need(
    client: Client, configure: Configure, alice: User
) -> None:
    configure(openai_api_key=KEY)
    file = SourceFileFactory(owner=alice, size=4_000_000)
    page = client.get(f"/dashboard/experts/new/?file={file.pk}")
    needed = "Needs about 1,000,000 tokens of text-embedding-3-small"
    words = f"{needed}, about $0.02 by the list price of June 2026."
    assert text(page, "#estimate") == words
    partial = client.post("/dashboard/experts/estimate/", {"selected_files": [str(file.pk)]})
    assert text(partial, "#estimate") == words


def test_the_form_says_that_embedded_parts_are_free(client: Client, alice: User) -> None:
    file = SourceFileFactory(owner=alice)
    page = client.get(f"/dashboard/experts/new/?file={file.pk}")
    assert text(page, "#estimate") == "Free: the files are embedded on this server."
