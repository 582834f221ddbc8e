import re

import pytest

from workbench.schema.catalogue import PLUGIN_ROOTS, Catalogue
from workbench.schema.docs import manual


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.load()


@pytest.fixture(scope="module")
def pages(catalogue):
    return manual(catalogue)


@pytest.mark.parametrize("root", PLUGIN_ROOTS)
def test_every_plugin_has_its_place_in_the_manual(catalogue, pages, root):
    for option in catalogue.options(root):
        assert f"## {option.title}\n" in pages[f"{root}s.md"]


def test_every_setting_is_explained_somewhere(catalogue, pages):
    explained = set(re.findall(r"^\| `([\w.]+)` \|", "\n".join(pages.values()), re.MULTILINE))
    plugins = {f"{root}.name" for root in PLUGIN_ROOTS}
    settings = {key.removesuffix(".name") for key in catalogue.keys - plugins}
    assert settings - explained == set()


def test_the_index_leads_to_every_page(pages):
    linked = set(re.findall(r"\]\((\w+\.md)\)", pages["index.md"]))
    assert linked == set(pages) - {"index.md"}


def test_a_table_s_cells_hold_no_bar_of_their_own(pages):
    for page in pages.values():
        for line in page.splitlines():
            if line.startswith("| `"):
                assert len(re.findall(r"(?<!\\)\|", line)) == 5, line
