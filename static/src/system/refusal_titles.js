import { WarningDialog } from "@web/core/errors/error_dialogs";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

// What kind of refusal it is, as models/system/exceptions.py puts it into the context of the error.
const TITLES = {
    step: _t("This is not possible"),
    right: _t("You are not allowed to do this"),
    entry: _t("Please check what you entered"),
};

patch(WarningDialog.prototype, {
    /** The host knows the titles of its own exceptions only, and would call a refusal of ours “Odoo Warning”. */
    inferTitle() {
        const title = TITLES[this.props.data?.context?.kehu_refusal];
        return title ? title.toString() : super.inferTitle();
    },
});
