import { patch } from "@web/core/utils/patch";
import { FormController } from "@web/views/form/form_controller";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { ListController } from "@web/views/list/list_controller";

// Before users or departments are archived, somebody says who gets their customers. Without customers the host's question is asked.
export const LEAVING_MODELS = ["res.users", "hr.department"];

async function askWhoGetsTheCustomers(controller, resIds, archive) {
    const action = await controller.orm.call(controller.props.resModel, "kehu_leaving_action", [resIds]);
    if (action) {
        return controller.actionService.doAction(action, { onClose: () => controller.model.load() });
    }
    return archive();
}

const asksFirst = (selected) => ({
    getStaticActionMenuItems() {
        const items = super.getStaticActionMenuItems(...arguments);
        if (items.archive && LEAVING_MODELS.includes(this.props.resModel)) {
            const archive = items.archive.callback;
            items.archive.callback = async () => askWhoGetsTheCustomers(this, await selected(this), archive);
        }
        return items;
    },
});

patch(FormController.prototype, asksFirst((controller) => [controller.model.root.resId]));
patch(ListController.prototype, asksFirst((controller) => controller.model.root.getResIds(true)));
patch(KanbanController.prototype, asksFirst((controller) => controller.model.root.getResIds(true)));

// the menu of a single card
patch(KanbanRenderer.prototype, {
    async archiveRecord(record, active) {
        if (active && LEAVING_MODELS.includes(record.resModel)) {
            const { orm, action, root } = record.model;
            const question = await orm.call(record.resModel, "kehu_leaving_action", [[record.resId]]);
            if (question) {
                return action.doAction(question, { onClose: () => root.load() });
            }
        }
        return super.archiveRecord(record, active);
    },
});
