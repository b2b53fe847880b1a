import { registry } from "@web/core/registry";
import { SearchPanel } from "@web/search/search_panel/search_panel";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { listView } from "@web/views/list/list_view";

// states that have a tab only while something is in them
const NOW_AND_THEN = ["cancel", "cancelled", "confirmed", "sale"];

/**
 * The states of quotes and orders as tabs above the list, each with its counter. It is the search panel of the view, drawn across: the
 * host counts all states in one grouped query, with the rights of the reader and under the filters that are set.
 */
export class OrderTabs extends SearchPanel {
    static template = "kehu_crm.OrderTabs";

    get category() {
        return this.sections.find((section) => section.type === "category");
    }

    get tabs() {
        const category = this.category;
        if (!category) {
            return [];
        }
        const values = category.rootIds.map((id) => category.values.get(id));
        const total = values.reduce((sum, value) => sum + (value.__count || 0), 0);
        return values
            .map((value) => ({ value, count: value.id ? value.__count || 0 : total, active: value.id === category.activeValueId }))
            .filter(({ value, count, active }) => count || active || !NOW_AND_THEN.includes(value.id));
    }
}

registry.category("views").add("kehu_order_list", { ...listView, SearchPanel: OrderTabs });
registry.category("views").add("kehu_order_kanban", { ...kanbanView, SearchPanel: OrderTabs });
