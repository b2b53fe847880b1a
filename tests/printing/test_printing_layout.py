"""What a layout may hold, without a database."""

from odoo.tests import BaseCase, tagged

from ...tools import print_layout


def _problems(layout):
    known = {"name": None, "block.lines": None, "line.product": None}
    root = print_layout.parse(layout)
    return [(error.kind, error.line) for error in print_layout.problems(root, lambda path, form: known.get(path, "word"))]


@tagged("post_install", "-at_install")
class TestPrintLayout(BaseCase):
    def test_plain_layouts(self):
        for layout in (
            "<p>No. {{ name }}</p><p>{{ block.lines }}</p>",
            "<table class='kehu_lines'><tr><td style='width: 30px;'>{{line.product}}</td></tr></table>",
            "<p><b>A</b> &amp; <i>B</i></p><img src='data:image/png;base64,iVBORw0KGgo='>",
            "",
        ):
            with self.subTest(layout=layout):
                self.assertEqual(_problems(layout), [])

    def test_what_would_fetch_or_run(self):
        for layout, kind in (
            ("<p>a</p>\n<script>alert(1)</script>", "tag"),
            ("<p>a</p>\n<iframe src='file:///etc/passwd'></iframe>", "tag"),
            ("<p>a</p>\n<object data='file:///etc/passwd'></object>", "tag"),
            ("<p>a</p>\n<embed src='http://127.0.0.1/'>", "tag"),
            ("<p>a</p>\n<link rel='stylesheet' href='http://127.0.0.1/x.css'>", "tag"),
            ("<p>a</p>\n<style>@import url(http://127.0.0.1/x.css);</style>", "tag"),
            ("<p>a</p>\n<svg><image href='file:///etc/passwd'/></svg>", "tag"),
            ("<p>a</p>\n<meta http-equiv='refresh' content='0;url=http://127.0.0.1/'>", "tag"),
            ("<p>a</p>\n<base href='http://127.0.0.1/'>", "tag"),
            ("<p>a</p>\n<form><input></form>", "tag"),
            ("<p>a</p>\n<img src='file:///etc/passwd'>", "picture"),
            ("<p>a</p>\n<img src='http://169.254.169.254/latest/'>", "picture"),
            ("<p>a</p>\n<img src='//127.0.0.1/x.png'>", "picture"),
            ("<p>a</p>\n<img src='/web/image/res.users/1/avatar'>", "picture"),
            ("<p>a</p>\n<img src='data:image/svg+xml;base64,PHN2Zz4='>", "picture"),
            ("<p>a</p>\n<img srcset='http://127.0.0.1/x.png'>", "attribute"),
            ("<p>a</p>\n<p onclick='x()'>a</p>", "attribute"),
            ("<p>a</p>\n<table background='http://127.0.0.1/'></table>", "attribute"),
            ("<p>a</p>\n<p style='background: url(http://127.0.0.1/)'>a</p>", "style"),
            ("<p>a</p>\n<p style='background: u\\72l(http://127.0.0.1/)'>a</p>", "style"),
            ("<p>a</p>\n<p style='width: expression(alert(1))'>a</p>", "style"),
            ("<p>a</p>\n<p style='x: /**/'>a</p>", "style"),
            ("<p>a</p>\n<p t-out='doc.name'>a</p>", "attribute"),
            ("<p>a</p>\n<t t-out='doc.name'></t>", "tag"),
        ):
            with self.subTest(layout=layout):
                self.assertIn((kind, 2), _problems(layout))

    def test_words_in_braces(self):
        for word in (
            "{{ 1 + 1 }}",
            "{{ name() }}",
            "{{ __class__ }}x{{ name.__class__ }}",
            "{{ env['res.users'] }}",
            "{{ }}",
            "{{ nobody }}",
        ):
            with self.subTest(word=word):
                self.assertEqual({kind for kind, _line in _problems(f"<p>{word}</p>")}, {"word"})
        self.assertEqual(_problems("<p class='{{ name }}'>a</p>"), [("word", 1)])

    def test_a_part_stands_there_a_few_times(self):
        """Each is as long as the document: thousands of them would keep the server busy at every print."""
        self.assertEqual(_problems("{{block.lines}}" * 3), [])
        self.assertEqual(_problems("<p>{{ block.lines }}</p>\n" * 3000), [("often", 4)])

    def test_data_is_not_read_as_layout(self):
        """Braces and tags in what is put in stay text, in rows of lines too."""
        page = print_layout.parse("<table class='kehu_lines'><tr><td>shipped</td></tr></table>")
        layout = print_layout.parse(
            "<p>A {{ name }} B</p><table><tr><td>{{ line.product }}</td><td>{{ name }}</td></tr></table>{{ block.lines }}"
        )
        texts = ["{{ block.lines }}", "<script>x</script>\nsecond"]
        rows = [lambda path, form, text=text: text for text in texts]
        print_layout.fill(layout, page, lambda path, form: "{{ line.product }}", lambda: rows)
        printed = print_layout.inner_html(page)
        self.assertEqual(printed.count("shipped"), 1)
        self.assertIn("A {{ line.product }} B", printed)
        self.assertIn("<td>{{ block.lines }}</td>", printed)
        self.assertIn("&lt;script&gt;x&lt;/script&gt;<br>second", printed)
        self.assertEqual(printed.count("<tr>"), 3)
