import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("kehu_customer_departments", {
    steps: () => [
        { content: "From the card to the departments", trigger: "button[name=action_kehu_open_departments]", run: "click" },
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_selected_row .o_field_widget[name=name] input", run: "edit Purchasing" },
        { trigger: ".o_list_button_save", run: "click" },
        { content: "It is kept", trigger: ".o_list_view:not(:has(.o_selected_row)) .o_data_row:contains(Purchasing)" },
    ],
});

registry.category("web_tour.tours").add("kehu_customer_moves", {
    steps: () => [
        {
            content: "Say where the person works there",
            trigger: ".o_field_widget[name=kehu_customer_department_id] input",
            run: "edit Purch",
        },
        { trigger: ".o-autocomplete--dropdown-item:contains(Purchasing)", run: "click" },
        { content: "One more number", trigger: ".nav-link[name=phones]", run: "click" },
        { trigger: ".o_field_widget[name=kehu_phone_ids] .o_field_x2many_list_row_add a", run: "click" },
        { trigger: ".o_selected_row .o_field_widget[name=number] input", run: "edit 0512 6288 7778" },
        { trigger: ".o_form_button_save", run: "click" },
        { content: "All numbers in one line", trigger: ".o_form_saved .o_field_widget[name=kehu_other_phones]:contains(0512 6288 7778)" },
        { content: "The person changes jobs", trigger: ".o_field_widget[name=parent_id] input", run: "edit New Employer" },
        { trigger: ".o-autocomplete--dropdown-item:contains(New Employer)", run: "click" },
        {
            content: "The department was the old one's",
            trigger: ".o_field_widget[name=kehu_customer_department_id] input:not(:value(Purchasing))",
        },
        { trigger: ".o_form_button_save", run: "click" },
        { content: "Where the person was is kept", trigger: ".o_form_saved .nav-link[name=employment]", run: "click" },
        { trigger: ".o_field_widget[name=kehu_employment_ids] .o_data_row:contains(Old Employer):contains(Purchasing)" },
    ],
});

registry.category("web_tour.tours").add("kehu_customer_former", {
    steps: () => [
        { content: "The history of the old employer", trigger: ".nav-link[name=histories]", run: "click" },
        {
            content: "It tells who used to work there, and where they are now",
            trigger: "div[name=employments] .o_data_row:contains(Zhang San):contains(New Employer)",
        },
    ],
});
