"""Presentations: slide by slide, with all that is said on, in and beside them."""

from pathlib import Path

import pytest

from experts.extraction.formats import PPTX
from experts.extraction.limits import MIB, Limits
from experts.extraction.quality import Condition
from tests.extraction.files import Outcome, read_as, read_bytes
from tests.extraction.office import NAMESPACES, pptx, relations, shape, table, words

RELATIONS = "ppt/slides/_rels/s1.xml.rels"


def read(tmp_path: Path, content: bytes) -> Outcome:
    return read_bytes(tmp_path, "a.pptx", content)


def text_beside(tmp_path: Path, kind: str, xml: str) -> str:
    """What is read of a slide that leads to this part."""
    part = f"<x {NAMESPACES}>{xml}</x>"
    members = {RELATIONS: relations((kind, "/part.xml")), "part.xml": part}
    return read(tmp_path, pptx(shape("Slide"), members=members)).text


def chart(*series: tuple[str, dict[str, int]]) -> str:
    """The XML of a chart: each series has a name and values by category."""

    def points(role: str, values: list[object]) -> str:
        found = "".join(f'<c:pt idx="{n}"><c:v>{v}</c:v></c:pt>' for n, v in enumerate(values))
        return f"<c:{role}><c:ref><c:cache>{found}</c:cache></c:ref></c:{role}>"

    return "".join(
        f"<c:ser>{points('tx', [name])}{points('cat', [*values])}"
        f"{points('val', [*values.values()])}</c:ser>"
        for name, values in series
    )


def test_a_slide_is_a_page(tmp_path: Path) -> None:
    content = pptx(
        shape("Valves", placeholder="title") + shape("Close the inlet.", "Then the outlet."),
        shape("Questions?"),
    )
    outcome = read(tmp_path, content)
    assert outcome.locations == ["Slide 1", "Slide 2"]
    assert outcome.pages[0].text == "Valves\n\nClose the inlet.\n\nThen the outlet."
    assert outcome.total == 2


def test_slides_come_in_the_order_of_the_show(tmp_path: Path) -> None:
    members = {"ppt/_rels/presentation.xml.rels": ""}
    content = pptx(shape("First"), shape("Last"))
    assert read(tmp_path, content).text == "First\nLast"
    swapped = relations(("slide", "slides/s2.xml"), ("slide", "slides/s1.xml"))
    content = pptx(shape("Last"), shape("First"), members={**members, next(iter(members)): swapped})
    assert read(tmp_path, content).text == "First\nLast"


def test_names_that_only_nearly_match_are_found(tmp_path: Path) -> None:
    links = relations(("slide", "Slides\\S1.xml"))
    content = pptx(shape("Words"), members={"ppt/_rels/presentation.xml.rels": links})
    assert read(tmp_path, content).text == "Words"


def test_a_table_keeps_its_rows(tmp_path: Path) -> None:
    content = pptx(shape("Prices") + table(["Tea", "2"], ["Coffee", "3"]) + shape("Cheap"))
    assert read(tmp_path, content).text == "Prices\n\nTea\t2\nCoffee\t3\n\nCheap"


def test_shapes_in_groups_are_read(tmp_path: Path) -> None:
    depth = 60
    grouped = "<p:grpSp>" * depth + shape("Deep inside") + "</p:grpSp>" * depth
    assert read(tmp_path, pptx(grouped)).text == "Deep inside"


def test_a_copy_for_old_programs_is_not_read(tmp_path: Path) -> None:
    versions = f"<Choice>{shape('Once')}</Choice><Fallback>{shape('Once')}</Fallback>"
    assert read(tmp_path, pptx(f"<x>{versions}</x>")).text == "Once"


def test_the_number_on_the_slide_is_no_text(tmp_path: Path) -> None:
    content = pptx(shape("Words") + shape("417", placeholder="sldNum"))
    assert read(tmp_path, content).text == "Words"


@pytest.mark.parametrize(
    ("kind", "xml", "text"),
    [
        ("notesSlide", shape("Smile."), "Speaker notes\n\nSmile."),
        ("comments", "<p:cm><p:text>Too long</p:text></p:cm>", "Comments\n\nToo long"),
        ("comments", f"<p:cm>{words('New style')}</p:cm>", "Comments\n\nNew style"),
        ("diagramData", words("Order", "Ship"), "Order\n\nShip"),
        ("slideLayout", shape("Click to add a title"), ""),
    ],
)
def test_what_belongs_to_a_slide_stands_with_it(
    tmp_path: Path, kind: str, xml: str, text: str
) -> None:
    assert text_beside(tmp_path, kind, xml) == f"Slide\n\n{text}".strip()


def test_a_chart_is_read_as_its_table(tmp_path: Path) -> None:
    drawn = chart(("Tea", {"North": 2, "South": 3}), ("Coffee", {"North": 5, "South": 7}))
    expected = "Sales\n\n\tTea\tCoffee\nNorth\t2\t5\nSouth\t3\t7"
    assert text_beside(tmp_path, "chart", words("Sales") + drawn) == f"Slide\n\n{expected}"


def test_the_name_of_a_series_may_stand_alone(tmp_path: Path) -> None:
    drawn = (
        "<c:ser><c:tx><c:v>Tea</c:v></c:tx><c:val><c:pt idx='0'><c:v>2</c:v></c:pt></c:val></c:ser>"
    )
    assert text_beside(tmp_path, "chart", drawn) == "Slide\n\n\tTea\n\t2"


def test_what_stands_behind_all_slides_is_read_once(tmp_path: Path) -> None:
    layout = f"<x {NAMESPACES}>{shape('Click to add')}<p:sp>{words('Internal')}</p:sp></x>"
    master = f"<x {NAMESPACES}><p:sp>{words('Acme Pumps')}</p:sp></x>"
    members = {
        **{f"ppt/slides/_rels/s{n}.xml.rels": relations(("slideLayout", "/l.xml")) for n in (1, 2)},
        "_rels/l.xml.rels": relations(("slideMaster", "/m.xml")),
        "l.xml": layout,
        "m.xml": master,
    }
    outcome = read(tmp_path, pptx(shape("One"), shape("Two"), members=members))
    assert [page.text for page in outcome.pages] == ["One\n\nInternal\n\nAcme Pumps", "Two"]
    path = tmp_path / "a.pptx"
    assert read_as(PPTX, path, skip=1).pages == outcome.pages[1:]


def test_a_damaged_slide_costs_itself_only(tmp_path: Path) -> None:
    outcome = read(tmp_path, pptx(shape("One"), "<p:sp>", shape("Three")))
    assert [page.text for page in outcome.pages] == ["One", "", "Three"]
    assert (outcome.pages[1].condition, outcome.code) == (Condition.GARBLED, None)


def test_a_slide_that_is_a_picture_has_no_text(tmp_path: Path) -> None:
    members = {RELATIONS: relations(("image", "/scan.png")), "scan.png": ""}
    outcome = read(tmp_path, pptx("", "", shape("Words"), members=members))
    assert [(page.condition, page.scanned) for page in outcome.pages] == [
        (Condition.NO_TEXT, True),
        (Condition.BLANK, False),
        (Condition.TEXT, False),
    ]


def test_a_long_show_takes_little_memory_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "a.pptx"
    path.write_bytes(pptx(*(shape(f"Slide number {n} says this.") * 50 for n in range(1, 301))))
    outcome = read_as(PPTX, path, limits=Limits(memory_bytes=120 * MIB))
    assert (len(outcome.pages), outcome.total, outcome.code) == (300, 300, None)
    assert "number 300" in outcome.pages[-1].text
    assert read_as(PPTX, path, skip=299).pages == outcome.pages[299:]
