import secrets

from captcha.audio import AudioCaptcha
from captcha.image import ImageCaptcha
from odoo import http
from odoo.addons.web.controllers.home import Home
from odoo.http import request

from ..models.system.kehu_login_guard import PICTURE, PICTURE_ASKED

DIGITS = 5
HEADERS = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]


class KehuLogin(Home):
    @http.route()
    def web_login(self, *args, **kw):
        """Show the picture where the rules ask for it."""
        response = super().web_login(*args, **kw)
        if response.is_qweb and request.session.uid is None:
            logins = request.env["kehu.login.log"].sudo()  # sudo: kehu.login.log - how often it failed, asked before anybody is logged in
            wanted = logins._kehu_wants_picture(request.params.get("login"), request.httprequest.remote_addr)
            response.qcontext["kehu_picture"] = wanted or bool(request.session.get(PICTURE_ASKED))
        return response

    def _login_redirect(self, uid, redirect=None):
        """Every way to log in ends here, the second step included."""
        request.env["res.users"]._kehu_end_second_step()
        return super()._login_redirect(uid, redirect=redirect)

    @http.route("/kehu/login/picture", type="http", auth="none", methods=["GET"], sitemap=False)
    def kehu_picture(self, **_kw):
        """A new picture; its digits are kept in the session and nowhere else."""
        digits = request.session[PICTURE] = "".join(secrets.choice("0123456789") for _turn in range(DIGITS))
        return request.make_response(ImageCaptcha(180, 60).generate(digits).getvalue(), [*HEADERS, ("Content-Type", "image/png")])

    @http.route("/kehu/login/sound", type="http", auth="none", methods=["GET"], sitemap=False)
    def kehu_sound(self, **_kw):
        """The digits of the picture that is shown, read aloud among noise, for those who do not see it."""
        digits = request.session.get(PICTURE)
        if not digits:
            raise request.not_found()
        return request.make_response(bytes(AudioCaptcha().generate(digits)), [*HEADERS, ("Content-Type", "audio/wav")])
