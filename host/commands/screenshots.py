"""Take the pictures of the documentation from the running program, into docs/pictures/.

Serves a fresh copy of the demo company for the time of it, so that the pictures do not depend on what somebody did in
the demo. Names say screen, width and language: customers_zh.png, customers_phone_en.png.
"""
import csv

from ..camera import Camera, find_browser
from ..databases import Databases
from ..errors import HostError
from ..odoo import Host, free_port
from ..paths import REPO
from ..say import say, step
from ..serving import server

SUMMARY = "take the pictures of the documentation"
PICTURES = REPO / "docs" / "pictures"
LANGUAGES = {"zh": "zh_CN", "en": "en_US"}
WIDE, PHONE = (1440, 900), (390, 844)
LIMIT = 300 * 1024  # bytes of one picture

# name, login, path ({0} = id of the record), record (model, domain, values to make one of where there is none) or None, what to do
# after opening: click (selector), type (selector, text), or a function of the camera
CUSTOMER = ("res.partner", [["name", "=", "苏州科技园发展有限公司"]])
FOLDER = "/var/lib/odoo/kehu_backups/kehu"  # in place of that of the machine that takes the picture
OWN_REPORT = ("kehu.report", [["source", "=", "orders"]])
PRINT_TEMPLATE = ("kehu.print.template", [], {"name": "销售合同版式", "document": "order"})
SCREENS = [
    ("customers", "zhangwei", "/odoo/kehu-customers", None, []),
    ("customer", "zhangwei", "/odoo/kehu-customers/{0}", CUSTOMER, []),
    ("contact_plan", "zhangwei", "/odoo/kehu-contact-plan", None, []),
    ("pool", "wangfang", "/odoo/kehu-pool", None, []),
    ("pipeline", "zhangwei", "/odoo/crm", None, []),
    ("import", "wangfang", "/odoo/kehu-imports/{0}", ("kehu.import.batch", []), []),
    ("orders", "wangfang", "/odoo/kehu-orders", None, []),
    ("to_approve", "sunli", "/odoo/kehu-to-approve", None, []),
    ("order_to_approve", "sunli", "/odoo/kehu-orders/{0}", ("sale.order", [["kehu_approval_state", "=", "pending"]]), []),
    ("receipt_to_approve", "zhoumin", "/odoo/kehu-receipts-to-approve/{0}", ("kehu.receipt", [["state", "=", "pending"]]), []),
    ("receivables", "wujing", "/odoo/kehu-receivables", None, []),
    ("public_search", "zhangwei", "/odoo/kehu-public-search", None, [(".o_kehu_lookup_box input", "华强"), ".o_kehu_lookup_box button"]),
    ("falling", "wangfang", "/odoo/kehu-falling-soon", None, []),
    ("my_calls", "zhangwei", "/odoo/kehu-my-calls", None, ["button[name=action_next]"]),
    ("call_statistics", "wangfang", "/odoo/kehu-call-statistics", None, []),
    ("customer_history", "zhangwei", "/odoo/kehu-customers/{0}", CUSTOMER, [".o_notebook .nav-link[name=histories]"]),
    ("folder", "zhangwei", "/odoo/kehu-folders/{0}", ("kehu.folder", []), []),
    ("schedule", "zhangwei", "/odoo/kehu-schedule", None, []),
    ("settings", "lintao", "/odoo/kehu-settings", None, []),
    ("workbench", "zhangwei", "/odoo/kehu-workbench", None, []),
    ("workbench_director", "chenzhiqiang", "/odoo/kehu-workbench", None, []),
    ("sales_trend", "chenzhiqiang", "/odoo/kehu-sales-trend", None, []),
    ("sales_distribution", "chenzhiqiang", "/odoo/kehu-sales-distribution", None, []),
    ("sales_funnel", "chenzhiqiang", "/odoo/kehu-sales-funnel", None, []),
    ("own_report", "lintao", "/odoo/kehu-reports/{0}", OWN_REPORT, [lambda camera: camera.settle("the figures")]),
    ("report_page", "chenzhiqiang", "/odoo/kehu-report-pages/{0}/kehu-report-page", ("kehu.report.page", []), []),
    ("organisation", "lintao", "/odoo/kehu-organisation", None, []),
    ("drop_downs", "lintao", "/odoo/kehu-drop-downs", None, []),
    ("numbering", "lintao", "/odoo/kehu-numbering", None, []),
    ("provinces", "lintao", "/odoo/kehu-provinces", None, []),
    ("operation_log", "lintao", "/odoo/kehu-operation-log", None, []),
    ("sessions", "lintao", "/odoo/kehu-sessions", None, []),
    ("role", "lintao", "/odoo/kehu-roles/{0}", ("kehu.role", []), []),
    ("login_log", "lintao", "/odoo/kehu-login-log", None, []),
    ("print_template", "lintao", "/odoo/kehu-print-templates/{0}", PRINT_TEMPLATE, []),
    # backups are for administrators of the host
    ("backup_schedule", "admin", "/odoo/kehu-backup-schedule", None, [lambda camera: camera.show("[name=folder] span", FOLDER)]),
]
PHONE_SCREENS = {"workbench", "customers", "customer", "order_to_approve", "public_search", "my_calls"}


def add_arguments(parser):
    parser.add_argument("only", nargs="*", metavar="SCREEN", help="only these screens (default: all)")


def check(options):
    unknown = set(options.only) - {screen[0] for screen in SCREENS}
    if unknown:
        raise HostError(f"There is no screen {', '.join(sorted(unknown))}: choose from {', '.join(screen[0] for screen in SCREENS)}.")
    find_browser()


def run(options):
    wanted = set(options.only)
    host = Host.ready("screenshots")
    databases = Databases(host)
    template, database, port = databases.template("demo"), "kehu_pictures", free_port()
    databases.drop(database, force=True)
    databases.copy(template, database)
    PICTURES.mkdir(parents=True, exist_ok=True)
    try:
        with server(host, database, port, f"--db-filter=^{database}$", "--max-cron-threads=0", log=host.home.log / "pictures.log"):
            with Camera.open(f"http://127.0.0.1:{port}") as camera:
                paths = take(camera, [screen for screen in SCREENS if not wanted or screen[0] in wanted])
    finally:
        databases.drop(database, force=True)
    for path in paths:
        if path.stat().st_size > LIMIT:
            say(f"  {path.name} is larger than {LIMIT // 1024} kB.")
    say(f"{len(paths)} pictures are in {PICTURES}.")


def take(camera, screens):
    """Take the pictures of these screens in all languages.

    :return: their paths
    """
    with open(REPO / "demo" / "logins.csv", encoding="utf-8") as file:
        passwords = {row["login"]: row["password"] for row in csv.DictReader(file)} | {"admin": "admin"}
    paths = []
    for short, lang in LANGUAGES.items():
        for login in dict.fromkeys(screen[1] for screen in screens):
            camera.size(*WIDE)
            camera.log_in(login, passwords[login], lang)
            for name, person, path, record, steps in screens:
                if person != login:
                    continue
                if record:
                    model, domain, *values = record
                    ids = camera.rpc(model, "search", [domain], {"limit": 1}) or (values and camera.rpc(model, "create", [values]))
                    if not ids:
                        raise HostError(f"The demo has no {model} for the picture {name}.")
                    path = path.format(ids[0])
                for kind, size in (("", WIDE), ("_phone", PHONE)):
                    if kind and name not in PHONE_SCREENS:
                        continue
                    file = PICTURES / f"{name}{kind}_{short}.png"
                    with step(file.name):
                        camera.size(*size)
                        camera.go(path)
                        for what in steps:
                            if isinstance(what, str):
                                camera.click(what)
                            elif callable(what):
                                what(camera)
                            else:
                                camera.type(*what)
                        camera.picture(file)
                    paths.append(file)
    return paths
