/** Steps that several tours of the story share. Selectors are names, xml ids and data of the story: the screens may be in any language. */

/** No dialog is open any more. */
export const NO_DIALOG = "body:not(:has(.modal))";

/** A row of the list on the screen, by a text in it. */
export const row = (text) => `.o_list_view .o_data_row:contains('${text}')`;

/** The list has loaded and holds no such row. */
export const noRow = (text) => `.o_list_view .o_list_renderer:not(:has(.o_data_row:contains('${text}')))`;

/** The form on the screen shows none of these buttons. */
export const noButton = (...names) => `.o_form_view:not(:has(${names.map((name) => `button[name=${name}]`).join(", ")}))`;

/** Choose an entry of the CRM's menu. */
export const openMenu = (section, entry) => [
    {
        content: `open the section ${section}`,
        trigger: `.o_menu_sections [data-menu-xmlid='${section}']`,
        run: "click",
    },
    {
        trigger: `.o-dropdown--menu [data-menu-xmlid='${entry}']`,
        run: "click",
    },
];

/** The section has other entries, and this one is not among them. */
export const noMenuEntry = (section, other, entry) => [
    {
        content: `open the section ${section}`,
        trigger: `.o_menu_sections [data-menu-xmlid='${section}']`,
        run: "click",
    },
    {
        content: "the entry is for others",
        trigger: `.o-dropdown--menu:has([data-menu-xmlid='${other}']):not(:has([data-menu-xmlid='${entry}']))`,
    },
    {
        trigger: `.o_menu_sections [data-menu-xmlid='${section}']`,
        run: "click",
    },
    {
        trigger: "body:not(:has(.o-dropdown--menu))",
    },
];

/** Narrow the list on the screen to the one record that the search bar finds. */
export const search = (text) => [
    {
        content: `search ${text}`,
        trigger: ".o_searchview_input",
        run: `edit ${text}`,
    },
    {
        trigger: `.o_searchview_autocomplete .o-dropdown-item:contains('${text}')`,
        run: "click",
    },
    {
        content: "the one is there",
        trigger: `.o_control_panel:has(.o_searchview_facet .o_facet_value:contains('${text}')) .o_pager_limit:contains(/^1$/)`,
    },
    {
        trigger: ".o_list_view .o_list_renderer:not(:has(.o_data_row:nth-child(2))) .o_data_row",
    },
];

/** Choose a record in a many2one by a text of its name. */
export const choose = (field, text, within = "") => [
    {
        content: `choose ${text}`,
        trigger: `${within} .o_field_widget[name=${field}] input`,
        run: `edit ${text}`,
    },
    {
        trigger: `.ui-autocomplete .dropdown-item:contains('${text}')`,
        run: "click",
    },
];

/** Say yes to the question on the screen. */
export const confirm = [
    {
        content: "told what it means",
        trigger: ".modal .modal-footer .btn-primary",
        run: "click",
    },
];

/** The program says no in a sentence, with this text when one is given, and the person reads it. */
export const refused = (text) => [
    {
        content: "refused",
        trigger: `.modal .o_error_dialog:not(:has(.btn-link))${text ? `:contains('${text}')` : ""}`,
    },
    {
        trigger: ".modal:has(.o_error_dialog) .modal-footer .btn-primary",
        run: "click",
    },
    {
        trigger: "body:not(:has(.o_error_dialog))",
    },
];

/** Save the form on the screen. */
export const save = [
    {
        content: "save",
        trigger: ".o_form_view .o_form_button_save:enabled",
        run: "click",
    },
    {
        content: "it is saved",
        trigger: ".o_form_view .o_form_saved",
    },
];

/** Submit the document in the open form; `other` is somebody who cannot be asked. */
export const submit = (approver, other) => [
    {
        content: "submit",
        trigger: ".o_form_view button[name=action_kehu_submit]:enabled",
        run: "click",
    },
    {
        content: "who decides?",
        trigger: ".modal .o_field_widget[name=approver_id] input",
        run: "edit Approver",
    },
    {
        content: "not everybody can",
        trigger: `.ui-autocomplete:has(.dropdown-item:contains('${approver}')):not(:has(.dropdown-item:contains('${other}')))`,
    },
    {
        trigger: `.ui-autocomplete .dropdown-item:contains('${approver}')`,
        run: "click",
    },
    {
        trigger: ".modal button[name=action_submit]",
        run: "click",
    },
    {
        content: "it waits for the approver now",
        trigger: `${NO_DIALOG} .o_form_view [name=kehu_approval_hint]:contains('${approver}')`,
    },
    {
        content: "whoever submitted it does not decide",
        trigger: noButton("action_kehu_approve", "action_kehu_reject", "action_kehu_submit"),
    },
];

/** Open what waits for me, decide with an opinion, and see that it is decided. */
export const decide = (document, action, opinion) => [
    {
        content: "open what waits",
        trigger: `${row(document)} .o_data_cell[name=name]`,
        run: "click",
    },
    {
        content: "decide",
        trigger: `.o_form_view button[name=${action}]:enabled`,
        run: "click",
    },
    ...(action === "action_kehu_reject"
        ? [
              {
                  content: "without an opinion nothing is rejected",
                  trigger: ".modal button[name=action_decide]:visible",
                  run: "click",
              },
              {
                  trigger: ".modal .o_field_invalid[name=comment]",
              },
          ]
        : []),
    {
        content: "say why",
        trigger: ".modal .o_field_widget[name=comment] textarea",
        run: `edit ${opinion}`,
    },
    {
        trigger: ".modal button[name=action_decide]:visible",
        run: "click",
    },
    {
        content: "it is decided",
        trigger: `${NO_DIALOG} ${noButton("action_kehu_approve", "action_kehu_reject")}`,
    },
];
