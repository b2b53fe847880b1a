import { registry } from "@web/core/registry";
import { openMenu } from "./story_steps";

const named = (name) => `.o_kehu_node[aria-label='${name}']`;

/** The first chapter of the guide for administrators: departments, people by a workbook, who manages, days of the pool, the check. */
registry.category("web_tour.tours").add("kehu_first_steps", {
    steps: () => [
        { content: "a department", trigger: ".o_kehu_new_department", run: "click" },
        { trigger: ".o_kehu_new .o_kehu_name_input", run: "edit East of the tour" },
        { trigger: ".o_kehu_new .o_kehu_name_input", run: "press Enter" },
        { trigger: named("East of the tour") },
        { content: "the people by a workbook", trigger: ".o_kehu_workbooks", run: "click" },
        { trigger: ".o-dropdown--menu .dropdown-item:eq(1)", run: "click" },
        {
            content: "choose the filled workbook",
            trigger: ".o_form_view .o_field_widget[name=file] .o_select_file_button",
            async run() {
                const answer = await fetch("/web/content/kehu_crm.first_steps_tour_people?download=true");
                const transfer = new DataTransfer();
                transfer.items.add(new File([await answer.blob()], "people.xlsx"));
                const input = document.querySelector(".o_field_widget[name=file] input[type=file]");
                input.files = transfer.files;
                input.dispatchEvent(new Event("change"));
            },
        },
        { trigger: "button[name=action_check].btn-primary:enabled", run: "click" },
        { content: "nothing is wrong", trigger: ".o_form_view .alert[name=alert_checked]:contains('3')" },
        { trigger: "button[name=action_import].btn-primary:enabled", run: "click" },
        { content: "they are there", trigger: ".o_form_view .o_arrow_button_current[data-value=done]" },
        ...openMenu("crm.crm_menu_config", "kehu_crm.kehu_organisation_menu"),
        { content: "who manages the department", trigger: `${named("Wang Fang")} .o_kehu_node_menu`, run: "click" },
        { trigger: ".o-dropdown--menu .o_kehu_lead", run: "click" },
        { trigger: `${named("Wang Fang")} .badge` },
        ...openMenu("crm.crm_menu_config", "kehu_crm.kehu_pool_menu"),
        { content: "the pool", trigger: ".o_list_view .o_data_row:has(input:checked) .o_data_cell", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=idle_days] input", run: "edit 30" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_view:has(.o_form_status_indicator_buttons.invisible)" },
        ...openMenu("crm.crm_menu_config", "kehu_crm.kehu_policy_finding_menu"),
        { content: "nobody of them is named", trigger: ".o_list_view:not(:contains('Wang Fang')):not(:contains('Zhang Wei'))" },
    ],
});
