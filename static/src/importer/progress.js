import { useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { ProgressBarField, progressBarField } from "@web/views/fields/progress_bar/progress_bar_field";

const PAUSE = 2000; // milliseconds between two looks at a running import

/** The progress of a running import: the record is read again every two seconds until it has ended. */
export class KehuImportProgress extends ProgressBarField {
    setup() {
        super.setup();
        useEffect(
            (running) => {
                if (!running) {
                    return;
                }
                let timer = null;
                const look = async () => {
                    if (!this.props.record.dirty) {
                        await this.props.record.load();
                    }
                    timer = setTimeout(look, PAUSE);
                };
                timer = setTimeout(look, PAUSE);
                return () => clearTimeout(timer);
            },
            () => [this.props.record.data.state === "running"]
        );
    }
}

registry.category("fields").add("kehu_import_progress", { ...progressBarField, component: KehuImportProgress });
