from odoo import api, models, tools

NAMES_KEPT = 1000  # words per model and language that are kept in memory; a dictionary nobody can read through is read word by word


class KehuWordMixin(models.AbstractModel):
    """Levels, sources and other words stand in every list and on every card, and hardly ever change: their names are kept in memory."""

    _inherit = "kehu.word.mixin"

    @api.depends("name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        names = self._kehu_word_names()
        for word in self:
            word.display_name = names.get(word.id) or word.name

    @api.model
    @tools.ormcache("self.env.lang")
    def _kehu_word_names(self):
        """Return the names of these words in the current language.

        :rtype: dict[int, str]
        """
        # sudo: this model - names that everybody inside may read
        words = self.sudo().with_context(active_test=False)
        return {word.id: word.name for word in words.search_fetch([], ["name"], limit=NAMES_KEPT, order="id")}

    @api.model_create_multi
    def create(self, vals_list):
        words = super().create(vals_list)
        self.env.registry.clear_cache()
        return words

    def write(self, vals):
        result = super().write(vals)
        if "name" in vals:
            self.env.registry.clear_cache()
        return result

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        result = super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)
        self.env.registry.clear_cache()
        return result
