"""Page n of m at the foot of a finished PDF, in plain Python.

Written onto the pages and not into the HTML: wkhtmltopdf has a footer only when it is patched, which Debian's build, for one, is not.
"""

import io

from odoo.tools.pdf import PdfFileReader, PdfFileWriter
from reportlab.lib.units import mm
from reportlab.pdfgen import canvas

FOOT = 7 * mm  # within the margin of the paper format of prints


def number_pages(stream):
    """Return the same document with "2 / 5" centred at the foot of each page: figures alone, to be read in any language.

    :param io.BytesIO stream: a PDF
    :rtype: io.BytesIO
    """
    document = PdfFileReader(stream, strict=False)
    count = document.getNumPages()
    foot = io.BytesIO()
    pen = canvas.Canvas(foot)
    for number in range(count):
        box = document.getPage(number).mediaBox
        pen.setPageSize((float(box.getWidth()), float(box.getHeight())))
        pen.setFont("Helvetica", 8)
        pen.setFillGray(0.35)
        pen.drawCentredString(float(box.getWidth()) / 2, FOOT, f"{number + 1} / {count}")
        pen.showPage()
    pen.save()
    numbers, result = PdfFileReader(foot), PdfFileWriter()
    for number in range(count):
        page = document.getPage(number)
        page.mergePage(numbers.getPage(number))
        result.addPage(page)
    output = io.BytesIO()
    result.write(output)
    return output
