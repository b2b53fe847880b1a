import { registry } from "@web/core/registry";

const tab = (name) => `.o_notebook .nav-link[name=${name}]`;
const LIST = ".o_notebook .tab-pane .o_kehu_tab_list";

/** A salesperson looks through the tabs of a customer, each of which is read when it is opened, and adds an interest. */
registry.category("web_tour.tours").add("kehu_customer_tabs", {
    steps: () => [
        {
            content: "the card opens on its contacts; no other list is there yet",
            trigger: `.o_form_view .o_field_widget[name=child_ids]:not(:has(.o_kehu_tab_list))`,
        },
        { trigger: tab("contact_records"), run: "click" },
        { content: "what was said", trigger: `${LIST} .o_data_row:contains('Asked for pumps')` },
        { trigger: tab("interests"), run: "click" },
        { trigger: `${LIST} .o_list_renderer:not(:has(.o_data_row))` },
        { trigger: `${LIST} .o_kehu_tab_new`, run: "click" },
        { trigger: ".modal .o_field_widget[name=quantity] input", run: "edit 7" },
        { trigger: ".modal .o_field_widget[name=product_id] input", run: "edit Tour Pump" },
        { trigger: ".o-autocomplete--dropdown-item:contains('Tour Pump')", run: "click" },
        {
            content: "a product it is, so no category is asked for",
            trigger: ".modal:not(:has(.o_field_widget[name=category_id])) .o_field_widget[name=quantity] input:value('7')",
        },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { content: "the list was read again", trigger: `body:not(:has(.modal)) ${LIST} .o_data_row:contains('Tour Pump'):contains('7')` },
        { trigger: tab("histories"), run: "click" },
        { content: "where its level comes from", trigger: `${LIST} .o_data_row:contains('Tour Level')` },
        { content: "a row of a history opens nothing", trigger: `${LIST} .o_data_row:contains('Tour Level') .o_data_cell[name=date]`, run: "click" },
        { trigger: tab("attachments"), run: "click" },
        { content: "files of the records are here too", trigger: `${LIST} .o_data_row:contains('drawing.txt')` },
        { trigger: tab("contact_records"), run: "click" },
        { trigger: `${LIST} .o_data_row:contains('Asked for pumps') .o_data_cell[name=date]`, run: "click" },
        { content: "a row opens its record", trigger: ".o_form_view .o_field_widget[name=content] textarea:value('Asked for pumps')" },
        { content: "and back", trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a:contains('Tour Works')", run: "click" },
        { content: "on the tab one came from", trigger: `${LIST} .o_data_row:contains('Asked for pumps')` },
        { trigger: `${LIST} .o_kehu_tab_all`, run: "click" },
        { content: "all of them", trigger: ".o_list_view .o_control_panel, .o_action_manager > .o_list_view .o_data_row:contains('Asked for pumps')" },
    ],
});
