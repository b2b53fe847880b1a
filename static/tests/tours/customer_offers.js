import { registry } from "@web/core/registry";

const menu = [
    { trigger: ".o_form_view .o_field_widget[name=kehu_stage]" },
    { trigger: ".o_cp_action_menus .dropdown-toggle:has(.fa-cog)", run: "click" },
];

/** What the menu of the card offers to whom. */
registry.category("web_tour.tours").add("kehu_card_archive_offered", {
    steps: () => [...menu, { trigger: ".o-dropdown--menu:has(.o_menu_item:contains('Archive'))" }],
});

registry.category("web_tour.tours").add("kehu_card_archive_hidden", {
    steps: () => [...menu, { trigger: ".o-dropdown--menu:has(.o_menu_item):not(:has(.o_menu_item:contains('Archive')))" }],
});
