import { registry } from "@web/core/registry";
import { save } from "./story_steps";

const tours = registry.category("web_tour.tours");

/** An administrator makes a role of one's own; what cannot be enforced is refused in words. Started on a new role. */
tours.add("kehu_role_make", {
    steps: () => [
        { trigger: ".o_form_view .o_field_widget[name=name] input", run: "edit Tour Role" },
        {
            content: "a viewer",
            trigger: ".o_form_view .o_field_widget[name=base] .o_radio_item:last input",
            run: "click",
        },
        {
            content: "the table begins with what the shipped role gives",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:nth-child(4) td[name=view].text-muted",
        },
        {
            content: "opportunities are not for viewers",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:nth-child(4) td[name=view]",
            run: "click",
        },
        { trigger: ".o_selected_row td[name=view] input", run: "click" },
        { trigger: ".o_select_menu_menu .o_select_menu_item:last", run: "click" },
        { trigger: ".o_form_button_save", run: "click" },
        { content: "why not", trigger: ".modal .modal-body:contains(Tour Role)" },
        { trigger: ".modal .modal-footer button", run: "click" },
        {
            trigger: ".o_field_widget[name=line_ids] .o_data_row:nth-child(4) td[name=view]",
            run: "click",
        },
        { trigger: ".o_selected_row td[name=view] input", run: "click" },
        { trigger: ".o_select_menu_menu .o_select_menu_item:first", run: "click" },
        ...save,
    ],
});

/** What a person may do is answered as soon as the person is chosen. Started on the dialog. */
tours.add("kehu_role_answer", {
    steps: () => [
        { trigger: ".modal .o_field_widget[name=user_id] input", run: "edit Seller" },
        { trigger: ".o-autocomplete--dropdown-item:contains(/^Seller$/)", run: "click" },
        { trigger: ".modal .o_field_widget[name=answer] tbody tr:nth-child(8)" },
        { trigger: ".modal-footer button", run: "click" },
    ],
});

/** The check names a record and opens it. Started on the check. */
tours.add("kehu_role_check", {
    steps: () => [
        { trigger: ".o_list_view .o_data_row:contains(Tour Board) button[name=action_open]", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=step_ids]" },
    ],
});
