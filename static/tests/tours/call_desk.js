import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** A manager makes a call list, fills it and lets the callers begin. Started on the call lists. */
tours.add("kehu_call_manager", {
    steps: () => [
        { content: "a new list", trigger: ".o_list_button_add", run: "click" },
        { content: "its name", trigger: ".o_field_widget[name=name] input", run: "edit Tour of calls" },
        { content: "who calls", trigger: ".o_field_widget[name=caller_ids] input", run: "edit Seller2" },
        {
            content: "the caller of that name",
            trigger: ".o-autocomplete--dropdown-item:contains('Seller2')",
            run: "click",
        },
        { content: "it is chosen", trigger: ".o_field_widget[name=caller_ids] .o_tag:contains('Seller2')" },
        { content: "save", trigger: ".o_form_button_save", run: "click" },
        { content: "fill it", trigger: "button[name=action_build].btn-primary:enabled", run: "click" },
        { content: "let them call", trigger: "button[name=action_start]:enabled", run: "click" },
        { content: "it runs", trigger: ".o_statusbar_status button.o_arrow_button_current[data-value=running]" },
    ],
});

/** A caller reaches the first customer and not the second. Started on “My Calls”. */
tours.add("kehu_call_caller", {
    steps: () => [
        { content: "the first customer", trigger: "button[name=action_next]", run: "click" },
        { content: "the screen is there", trigger: ".o_form_view .o_field_widget[name=partner_id]:contains('Tour A')" },
        { content: "the script is beside it", trigger: ".o_field_widget[name=script]:contains('Good morning')" },
        { content: "one click dials", trigger: ".o_field_widget[name=number] a[href^='tel:']" },
        { content: "write while speaking", trigger: ".o_field_widget[name=note] textarea", run: "edit Wants 20 pumps" },
        { content: "how long it lasted", trigger: ".o_field_widget[name=duration] input", run: "edit 3:30" },
        { content: "interested", trigger: "div[name=reached] button.btn-success", run: "click" },
        {
            content: "the second customer comes by itself, with an empty note",
            trigger: ".o_form_view:has(.o_field_widget[name=partner_id]:contains('Tour B'))",
        },
        { content: "nobody answers", trigger: "div[name=unreached] button:first", run: "click" },
        { content: "nobody is left: the list, and a sentence", trigger: ".o_list_view button[name=action_next]" },
        { content: "it says when the next one comes", trigger: ".o_notification" },
    ],
});
