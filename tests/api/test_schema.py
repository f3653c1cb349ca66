"""The OpenAPI document and its page."""

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient


def test_the_document_is_valid_without_a_warning(tmp_path: pytest.TempPathFactory) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", f"{tmp_path}/schema.yaml")


@pytest.mark.django_db
def test_it_describes_the_calls_with_examples() -> None:
    schema = APIClient().get("/schema/?format=json").json()
    create = schema["paths"]["/experts/"]["post"]
    answer = create["responses"]["201"]["content"]["application/json"]
    assert answer["examples"]["Answer"]["value"]["file_processing"]["queue_position"] == 2
    assert create["requestBody"]["content"]["application/json"]["examples"]
    assert {"200", "401", "404"} <= schema["paths"]["/files/{file_id}/"]["get"]["responses"].keys()


@pytest.mark.django_db
def test_the_page_needs_nobody_elses_server(client: Client) -> None:
    page = client.get("/docs/").content.decode()
    assert "/static/drf_spectacular_sidecar/" in page
    assert "//cdn" not in page
