import time

from odoo import http
from odoo.http import Stream, request
from werkzeug.exceptions import Forbidden, NotFound

from ..models.backup.kehu_backup_access import is_own_session
from ..tools.backup_files import BackupError

FRESH = 600  # seconds that a password counts, as in the host's `check_identity`


class KehuBackupDownload(http.Controller):
    @http.route("/kehu/backup/<int:backup_id>", type="http", auth="user", methods=["GET"])
    def download(self, backup_id):
        """Send a backup, piece by piece, to who may have it and typed their password a moment ago."""
        backups = request.env["kehu.backup"]
        if not backups._kehu_may(request.env.user):
            raise NotFound()  # whether there are backups is nobody else's business
        if not is_own_session(request.env) or request.session.get("identity-check-last", 0) <= time.time() - FRESH:
            raise Forbidden(request.env._("Press “Download” in the list of backups: your password is asked for."))
        backup = backups.browse(backup_id).exists()
        if not backup or backup.state not in ("ready", "changed"):
            raise NotFound()
        try:
            path = backup._kehu_path()
        except BackupError:
            raise NotFound()
        request.env["kehu.operation.log"]._kehu_note("export", backup, detail=request.env._("Downloaded"))
        stream = Stream(type="path", path=path, mimetype="application/zip", download_name=backup.name, etag=backup.check_sum or True)
        response = stream.get_response(as_attachment=True)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
