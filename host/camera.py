"""A headless Chromium that logs in, opens screens and takes pictures, over its DevTools connection.

Nothing beyond Chromium and websocket-client, which the browser tests need anyway.
"""
import base64
import contextlib
import io
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request

from .errors import HostError
from .odoo import free_port
from .process import clean_environment, die_with_parent, stop
from .programs import BROWSER, find

ANSWER = 60  # seconds that Chromium may take for one answer
USER = "odoo.loader.modules.get('@web/core/user').user"
# the web client is there, with somebody in it: the login page counts as ready too
CLIENT = f"location.pathname.startsWith('/odoo') && Boolean(odoo.isReady && {USER}.userId)"
QUIET = """(() => {
    const busy = document.querySelector(".o_loading_indicator, .o_blockUI, .o_skeleton, .modal-body:empty");
    const shown = document.querySelector(".o_action_manager > .o_action, .o_action_manager .o_view_controller, .oe_login_form");
    const pictures = [...document.images].every((picture) => picture.complete);
    return Boolean(shown && !busy && pictures && document.fonts.status === "loaded");
})()"""


class Camera:
    """One browser window."""

    def __init__(self, socket, base_url):
        self._socket = socket
        self._number = 0
        self.base_url = base_url

    @classmethod
    @contextlib.contextmanager
    def open(cls, base_url):
        """A browser for the time of the block.

        :param str base_url: the server, without a slash at its end
        :raises HostError: no Chromium on this machine
        """
        import websocket
        program = find_browser()
        profile = tempfile.mkdtemp(prefix="kehu-camera-")
        port = free_port()
        child = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage",
             "--hide-scrollbars", "--force-device-scale-factor=1", "--no-first-run", "--disable-extensions", "--lang=zh-CN",
             "--remote-allow-origins=*", f"--remote-debugging-port={port}", f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean_environment(), preexec_fn=die_with_parent)
        try:
            address = _page_address(child, port)
            connection = websocket.create_connection(address, timeout=ANSWER, suppress_origin=True)
            try:
                camera = cls(connection, base_url)
                camera._call("Page.enable")
                camera._call("Emulation.setTimezoneOverride", timezoneId="Asia/Shanghai")
                yield camera
            finally:
                connection.close()
        finally:
            stop(child)
            shutil.rmtree(profile, ignore_errors=True)

    # -- what a person does

    def size(self, width, height):
        """Make the window that large; below 600 pixels it is a phone with a touch screen."""
        phone = width < 600
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self._call("Emulation.setTouchEmulationEnabled", enabled=phone)

    def log_in(self, login, password, lang):
        """Become this person, in this language."""
        self._call("Storage.clearDataForOrigin", origin=self.base_url, storageTypes="all")
        self._call("Page.navigate", url=f"{self.base_url}/web/login")
        self._until("Boolean(document.querySelector('.oe_login_form input[name=password]'))", f"the login page for {login}")
        self.run(f"""
            document.querySelector("input[name=login]").value = {json.dumps(login)};
            document.querySelector("input[name=password]").value = {json.dumps(password)};
            HTMLFormElement.prototype.submit.call(document.querySelector("form.oe_login_form"));
        """)
        self._until(CLIENT, f"{login} to be logged in")
        user_id = self.run(f"{USER}.userId")
        self.rpc("res.users", "write", [[user_id], {"lang": lang}])
        self._leave("/odoo")
        self._until(CLIENT, "/odoo")
        shown = self.run(f"{USER}.lang").replace("-", "_")
        if shown != lang:
            raise HostError(f"{login} sees the language {shown} instead of {lang}: is it installed?")

    def rpc(self, model, method, args, kwargs=None):
        """Call a method of the server as the person who is logged in.

        :raises HostError: the server refused
        """
        body = json.dumps({"jsonrpc": "2.0", "params": {"model": model, "method": method, "args": args, "kwargs": kwargs or {}}})
        answer = self.run(f"""fetch("/web/dataset/call_kw", {{
            method: "POST", headers: {{"Content-Type": "application/json"}}, body: {json.dumps(body)},
        }}).then((answer) => answer.json())""")
        if "error" in answer:
            raise HostError(f"{model}.{method} was refused: {answer['error']['data']['message']}")
        return answer["result"]

    def go(self, path):
        """Open a page and wait until it has drawn itself."""
        self._leave(path)
        self._until(CLIENT, path)
        self.settle(path)

    def settle(self, what):
        """Wait until nothing moves any more."""
        time.sleep(0.4)
        self._until(QUIET, what)
        time.sleep(0.6)

    def click(self, selector, text=None):
        """Click the first visible element, with this text in it if given, and wait.

        :raises HostError: there is none
        """
        found = self.run(f"""(() => {{
            const wanted = {json.dumps(text)};
            const element = [...document.querySelectorAll({json.dumps(selector)})].find(
                (element) => element.offsetParent && (!wanted || element.textContent.includes(wanted))
            );
            element?.click();
            return Boolean(element);
        }})()""")
        if not found:
            raise HostError(f"There is nothing to click at {selector}{f' with “{text}”' if text else ''}.")
        self.settle(selector)

    def show(self, selector, text):
        """Let this text stand in an element of the page in place of its own."""
        self.run(f"document.querySelector({json.dumps(selector)}).textContent = {json.dumps(text)}")

    def type(self, selector, text):
        """Write this into the first visible field, in place of what stands in it.

        :raises HostError: there is none
        """
        found = self.run(f"""(() => {{
            const field = [...document.querySelectorAll({json.dumps(selector)})].find((field) => field.offsetParent);
            field?.focus();
            field?.select();
            return Boolean(field);
        }})()""")
        if not found:
            raise HostError(f"There is no field to write into at {selector}.")
        self._call("Input.insertText", text=text)

    def picture(self, path):
        """Save what is seen as a small .png with 256 colours."""
        from PIL import Image
        data = self._call("Page.captureScreenshot", format="png")["data"]
        image = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
        image = image.quantize(colors=256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        image.save(path, optimize=True)

    # -- the connection

    def run(self, script):
        """:return: value of the script, awaited when it is a promise"""
        answer = self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise HostError(f"The page failed: {details.get('exception', {}).get('description') or details['text']}")
        return answer["result"].get("value")

    def _call(self, method, **parameters):
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("method") == "Page.javascriptDialogOpening":
                self._number += 1
                self._socket.send(json.dumps({"id": self._number, "method": "Page.handleJavaScriptDialog", "params": {"accept": True}}))
            if message.get("id") == self._number:
                if "error" in message:
                    raise HostError(f"Chromium refused {method}: {message['error']['message']}")
                return message["result"]

    def _leave(self, path):
        """Go to another page; return when the present one is gone and cannot answer for the new one any more."""
        self.run("window.kehuOldPage = true")
        self._call("Page.navigate", url=self.base_url + path)
        self._until("!window.kehuOldPage", path)

    def _until(self, script, what):
        end = time.monotonic() + ANSWER
        while time.monotonic() < end:
            with contextlib.suppress(HostError):  # the page is between two documents
                if self.run(script):
                    return
            time.sleep(0.1)
        raise HostError(f"Waited {ANSWER} seconds for {what} in vain.")


def _page_address(child, port):
    """:return: websocket address of the browser's first page"""
    end = time.monotonic() + ANSWER
    while time.monotonic() < end:
        if child.poll() is not None:
            raise HostError(f"Chromium ended at once (status {child.returncode}).")
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=5) as answer:
                pages = [page for page in json.load(answer) if page["type"] == "page"]
            if pages:
                return pages[0]["webSocketDebuggerUrl"]
        time.sleep(0.1)
    raise HostError("Chromium did not open its connection.")


def find_browser():
    """:return: path of the browser
    :raises HostError: none on this machine
    """
    program = find(BROWSER)
    if not program:
        raise HostError("Pictures need Chromium, which this machine does not have: install it (Debian: apt install chromium).")
    return program
