"""The chart of an analysis as SVG, for paper: plain text out of plain numbers, no browser.

Two colours that everybody tells apart (Okabe and Ito's blue and orange), the second hollow or dashed besides, so that it stays another
one in grey. Every bar bears its figure, so there is no scale to read.
"""

from html import escape

COLOR = "#0072B2"
COLOR_BEFORE = "#E69F00"
FULL = f'fill="{COLOR}"'
HOLLOW = f'fill="#FFF4DC" stroke="{COLOR_BEFORE}" stroke-width="1.5"'
WIDTH = 880
FONT = "font-family=\"'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', sans-serif\""
MOST_TEXTS = 13  # figures above upright bars; with more they would overlap


def draw(labels, values, before, text, names=("", ""), upright=False, line=False):
    """Draw bars, or lines, beside each other.

    :param labels: of the bars
    :param values: as many numbers
    :param before: the numbers compared with, or None
    :param text: a function that writes a number
    :param names: of the values and of those before, for the legend
    :param bool upright: columns, in the order of time; otherwise one bar below the other
    :param bool line: lines instead of columns
    :return: SVG, empty when there is nothing to draw
    :rtype: str
    """
    if not any(values) and not any(before or ()):
        return ""
    if upright:
        body, height = _upright(labels, values, before, text, line)
    else:
        body, height = _lying(labels, values, before, text)
    legend = ""
    if before is not None:
        legend = _legend(names)
    size = f'width="{WIDTH}" height="{height + 30}" viewBox="0 0 {WIDTH} {height + 30}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT} font-size="12">{legend}<g transform="translate(0,26)">{body}</g></svg>'
    )


def _legend(names):
    found, left = "", 4
    for name, fill in zip(names, (FULL, HOLLOW), strict=True):
        found += f'<rect x="{left}" y="4" width="12" height="12" {fill}/>{text_at(left + 18, 14, name)}'
        left += 40 + _width(name)
    return found


def _width(text):
    """How wide a text is about, in pixels: Chinese letters are twice as wide as others."""
    return sum(12 if ord(letter) > 0x2E7F else 7 for letter in str(text))


def text_at(x, y, text, anchor="start", fill="#222", **attributes):
    """Return the SVG of a text; attributes with ``_`` for ``-``."""
    more = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}"{more}>{escape(str(text))}</text>'


def _short(text, width):
    """A text that fits into a width, with an ellipsis where it is cut."""
    text = str(text)
    if _width(text) <= width:
        return text
    while text and _width(text) > width - 12:
        text = text[:-1]
    return f"{text}…"


def _spread(values, before):
    """:return: (lowest, highest) of all, zero among them"""
    every = [0, *values, *(before or ())]
    return min(every), max(every)


def _lying(labels, values, before, text):
    low, high = _spread(values, before)
    left, room = 190, WIDTH - 190 - 130
    step = 40 if before is not None else 26
    # what is below zero reaches to the left of its own axis; room for its figure there
    lost = 110 if low < 0 else 0
    scale = (room - lost) / ((high - low) or 1)
    zero = left + lost - low * scale
    found = [f'<line x1="{zero:.1f}" y1="0" x2="{zero:.1f}" y2="{step * len(labels)}" stroke="#999"/>']
    for number, label in enumerate(labels):
        top = number * step
        found.append(text_at(left - 8, top + step / 2 + 4, _short(label, left - 16), "end"))
        series = [(values, FULL, 18 if before is None else 16)]
        if before is not None:
            series.append((before, HOLLOW, 12))
        y = top + (step - sum(one[2] for one in series)) / 2
        for figures, fill, height in series:
            value = figures[number]
            width = abs(value) * scale
            x = zero if value >= 0 else zero - width
            found.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height - 1}" {fill}/>')
            end, anchor = (x + width + 5, "start") if value >= 0 else (x - 5, "end")
            found.append(text_at(end, y + height / 2 + 4, text(value), anchor, font_size=11 if height > 12 else 10))
            y += height
    return "".join(found), step * len(labels)


def _upright(labels, values, before, text, line):
    low, high = _spread(values, before)
    height, bottom = 250, 24
    step = (WIDTH - 20) / max(len(labels), 1)
    scale = (height - 40) / ((high - low) or 1)
    zero = 20 + high * scale
    every = max(1, -(-len(labels) // int((WIDTH - 20) / 64)))  # labels that do not overlap
    found = [f'<line x1="10" y1="{zero:.1f}" x2="{WIDTH - 10}" y2="{zero:.1f}" stroke="#999"/>']
    if before is not None:
        found.append(_series(before, step, zero, scale, HOLLOW, COLOR_BEFORE, line, 0.48, True))
    found.append(_series(values, step, zero, scale, FULL, COLOR, line, 0.08 if before is not None else 0.2, False))
    for number, label in enumerate(labels):
        middle = 10 + step * (number + 0.5)
        if number % every == 0:
            found.append(text_at(middle, height + 16, label, "middle", font_size=11))
        if len(labels) <= MOST_TEXTS:
            y = zero - values[number] * scale
            y += -6 if values[number] >= 0 else 14
            found.append(text_at(middle, y, _short(text(values[number]), step + 12), "middle", font_size=10))
    return "".join(found), height + bottom


def _series(values, step, zero, scale, fill, stroke, line, shift, dashed):
    if line:
        points = [(10 + step * (number + 0.5), zero - value * scale) for number, value in enumerate(values)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        marks = "".join(
            f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="{stroke}"/>'
            if dashed
            else f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{stroke}"/>'
            for x, y in points
        )
        return f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="2"{dash}/>{marks}'
    width = step * (0.4 if shift != 0.2 else 0.6)
    return "".join(
        f'<rect x="{10 + step * (number + shift):.1f}" y="{min(zero, zero - value * scale):.1f}" width="{width:.1f}" '
        f'height="{abs(value) * scale:.1f}" {fill}/>'
        for number, value in enumerate(values)
    )
