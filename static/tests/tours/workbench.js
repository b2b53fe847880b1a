import { registry } from "@web/core/registry";
import { NO_DIALOG } from "./story_steps";

const tours = registry.category("web_tour.tours");
const panel = (name) => `.o_kehu_panel[data-panel=${name}]`;

/** From the schedule to the customer to call, then arrange. */
tours.add("kehu_workbench_seller", {
    steps: () => [
        {
            content: "the workbench is the first screen, the entry of the day is there",
            trigger: `.o_kehu_workbench ${panel("schedule")} .o_kehu_row:contains(送样品)`,
        },
        {
            trigger: `${panel("schedule")} .o_kehu_row:contains(送样品) .o_kehu_complete`,
            run: "click",
        },
        {
            content: "nothing is completed without a word",
            trigger: `${panel("schedule")} .o_kehu_row_confirm:disabled`,
        },
        {
            trigger: `${panel("schedule")} textarea`,
            run: "edit 样品已送到",
        },
        {
            trigger: `${panel("schedule")} .o_kehu_row_confirm:enabled`,
            run: "click",
        },
        {
            content: "the panel follows and says what to do next",
            trigger: `${panel("schedule")} .o_kehu_panel_empty`,
        },
        {
            trigger: `${panel("contacts")} .o_kehu_row:contains(苏州科技园) .text-danger`,
        },
        {
            trigger: `${panel("contacts")} .o_kehu_row:contains(苏州科技园) .o_kehu_contact`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=content] textarea",
            run: "edit 谈了交货",
        },
        {
            trigger: ".modal .o_form_button_save:enabled, .modal footer .btn-primary:visible",
            run: "click",
        },
        {
            content: "back at the same place, and the customer is no longer waiting",
            trigger: `${NO_DIALOG} .o_kehu_workbench ${panel("contacts")}:not(:has(.o_kehu_row:contains(苏州科技园) .text-danger))`,
        },
        {
            trigger: ".o_kehu_arrange",
            run: "click",
        },
        {
            content: "with the keyboard one place to the left",
            trigger: `${panel("contacts")} .o_kehu_panel_handle`,
            async run({ anchor, press }) {
                anchor.focus();
                await press("ArrowLeft");
            },
        },
        {
            trigger: `.o_kehu_panel:first-child[data-panel=contacts] .o_kehu_panel_size`,
            run: "click",
        },
        {
            trigger: `${panel("targets")} .o_kehu_panel_remove`,
            run: "click",
        },
        {
            trigger: ".o_kehu_add",
            run: "click",
        },
        {
            trigger: ".o-dropdown-item:contains(/逾期|Overdue/)",
            run: "click",
        },
        {
            trigger: panel("receivables"),
        },
        {
            trigger: ".o_kehu_save",
            run: "click",
        },
        {
            trigger: `.o_kehu_arrange`,
        },
    ],
});

tours.add("kehu_workbench_approver", {
    steps: () => [
        {
            trigger: `${panel("orders_to_approve")} .o_kehu_row:nth-child(2)`,
        },
        {
            trigger: `${panel("orders_to_approve")} .o_kehu_row:first-child .o_kehu_approve`,
            run: "click",
        },
        {
            trigger: `${panel("orders_to_approve")} .o_kehu_row_confirm`,
            run: "click",
        },
        {
            trigger: `${panel("orders_to_approve")}:not(:has(.o_kehu_row:nth-child(2))) .o_kehu_row .o_kehu_reject`,
            run: "click",
        },
        {
            content: "a rejection needs an opinion",
            trigger: `${panel("orders_to_approve")} .o_kehu_row_confirm:disabled`,
        },
        {
            trigger: `${panel("orders_to_approve")} textarea`,
            run: "edit 价格太低",
        },
        {
            trigger: `${panel("orders_to_approve")} .o_kehu_row_confirm:enabled`,
            run: "click",
        },
        {
            trigger: `${panel("orders_to_approve")} .o_kehu_panel_empty`,
        },
    ],
});

/** Read a notice, claim a customer, find the card that was opened. */
tours.add("kehu_workbench_people", {
    steps: () => [
        {
            trigger: `${panel("notices")} .o_kehu_row:contains(年会通知) .o_kehu_row_name`,
            run: "click",
        },
        {
            trigger: `${panel("notices")} .o_kehu_notice_body:contains(周五下午三点)`,
        },
        {
            trigger: `${panel("notices")} .o_kehu_read`,
            run: "click",
        },
        {
            content: "read: it stays without the button",
            trigger: `${panel("notices")} .o_kehu_row:contains(年会通知):not(:has(.o_kehu_read))`,
        },
        {
            trigger: `${panel("claim")} .o_kehu_row:contains(盐城海上风电) .o_kehu_claim`,
            run: "click",
        },
        {
            content: "claimed with one click, and among the new customers",
            trigger: `${panel("new_customers")} .o_kehu_row:contains(盐城海上风电) .o_kehu_row_name`,
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=name]",
        },
        {
            trigger: ".breadcrumb-item a, .o_back_button",
            run: "click",
        },
        {
            content: "whose card was opened is found again",
            trigger: `${panel("recent")} .o_kehu_row:contains(盐城海上风电)`,
        },
    ],
});
