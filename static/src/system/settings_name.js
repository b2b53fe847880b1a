import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { SettingsFormController } from "@web/webclient/settings_form_view/settings_form_controller";

/** The settings page of the CRM bears its own name: the host calls every page of this kind "Settings". */
patch(SettingsFormController.prototype, {
    displayName() {
        return this.props.resModel === "kehu.settings" ? _t("CRM Settings") : super.displayName();
    },
});
