import { registry } from "@web/core/registry";
import saleTour from "@sale/js/tours/tour_utils";
import { confirm, NO_DIALOG, noButton, save, submit } from "./story_steps";

const tours = registry.category("web_tour.tours");

const LINES = ".o_field_widget[name=order_line]";
const QUOTES = ".o_widget_kehu_tab_list";
const tab = (state) => `.kehu_order_tabs [data-state='${state}']`;

const line = (name) => [
    {
        content: `add ${name}`,
        trigger: `${LINES} .o_field_x2many_list_row_add a:first, ${LINES} .o_field_x2many_list_row_add button:first`,
        run: "click",
    },
    {
        trigger: `${LINES} .o_selected_row [name=product_template_id] input`,
        run: `edit ${name}`,
    },
    {
        trigger: `.ui-autocomplete a:contains('${name}')`,
        run: "click",
    },
    {
        content: "its specification comes along",
        trigger: `${LINES} .o_selected_row .o_field_widget[name=kehu_specification] input:value('DN80 PN16')`,
    },
];

/** Two quotes of one opportunity; the second, with a discount above the limit, becomes an order and is submitted. Started on the opportunity. */
tours.add("kehu_deals_quotes", {
    steps: () => [
        {
            content: "a first quote, by the button of the form",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_sale_quotations_new]:visible",
            run: "click",
        },
        ...line("Deal Pump"),
        ...saleTour.clickSomewhereElse(),
        ...save,
        {
            content: "the sale type that the company proposes is there, and no warning",
            trigger: ".o_form_view:not(:has([name=kehu_price_alert_text])) .o_field_widget[name=kehu_sale_type_id] input:value('Tour Sale')",
        },
        {
            content: "back to the opportunity",
            trigger: ".o_breadcrumb .breadcrumb-item:last a, .o_breadcrumb .o_back_button",
            run: "click",
        },
        {
            trigger: ".o_form_view .nav-link[name=kehu_quotes]",
            run: "click",
        },
        {
            content: "one quote; another one from the tab",
            trigger: `.o_form_view:has(${QUOTES} .o_data_row) .o_notebook button[name=action_sale_quotations_new]:visible`,
            run: "click",
        },
        ...line("Deal Pump"),
        {
            content: "a discount above the limit",
            trigger: `${LINES} .o_selected_row .o_field_widget[name=discount] input`,
            run: "edit 15",
        },
        ...saleTour.clickSomewhereElse(),
        {
            content: "the form says so while one types",
            trigger: ".o_form_view div[name=kehu_price_alert] .o_field_widget[name=kehu_price_alert_text]:contains('15.00')",
        },
        ...save,
        {
            content: "the customer agrees",
            trigger: ".o_form_view button[name=kehu_to_order]:enabled",
            run: "click",
        },
        {
            trigger: noButton("kehu_to_order", "action_confirm"),
        },
        ...submit("Order Approver", "Receipt Approver"),
    ],
});

/** What waits is counted on the tabs; the first step is decided. Started on the orders. */
tours.add("kehu_deals_approve", {
    steps: () => [
        {
            content: "the tabs count",
            trigger: `.o_list_view:has(${tab("all")}.active) ${tab("pending")} .badge:contains(/^1$/)`,
        },
        {
            trigger: tab("pending"),
            run: "click",
        },
        {
            content: "one order is there",
            trigger: `.o_list_view:has(${tab("pending")}.active):not(:has(.o_data_row:nth-child(2))) .o_data_row .o_data_cell[name=name]`,
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_kehu_approve]:enabled",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=comment] textarea",
            run: "edit 同意",
        },
        {
            trigger: ".modal button[name=action_decide]:visible",
            run: "click",
        },
        {
            content: "decided by me",
            trigger: `${NO_DIALOG} ${noButton("action_kehu_approve", "action_kehu_reject")}`,
        },
    ],
});

/** The salesperson cancels the quote that lost. Started on the confirmed order. */
tours.add("kehu_deals_cancel_others", {
    steps: () => [
        {
            content: "another quote is open",
            trigger: ".o_form_view div[name=kehu_other_quotes] button[name=kehu_cancel_other_quotes]",
            run: "click",
        },
        ...confirm,
        {
            content: "no longer",
            trigger: `${NO_DIALOG} .o_form_view:not(:has(div[name=kehu_other_quotes]))`,
        },
    ],
});

const askToDelete = [
    {
        trigger: ".o_form_view .o_cp_action_menus button:has(.fa-cog), .o_control_panel .o_cp_action_menus .fa-cog",
        run: "click",
    },
    {
        trigger: ".o-dropdown--menu .dropdown-item:has(.fa-trash-o), .o-dropdown--menu .o_menu_item:has(.fa-trash-o)",
        run: "click",
    },
];

/** An opportunity with a confirmed order stays, and the dialog says why. Started on it. */
tours.add("kehu_deals_not_deleted", {
    steps: () => [
        ...askToDelete,
        {
            content: "the reason names the order, and nothing is asked",
            trigger: ".modal:not(:has(.modal-footer .btn-secondary)) .modal-body:contains('S')",
        },
        ...confirm,
        { trigger: NO_DIALOG },
    ],
});

/** Deleting an opportunity tells what becomes of its draft, and does it. Started on it. */
tours.add("kehu_deals_deleted", {
    steps: () => [
        ...askToDelete,
        {
            content: "its draft is named",
            trigger: ".modal:has(.modal-footer .btn-secondary) .modal-body:contains('S')",
        },
        ...confirm,
        {
            trigger: `${NO_DIALOG} .o_action_manager`,
        },
    ],
});
