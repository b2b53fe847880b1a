import { registry } from "@web/core/registry";
import { save } from "./story_steps";

const tours = registry.category("web_tour.tours");

/** The administrator gives opportunities another number; what it will look like is seen while typing. Started on the list. */
tours.add("kehu_numbering_set", {
    steps: () => [
        {
            content: "one row per document, with its next number",
            trigger: ".o_list_view .o_data_row:has(td[name=prefix]:contains(/^JH$/)) .o_list_record_open_form_view",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name=prefix] input", run: "edit OP && press Tab" },
        { trigger: ".o_form_view .o_field_widget[name=digits] input", run: "edit 6 && press Tab" },
        {
            content: "the next number is shown before it is saved",
            trigger: ".o_form_view h1 .o_field_widget[name=example]:contains(/^OP\\d{12}$/)",
        },
        ...save,
    ],
});

/** A beginning that is that of another document is refused in words. Started on the list. */
tours.add("kehu_numbering_refused", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row:has(td[name=prefix]:contains(/^OP$/)) .o_list_record_open_form_view",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name=prefix] input", run: "edit HT && press Tab" },
        { trigger: ".o_form_button_save", run: "click" },
        { content: "why, and what to do", trigger: ".modal .modal-body:contains(HT)" },
        { trigger: ".modal .modal-footer button", run: "click" },
        { trigger: ".o_form_button_cancel", run: "click" },
        { trigger: ".o_form_view .o_form_saved" },
    ],
});
