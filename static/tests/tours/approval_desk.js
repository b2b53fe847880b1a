import { registry } from "@web/core/registry";
import { NO_DIALOG, noButton, row } from "./story_steps";

const tours = registry.category("web_tour.tours");

const COUNT = ".o_menu_systray .o_kehu_waiting";

/** The number in the bar, "" for none. */
const number = (count) =>
    count
        ? { content: `${count} wait`, trigger: `${COUNT}:has(.o_kehu_waiting_count:contains(/^${count}$/))` }
        : { content: "nothing waits", trigger: `${COUNT}:not(:has(.o_kehu_waiting_count))` };

/** The bus does not reach the browsers of tests; coming back from a lost connection asks for the number, too. */
const connectionComesBack = {
    trigger: COUNT,
    run: () => odoo.__WOWL_DEBUG__.root.env.services.bus_service.trigger("BUS:RECONNECT"),
};

const approveInDialog = (opinion) => [
    {
        trigger: ".modal .o_field_widget[name=comment] textarea",
        run: `edit ${opinion}`,
    },
    {
        trigger: ".modal button[name=action_decide]:visible",
        run: "click",
    },
];

/** Submit the order on the screen and look where it is. */
tours.add("kehu_approval_submitter", {
    steps: () => [
        {
            content: "whoever never approves has no such place in the bar",
            trigger: `.o_main_navbar:not(:has(.o_kehu_waiting)) .o_menu_systray`,
        },
        {
            trigger: ".o_form_view button[name=action_kehu_submit]:enabled",
            run: "click",
        },
        {
            content: "a word to the approver",
            trigger: ".modal .o_field_widget[name=comment] textarea",
            run: "edit 请尽快审核",
        },
        {
            trigger: ".modal button[name=action_submit]",
            run: "click",
        },
        {
            trigger: `${NO_DIALOG} .o_form_view [name=kehu_approval_hint]`,
        },
        {
            content: "its way",
            trigger: ".o_notebook .nav-link[name=kehu_approval]",
            run: "click",
        },
        {
            content: "submitted, at the first step, and the second is to come",
            trigger:
                ".o_kehu_timeline:has(.o_kehu_timeline_done:contains('请尽快审核')):has(.o_kehu_timeline_waiting:contains('总监批准')) .o_kehu_timeline_current:contains('销售审核')",
        },
        {
            content: "nobody decides on their own",
            trigger: noButton("action_kehu_approve", "action_kehu_reject"),
        },
    ],
});

/** Decide on one document from the bar and on the rest from the list. Started anywhere, while three wait. */
tours.add("kehu_approval_approver", {
    steps: () => [
        number(3),
        {
            trigger: COUNT,
            run: "click",
        },
        {
            content: "three of them, with what they are about and who submitted them",
            trigger: ".o_kehu_waiting_menu:has(.o_kehu_waiting_row:nth-child(3)):not(:has(.o_kehu_waiting_row:nth-child(4)))",
        },
        {
            content: "the latest",
            trigger: ".o_kehu_waiting_row:first",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_kehu_approve]:enabled",
            run: "click",
        },
        ...approveInDialog("同意"),
        {
            trigger: `${NO_DIALOG} ${noButton("action_kehu_approve")}`,
        },
        connectionComesBack,
        number(2),
        {
            trigger: COUNT,
            run: "click",
        },
        {
            content: "and now all",
            trigger: ".o_kehu_waiting_menu:has(.o_kehu_waiting_row:nth-child(2)) .o_kehu_waiting_all",
            run: "click",
        },
        {
            trigger: `.o_list_view .o_data_row:nth-child(2)`,
        },
        {
            content: "both of them",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_control_panel button[name=action_approve]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=request_ids] .o_data_row:nth-child(2)",
        },
        ...approveInDialog("都同意"),
        {
            content: "nothing is left, and a sentence says so",
            trigger: `${NO_DIALOG} .o_action_manager .o_view_nocontent`,
        },
        connectionComesBack,
        number(0),
        {
            trigger: COUNT,
            run: "click",
        },
        {
            trigger: ".o_kehu_waiting_menu .o_kehu_waiting_empty",
        },
    ],
});

/** Where are my documents? Started on my requests. */
tours.add("kehu_approval_my_requests", {
    steps: () => [
        {
            content: "all three wait for the director now",
            trigger: `.o_list_view:has(.o_data_row:nth-child(3)) .o_data_row:contains('总监批准')`,
        },
        {
            trigger: `${row("总监批准")} .o_data_cell[name=name]`,
            run: "click",
        },
        {
            trigger: ".o_form_view .o_notebook .nav-link[name=kehu_approval]",
            run: "click",
        },
        {
            trigger: ".o_kehu_timeline_current:contains('总监批准')",
        },
    ],
});
