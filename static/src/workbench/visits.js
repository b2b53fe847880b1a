import "@kehu_crm/customer/card_view";
import { useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** The card of a customer tells the workbench that it was opened, so that it is found again there; nobody waits for that. */
const card = registry.category("views").get("kehu_card_form");

class VisitedCardController extends card.Controller {
    setup() {
        super.setup();
        const orm = useService("orm");
        useEffect(
            (id) => {
                if (id) {
                    orm.silent.call("res.partner", "kehu_note_visit", [[id]]).catch(() => {});
                }
            },
            () => [this.props.resModel === "res.partner" && this.model.root.resId],
        );
    }
}

registry.category("views").add("kehu_card_form", { ...card, Controller: VisitedCardController }, { force: true });
