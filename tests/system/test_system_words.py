"""No English left in a Chinese screen, not even where the host's own translation has a gap."""

from odoo.tests import BaseCase, tagged
from odoo.tools.translate import code_translations


@tagged("post_install", "-at_install")
class TestSystemWords(BaseCase):
    def test_required_fields_are_asked_for_in_chinese(self):
        """The web client looks up a word in its own module first, then among those of all modules."""

        def words(module):
            translated = code_translations.get_web_translations(module, "zh_CN")
            return {message["id"]: message["string"] for message in translated["messages"]}

        word = "Missing required fields"
        self.assertTrue(words("web").get(word) or words("kehu_crm").get(word))
        self.assertNotEqual(words("web").get(word) or words("kehu_crm")[word], word)
