import { registry } from "@web/core/registry";
import { noButton, NO_DIALOG } from "./story_steps";

const tours = registry.category("web_tour.tours");

const GOODS = ".modal .o_field_widget[name=line_ids]";
const SHIP = ".o_form_view button[name=action_kehu_ship]:enabled";

const quantity = (number, value) => [
    {
        content: `so many of line ${number}`,
        trigger: `${GOODS} .o_data_row:nth-child(${number}) td[name=quantity]`,
        run: "click",
    },
    {
        trigger: `${GOODS} .o_data_row:nth-child(${number}).o_selected_row td[name=quantity] input`,
        run: `edit ${value}`,
    },
];

const ship = [
    {
        content: "it has left",
        trigger: ".modal footer button[name=action_ship]:enabled",
        run: "click",
    },
    {
        trigger: NO_DIALOG,
    },
];

/** A salesperson ships an order in two parts and records who received it. Started on the confirmed order: ten of one, four of another. */
tours.add("kehu_fulfilment", {
    steps: () => [
        {
            content: "nothing is to sign yet",
            trigger: noButton("action_kehu_sign"),
        },
        {
            content: "a first part leaves",
            trigger: SHIP,
            run: "click",
        },
        ...quantity(1, "12"),
        {
            content: "more than was ordered is refused",
            trigger: ".modal footer button[name=action_ship]:enabled",
            run: "click",
        },
        {
            content: "read why",
            trigger: ".o_error_dialog .modal-footer .btn-primary, .o_dialog:not(:has(button[name=action_ship])) .modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: `body:not(:has(.modal ~ .modal, .o_error_dialog)) ${GOODS}`,
        },
        ...quantity(1, "3"),
        ...quantity(2, "0"),
        {
            content: "with a carrier",
            trigger: ".modal .o_field_widget[name=carrier] input",
            run: "edit 顺丰速运",
        },
        {
            trigger: ".modal .o_field_widget[name=waybill] input",
            run: "edit SF1234567890",
        },
        ...ship,
        {
            content: "three of ten",
            trigger: ".o_form_view .o_field_widget[name=order_line] .o_data_row:first td[name=qty_delivered]:contains(/^3/)",
        },
        {
            content: "the rest leaves",
            trigger: SHIP,
            run: "click",
        },
        {
            content: "it is proposed",
            trigger: `${GOODS} .o_data_row:first td[name=quantity]:contains(/^7/)`,
        },
        ...ship,
        {
            content: "nothing is left to ship",
            trigger: noButton("action_kehu_ship"),
        },
        {
            content: "the customer has received it",
            trigger: ".o_form_view button[name=action_kehu_sign]:enabled",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit 李四",
        },
        {
            trigger: ".modal footer button[name=action_sign]:enabled",
            run: "click",
        },
        {
            trigger: NO_DIALOG,
        },
        {
            trigger: noButton("action_kehu_ship", "action_kehu_sign"),
        },
        {
            content: "both shipments are in the order",
            trigger: ".o_form_view .o_notebook .nav-link[name=kehu_shipments]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=kehu_shipment_ids] .o_data_row:nth-child(2):contains('李四')",
        },
    ],
});
