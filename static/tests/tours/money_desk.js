import { registry } from "@web/core/registry";
import { choose, decide, NO_DIALOG, noButton, openMenu, row, save, submit } from "./story_steps";

const tours = registry.category("web_tour.tours");
const CUSTOMER = "兴城维涛网络有限公司";
const SECTION = "kehu_crm.kehu_money_menu_root";
const ALLOCATIONS = ".o_form_view .o_field_widget[name=allocation_ids]";

/** The salesperson collects an instalment, attaches the bank slip and submits the receipt. Started on the instalments. */
tours.add("kehu_money_seller", {
    steps: () => [
        {
            content: "the first part is due",
            trigger: `${row(CUSTOMER)}:contains('首付款') button[name=action_receive]`,
            run: "click",
        },
        {
            content: "a receipt of what the part owes",
            trigger: `.o_form_view:has([name=partner_id] input:value('${CUSTOMER}')) .o_field_widget[name=amount] input:value('300.00')`,
        },
        {
            content: "for this part of this order",
            trigger: `${ALLOCATIONS} .o_data_row:contains('首付款') .o_data_cell[name=amount]:contains('300.00')`,
        },
        {
            trigger: ".o_form_view .o_field_widget[name=note] input",
            run: "edit 网银转账 0815",
        },
        ...save,
        {
            content: "attach the bank slip",
            trigger: ".o-mail-Chatter .o-mail-Chatter-attachFiles:enabled",
            run() {
                const transfer = new DataTransfer();
                transfer.items.add(new File(["paid 300.00"], "银行回单.txt", { type: "text/plain" }));
                const input = document.querySelector(".o-mail-Chatter input[type=file]");
                input.files = transfer.files;
                input.dispatchEvent(new Event("change"));
            },
        },
        {
            content: "it is there",
            trigger: ".o-mail-Chatter:contains('银行回单.txt')",
        },
        ...submit("Receipt Approver", "Order Approver"),
        {
            content: "nothing can be changed while it waits",
            trigger: ".o_form_view .o_field_widget[name=amount].o_readonly_modifier:contains('300.00')",
        },
    ],
});

/** The approver looks at the slip, approves, and sees that it is posted. Started on what waits. */
tours.add("kehu_money_approver", {
    steps: () => [
        {
            content: "open what waits",
            trigger: `${row(CUSTOMER)} .o_data_cell[name=name]`,
            run: "click",
        },
        {
            content: "the bank slip is at hand",
            trigger: ".o_form_view .o-mail-Chatter-attachFiles:contains('1')",
            run: "click",
        },
        {
            content: "and nothing is posted",
            trigger: ".o_form_view:has(.o-mail-Chatter:contains('银行回单.txt')):not(:has(.o_field_widget[name=payment_number]))",
        },
        ...decide(CUSTOMER, "action_kehu_approve", "与银行流水一致").slice(1),
        {
            trigger: ".o_form_view .o_field_widget[name=state] .o_arrow_button_current[data-value=approved]",
        },
        {
            content: "it is a payment in the books, whose number is told",
            trigger: ".o_form_view:not(:has(button[name=action_open_payment])) .o_field_widget[name=payment_number]:contains(/\\d/)",
        },
    ],
});

const FREED = [
    {
        content: "what is proposed: the order, and what is too much",
        trigger: ".o_form_view .o_field_widget[name=line_ids] .o_data_row .o_data_cell[name=amount]:contains('400.00')",
    },
    {
        trigger: ".o_form_view button[name=action_post]:visible:enabled",
        run: "click",
    },
    {
        content: "it is in the ledger",
        trigger: ".o_form_view .o_field_widget[name=state] .o_arrow_button_current[data-value=approved]",
    },
];

/** The salesperson frees what an order was paid too much. Started on the order. */
tours.add("kehu_money_seller_frees", {
    steps: () => [
        {
            content: "told how much",
            trigger: ".o_form_view .alert[name=kehu_surplus]:contains('400.00')",
        },
        {
            trigger: ".o_form_view button[name=action_kehu_free_surplus]:enabled",
            run: "click",
        },
        ...FREED,
    ],
});

/** Finance takes that back and frees it again, from the receivables. Started on the uses of advances. */
tours.add("kehu_money_finance_frees", {
    steps: () => [
        {
            trigger: `${row(CUSTOMER)} .o_data_cell[name=name]`,
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_cancel]:enabled",
            run: "click",
        },
        {
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: `${NO_DIALOG} .o_form_view .o_field_widget[name=state] .o_arrow_button_current[data-value=cancelled]`,
        },
        ...openMenu(SECTION, "kehu_crm.kehu_receivable_menu"),
        {
            content: "the order owes nothing, so it is not among the open ones",
            trigger: `.o_control_panel .o_searchview_facet:first .o_facet_remove`,
            run: "click",
        },
        {
            trigger: `${row(CUSTOMER)} button[name=action_free_surplus]`,
            run: "click",
        },
        ...FREED,
    ],
});

/** Finance compares with the ledger. Started on the runs of the check. */
tours.add("kehu_money_finance_check", {
    steps: () => [
        {
            trigger: ".o_control_panel button[name=action_check_now]",
            run: "click",
        },
        {
            content: "everything agrees",
            trigger: ".o_form_view .alert-success[name=agrees]",
        },
        {
            content: "and orders were looked at",
            trigger: ".o_form_view .o_field_widget[name=order_count]:contains(/[1-9]/)",
        },
        ...openMenu(SECTION, "kehu_crm.kehu_receivable_menu"),
        {
            content: "the receivable of the order",
            trigger:
                `${row(CUSTOMER)}:has([name=amount_total]:contains('1,000.00')):has([name=amount_received]:contains('300.00'))` +
                " [name=amount_due]:contains('700.00')",
        },
        {
            content: "per customer, by age",
            trigger: `.o_menu_sections [data-menu-xmlid='${SECTION}']`,
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu [data-menu-xmlid='kehu_crm.kehu_receivable_customer_menu']",
            run: "click",
        },
        {
            trigger: `${row(CUSTOMER)}:not(:has([name=order_id])) [name=amount_due]:contains('700.00')`,
        },
    ],
});

/** Finance mails a statement and reads what became of it. Started anywhere in the CRM. */
tours.add("kehu_money_finance_statement", {
    steps: () => [
        ...openMenu(SECTION, "kehu_crm.kehu_statement_menu"),
        ...choose("partner_ids", CUSTOMER, ".modal"),
        {
            content: "seen before it is made",
            trigger: `.modal .o_field_widget[name=sheet_ids] .o_data_row:contains('${CUSTOMER}') .o_data_cell[name=closing]:contains('500.00')`,
        },
        {
            trigger: ".modal:has(button[name=action_print]) button[name=action_send]",
            run: "click",
        },
        {
            content: "who got it is told",
            trigger: ".modal .o_field_widget[name=result]:contains('weitao@example.com')",
        },
        {
            trigger: ".modal button[special=cancel]",
            run: "click",
        },
        {
            trigger: NO_DIALOG,
        },
        ...openMenu(SECTION, "kehu_crm.kehu_statement_letter_menu"),
        {
            content: "and kept",
            trigger: `${row(CUSTOMER)} [name=mailed_to]:contains('weitao@example.com')`,
        },
    ],
});

/** Finance makes today's dunning letters and sends one. Started on the letters. */
tours.add("kehu_money_finance_dunning", {
    steps: () => [
        {
            trigger: ".o_control_panel button[name=action_make]",
            run: "click",
        },
        {
            content: "a letter about what is overdue",
            trigger: `${row(CUSTOMER)}:has([name=amount_to_pay]:contains('500.00')) button[name=action_send]`,
            run: "click",
        },
        {
            content: "it went out",
            trigger: ".modal .o_field_widget[name=sent_count]:contains('1')",
        },
        {
            trigger: ".modal button[special=cancel]",
            run: "click",
        },
        {
            content: "and waits no more",
            trigger: `${NO_DIALOG} .o_action_manager:has(.o_list_view):not(:has(.o_data_row:contains('${CUSTOMER}')))`,
        },
    ],
});

/** The manager sets a target for a year and splits it over the months. Started on the targets. */
tours.add("kehu_money_manager_target", {
    steps: () => [
        {
            trigger: ".o_control_panel .o_list_button_add",
            run: "click",
        },
        ...choose("user_id", "West Seller"),
        {
            content: "for a year",
            trigger: ".o_form_view .o_field_widget[name=period] input[data-value=year]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=value] input",
            run: "edit 120000",
        },
        ...save,
        {
            trigger: ".o_form_view button[name=action_split]:enabled",
            run: "click",
        },
        {
            content: "what each month gets, before it is made",
            trigger: ".modal:has(.o_field_widget[name=preview]:contains('12')) .o_field_widget[name=line_ids] .o_data_row:nth-child(12)",
        },
        {
            trigger: ".modal button[name=action_apply]:enabled",
            run: "click",
        },
        {
            content: "twelve months and four quarters",
            trigger: `${NO_DIALOG} .o_list_view .o_data_row:nth-child(16)`,
        },
        {
            trigger: ".o_list_view:not(:has(.o_data_row:nth-child(17)))",
        },
    ],
});

/** The manager looks who is ahead. Started on the ranking. */
tours.add("kehu_money_manager_ranking", {
    steps: () => [
        {
            content: "the seller has sold, the colleague has not",
            trigger: ".o_list_view .o_data_row:nth-child(1):contains('First Seller') [name=rank]:contains('1')",
        },
        {
            trigger: ".o_list_view .o_data_row:nth-child(2):contains('West Seller') [name=rank]:contains('2')",
        },
        {
            content: "a target and what is missing of it",
            trigger: ".o_list_view .o_data_row:nth-child(2) .o_data_cell[name=user_id]",
            run: "click",
        },
        {
            trigger: ".o_form_view:has(.o_field_widget[name=pace_needed]) .o_field_widget[name=missing]",
        },
        {
            content: "months are not split again",
            trigger: noButton("action_split"),
        },
    ],
});
