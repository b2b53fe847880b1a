import { AlertDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { FormController } from "@web/views/form/form_controller";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { ListController } from "@web/views/list/list_controller";

/**
 * Before opportunities are deleted, the dialog says what becomes of their quotes, or why they cannot be deleted. The server refuses on
 * every door; this only tells people beforehand.
 */
const warnOfQuotes = () => ({
    setup() {
        super.setup(...arguments);
        if (this.props.resModel !== "crm.lead") {
            return;
        }
        const ask = this.deleteRecordsWithConfirmation;
        this.deleteRecordsWithConfirmation = async (dialogProps, records) => {
            const { root, orm, dialog } = this.model;
            const ids = records ? records.map((record) => record.resId) : await root.getResIds(true);
            const { possible, text } = await orm.call("crm.lead", "kehu_deletion_warning", [ids.filter(Boolean)]);
            if (!possible) {
                return dialog.add(AlertDialog, { title: _t("This is not possible"), body: text });
            }
            return ask(text ? { ...dialogProps, body: text, title: _t("Delete the opportunity?") } : dialogProps, records);
        };
    },
});

patch(FormController.prototype, warnOfQuotes());
patch(ListController.prototype, warnOfQuotes());
patch(KanbanController.prototype, warnOfQuotes());
