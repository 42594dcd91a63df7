"""Is a piece of HTML well-formed: what opens closes, ids are single, labels lead somewhere."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
_UNLABELLED = {"hidden", "submit"}
_TIES = ("for", "aria-describedby", "aria-labelledby", "popovertarget", "aria-controls")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: Counter[str] = Counter()
        self.ties: list[tuple[str, str, str]] = []
        self.controls: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if len(values) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if "style" in values or any(name.startswith("on") for name in values):
            self.faults.append(f"<{tag}> has an inline style or handler")
        if "id" in values:
            self.ids[values["id"]] += 1
        for name in _TIES:
            self.ties += [(tag, name, target) for target in values.get(name, "").split()]
        if tag in {"input", "select", "textarea"} and values.get("type") not in _UNLABELLED:
            self.controls.append((tag, values))
        if tag == "p" and "p" in self.open:
            self.faults.append("<p> within <p>")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:] or 'nothing'}")
        else:
            self.open.pop()


def faults(html: str) -> list[str]:
    """Return what is wrong with a page or a part of one, in words; empty is what you want."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = list(reader.faults)
    found += [f"<{tag}> is never closed" for tag in reader.open]
    found += [f"id {name!r} stands {n} times" for name, n in reader.ids.items() if n > 1]
    found += [
        f"<{tag} {name}={target!r}> leads nowhere"
        for tag, name, target in reader.ties
        if target not in reader.ids
    ]
    labelled = {target for _, name, target in reader.ties if name == "for"}
    found += [
        f"<{tag} name={values.get('name', '')!r}> has no label"
        for tag, values in reader.controls
        if values.get("id") not in labelled and "aria-label" not in values
    ]
    return found
