"""Pictures of products out of a zip file: by code, nothing half written, no harm from files made to do harm."""

import base64
import io
import random
import struct
import zipfile
import zlib
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger
from PIL import Image

from ...models.product.exceptions import KehuPictureFileError
from ...tools import picture_zip
from ...wizards.product import kehu_product_pictures
from ..common import KehuCommon


def picture(colour="red", size=(40, 30), kind="PNG"):
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, kind)
    return stream.getvalue()


def pixel_bomb(side=60000):
    """A small PNG that says it has very many points."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress(b"\0" * 1000)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def packed(files, **options):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, data, **options)
    return stream.getvalue()


@tagged("post_install", "-at_install")
class TestProductPictures(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump = cls._create_product(name="Pump", default_code="SB-1001")
        cls.valve = cls._create_product(name="Valve", default_code="FM-2002")
        cls.chinese = cls._create_product(name="电机", default_code="电机-1")

    def _wizard(self, data, user=None, **values):
        wizards = self.env["kehu.product.pictures"].with_user(user or self.user_crm_admin)
        return wizards.create({"file": base64.b64encode(data), "filename": "pictures.zip", **values})

    def _states(self, wizard):
        return {line.name: line.state for line in wizard.line_ids}

    def test_by_code(self):
        data = packed(
            {
                "SB-1001.png": picture(),
                "products/new/fm-2002.JPG": picture("blue", (3000, 10), "JPEG"),
                "电机-1.bmp": picture(kind="BMP"),
                "UNKNOWN.png": picture(),
                "__MACOSX/._SB-1001.png": b"x",
                "products/Thumbs.db": b"x",
            }
        )
        wizard = self._wizard(data)
        wizard.action_check()
        self.assertEqual(
            self._states(wizard), {"SB-1001.png": "ready", "fm-2002.JPG": "ready", "电机-1.bmp": "ready", "UNKNOWN.png": "unknown"}
        )
        self.assertFalse((self.pump | self.valve | self.chinese).filtered("image_1920"), "the check writes nothing")
        wizard.action_apply()
        self.assertEqual(set(self._states(wizard).values()), {"done", "unknown"})
        with Image.open(io.BytesIO(base64.b64decode(self.pump.image_1920))) as image:
            self.assertEqual((image.size, image.getpixel((1, 1))), ((40, 30), (255, 0, 0)))
        with Image.open(io.BytesIO(base64.b64decode(self.valve.image_1920))) as image:
            self.assertEqual(image.width, 1920)
        self.assertTrue(self.chinese.product_tmpl_id.image_128, "the picture of an only variant is that of the product")

    def test_names_of_an_old_windows(self):
        """Without the mark of UTF-8, names are in the code page of the country."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("AA-1.png", picture())
        name = "电机-1.png".encode("gb18030")
        short = "AAAA-1.png"
        data = packed({short: picture()}).replace(short.encode(), b"##########")
        self.assertEqual(len(name), len(short))
        wizard = self._wizard(data.replace(b"##########", name))
        wizard.action_check()
        self.assertEqual(self._states(wizard), {"电机-1.png": "ready"})

    def test_what_a_product_has(self):
        self.pump.image_1920 = base64.b64encode(picture("green"))
        before = self.pump.image_1920
        data = packed({"SB-1001.png": picture()})
        wizard = self._wizard(data)
        wizard.action_check()
        wizard.action_apply()
        self.assertEqual((self._states(wizard), self.pump.image_1920), ({"SB-1001.png": "kept"}, before))
        wizard = self._wizard(data, replace=True)
        wizard.action_check()
        wizard.action_apply()
        self.assertEqual(self._states(wizard), {"SB-1001.png": "done"})
        self.assertNotEqual(self.pump.image_1920, before)

    def test_several(self):
        self._create_product(name="Pump again", default_code="sb-1001")
        wizard = self._wizard(packed([("SB-1001.png", picture()), ("FM-2002.png", picture()), ("x/fm-2002.jpg", picture(kind="JPEG"))]))
        wizard.action_check()
        self.assertEqual(self._states(wizard), {"SB-1001.png": "several", "FM-2002.png": "ready", "fm-2002.jpg": "twice"})

    def test_a_data_sheet_beside_the_picture(self):
        """What is no picture does not keep the picture of the same code away."""
        wizard = self._wizard(packed([("SB-1001.pdf", b"%PDF-1.7"), ("SB-1001.png", picture()), ("SB-1001.jpg", picture(kind="JPEG"))]))
        wizard.action_check()
        self.assertEqual(self._states(wizard), {"SB-1001.pdf": "type", "SB-1001.png": "ready", "SB-1001.jpg": "twice"})
        wizard.action_apply()
        self.assertTrue(self.pump.image_1920)

    def test_what_is_no_picture(self):
        damaged = bytearray(picture(size=(300, 300)))
        damaged[60] ^= 255
        cases = {
            "type": [b"", b"no picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"RIFF\0\0\0\0WEBPVP8 ", b"%PDF-1.7", b"PK\3\4"],
            "large": [b"\0" * (picture_zip.MAX_PICTURE + 1), pixel_bomb()],
            "broken": [bytes(damaged), picture()[:40]],
        }
        for state, contents in cases.items():
            for content in contents:
                with self.subTest(state=state, content=content[:20]):
                    wizard = self._wizard(packed({"SB-1001.png": content}))
                    wizard.action_check()
                    self.assertEqual(self._states(wizard), {"SB-1001.png": state})
                    wizard.action_apply()
                    self.assertFalse(self.pump.image_1920)

    def test_what_is_no_zip_file(self):
        good = packed({"SB-1001.png": picture()})
        encrypted = bytearray(good)
        encrypted[encrypted.index(b"PK\1\2") + 8] |= 1
        bomb = bytearray(good)
        struct.pack_into("<I", bomb, bomb.index(b"PK\1\2") + 24, 2**31)
        cases = {
            "nothing": b"",
            "no zip file": picture(),
            "truncated": good[: len(good) // 2],
            "empty": packed({}),
            "folders only": packed({"a/": b"", "a/.hidden": b"x"}),
            "encrypted": bytes(encrypted),
            "bomb": bytes(bomb),
            "many": packed({f"{number}.png": b"" for number in range(picture_zip.MAX_FILES + 1)}),
            "too many to list": good + picture_zip._ENTRY * (2 * picture_zip.MAX_FILES),
        }
        sentences = set()
        for name, data in cases.items():
            with self.subTest(case=name):
                with self.assertRaises(KehuPictureFileError) as caught:
                    self._wizard(data).action_check()
                sentences.add(str(caught.exception))
        self.assertEqual(len(sentences), 6)
        with patch.object(picture_zip, "MAX_BYTES", 10), self.assertRaises(KehuPictureFileError):
            self._wizard(good).action_check()

    def test_odd_members(self):
        """A wrong checksum and a packing that asks for much memory spoil one picture, not the others."""
        data = bytearray(packed({"SB-1001.png": picture(), "FM-2002.png": picture()}))
        first = data.index(b"PK\1\2")
        struct.pack_into("<I", data, first + 16, 1)
        wizard = self._wizard(bytes(data))
        wizard.action_check()
        self.assertEqual(self._states(wizard), {"SB-1001.png": "broken", "FM-2002.png": "ready"})
        wizard = self._wizard(packed({"SB-1001.png": picture()}, compress_type=zipfile.ZIP_LZMA))
        wizard.action_check()
        self.assertEqual(self._states(wizard), {"SB-1001.png": "broken"})

    def test_bytes_turned_over(self):
        """Whatever happens to the bytes of a good file, it is read or refused with a sentence."""
        good = packed({"SB-1001.png": picture(), "FM-2002.jpg": picture(kind="JPEG"), "电机-1.gif": picture(kind="GIF")})
        chance = random.Random(20261122)
        for _turn in range(400):
            data = bytearray(good)
            for _flip in range(chance.randint(1, 6)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            try:
                archive = picture_zip.PictureZip(bytes(data[: chance.choice((len(data), chance.randrange(len(data))))]))
            except picture_zip.PictureZipError:
                continue
            for position, _name, _code in archive.files:
                try:
                    archive.read_picture(position)
                except picture_zip.PictureError as error:
                    self.assertIn(error.kind, ("type", "large", "broken"))

    def test_it_goes_on_where_it_stopped(self):
        wizard = self._wizard(packed({"SB-1001.png": picture(), "FM-2002.png": picture()}))
        wizard.action_check()
        with patch.object(kehu_product_pictures, "PATIENCE", -1):
            wizard.action_apply()
        self.assertEqual((wizard.state, wizard.ready_count), ("done", 1))
        self.assertIn("Go On", wizard.summary)
        wizard.action_apply()
        self.assertEqual(wizard.ready_count, 0)
        self.assertTrue(self.pump.image_1920 and self.valve.image_1920)

    def test_who_may(self):
        data = packed({"SB-1001.png": picture()})
        for role in ("seller", "east_manager", "director", "finance"):
            with self.subTest(role=role), self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                self._wizard(data, getattr(self, f"user_{role}"))
        other = self.env["res.company"].create({"name": "Other (test)"})
        self.pump.product_tmpl_id.company_id = other
        wizard = self._wizard(data)
        wizard.action_check()
        self.assertEqual(self._states(wizard), {"SB-1001.png": "unknown"}, "products of another company are not told of")
