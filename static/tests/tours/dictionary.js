import { registry } from "@web/core/registry";
import { choose } from "./story_steps";

const tours = registry.category("web_tour.tours");

/** The administrator opens a drop-down from the overview, and merges a choice into another. Started on the overview. */
tours.add("kehu_dictionary_merge", {
    steps: () => [
        {
            content: "all drop-downs in one place",
            trigger: ".o_list_view .o_data_row td[name=choices]:contains(旧展会)",
            run: "click",
        },
        {
            content: "the choices of this one only",
            trigger: ".o_list_view .o_data_row:has(td[name=name]:contains(旧展会)) button[name]:not([name=action_archive])",
            run: "click",
        },
        ...choose("target_value_id", "新展会"),
        { content: "how many records follow", trigger: ".modal .o_field_widget[name=preview]:contains(2)" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { content: "what was done", trigger: ".o_notification:contains(新展会)" },
    ],
});
