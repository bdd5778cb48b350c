"""The report in headless Chromium: what a reader clicks, types and prints does what it should."""

import base64
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import made_up
import numpy as np
import pandas as pd
import pytest
import yaml
from browser import Browser, Tab

pytestmark = pytest.mark.slow
RUN = "livec/resnet18/dcq/short/split0"
WIDTHS = (1280, 400)
N_PICTURES = len(made_up.study()["figures"]) + 1  # the figures, and one run's gradient maps


@pytest.fixture
def report(
    publish: Callable[..., str], published: Path, study_file: Path, tmp_path: Path
) -> Iterator[Path]:
    """Return the page of the made-up study, one of whose runs has gradient maps."""
    content = yaml.safe_load(study_file.read_text("utf-8"))
    content["tables"]["losses"]["title"] = "A table with a very long title " * 4
    study_file.write_text(yaml.safe_dump(content), "utf-8")
    file = published / "runs" / RUN / "gradients.npz"
    pictures = np.full((4, 60, 80, 3), 128, np.uint8)
    np.savez(file, names=list("abcd"), pictures=pictures, gradients=np.ones((4, 60, 80)))
    publish(study_file)
    yield tmp_path / "index.html"
    file.unlink()


@pytest.mark.parametrize("width", WIDTHS)
def test_it_opens_without_a_complaint_and_asks_nobody_for_anything(
    browser: Browser, report: Path, width: int
) -> None:
    tab = Tab(browser, width=width)
    tab.visit(report)
    assert tab.complaints() == []
    assert tab.requests() == [report.as_uri()]
    assert tab.run("document.title") == "Eight losses, made up"
    pictures = "[...document.querySelectorAll('main img')]"
    assert tab.run(f"{pictures}.length") == N_PICTURES
    assert tab.run(f"{pictures}.every((one) => one.naturalWidth > 0)")


OUTSIDE = """[...document.querySelectorAll("main *")].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.width && (box.right > innerWidth || box.left < 0) && !one.closest(".scroll");
}).map((one) => one.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out_of_the_page(browser: Browser, report: Path, width: int) -> None:
    tab = Tab(browser, width=width)
    tab.visit(report)
    tab.run("for (const one of document.querySelectorAll('details')) one.open = true")
    assert tab.run("document.documentElement.scrollWidth") <= width
    assert tab.run(OUTSIDE) == []


def test_on_a_wide_screen_no_table_of_losses_has_to_be_scrolled(
    browser: Browser, report: Path
) -> None:
    tab = Tab(browser)
    tab.visit(report)
    scrolled = "[...document.querySelectorAll('article .scroll')].filter((one) => one.scrollWidth"
    assert tab.run(f"{scrolled} > one.clientWidth).map((one) => one.innerText)") == []


def column(tab: Tab, number: int) -> list[float]:
    """Return the numbers of a column of the first table; where there is none, nan."""
    rows = "[...document.querySelector('table.sortable').tBodies[0].rows]"
    texts = tab.run(f"{rows}.map((row) => row.cells[{number}].textContent)")
    found = [re.match(r"-?[\d.]+", text.replace("−", "-")) for text in texts]
    return [float(one[0]) if one else np.nan for one in found]


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_a_click_or_a_key_sorts_a_table_by_its_numbers(
    browser: Browser, report: Path, published: Path, by: str
) -> None:
    tab = Tab(browser)
    tab.visit(report)
    button = "article th:nth-child(2) button"
    cells = pd.read_csv(published / "tables" / "losses.csv")
    first = cells.query("dataset == 'livec' and model == 'cnniqa' and metric == 'plcc'")
    expected = sorted(round(value, 3) for value in first["value"].dropna())
    assert len(expected) == len(made_up.LOSSES) - 1  # MONO collapsed
    for order, values in (("ascending", expected), ("descending", expected[::-1])):
        if by == "mouse":
            tab.click(button)
        else:
            tab.run(f"document.querySelector('{button}').focus()")
            tab.press("Enter")
        assert column(tab, 1)[:-1] == pytest.approx(values)
        assert np.isnan(column(tab, 1)[-1])
        head = f"document.querySelector('{button}').closest('th').ariaSort"
        assert tab.run(head) == order


def test_a_cell_leads_to_its_run_and_back(browser: Browser, report: Path) -> None:
    tab = Tab(browser)
    tab.visit(report)
    link = f"#table-losses td a[href='#{RUN}']"
    tab.run(
        f"document.querySelector(\"{link}\").closest('details').querySelector('summary').id='s'"
    )
    tab.click("#s")
    tab.click(link)
    assert tab.run("decodeURIComponent(location.hash)") == f"#{RUN}"
    body = f"document.getElementById('{RUN}')"
    tab.run("new Promise((done) => setTimeout(done, 1000))")  # it scrolls there
    assert tab.run(f"{body}.closest('details').open")
    top = tab.run(f"{body}.getBoundingClientRect().top")
    assert 0 <= top < 900
    assert "name: random_60_20_20" in tab.run(f"{body}.innerText")
    assert f"results/made_up/runs/{RUN}/predictions" in tab.run(f"{body}.innerText")
    tab.run("history.back()")
    tab.run("new Promise((done) => setTimeout(done, 500))")
    assert tab.run("location.hash") == ""


def test_the_address_of_a_run_opens_it(browser: Browser, report: Path) -> None:
    tab = Tab(browser)
    tab.visit(report, f"#{RUN}")
    assert tab.run(f"document.getElementById('{RUN}').closest('details').open")


def test_the_index_of_runs_is_filtered_by_words(browser: Browser, report: Path) -> None:
    tab = Tab(browser)
    tab.visit(report)
    tab.run("document.querySelector('#runs input[type=search]').focus()")
    tab.say("Input.insertText", text="dcq split0")
    rows = "[...document.querySelector('#runs table.filtered').tBodies[0].rows]"
    shown = tab.run(f"{rows}.filter((row) => !row.hidden).map((row) => row.cells[0].innerText)")
    assert sorted(shown) == sorted(
        f"{dataset}/{model}/dcq/short/split0"
        for dataset in ("livec", "demo")
        for model in made_up.MODELS
    )


def test_a_figure_enlarges_by_keyboard_and_the_focus_comes_back(
    browser: Browser, report: Path
) -> None:
    tab = Tab(browser)
    tab.visit(report)
    tab.run("document.querySelector('figure > button').focus()")
    tab.press("Enter")
    assert tab.run("document.querySelector('dialog').open")
    assert tab.run("document.querySelector('dialog img').getBoundingClientRect().width") > 700
    tab.press("Escape")
    assert not tab.run("document.querySelector('dialog').open")
    assert tab.run("document.activeElement === document.querySelector('figure > button')")


def test_the_tab_key_reaches_links_heads_rows_and_figures_in_the_order_of_the_page(
    browser: Browser, report: Path
) -> None:
    tab = Tab(browser)
    tab.visit(report)
    reached = []
    for _ in range(40):
        tab.press("Tab")
        reached.append(
            tab.run(
                "(() => { const one = document.activeElement; const box ="
                " one.getBoundingClientRect(); return [one.tagName, box.top + scrollY,"
                " getComputedStyle(one).outlineStyle]; })()"
            )
        )
    assert {"A", "SUMMARY", "DIV", "BUTTON"} <= {tag for tag, _, _ in reached}
    assert all(outline != "none" for _, _, outline in reached), "the focus is not to be seen"
    tops = [top for _, top, _ in reached]
    assert max(before - after for before, after in itertools.pairwise(tops)) < 40


def test_it_reads_without_javascript(browser: Browser, report: Path) -> None:
    tab = Tab(browser)
    tab.say("Emulation.setScriptExecutionDisabled", value=True)
    tab.visit(report, f"#{RUN}")
    document = tab.say("DOM.getDocument")["root"]["nodeId"]

    def count(selector: str) -> int:
        found = tab.say("DOM.querySelectorAll", nodeId=document, selector=selector)
        return len(found["nodeIds"])

    assert count("figure > img") == N_PICTURES
    assert count("figure > button, th button, input") == 0
    assert count("#table-losses tbody tr") == 4 * len(made_up.LOSSES)
    assert tab.complaints() == []
    target = tab.say("DOM.querySelector", nodeId=document, selector=f'[id="{RUN}"]')["nodeId"]
    box = tab.say("DOM.getBoxModel", nodeId=target)["model"]
    assert box["height"] > 100  # the link opens the run without a script


def test_on_paper_there_is_no_furniture_and_nothing_is_cut(browser: Browser, report: Path) -> None:
    tab = Tab(browser, width=800)
    tab.visit(report)
    tab.say("Emulation.setEmulatedMedia", media="print")
    shown = "[...document.querySelectorAll('nav, input, dialog')].filter((one) => one.offsetHeight)"
    assert tab.run(f"{shown}.length") == 0
    cut = "[...document.querySelectorAll('.scroll')].filter((one) => getComputedStyle(one)"
    assert tab.run(f"{cut}.overflowX !== 'visible').length") == 0
    assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    pages = base64.b64decode(tab.say("Page.printToPDF")["data"])
    assert pages.startswith(b"%PDF-")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", pages)) <= 40
