"""OCA's add-ons that `./kehu bench` compares with: fetched from PyPI beside the results, never installed and no part of Kehu CRM."""
import shutil
import zipfile

from .errors import HostError
from .process import run
from .say import step

APPROVAL = ("odoo-addon-base-tier-validation==19.0.1.4.6", "odoo-addon-sale-tier-validation==19.0.1.0.0.3")


def fetch(home, packages):
    """Unpack the add-ons of some packages into one folder, once.

    :param packages: requirements of PyPI, exact versions, without what they depend on
    :return: (folder with the add-ons or None, why there is none or None)
    """
    folder = home.root / "bench" / "oca"
    stamp = "bench-oca"
    if home.stamp(stamp) == repr(packages) and folder.is_dir():
        return folder, None
    making = folder.with_name("oca_making")
    shutil.rmtree(making, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        with step("Fetching OCA's add-ons for the comparison"):
            run([home.python, "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--progress-bar=off", "--retries=1",
                 "--timeout=20", "--no-deps", "--only-binary=:all:", "-d", making, *packages], home.log / "bench-oca.log",
                "Fetching OCA's add-ons")
        for wheel in making.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(making / "wheel", [name for name in archive.namelist() if name.startswith("odoo/addons/")])
        (making / "wheel" / "odoo" / "addons").rename(folder)
    except HostError as error:
        return None, str(error).rstrip(".")
    finally:
        shutil.rmtree(making, ignore_errors=True)
    home.set_stamp(stamp, repr(packages))
    return folder, None
