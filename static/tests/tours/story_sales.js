import { registry } from "@web/core/registry";
import saleTour from "@sale/js/tours/tour_utils";
import { decide, noButton, NO_DIALOG, row, save, submit } from "./story_steps";

const tours = registry.category("web_tour.tours");

const CUSTOMER = "兴城维涛网络有限公司";
const LINES = ".o_field_widget[name=order_line]";
const ADD_LINE = `${LINES} .o_field_x2many_list_row_add`;
const CREATE_INVOICE = "#create_invoice, #create_invoice_percentage";

const product = (name, number, price, quantity) => [
    {
        content: `add ${name}`,
        trigger: `${ADD_LINE} a:first, ${ADD_LINE} button:first`,
        run: "click",
    },
    {
        trigger: `${LINES} .o_data_row:nth-child(${number}).o_selected_row [name=product_template_id] input`,
        run: `edit ${name}`,
    },
    {
        trigger: `.ui-autocomplete a:contains('${name}')`,
        run: "click",
    },
    {
        content: "its price is there",
        trigger: `${LINES} .o_selected_row .o_field_widget[name=price_unit] input:value('${price}')`,
    },
    {
        trigger: `${LINES} .o_selected_row .o_field_widget[name=product_uom_qty] input`,
        run: `edit ${quantity}`,
    },
    ...saleTour.clickSomewhereElse(),
];

/** The owner opens an opportunity on the customer's card and quotes two products. Started on the card. */
tours.add("kehu_story_quote", {
    steps: () => [
        {
            content: "the customer's opportunities",
            trigger: ".o_form_view button[name=action_kehu_opportunities]",
            run: "click",
        },
        {
            content: "a new one",
            trigger: ".o_control_panel .o_list_button_add, .o_control_panel .o-kanban-button-new",
            run: "click",
        },
        {
            trigger: ".o_kanban_quick_create .o_field_widget[name=name] input, .o_form_view .o_field_widget[name=name] textarea",
            run: "edit 泵房改造",
        },
        {
            trigger: ".o_kanban_quick_create .o_kanban_edit, .o_form_view .o_form_button_save",
            run: "click",
        },
        {
            content: "it is the customer's",
            trigger: `.o_form_view:has(.o_form_saved):has([name=partner_id] input:value('${CUSTOMER}'), [name=commercial_partner_id] input:value('${CUSTOMER}'))`,
        },
        {
            content: "a quote from it",
            trigger: ".o_form_view button[name=action_sale_quotations_new]:visible",
            run: "click",
        },
        {
            trigger: `.o_sale_order .o_field_widget[name=partner_id]:has(input:value('${CUSTOMER}'))`,
        },
        ...product("Pump KP-200", 1, "12,800.00", 2),
        ...product("Flow Meter UF-80", 2, "4,600.00", 1),
        ...save,
        {
            content: "the total of both",
            trigger: ".o_form_view .o_field_widget[name=tax_totals]:contains('30,200.00')",
        },
        {
            content: "its owner cannot confirm it",
            trigger: noButton("action_confirm", "action_kehu_approve"),
        },
    ],
});

/** The quote becomes an order and is submitted. Started on the quote. */
tours.add("kehu_story_order_submit", {
    steps: () => [
        {
            content: "the customer agrees",
            trigger: ".o_form_view button[name=kehu_to_order]:enabled",
            run: "click",
        },
        {
            trigger: `.o_form_view:not(:has(button[name=kehu_to_order], button[name=action_confirm])) ${ADD_LINE}`,
        },
        ...submit("Order Approver", "Receipt Approver"),
        {
            content: "nothing can be changed while it waits",
            trigger: `.o_form_view:not(:has(${ADD_LINE})) ${LINES}`,
        },
    ],
});

/** Nothing waits for somebody who was not asked. Started on the list of what waits. */
tours.add("kehu_story_nothing_waits", {
    steps: () => [
        {
            content: "nothing waits for me",
            trigger: ".o_action_manager .o_view_nocontent, .o_action_manager .o_nocontent_help",
        },
        {
            trigger: `body:not(:has(.o_data_row:contains('${CUSTOMER}')))`,
        },
    ],
});

/** The approver rejects, with an opinion. Started on the list of what waits for them. */
tours.add("kehu_story_order_reject", {
    steps: () => [...decide(CUSTOMER, "action_kehu_reject", "少了一台流量计")],
});

/** The salesperson reads why, corrects the quantity and submits again. Started on the order. */
tours.add("kehu_story_order_correct", {
    steps: () => [
        {
            content: "the opinion is there",
            trigger: ".o_form_view [name=kehu_approval_hint_rejected]:contains('少了一台流量计')",
        },
        {
            trigger: noButton("action_confirm"),
        },
        {
            content: "one more flow meter",
            trigger: `${LINES} .o_data_row:contains('Flow Meter') .o_data_cell[name=product_uom_qty]`,
            run: "click",
        },
        {
            trigger: `${LINES} .o_selected_row .o_field_widget[name=product_uom_qty] input`,
            run: "edit 2",
        },
        ...saleTour.clickSomewhereElse(),
        ...save,
        {
            trigger: ".o_form_view .o_field_widget[name=tax_totals]:contains('34,800.00')",
        },
        ...submit("Order Approver", "Receipt Approver"),
    ],
});

/** The approver approves, which confirms the order; invoicing it is not for approvers. Started on the list of what waits for them. */
tours.add("kehu_story_order_approve", {
    steps: () => [
        ...decide(CUSTOMER, "action_kehu_approve", "同意"),
        {
            content: "confirmed",
            trigger: ".o_form_view .o_field_widget[name=kehu_progress] .o_arrow_button_current[data-value=approved]",
        },
        {
            trigger: `.o_form_view:not(:has(${CREATE_INVOICE}))`,
        },
    ],
});

/** Finance makes the invoice of the order, a draft. Started on the orders. */
tours.add("kehu_story_invoice", {
    steps: () => [
        {
            trigger: `${row(CUSTOMER)} .o_data_cell[name=name]`,
            run: "click",
        },
        {
            content: "finance does not approve",
            trigger: `.o_form_view:not(:has(button[name=action_kehu_approve])) #create_invoice`,
            run: "click",
        },
        {
            trigger: ".modal #create_invoice_open",
            run: "click",
        },
        {
            content: "a draft of the whole order",
            trigger: `${NO_DIALOG} .o_form_view:has(.o_field_widget[name=state] .o_arrow_button_current[data-value=draft]) .o_field_widget[name=tax_totals]:contains('34,800.00')`,
        },
        {
            trigger: ".o_form_view button[name=action_post]:visible",
        },
    ],
});

/** The salesperson sees the draft and cannot post it. Started on the order. */
tours.add("kehu_story_invoice_not_posted", {
    steps: () => [
        {
            content: "the invoice of my order",
            trigger: ".o_form_view button[name=action_view_invoice]",
            run: "click",
        },
        {
            trigger: ".o_form_view:has(.o_field_widget[name=tax_totals]:contains('34,800.00')) .o_field_widget[name=state] .o_arrow_button_current[data-value=draft]",
        },
        {
            content: "posting is for finance",
            trigger: noButton("action_post", "action_register_payment"),
        },
    ],
});

/** Finance posts it. Started on the order. */
tours.add("kehu_story_invoice_post", {
    steps: () => [
        {
            trigger: ".o_form_view button[name=action_view_invoice]",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_post]:visible",
            run: "click",
        },
        {
            content: "posted, everything is due",
            trigger:
                ".o_form_view:has(.o_field_widget[name=state] .o_arrow_button_current[data-value=posted])" +
                " .o_field_widget[name=amount_residual]:contains('34,800.00')",
        },
    ],
});

/** Somebody looks at the invoice of the order. Started on the order. */
const invoiceShows = (residual, paid) => [
    {
        trigger: ".o_form_view button[name=action_view_invoice]",
        run: "click",
    },
    {
        content: "what is still due, and the ribbon",
        trigger: `.o_form_view:has(.o_field_widget[name=amount_residual]:contains('${residual}')) .ribbon .text-bg-${paid ? "success" : "secondary"}`,
    },
];

tours.add("kehu_story_invoice_partly_paid", { steps: () => invoiceShows("20,000.00", false) });
tours.add("kehu_story_invoice_paid", { steps: () => invoiceShows("0.00", true) });
