"""A rendered page as a tree, read by the browsers' own algorithm; malformed HTML fails at once."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
from django.template import engines
from django.template.loader import render_to_string


class Page:
    def __init__(self, html: str) -> None:
        self.html = html
        whole = html if "<html" in html else f"<!doctype html><title>x</title><body>{html}</body>"
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        self.root: Element = parser.parse(whole.strip())
        for element in self.root.iter():
            if isinstance(element.tag, str):
                element.tag = element.tag.rpartition("}")[
                    2
                ]  # drawings are in a namespace of their own
        self._parents = {child: parent for parent in self.root.iter() for child in parent}

    def all(self, tag: str = "*", **attributes: str) -> list[Element]:
        """Elements in page order; `class_` asks for one class among others."""
        wanted = attributes.pop("class_", "")
        plain = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [
            element
            for element in self.root.iter()
            if isinstance(element.tag, str)
            and tag in ("*", element.tag)
            and all(element.get(key) == value for key, value in plain.items())
            and (not wanted or wanted in element.get("class", "").split())
        ]

    def one(self, tag: str = "*", **attributes: str) -> Element:
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} × {tag} {attributes}"
        return found[0]

    def within(self, element: Element) -> Iterator[str]:
        """The tags around an element, innermost first."""
        while element in self._parents:
            element = self._parents[element]
            yield str(element.tag)

    def position(self, element: Element) -> int:
        return list(self.root.iter()).index(element)

    @property
    def title(self) -> str:
        return text(self.one("title"))


def text(element: Element) -> str:
    """What is read, with plain spaces."""
    return " ".join("".join(element.itertext()).replace("\u00a0", " ").split())


def component(name: str, **context: object) -> Page:
    return Page(render_to_string(f"components/{name}.html", context))


def template(source: str, **context: object) -> Page:
    return Page(engines["django"].from_string(source).render(context))
