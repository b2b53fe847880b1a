"""The map of China's provinces for paper: the tiles of the screen (`static/src/analysis/china_map.js`) as SVG."""

import re

from .analysis_chart import FONT, WIDTH, text_at

TILE, LINE, GAP = 84, 52, 3  # width and height of a tile, and what is left between two
LONG = 13  # letters of a figure that fill a tile; longer ones are written smaller
# one for each of the 34, by its code: column, line, roughly as on a map
TILES = {
    "黑": (9, 0), "蒙": (5, 1), "京": (7, 1), "辽": (8, 1), "吉": (9, 1), "新": (1, 2), "甘": (3, 2), "宁": (4, 2), "晋": (5, 2),
    "冀": (6, 2), "津": (7, 2), "藏": (1, 3), "青": (2, 3), "陕": (4, 3), "豫": (5, 3), "鲁": (6, 3), "蜀": (3, 4), "渝": (4, 4),
    "鄂": (5, 4), "皖": (6, 4), "苏": (7, 4), "沪": (8, 4), "滇": (3, 5), "黔": (4, 5), "湘": (5, 5), "赣": (6, 5), "浙": (7, 5),
    "桂": (4, 6), "粤": (5, 6), "闽": (6, 6), "台": (8, 6), "琼": (4, 7), "澳": (5, 7), "港": (6, 7),
}  # fmt: skip
# from light to dark in one hue: told apart by lightness alone, also in grey
STEPS = ("#deebf7", "#9ecae1", "#6baed6", "#2171b5", "#08519c")
DARK_FROM = 3  # steps with white letters
ENDING = re.compile("(省|市|(壮族|回族|维吾尔)?自治区|特别行政区)$")


def limits_of(values):
    """:return: where the steps of colour begin, with about as many provinces each; empty for nothing above zero"""
    ordered = sorted({value for value in values if value > 0})
    return sorted({ordered[step * len(ordered) // len(STEPS)] for step in range(len(STEPS))}) if ordered else []


def draw_map(figures, names, text):
    """Draw the provinces as tiles, coloured by a figure.

    :param dict figures: {code of a province: number}
    :param dict names: {code: name}; a province that is not among them bears its code
    :param text: a function that writes a number
    :return: SVG, empty when there is nothing to draw
    :rtype: str
    """
    limits = limits_of([value for code, value in figures.items() if code in TILES])
    if not limits:
        return ""
    left = (WIDTH - 9 * TILE) / 2
    found = [_legend(limits, text)]
    for code, (column, line) in TILES.items():
        value = figures.get(code)
        step = sum(value >= limit for limit in limits) - 1 if value and value > 0 else -1
        shade = _shade(step, len(limits))
        x, y = left + (column - 1) * TILE, 26 + line * LINE
        fill = f'fill="{STEPS[shade]}"' if step >= 0 else 'fill="#fff"'
        found.append(
            f'<rect x="{x + GAP / 2:.1f}" y="{y + GAP / 2:.1f}" width="{TILE - GAP}" height="{LINE - GAP}" rx="4" stroke="#999" {fill}/>'
        )
        ink = "#fff" if shade >= DARK_FROM else "#222"
        found.append(text_at(x + TILE / 2, y + 21, ENDING.sub("", names.get(code) or code), "middle", fill=ink))
        if value:
            figure = text(value)
            found.append(text_at(x + TILE / 2, y + 38, figure, "middle", fill=ink, font_size=10 if len(figure) <= LONG else 7))
    height = 26 + 8 * LINE
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT} font-size="12">{"".join(found)}</svg>'


def _shade(step, count):
    """With fewer steps than colours, they are spread from light to dark."""
    if step < 0:
        return -1
    return len(STEPS) - 2 if count == 1 else round(step * (len(STEPS) - 1) / (count - 1))


def _legend(limits, text):
    found, left = "", (WIDTH - 9 * TILE) / 2
    for step, limit in enumerate(limits):
        found += f'<rect x="{left:.1f}" y="4" width="12" height="12" stroke="#999" fill="{STEPS[_shade(step, len(limits))]}"/>'
        found += text_at(left + 18, 14, f"≥ {text(limit)}")
        left += 140
    return found
