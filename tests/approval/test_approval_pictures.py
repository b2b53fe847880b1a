"""Which files a text shows, however it writes their addresses."""

from odoo.tests import BaseCase, tagged

from ...models.approval.kehu_approval_mixin_pictures import picture_ids


@tagged("post_install", "-at_install")
class TestApprovalPictures(BaseCase):
    def test_addresses(self):
        for address, expected in (
            ("/web/image/7", {7}),
            ("/web/image/7-abc/x.png", {7}),
            ("/web/image/7/300x200", {7}),
            ("/web/content/7?download=true", {7}),
            ("https://crm.example.com/web/content/7/plan.pdf", {7}),
            ("/web/image/ir.attachment/7/datas", {7}),
            ("/web/image/0000000000000007", {7}),
            ("//web///image//7", {7}),
            ("/web/image?id=7&amp;model=ir.attachment", {7}),
            ("/web/image?model=ir.attachment&field=raw&id=7#x", {7}),
            ("/web/content?id=7", {7}),
            ("/web/content/?id=+7", {7}),
            ("/web/image?%69d=%37", {7}),
            ("/web/image/%37", {7}),
            ("/web/image?id=7&id=8", {7}),
            ("/html_editor/image_shape/7-abc/html_editor/circle.svg", {7}),
            ("/web/image?model=res.partner&id=7&field=image_128", set()),
            ("/web/image/res.partner/7/image_128", set()),
            ("/web/image/99999999999", set()),
            ("/web/image?id=x", set()),
            ("/web/image/7up.png", set()),
            ("/web/images/7", set()),
            ("", set()),
        ):
            for text in (f'<p><img src="{address}">8</p>', f'{{"terms": "<img src=\\"{address}\\">"}}', f"background: url({address})"):
                with self.subTest(text):
                    self.assertEqual(picture_ids(text), expected)
        self.assertEqual(picture_ids('<img src="/web/image/7"><img src="/web/image?id=8">'), {7, 8})
        self.assertEqual(picture_ids(False), set())
