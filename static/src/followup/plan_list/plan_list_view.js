import { registry } from "@web/core/registry";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

/** The contact plan: a list whose export to Excel is a button, for those who may export. What is shown is what the workbook holds. */
export class KehuPlanListController extends ListController {
    onClickExport() {
        this.env.searchModel.trigger("direct-export-data");
    }
}

registry.category("views").add("kehu_plan_list", {
    ...listView,
    Controller: KehuPlanListController,
    buttonTemplate: "kehu_crm.PlanListView.Buttons",
});
