import { registry } from "@web/core/registry";
import { NO_DIALOG, row } from "./story_steps";

/** In the Actions menu of the view on the screen, choose the entry with this picture: words differ by language. */
const choose = (icon) => [
    {
        trigger: ".o_cp_action_menus button.dropdown-toggle, .o_cp_action_menus .dropdown-toggle",
        run: "click",
    },
    {
        trigger: `.o-dropdown--menu .o_menu_item:has(.${icon})`,
        run: "click",
    },
];

const handOver = (successor) => [
    {
        trigger: ".modal .o_field_widget[name=target] input[data-value=successor]",
        run: "click",
    },
    {
        trigger: ".modal .o_field_widget[name=successor_id] input",
        run: `edit ${successor}`,
    },
    {
        trigger: `.o-autocomplete--dropdown-item:contains('${successor}')`,
        run: "click",
    },
    {
        content: "it says what will happen",
        trigger: `.modal .alert-info:contains('${successor}')`,
    },
    {
        trigger: ".modal button[name=action_apply]",
        run: "click",
    },
    {
        trigger: NO_DIALOG,
    },
];

registry.category("web_tour.tours").add("kehu_pool_leaving_user", {
    steps: () => [
        {
            trigger: `${row("Leaver Zhao")} .o_list_record_selector input`,
            run: "click",
        },
        ...choose("oi-archive"),
        ...handOver("Successor Qian"),
        {
            content: "the list was read again",
            trigger: ".o_list_view .o_list_renderer:not(:has(.o_data_row:contains('Leaver Zhao')))",
        },
    ],
});

registry.category("web_tour.tours").add("kehu_pool_leaving_department", {
    steps: () => [
        {
            trigger: ".o_form_view .o_form_sheet",
        },
        ...choose("oi-archive"),
        ...handOver("Successor Qian"),
    ],
});

registry.category("web_tour.tours").add("kehu_pool_leaving_card", {
    steps: () => [
        {
            trigger: ".o_kanban_record:contains('East (test)')",
            run: "hover && click .o_kanban_record:contains('East (test)') .o_dropdown_kanban .dropdown-toggle",
        },
        {
            trigger: ".o-dropdown--menu .dropdown-item:contains('Archive')",
            run: "click",
        },
        ...handOver("Successor Qian"),
        {
            content: "the cards were read again",
            trigger: ".o_kanban_view .o_kanban_renderer:not(:has(.o_kanban_record:contains('East (test)')))",
        },
    ],
});
