"""Keys, draws, canonical texts and lists: docs/FORMATS.md, "Keys and draws" and "Canonical forms"."""
import base64
import hashlib
import hmac
import pathlib
import re
import unicodedata

LISTS = pathlib.Path(__file__).resolve().parents[3] / "src" / "mask" / "dictionaries"


def field(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def sha_mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def domain_key(master: bytes, domain: str, version: int, purpose: str = "") -> bytes:
    info = field(domain.encode()) + field(str(version).encode())
    if purpose:
        info += field(purpose.encode())
    return sha_mac(sha_mac(b"godwit.mask.1", master), info + b"\x01")


class Draw:
    """What the key of a domain makes of a text: 32 bytes, read in fixed places."""

    def __init__(self, master: bytes, domain: str, version: int, text: str, counter: int = 0):
        message = field(domain.encode()) + field(str(version).encode()) + field(text.encode())
        if counter:
            message += field(counter.to_bytes(4, "big"))
        self.mac = sha_mac(domain_key(master, domain, version), message)

    def word(self, i: int) -> int:
        return int.from_bytes(self.mac[4 * i : 4 * i + 4], "big")

    def pick(self, i: int, n: int) -> int:
        return (self.word(i) * n) >> 32

    def coin(self) -> bool:
        return self.mac[31] & 1 == 1

    def hash(self, characters: int) -> str:
        return base64.b32encode(self.mac).decode().lower()[:characters]

    def digits(self, count: int) -> str:
        number = int.from_bytes(self.mac[20:28], "big")
        out = ""
        for i in range(count):
            if i >= 18 and i % 18 == 0:
                number = (number * 6364136223846793005 + int.from_bytes(self.mac[0:8], "big")) % 2**64
            out += str(number * 10 >> 64)
            number = number * 10 % 2**64
        return out


def lines(name: str) -> list:
    texts = (line.split("#")[0].strip() for line in (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines())
    return [text for text in texts if text]


FIRST = [line.split(",") for line in lines("first_name")]
LAST = lines("last_name")
PLACE = [line.split(",") for line in lines("place")]


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", nfc(text.casefold())).strip(" ")


def decimal(text: str) -> str:
    if not re.fullmatch(r"[-+]?[0-9.]+", text):
        return text
    whole, _, fraction = text.lstrip("+-").partition(".")
    number = (whole.lstrip("0") or "0") + ("." + fraction.rstrip("0") if fraction.rstrip("0") else "")
    return "-" + number if text.startswith("-") and number != "0" else number


def timestamp(text: str) -> str:
    return re.sub(r"\.?0*Z$", "Z", text) if "." in text else text


def canonical(value, kind: str, form: str = "text") -> str:
    """`form`: text, folded, phone, digits or address; a typed value has one form whatever it says."""
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "decimal":
        return decimal(value)
    if kind == "floating":
        return re.sub(r"\.0$", "", repr(value))
    if kind == "timestamp":
        return timestamp(value)
    if kind == "uuid":
        return value.lower()
    text = str(value)
    if kind in ("integer", "date"):
        return text
    if form == "address":
        return text.strip().lower()
    if form in ("phone", "digits"):
        number = text
        if form == "phone":
            for at, c in enumerate(text):
                if c.isalpha() and sum(d.isdigit() for d in text[:at]) >= 7:
                    number = text[:at]
                    break
        figures = re.sub(r"[^0-9]", "", number)
        if form == "phone" and len(figures) == 11 and figures[0] == "1":
            figures = figures[1:]
        return figures or fold(text)
    return fold(text) if form == "folded" else nfc(text)
