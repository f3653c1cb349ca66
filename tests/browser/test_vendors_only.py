"""A whole expert on vendors only, from upload to talk to deletion, as a person lives it."""

import hmac
import json
import re
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import find_chromium
from tests.browser.conftest import SECONDS, document, sign_up
from tests.browser.product import Product
from tests.browser.test_main_job import LEARNING, NAME, ask
from tests.browser.voice_vendor import QUESTION, VoiceVendor
from tests.documents import long_text, pdf
from tests.pictures import picture
from tests.vendors.elevenlabs_standin import ElevenLabsStandIn
from tests.vendors.messages import KEY, Reply
from tests.vendors.openai_standin import OpenAIStandIn
from tests.vendors.pinecone_standin import PineconeStandIn
from tests.vendors.s3_standin import S3StandIn
from tests.vendors.standin import StandIn

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

BUCKET = "papers"
SECRETS = {
    "SECRET_KEY": "a-canary-of-the-site-itself-0123456789-0123456789",
    "OPENAI_API_KEY": KEY,
    "PINECONE_API_KEY": KEY,
    "ELEVENLABS_API_KEY": KEY,
    "ELEVENLABS_WEBHOOK_SECRET": "a-canary-of-webhooks-0123456789",
    "AWS_SECRET_ACCESS_KEY": "a-canary-of-the-bucket-0123456789",
}
GUIDE = document(
    NAME,
    pdf(
        long_text(40, "Parking"),
        "The office closes at ten. Coffee for guests is deductible in full. Keep the receipt.",
    ),
)
# Makes the person an operator, and prints a token of theirs and every row of every table.
EVERYTHING = """
from django.contrib.auth.models import User
from django.db import connection
from experts.tokens import create_token
user = User.objects.get()
User.objects.update(is_staff=True, is_superuser=True)
with connection.cursor() as cursor:
    for table in connection.introspection.table_names():
        cursor.execute(f'SELECT t::text FROM "{table}" AS t')
        for (row,) in cursor.fetchall():
            print(row)
print(create_token(user))
"""


class Vendors(NamedTuple):
    """What plays them, and what they hold."""

    standin: StandIn
    openai: OpenAIStandIn
    pinecone: PineconeStandIn
    elevenlabs: ElevenLabsStandIn
    bucket: Any


@pytest.fixture(scope="module")
def vendors() -> Iterator[Vendors]:
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    openai, pinecone, elevenlabs = OpenAIStandIn(), PineconeStandIn(), ElevenLabsStandIn()
    openai.words = ["Coffee for guests ", "is deductible in full. ", "[1]"]
    standin = StandIn(openai, pinecone, elevenlabs, S3StandIn(f"http://{host}:{port}"))
    pinecone.host = standin.url("pinecone")
    elevenlabs.talk_at = standin.url("elevenlabs").replace("http", "ws", 1) + "/"
    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "x"}
    bucket = boto3.client(
        "s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", **keys
    )
    bucket.create_bucket(Bucket=BUCKET)
    yield Vendors(standin, openai, pinecone, elevenlabs, bucket)
    bucket.close()
    standin.close()
    moto.stop()
    assert standin.violations == []


@pytest.fixture(scope="module")
def product(vendors: Vendors) -> Iterator[Product]:
    find_chromium()
    standin = vendors.standin
    with tempfile.TemporaryDirectory(prefix="expertsite-vendors-") as directory:
        path = Path(directory).resolve()
        path.chmod(0o755)  # PostgreSQL runs under another account when we are root
        product = Product(path)
        product.variables = {
            **SECRETS,
            "PUBLIC_URL": product.url,
            "OPENAI_BASE_URL": standin.url("openai") + "/v1",
            "OPENAI_EMBEDDING_MODEL": "small",
            "OPENAI_CHAT_MODEL": "chatty",
            "OPENAI_EMBEDDING_PRICE": "40",
            "PINECONE_CONTROLLER_HOST": standin.url("pinecone"),
            "ELEVENLABS_BASE_URL": standin.url("elevenlabs"),
            "AWS_STORAGE_BUCKET_NAME": BUCKET,
            "AWS_ENDPOINT_URL_S3": standin.url("s3"),
            "AWS_S3_REGION_NAME": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        }
        with product.running(), product.worker():
            yield product


@pytest.fixture(scope="module")
def person(product: Product, browser: Browser) -> Iterator[Page]:
    """One person, through all of it: the tests are the chapters."""
    context = browser.new_context(base_url=product.url, permissions=["microphone"])
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda line: errors.append(line.text) if "Security Policy" in line.text else None,
    )
    sign_up(page)
    yield page
    context.close()
    assert errors == []


def test_the_form_says_what_it_costs_and_the_expert_becomes_ready(
    person: Page, vendors: Vendors
) -> None:
    person.goto("/dashboard/experts/new/")
    person.get_by_label("Choose files to upload").set_input_files([GUIDE])
    person.get_by_role("checkbox", name=NAME, checked=True).wait_for()
    expect(person.locator("#estimate")).to_contain_text(
        re.compile(r"Needs about \d+ tokens of small, (about|less than) \$")
    )
    person.get_by_label("Name").fill("Office guide")
    person.get_by_text("How it speaks and looks").click()
    person.get_by_label("Voice").select_option("Rachel")
    face = {"name": "face.png", "mimeType": "image/png", "buffer": picture()}
    person.get_by_label("Picture").set_input_files([face])
    person.get_by_role("button", name="Create expert").click()
    state = person.get_by_role("region", name="State of Office guide")
    expect(state.locator(".state-words")).to_have_text("Ready", timeout=LEARNING)
    assert sum(map(len, vendors.pinecone.namespaces.values())) > 1
    assert "voice_7" in json.dumps(vendors.elevenlabs.agents)


def test_the_picture_comes_from_the_bucket_by_a_signed_link(person: Page) -> None:
    shown = person.locator("img.avatar").first
    expect(shown).to_have_js_property("complete", value=True)
    assert shown.evaluate("image => image.naturalWidth") > 0
    source = shown.get_attribute("src")
    assert source
    answer = person.request.get(source, max_redirects=0)
    assert "X-Amz-Signature" in answer.headers["location"]


def test_an_answer_is_streamed_and_cites_the_page(person: Page) -> None:
    ask(person, "Is coffee for guests deductible?")
    person.reload()
    expect(person.get_by_role("region", name="What it has learnt")).to_contain_text(
        re.compile(r"tokens in \d+ calls, about \$|less than")
    )


def test_a_talk_finds_the_page_and_joins_the_conversations(
    person: Page, product: Product, vendors: Vendors
) -> None:
    [agent_id] = vendors.elevenlabs.agents
    [tool] = vendors.elevenlabs.tools.values()
    [secret] = vendors.elevenlabs.secrets.values()
    agent = VoiceVendor(tool=tool["tool_config"], secret=secret["value"])
    with agent.listening() as address:
        vendors.standin.talks_at = int(address.rstrip("/").rpartition(":")[2])
        person.get_by_role("button", name="Talk").click()
        said = person.get_by_role("log", name="Conversation")
        expect(said).to_contain_text(QUESTION)
        quote = person.get_by_role("complementary", name="Quoted passage")
        expect(quote.locator("mark").first).to_contain_text("Coffee for guests")
        expect(said).to_contain_text("Yes, in full.")
        person.get_by_role("button", name="End the talk").click()
        expect(person.locator("#talk")).to_contain_text("The talk has ended.")
    assert told(product, agent_id).status_code == 200
    person.reload()
    person.locator("#conversations summary").click()
    expect(person.get_by_role("link", name=QUESTION)).to_be_visible()


def told(product: Product, agent_id: str) -> httpx.Response:
    """The vendor's word of the talk that ended, signed as it signs."""
    turns = [
        {"role": "user", "message": QUESTION, "time_in_call_secs": 2},
        {"role": "agent", "message": "Yes, in full.", "time_in_call_secs": 3},
    ]
    data = {
        "agent_id": agent_id,
        "conversation_id": "conv_1",
        "transcript": turns,
        "metadata": {"start_time_unix_secs": int(time.time()), "call_duration_secs": 5},
    }
    body = json.dumps({"type": "post_call_transcription", "data": data}).encode()
    sent = str(int(time.time()))
    secret = SECRETS["ELEVENLABS_WEBHOOK_SECRET"].encode()
    digest = hmac.new(secret, f"{sent}.".encode() + body, sha256).hexdigest()
    headers = {"ElevenLabs-Signature": f"t={sent},v0={digest}", "Content-Type": "application/json"}
    return httpx.post(f"{product.url}/voice/events/", content=body, headers=headers)


def test_every_provider_answers_and_all_is_where_it_should_be(product: Product) -> None:
    both = "from django.core.management import call_command as call; "
    both += "call('check_providers'); call('reconcile')"  # one start for two commands
    said = product.manage("shell", "-v", "0", "-c", both)
    assert (said.count("✓"), said.count("all agree")) == (5, 3)


def test_a_refusal_that_repeats_the_key_leaves_it_nowhere(
    person: Page, product: Product, vendors: Vendors
) -> None:
    """In no log, row or page, whatever a vendor says."""
    echo = {"error": {"message": f"Bad key {KEY}", "code": None}, "message": f"Bad key {KEY}"}
    vendors.standin.misbehave("/embeddings", Reply(echo, 400, described=False), times=99)
    again = document("other.txt", b"Trains leave at noon.", "text/plain")
    person.goto("/dashboard/experts/new/")
    person.get_by_label("Choose files to upload").set_input_files([again])
    person.get_by_role("checkbox", name="other.txt", checked=True).wait_for()
    person.get_by_label("Name").fill("Doomed")
    person.get_by_role("button", name="Create expert").click()
    state = person.get_by_role("region", name="State of Doomed")
    expect(state).to_contain_text("Bad key ***", timeout=LEARNING)
    vendors.standin.faults.clear()
    rows, _, token = product.manage("shell", "-v", "0", "-c", EVERYTHING).strip().rpartition("\n")
    said = [product.logs(), rows, *answers(product, token), *pages(person)]
    assert "Bad key ***" in rows
    assert [name for name, secret in SECRETS.items() if secret in "".join(said)] == []


def answers(product: Product, token: str) -> Iterator[str]:
    with httpx.Client(base_url=product.url, headers={"Authorization": f"Token {token}"}) as api:
        for path in ("/docs/", "/schema/", "/metrics", "/healthz", "/readyz", "/queue/"):
            answer = api.get(path)
            assert answer.status_code == 200
            yield answer.text


def pages(person: Page) -> Iterator[str]:
    """What an operator sees of how the site is set up, and of what failed."""
    for path in ("/dashboard/queue/", "/admin/experts/expert/", "/admin/experts/vendorusage/"):
        person.goto(path)
        yield person.content()
    person.goto("/admin/queueing/processingtask/?status=failed")
    person.locator("#result_list tbody th a").first.click()
    expect(person.get_by_text("Bad key ***").first).to_be_visible()
    yield person.content()


def test_deleting_leaves_nothing_anywhere(person: Page, product: Product, vendors: Vendors) -> None:
    token = person.request.get("/dashboard/").text()
    csrf = re.search(r'name="csrf-token" content="(\w+)"', token)
    assert csrf
    headers = {"X-CSRFToken": csrf[1]}
    for kind in ("experts", "files"):
        for row in person.request.get(f"/{kind}/").json()["results"]:
            assert person.request.delete(f"/{kind}/{row['id']}/", headers=headers).ok
    give_up = time.monotonic() + 30
    while left(vendors) and time.monotonic() < give_up:
        time.sleep(0.2)
    assert left(vendors) == []


def left(vendors: Vendors) -> list[str]:
    """What the vendors still hold."""
    vectors = [key for held in vendors.pinecone.namespaces.values() for key in held]
    parts = ["part of an agent"] * vendors.elevenlabs.left()
    objects = vendors.bucket.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return vectors + parts + [entry["Key"] for entry in objects]
