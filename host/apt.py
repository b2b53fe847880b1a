"""Debian packages without root and without touching the system: a private apt configuration.

The archive's address is the one that the machine's own apt uses. Packages come from unstable, where Odoo 19 is.
"""
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from .errors import BrokenDownloadError, HostError
from .paths import write_atomically
from .process import clean_environment, run

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
SUITE = "sid main"


def available():
    """:return: True when this machine has apt, dpkg and a Debian archive that it already trusts"""
    return all(shutil.which(tool) for tool in ("apt-get", "dpkg-deb")) and Path(KEYRING).exists() and bool(archive())


def archive():
    """:return: address of the Debian archive in the machine's own apt configuration, or None"""
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL)", "Created-By: Packages"],
        capture_output=True, text=True, env=clean_environment(), check=False).stdout
    rows = [line.split(None, 1) + [""] for line in listing.splitlines() if line.strip()]
    labelled = [row[0] for row in rows if row[1].strip() == "Debian"]
    # before the first `apt-get update` nothing has a label; the main archive's address ends in /debian
    named = [row[0] for row in rows if row[0].rstrip("/").endswith("/debian")]
    return next(iter(labelled + named), None)


def download(home, packages, log):
    """Fetch packages into the cache shared between clones, unless they are there, whole.

    :param list packages: names of packages
    :return: paths of the .deb files, in the order of `packages`
    :raises HostError: no network, disk full, or an archive without the package
    """
    folder = home.cache / "debs"
    folder.mkdir(parents=True, exist_ok=True)
    found = {name: _cached(folder, name) for name in packages}
    missing = [name for name in packages if not found[name]]
    if missing:
        options = _options(home, log)
        work = home.root / "debs.part"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        run(["apt-get", *options, "download", *missing], log, "Fetching Debian packages", cwd=work)
        for name in missing:
            files = list(work.glob(f"{name}_*.deb"))
            if not files:
                raise BrokenDownloadError(f"The Debian archive did not give the package {name} (details in {log}): "
                                          "run the same command again.")
            target = folder / files[0].name
            shutil.move(files[0], folder / f".{target.name}.{os.getpid()}")
            os.replace(folder / f".{target.name}.{os.getpid()}", target)
            write_atomically(folder / f"{name}.sha256", f"{_digest(target)} {target.name}\n")
            found[name] = target
        shutil.rmtree(work)
    return [found[name] for name in packages]


def unpack(deb, folder, log):
    """Unpack one package. A file that does not unpack is taken out of the cache, to be fetched anew next time.

    :raises BrokenDownloadError: the file is damaged
    """
    status, output = run(["dpkg-deb", "-x", deb, folder], log, f"Unpacking {deb.name}", check=False)
    if status:
        if "No space left" not in output:
            deb.unlink(missing_ok=True)
            raise BrokenDownloadError(f"The downloaded file {deb.name} is damaged and was thrown away: "
                                      "run the same command again to fetch it anew.")
        from .process import explain
        raise explain(f"Unpacking {deb.name}", output, log)


def unpack_pip(home, log):
    """:return: path of the pip wheel that Debian packs for its virtual environments"""
    target = home.root / "pip"
    shutil.rmtree(target, ignore_errors=True)
    unpack(download(home, ["python3-pip-whl"], log)[0], target, log)
    wheels = list(target.glob("usr/share/python-wheels/pip-*.whl"))
    if not wheels:
        raise HostError("Debian's package python3-pip-whl holds no pip: install python3-venv and run this again.")
    return wheels[0]


def _cached(folder, name):
    """:return: path of the package in the cache if its checksum is the recorded one, else None"""
    try:
        digest, file_name = (folder / f"{name}.sha256").read_text().split()
        path = folder / file_name
        return path if _digest(path) == digest else None
    except (OSError, ValueError):
        return None


def _digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _options(home, log):
    """Write the private configuration, fetch its package lists, and return apt-get's options for it."""
    root = home.root / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    # a path with a space cannot stand in apt's lists of options, so the configuration is a file
    config = root / "apt.conf"
    config.write_text(
        f'Dir::Etc::sourcelist "{root}/sources.list";\nDir::Etc::sourceparts "/dev/null";\n'
        f'Dir::State::Lists "{root}/lists";\nDir::Cache "{root}/cache";\nAPT::Sandbox::User "root";\n'
        'Acquire::Retries "2";\nAcquire::http::Timeout "30";\nAcquire::Languages "none";\n'
        'APT::Get::List-Cleanup "false";\n')
    (root / "sources.list").write_text(f"deb [signed-by={KEYRING}] {archive()} {SUITE}\n")
    options = ["-c", config, "-q"]
    run(["apt-get", *options, "--error-on=any", "update"], log, "Fetching Debian's list of packages")
    return options
