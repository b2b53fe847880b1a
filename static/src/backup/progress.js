import { useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { ProgressBarField, progressBarField } from "@web/views/fields/progress_bar/progress_bar_field";

const PAUSE = 2000; // milliseconds between two looks at a run

/** How far a backup or a restore is: the record is read again every two seconds until it has ended. */
export class KehuBackupProgress extends ProgressBarField {
    setup() {
        super.setup();
        useEffect(
            (going) => {
                if (!going) {
                    return;
                }
                let timer = null;
                const look = async () => {
                    try {
                        await this.props.record.load();
                    } catch {
                        // a restore over this database has just changed places with it: the page is of the database before
                        window.location.assign("/odoo/kehu-backup-runs");
                        return;
                    }
                    timer = setTimeout(look, PAUSE);
                };
                timer = setTimeout(look, PAUSE);
                return () => clearTimeout(timer);
            },
            () => [["waiting", "running"].includes(this.props.record.data.state)]
        );
    }
}

registry.category("fields").add("kehu_backup_progress", { ...progressBarField, component: KehuBackupProgress });
