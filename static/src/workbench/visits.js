import { useEffect } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { FormController } from "@web/views/form/form_controller";

/** A card of a customer, whichever form shows it, tells the workbench that it was opened; nobody waits for that. */
patch(FormController.prototype, {
    setup() {
        super.setup(...arguments);
        if (this.props.resModel !== "res.partner") {
            return;
        }
        const orm = useService("orm");
        useEffect(
            (id) => {
                if (id) {
                    orm.silent.call("res.partner", "kehu_note_visit", [[id]]).catch(() => {});
                }
            },
            () => [this.model.root?.resId],
        );
    },
});
