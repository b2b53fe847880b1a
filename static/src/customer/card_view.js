import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";

/** The card of a customer or contact: offers to archive it to those alone who may change it. */
class KehuCardController extends formView.Controller {
    get archiveEnabled() {
        return super.archiveEnabled && this.model.root.data.kehu_can_change !== false;
    }
}

registry.category("views").add("kehu_card_form", { ...formView, Controller: KehuCardController });
