import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("kehu_followup_schedule", {
    steps: () => [
        {
            content: "Complete the overdue entry from its row",
            trigger: ".o_data_row:contains(Bring the sample) button[name=action_kehu_complete]",
            run: "click",
        },
        { content: "It is about the customer", trigger: ".modal .o_field_widget[name=customer_id]:contains(Tour Customer)" },
        { content: "Say what was done", trigger: ".modal .o_field_widget[name=outcome] textarea", run: "edit Brought it" },
        { content: "And what came of it", trigger: ".modal .o_field_widget[name=result] textarea", run: "edit They want ten" },
        { content: "Complete", trigger: ".modal button[name=action_apply]", run: "click" },
        {
            content: "Back in the list: what is done is not to do any more, the meeting still is",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(Bring the sample))) .o_data_row:contains(Weekly meeting)",
        },
        { content: "Look at what was done", trigger: ".o_searchview_facet:contains(Overdue) .o_facet_remove", run: "click" },
        {
            trigger: ".o_searchview_facet:contains(To Do) .o_facet_remove",
            run: "click",
        },
        {
            content: "It is there, with its text and without a button",
            trigger: ".o_data_row:contains(Brought it):not(:has(button[name=action_kehu_complete]))",
        },
    ],
});

registry.category("web_tour.tours").add("kehu_followup_plan", {
    steps: () => [
        { content: "Export is offered to those who may", trigger: ".o_control_panel .o_kehu_export_excel" },
        {
            content: "Log a contact from the row",
            trigger: ".o_data_row:contains(Tour Customer) button[name=action_kehu_contact]",
            run: "click",
        },
        { trigger: ".modal .o_field_widget[name=content] textarea", run: "edit Called about the pump" },
        { trigger: ".modal .o_form_button_save, .modal button:contains(Save)", run: "click" },
        { content: "Back in the plan", trigger: "body:not(:has(.modal)) .o_list_view .o_data_row:contains(Second Customer)" },
        {
            content: "Choose a customer",
            trigger: ".o_data_row:contains(Second Customer) .o_list_record_selector input",
            run: "click",
        },
        { content: "Change the next contact", trigger: "button[name=action_kehu_change_next_contact]", run: "click" },
        { trigger: ".modal .o_field_widget[name=customer_count]:contains(1)" },
        { trigger: ".modal .o_field_widget[name=next_contact] input, .modal .o_field_widget[name=next_contact] button", run: "click" },
        { trigger: ".o_datetime_picker .o_today", run: "click" },
        { trigger: ".modal .o_field_widget[name=reason] input", run: "edit The fair" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { content: "The sentence says what happened", trigger: ".o_notification:contains(Second Customer)" },
    ],
});
