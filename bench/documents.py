"""Real and hostile documents through a running product, compared with what is known of them.

    python -m bench.documents ../shared/documents [--site http://localhost:8000] [--ocr]

The directory holds a manifest.json: for each file the states it may end in, words that its text
holds (on a page, where one is named) and words that it does not. Two new people upload all of
it, one by the API, one by the form of the page of files, and each has an expert learn it. Prints
where each file ended on both ways, and ends with 1 when something differs. With --ocr, for a
product that has text recognition, what has no text may also be read.
"""

import argparse
import json
import re
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx

AT_ONCE = 40  # files in a request; the API takes 50
PATIENCE = 900  # seconds until every file has ended
BEING_READ = {"pending", "extracting", "embedding"}
STATES = {"ready": "ok", "no_text": "no_text", "failed": "failed"}

Entry = dict[str, Any]
Upload = tuple[str, tuple[str, bytes]]


@dataclass(frozen=True)
class Outcome:
    """Where a file ended: a state of the manifest, the reason, and its pages' texts by number."""

    state: str
    reason: str = ""
    pages: dict[int, str] = field(default_factory=dict)


class Person:
    """Somebody new, signed up on the page."""

    def __init__(self, site: str) -> None:
        self._web = httpx.Client(base_url=site, timeout=120, headers={"Referer": site})
        password = secrets.token_urlsafe(12)
        name = f"bench-{secrets.token_hex(4)}"
        self._web.get("/accounts/signup/").raise_for_status()
        fields = {"username": name, "password1": password, "password2": password}
        self.post("/accounts/signup/", data=fields)
        self.get("/files/")  # who is not signed in, is refused here

    def get(self, address: str) -> Any:
        return self._web.get(address).raise_for_status().json()

    def post(self, address: str, **content: Any) -> httpx.Response:
        """Signed as the pages sign their forms; redirects are followed."""
        headers = {"X-CSRFToken": self._web.cookies["csrftoken"]}
        return self._web.post(address, headers=headers, follow_redirects=True, **content)

    def files(self) -> Iterator[Entry]:
        """Everything in the library."""
        address = "/files/"
        while address:
            answer = self.get(address)
            yield from answer["results"]
            address = answer["next"]

    def learn(self) -> None:
        """Have an expert learn all files, and wait until each has ended."""
        chosen = [file["id"] for file in self.files()]
        body = {"name": "Documents", "selected_files": chosen}
        self.post("/experts/", json=body).raise_for_status()
        until = time.monotonic() + PATIENCE
        while any(file["status"] in BEING_READ for file in self.files()):
            if time.monotonic() > until:
                sys.exit(f"After {PATIENCE} s there are still files being read")
            time.sleep(2)

    def outcomes(self) -> dict[str, Outcome]:
        """By sha256."""
        return {file["sha256"]: self._outcome(file) for file in self.files()}

    def _outcome(self, file: Entry) -> Outcome:
        pages = self.get(f"/files/{file['id']}/text/")["pages"]
        texts = {page["page"]: page["text"] for page in pages}
        return Outcome(STATES[file["status"]], file["error_code"], texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("documents", type=Path)
    parser.add_argument("--site", default="http://localhost:8000")
    parser.add_argument("--ocr", action="store_true")
    arguments = parser.parse_args()
    entries = json.loads((arguments.documents / "manifest.json").read_text())
    if arguments.ocr:
        allow_recognition(entries)
    by_api, by_page = Person(arguments.site), Person(arguments.site)
    began = time.monotonic()
    refused = [
        upload_by_api(by_api, arguments.documents, entries),
        upload_by_page(by_page, arguments.documents, entries),
    ]
    by_api.learn()
    by_page.learn()
    outcomes = [
        person.outcomes() | {key: Outcome("failed", reason) for key, reason in said.items()}
        for person, said in zip((by_api, by_page), refused, strict=True)
    ]
    differing = report(entries, *outcomes)
    seconds = time.monotonic() - began
    print(f"{len(entries)} files twice in {seconds:.0f} s, {differing} differ from the manifest")
    sys.exit(1 if differing else 0)


def allow_recognition(entries: list[Entry]) -> None:
    """What has no text but a picture of it may be read."""
    for entry in entries:
        if "no_text" in entry["expect"]["status"]:
            entry["expect"] |= {"status": [*entry["expect"]["status"], "ok"], "no_text_pages": []}


def uploads(directory: Path, entries: list[Entry], name: str) -> Iterator[list[Upload]]:
    """The parts of each request, under the files' own names."""
    for start in range(0, len(entries), AT_ONCE):
        yield [
            (name, (Path(entry["file"]).name, (directory / entry["file"]).read_bytes()))
            for entry in entries[start : start + AT_ONCE]
        ]


def upload_by_api(person: Person, directory: Path, entries: list[Entry]) -> dict[str, str]:
    """The codes of those that were refused, by sha256."""
    said = []
    for files in uploads(directory, entries, "file"):
        said += person.post("/files/", files=files).raise_for_status().json()["files"]
    return {
        entry["sha256"]: file["error"]["code"]
        for entry, file in zip(entries, said, strict=True)
        if "error" in file
    }


def upload_by_page(person: Person, directory: Path, entries: list[Entry]) -> dict[str, str]:
    """What the page says of those that were refused, by sha256."""
    shown = ""
    for files in uploads(directory, entries, "new_files"):
        shown += unescape(person.post("/dashboard/files/", files=files).raise_for_status().text)
    kept = {file["sha256"] for file in person.files()}
    refused = [entry for entry in entries if entry["sha256"] not in kept]
    return {entry["sha256"]: said_of(Path(entry["file"]).name, shown) for entry in refused}


def said_of(name: str, shown: str) -> str:
    """The sentence after the file's name; empty when the page is silent about it."""
    found = re.search(re.escape(name) + r": ([^<]+)", shown)
    return found[1].strip() if found else ""


def report(entries: list[Entry], by_api: dict[str, Outcome], by_page: dict[str, Outcome]) -> int:
    """Print a line a file; how many differ."""
    differing = 0
    print(f"{'file':<48}{'API':<10}{'page':<10}{'reason':<18}")
    for entry in entries:
        api, page = by_api[entry["sha256"]], by_page[entry["sha256"]]
        found = [*differences(entry, api), *differences(entry, page)]
        if api.state != page.state or api.pages != page.pages:
            found.append(f"ends otherwise by the page than by the API: {page.reason}")
        if page.state == "failed" and not page.reason:
            found.append("the page does not say why")
        reasons = entry["expect"].get("reason")
        if api.state == "failed" and reasons and api.reason not in reasons:
            found.append(f"the reason is {api.reason}, not one of {', '.join(reasons)}")
        differing += bool(found)
        print(f"{entry['file']:<48}{api.state:<10}{page.state:<10}{api.reason:<18}")
        for difference in dict.fromkeys(found):
            print(f"    DIFFERS: {difference}")
    return differing


def differences(entry: Entry, outcome: Outcome) -> Iterator[str]:
    expect = entry["expect"]
    if outcome.state not in expect["status"]:
        yield f"ends as {outcome.state}, not {' or '.join(expect['status'])}"
        return
    whole = squeezed("\n".join(outcome.pages.values()))
    for found in expect.get("must_contain", []) if outcome.state == "ok" else []:
        number = found["page"]
        text = squeezed(outcome.pages.get(number, "")) if number else whole
        if squeezed(found["text"]) not in text:
            yield f"lacks {found['text']!r}" + (f" on page {number}" if number else "")
    for foreign in expect.get("must_not_contain", []):
        if squeezed(foreign) in whole:
            yield f"holds {foreign!r}"
    for number in expect.get("no_text_pages", []) if outcome.state != "failed" else []:
        if outcome.pages.get(number):
            yield f"page {number} has text"


def squeezed(text: str) -> str:
    """White space and case do not count."""
    return "".join(text.split()).casefold()


if __name__ == "__main__":
    main()
