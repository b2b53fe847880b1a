import { registry } from "@web/core/registry";
import { NO_DIALOG } from "./story_steps";

const named = (name) => `.o_kehu_node[aria-label='${name}']`;
const SPACE = ".o_kehu_tree";

/** Open the menu of a row and choose the entry in this place. */
const choose = (name, entry) => [
    { trigger: `${named(name)} .o_kehu_node_menu`, run: "click" },
    { trigger: `.o-dropdown--menu .dropdown-item${entry}`, run: "click" },
];

registry.category("web_tour.tours").add("kehu_organisation", {
    steps: () => [
        ...choose("Sales (test)", ":first"),
        { trigger: ".o_kehu_new .o_kehu_name_input", run: "edit North" },
        { trigger: ".o_kehu_new .o_kehu_name_input", run: "press Enter" },
        {
            content: "it stands last",
            trigger: `${named("North")}[aria-posinset='4'][tabindex='0']`,
        },
        { content: "one up", trigger: `${named("North")}[tabindex='0']`, run: "press Alt+ArrowUp" },
        { trigger: `${named("North")}[aria-posinset='3']` },
        { content: "another name", trigger: `${named("North")}[tabindex='0']`, run: "press F2" },
        { trigger: `${SPACE} .o_kehu_name_input`, run: "edit Nord" },
        { trigger: `${SPACE} .o_kehu_name_input`, run: "press Enter" },
        { content: "below another one, by keyboard", trigger: `${named("Nord")}[tabindex='0']`, run: "press m" },
        { trigger: ".modal .o_kehu_place", run: "selectByLabel Office" },
        { trigger: ".modal .o_kehu_move", run: "click" },
        { trigger: NO_DIALOG },
        { trigger: `${named("Nord")}[aria-level='3'][aria-posinset='8']` },
        { content: "somebody is dragged there", trigger: named("Seller2"), run: `drag_and_drop ${named("Nord")}` },
        { trigger: `${named("Seller2")}[aria-level='4'][aria-setsize='1']` },
        { content: "and manages it", trigger: `${named("Seller2")} .o_kehu_node_menu`, run: "click" },
        { trigger: ".o-dropdown--menu .o_kehu_lead", run: "click" },
        { trigger: `${named("Seller2")} .badge` },
        { trigger: ".o_kehu_find", run: "edit Seller2" },
        { trigger: `${SPACE}:not(:has(${named("West (test)")}))` },
        { trigger: ".o_kehu_find", run: "clear" },
        { content: "and it is closed", trigger: `${named("Nord")} .o_kehu_node_menu`, run: "click" },
        { trigger: ".o-dropdown--menu .text-danger", run: "click" },
        { trigger: ".modal .alert-warning:contains('Seller2')" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: NO_DIALOG },
        { trigger: `${SPACE}:not(:has(${named("Nord")}))` },
    ],
});

registry.category("web_tour.tours").add("kehu_organisation_leaver", {
    steps: () => [
        { trigger: `${named("Seller")} .o_kehu_node_menu`, run: "click" },
        { trigger: ".o-dropdown--menu .dropdown-item:last", run: "click" },
        { trigger: ".modal .o_field_widget[name=successor_id] input", run: "edit West Seller" },
        { trigger: ".o-autocomplete--dropdown-item:contains('West Seller')", run: "click" },
        { content: "it says who gets the customers", trigger: ".modal .o_data_row:contains('Hangzhou Pumps'):contains('West Seller: 1')" },
        { trigger: ".modal .o_field_widget[name=archive_login] input", run: "click" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: `.o_form_view .o_field_widget[name=line_ids]:contains('Hangzhou Pumps')` },
        { trigger: "button[name=action_undo]", run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        { trigger: ".o_form_view:not(:has(button[name=action_undo]))" },
    ],
});
