"""Layouts of prints: HTML in which words in double braces stand for what is printed.

``{{ partner_id.name }}`` is a value, ``{{ amount_total | capitals }}`` one in another form, ``{{ block.lines }}`` a part of the shipped
print. A row of a table with ``{{ line.product }}`` in it is printed once for each line of the document. There are no expressions, no
conditions and no calls: what a layout can say is a closed list, and who prints decides what may be read.
"""

import copy
import re
from collections import Counter

from lxml import etree, html

PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_WORDS = re.compile(r"\s*([A-Za-z_][\w]*(?:\.[A-Za-z_][\w]*)*)\s*(?:\|\s*([a-z]+)\s*)?")
FORMS = ("date", "time", "money", "capitals", "number")
MOST_CHARACTERS = 500_000
MOST_BLOCKS = 3  # times that one part of the shipped print stands in a layout

TAGS = frozenset(
    "a b blockquote br caption center code col colgroup dd div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img li ol p pre s "
    "section small span strike strong sub sup table tbody td tfoot th thead tr u ul".split()
)
ATTRIBUTES = frozenset(
    "align alt bgcolor border cellpadding cellspacing class color colspan height rowspan size style valign width".split()
)
# a picture is written into the layout; anything else would be fetched from somewhere while the page is made
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_STYLE = re.compile(r"url|@|\\|expression|import|javascript|behavior|binding|/\*", re.IGNORECASE)


class LayoutError(Exception):
    """A place in a layout that cannot be printed.

    :ivar int line: of the HTML, from 1
    :ivar str place: what stands there
    :ivar str kind: ``tag``, ``attribute``, ``picture``, ``style``, ``word``, ``block``, ``form``, ``size``
    """

    def __init__(self, line, place, kind):
        super().__init__(line, place, kind)
        self.line, self.place, self.kind = line, place, kind


def parse(layout):
    """Return a layout as an element, its root being of our own.

    :raises LayoutError: for one that is too long
    """
    if len(layout or "") > MOST_CHARACTERS:
        raise LayoutError(1, f"{len(layout)}", "size")
    text = re.sub("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", "", layout or "")
    return html.fragment_fromstring(text, create_parent="div")


def words(text):
    """Yield (path, form or None, as written) of each placeholder of a text; path is None where it cannot be read.

    >>> list(words("No. {{ name }}, {{amount | capitals}} {{ 1 + 1 }}"))
    [('name', None, '{{ name }}'), ('amount', 'capitals', '{{amount | capitals}}'), (None, None, '{{ 1 + 1 }}')]
    """
    for found in PLACEHOLDER.finditer(text or ""):
        said = _WORDS.fullmatch(found[1].replace("\xa0", " "))
        yield (said[1], said[2], found[0]) if said else (None, None, found[0])


def problems(root, known):
    """Yield the :class:`LayoutError` of every place that cannot be printed.

    :param root: of :func:`parse`
    :param known: tells of (path, form) the kind of the problem, or nothing
    """
    used = Counter()
    for element in root.iter():
        if element is root:
            pass
        elif not isinstance(element.tag, str):
            if not isinstance(element, etree._Comment):
                yield LayoutError(_line(element), str(element)[:60], "tag")
            continue
        elif element.tag not in TAGS:
            yield LayoutError(_line(element), f"<{element.tag}>", "tag")
            continue
        for name, value in element.attrib.items() if element is not root else ():
            if kind := _strange(element, name, value):
                yield LayoutError(_line(element), f"{name}={value[:60]!r}", kind)
        for text in (element.text, *(child.tail for child in element)):
            for path, form, place in words(text):
                if path is None:
                    yield LayoutError(_line(element), place[:80], "word")
                elif kind := known(path, form):
                    yield LayoutError(_line(element), place[:80], kind)
                elif path.startswith("block."):
                    used[path] += 1
                    if used[path] == MOST_BLOCKS + 1:  # each of them is a part of the document, of any length
                        yield LayoutError(_line(element), place[:80], "often")


def clean(root):
    """Take away what a browser's editor adds and no print needs: its own attributes, comments, links' targets."""
    etree.strip_tags(root, etree.Comment)
    for element in root.iter():
        for name in list(element.attrib):
            if name.startswith(("data-", "aria-", "o-", "contenteditable", "role", "title", "id", "name", "href", "target", "rel")):
                del element.attrib[name]
    return root


def inner_html(root):
    """Return what stands inside an element, as text."""
    inside = html.tostring(root, encoding="unicode", with_tail=False)
    return inside[inside.index(">") + 1 : inside.rindex("</")] if "</" in inside else ""


def _line(element):
    return element.sourceline or 1


def _strange(element, name, value):
    if name == "src" and element.tag == "img":
        return None if PICTURE.fullmatch(value) else "picture"
    if name not in ATTRIBUTES:
        return "attribute"
    if name == "style" and _STYLE.search(value):
        return "style"
    return "word" if "{{" in value else None


def blocks(page):
    """Return the parts of a shipped print by their names: what has one, and what stands directly on the page.

    :param page: the element with the class ``kehu_print``
    :rtype: dict
    """
    found = {}
    for element in page.iterdescendants():
        if isinstance(element.tag, str) and element.get("name"):
            found.setdefault(element.get("name"), element)
    classes = {
        "kehu_head": "letterhead",
        "kehu_parties": "parties",
        "kehu_lines": "lines",
        "kehu_signatures": "signatures",
        "kehu_grand": "total",
        "kehu_facts": "head",
    }
    for element in page.iterdescendants("table"):
        for name in (element.get("class") or "").split():
            if name in classes and (name != "kehu_facts" or element.getparent() is page):
                found.setdefault(classes[name], element)
    return found


def fill(layout, page, value, rows):
    """Put a layout in the place of the shipped one.

    :param layout: root of :func:`parse`, which is used up
    :param page: the element with the class ``kehu_print``; its parts are what ``{{ block.x }}`` stands for
    :param value: tells what (path, form) stands for: a text, or an element whose content counts
    :param rows: tells the values of each line of the document, as a list of functions like ``value``
    """
    parts = blocks(page)

    def of_block(path, form):
        name = path.removeprefix("block.")
        return copy.deepcopy(parts[name]) if name in parts else ""

    repeated = [row for row in layout.iter("tr") if _is_of_lines(row)]
    inside = {element for row in repeated for element in row.iter()}
    _substitute([element for element in layout.iter() if element not in inside], value, of_block)
    lines = rows() if repeated else ()
    for row in repeated:
        for line in lines:
            one = copy.deepcopy(row)
            row.addprevious(one)
            _substitute(one.iter(), lambda path, form, line=line: line(path, form) if _is_line(path) else value(path, form), of_block)
        row.getparent().remove(row)
    for child in list(page):
        page.remove(child)
    page.text = layout.text
    page.extend(list(layout))


def _is_line(path):
    return path.startswith("line.")


def _is_of_lines(row):
    texts = [row.text, *(text for element in row.iterdescendants() for text in (element.text, element.tail))]
    inside = any(True for _table in row.iterdescendants("table"))
    return not inside and any(path and _is_line(path) for text in texts for path, _form, _place in words(text))


def _substitute(elements, value, of_block):
    """Replace the placeholders in the texts of these elements. What is put in is not looked at again, whatever braces it holds."""
    for element in list(elements):
        if not isinstance(element.tag, str):
            continue
        children = list(element)
        _put(element, None, _pieces(element.text, value, of_block))
        for child in children:
            _put(element, child, _pieces(child.tail, value, of_block))


def _pieces(text, value, of_block):
    """Return a text as texts and elements, or None where it has no placeholder."""
    if not text or "{{" not in text:
        return None
    pieces, start = [], 0
    for found in PLACEHOLDER.finditer(text):
        pieces.append(text[start : found.start()])
        start = found.end()
        said = _WORDS.fullmatch(found[1].replace("\xa0", " "))
        if not said:
            raise LayoutError(1, found[0], "word")
        put = of_block(said[1], said[2]) if said[1].startswith("block.") else value(said[1], said[2])
        pieces.append(put)
    return [*pieces, text[start:]]


def _put(element, after, pieces):
    """Write pieces into an element: at its beginning, or after one of its children."""
    if pieces is None:
        return
    if after is None:
        element.text = None
    else:
        after.tail = None
    last = after
    for piece in pieces:
        if isinstance(piece, str):
            for number, line in enumerate(piece.split("\n")) if "\n" in piece and piece.strip() else [(0, piece)]:
                if number:
                    mark = html.Element("br")
                    _insert(element, last, mark)
                    last = mark
                if last is None:
                    element.text = (element.text or "") + line
                else:
                    last.tail = (last.tail or "") + line
        elif piece is not None:
            piece.tail = None
            if element.tag == "p":  # which can hold no table
                element.tag = "div"
            _insert(element, last, piece)
            last = piece


def _insert(element, after, new):
    if after is None:
        element.insert(0, new)
    else:
        element.insert(element.index(after) + 1, new)
