import { registry } from "@web/core/registry";
import { NO_DIALOG } from "./story_steps";

/** A file is chosen, what it would change is shown, and it is set. Started on the settings; the test keeps the file ready. */
registry.category("web_tour.tours").add("kehu_configuration_file", {
    steps: () => [
        { trigger: "#kehu_configuration_file button", run: "click" },
        { content: "the configuration can be downloaded", trigger: ".modal button[name=action_export]" },
        {
            content: "choose the file",
            trigger: ".modal .o_field_widget[name=upload] .o_select_file_button",
            async run() {
                const answer = await fetch("/web/content/kehu_crm.configuration_tour_file?download=true");
                const transfer = new DataTransfer();
                transfer.items.add(new File([await answer.blob()], "configuration.json"));
                const input = document.querySelector(".modal .o_field_widget[name=upload] input[type=file]");
                input.files = transfer.files;
                input.dispatchEvent(new Event("change"));
            },
        },
        { trigger: ".modal button[name=action_check]:enabled", run: "click" },
        { content: "what it would change", trigger: ".modal .o_data_row:contains('Role of the tour')" },
        { trigger: ".modal .o_data_row:contains('Level of the tour')" },
        { trigger: ".modal button[name=action_apply]:enabled", run: "click" },
        { content: "it is set", trigger: ".modal .alert-success:not(.o_invisible_modifier)" },
        { trigger: ".modal button[special=cancel], .modal .o_form_button_cancel, .modal .btn-close", run: "click" },
        { trigger: NO_DIALOG },
    ],
});
