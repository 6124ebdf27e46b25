#!/usr/bin/env python3
"""Recomputes golden vectors of the masks from docs/FORMATS.md (Masking) alone: hmac, hashlib and the word lists.

It shares no line with the C++ that it checks. Exits 1 on a difference, or when fewer vectors than expected were within
its reach.
"""
import base64
import datetime
import hashlib
import hmac
import json
import pathlib
import re
import sys
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
LISTS = HERE.parents[2] / "src" / "mask" / "dictionaries"
EXPECTED_MASKS = 80


def field(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def sha_mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def domain_key(master: bytes, domain: str, version: int) -> bytes:
    info = field(domain.encode()) + field(str(version).encode())
    extracted = sha_mac(b"godwit.mask.1", master)
    return sha_mac(extracted, info + b"\x01")


def draw(master: bytes, domain: str, version: int, canonical: str, counter: int = 0) -> bytes:
    message = field(domain.encode()) + field(str(version).encode()) + field(canonical.encode())
    if counter:
        message += field(counter.to_bytes(4, "big"))
    return sha_mac(domain_key(master, domain, version), message)


def word(mac: bytes, i: int) -> int:
    return int.from_bytes(mac[4 * i : 4 * i + 4], "big")


def pick(mac: bytes, i: int, n: int) -> int:
    return (word(mac, i) * n) >> 32


def digits(mac: bytes, count: int) -> str:
    number = int.from_bytes(mac[20:28], "big")
    out = ""
    for _ in range(count):
        out += str(number * 10 >> 64)
        number = number * 10 % 2**64
    return out


def hash_text(mac: bytes, characters: int) -> str:
    return base64.b32encode(mac).decode().lower()[:characters]


def entries(name: str) -> list:
    lines = (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


FIRST = [line.split(",") for line in entries("first_name")]
LAST = entries("last_name")
PLACE = [line.split(",") for line in entries("place")]


def fold(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", unicodedata.normalize("NFC", text.casefold())).strip(" ")


class Vectors:
    def __init__(self, document: dict):
        self.document = document
        self.master = document["master"].encode()
        self.failures = []
        self.masks = 0

    def expect(self, what: str, actual, expected) -> None:
        if actual != expected:
            self.failures.append(f"{what}: {actual!r}, the vectors say {expected!r}")

    def drawn(self, mask: dict, domain: str, canonical: str, counter: int = 0) -> bytes:
        return draw(self.master, mask.get("domain", domain), mask.get("version", 1), canonical, counter)

    def from_list(self, mask: dict, domain: str, names: list, original: str) -> str:
        for counter in range(25):
            name = names[pick(self.drawn(mask, domain, original, counter), 0, len(names))]
            if name.lower() != original:
                return name
        raise AssertionError("every draw gave the original")

    def person(self, subject: str, identity: str, first: str = "", last: str = "") -> tuple:
        mac = draw(self.master, f"person@{subject}", 1, identity)
        female = mac[31] & 1 == 1
        names = [n for n, gender in FIRST if gender in ("n", "f" if female else "m")]
        chosen = [names[pick(mac, 3, len(names))], LAST[pick(mac, 4, len(LAST))]]
        counter = 0
        while chosen[0].lower() == first or chosen[1].lower() == last:
            counter += 1
            mac = draw(self.master, f"person@{subject}", 1, identity, counter)
            if chosen[0].lower() == first:
                chosen[0] = names[pick(mac, 3, len(names))]
            if chosen[1].lower() == last:
                chosen[1] = LAST[pick(mac, 4, len(LAST))]
        return chosen[0], chosen[1], female

    # Each returns the fake, or None where the vector is out of reach.
    def dictionary(self, v: dict):
        mask, kind = v["mask"], v["mask"]["argument"]
        value = fold(str(v["value"]))
        if value == "":
            return ""
        if "subject" in mask:
            return self.linked(mask, kind, value, str(v["id"]))
        if kind == "first_name":
            return self.from_list(mask, kind, [n for n, _ in FIRST], value)
        if kind == "last_name":
            return self.from_list(mask, kind, LAST, value)
        if kind == "full_name" and re.fullmatch(r"[a-z]+ [a-z]+", value):
            first, last = value.split()
            return (self.from_list({}, "first_name", [n for n, _ in FIRST], first) + " "
                    + self.from_list({}, "last_name", LAST, last))
        if kind in ("company", "job"):
            return self.from_list(mask, kind, entries(kind), value)
        if kind == "city":
            return self.from_list(mask, kind, [place[0] for place in PLACE], value)
        if kind == "state":
            return PLACE[pick(self.drawn(mask, kind, value), 0, len(PLACE))][1]
        if kind == "zip":
            mac = self.drawn(mask, kind, value)
            fake = PLACE[pick(mac, 0, len(PLACE))][2]
            if "-" in value:
                fake += "-" + digits(mac, 4)
            return int(fake) if v["type"] == "integer" else fake
        if kind == "street":
            mac = self.drawn(mask, kind, value)
            names = entries("street")
            return f"{1 + pick(mac, 1, 9999)} {names[pick(mac, 0, len(names))]}"
        return None

    def linked(self, mask: dict, kind: str, value: str, identity: str):
        subject = mask["subject"]
        if kind == "full_name":
            first, last = value.split()
            return " ".join(self.person(subject, identity, first, last)[:2])
        if kind == "first_name":
            return self.person(subject, identity, first=value)[0]
        if kind == "last_name":
            return self.person(subject, identity, last=value)[1]
        if kind == "gender":
            return "F" if self.person(subject, identity)[2] else "M"
        mac = draw(self.master, f"place@{subject}", 1, identity)
        place = PLACE[pick(mac, 0, len(PLACE))]
        fake = place[{"city": 0, "state": 1, "zip": 2}[kind]]
        return None if fake.lower() == value else fake

    def template(self, v: dict):
        mask, kind, value = v["mask"], v["mask"]["argument"], v["value"]
        if v["type"] == "array":
            return None
        if kind in ("email", "login"):
            mac = self.drawn(mask, kind, fold(value))
            names = ([n for n, _ in FIRST][pick(mac, 3, len(FIRST))], LAST[pick(mac, 4, len(LAST))])
            if "subject" in mask:
                names = self.person(mask["subject"], str(v["id"]))[:2]
            fake = f"{names[0]}.{names[1]}.{hash_text(mac, 16)}".lower()
            limit = v.get("shape", {}).get("max_length", 0)
            tail = "@example.org" if kind == "email" else ""
            if limit and len(fake + tail) > limit:
                return hash_text(mac, min(16, limit - len(tail))) + tail
            return fake + tail
        if kind == "url":
            return "https://example.org/" + hash_text(self.drawn(mask, kind, value), 16)
        if kind in ("phone", "ssn", "card"):
            return self.numbers(mask, kind, str(value), v["type"])
        if kind == "ip" and re.fullmatch(r"[\d.]+", value):
            mac = self.drawn(mask, kind, value)
            networks = ["192.0.2.", "198.51.100.", "203.0.113."]
            return networks[pick(mac, 0, 3)] + str(1 + pick(mac, 1, 254))
        if kind == "EMP-{digits:5}":
            return "EMP-" + digits(self.drawn(mask, "template", value), 5)
        return None

    def numbers(self, mask: dict, kind: str, value: str, value_type: str):
        canonical = re.sub(r"\D", "", value)
        if not canonical:
            return None
        if kind == "phone" and len(canonical) == 11 and canonical[0] == "1":
            canonical = canonical[1:]
        mac = self.drawn(mask, kind, canonical)
        if kind == "phone":
            area = [c for c in range(200, 1000) if c // 10 % 10 != 9 and c % 100 != 11]
            fake = "" if len(canonical) == 7 else str(area[pick(mac, 0, len(area))])
            fake += "55501" + f"{pick(mac, 1, 100):02d}"
        elif kind == "ssn":
            fake = "9" + digits(mac, 8 if len(canonical) >= 9 else len(canonical) - 1)
            fake = fake[:3] + str(int(fake[3]) // 2) + fake[4:]
        else:
            fake = "9999" + digits(mac, len(canonical) - 5)
            total = 0
            for i, c in enumerate(reversed(fake)):
                n = int(c) * (2 if i % 2 == 0 else 1)
                total += n - 9 if n > 9 else n
            fake += str(-total % 10)
        if value_type == "integer":
            return int(fake)
        country = "1" if kind == "phone" and len(re.sub(r"\D", "", value)) == 11 else ""
        places = iter(country + fake)
        return re.sub(r"\d", lambda _: next(places), value)

    def token(self, v: dict):
        if v["type"] == "integer":
            return int.from_bytes(self.drawn(v["mask"], "token", str(v["value"]))[:8], "big") % (2**63 - 1) + 1
        if v["type"] == "uuid":
            mac = bytearray(self.drawn(v["mask"], "token", v["value"].lower()))
            mac[6] = mac[6] & 0x0F | 0x80
            mac[8] = mac[8] & 0x3F | 0x80
            return re.sub(r"(.{8})(.{4})(.{4})(.{4})(.{12})", r"\1-\2-\3-\4-\5", bytes(mac[:16]).hex())
        return self.drawn(v["mask"], "token", v["value"]).hex()[: v["mask"].get("length", 32)]

    def date_shift(self, v: dict):
        if v["type"] not in ("date", "text") or "age_years" in v["mask"] or not re.fullmatch(r"[\d-]+", v["value"]):
            return None
        mac = self.drawn(v["mask"], "date_shift", v["value"])
        if "subject" in v["mask"]:
            mac = draw(self.master, f"date_shift@{v['mask']['subject']}", 1, str(v["id"]))
        days = v["mask"].get("range_days", 365)
        choice = pick(mac, 0, 2 * days)
        offset = choice - days if choice < days else choice - days + 1
        return (datetime.date.fromisoformat(v["value"]) + datetime.timedelta(days=offset)).isoformat()

    def redact(self, v: dict):
        if v["mask"].get("argument") != "whole":
            return None
        return "redacted-" + hash_text(self.drawn(v["mask"], "redact", v["value"]), 16)

    def run(self) -> int:
        for key in self.document["keys"]:
            self.expect(key["domain"], domain_key(self.master, key["domain"], key["version"]).hex(), key["key"])
        for d in self.document["draws"]:
            mac = draw(self.master, d["domain"], d["version"], d["canonical"], d["counter"])
            self.expect(d["domain"], mac.hex(), d["mac"])
        for v in self.document["masks"]:
            recompute = getattr(self, v["mask"]["strategy"], None)
            fake = recompute(v) if recompute else None
            if fake is None:
                continue
            self.masks += 1
            self.expect(json.dumps(v["mask"]) + " of " + repr(v["value"]), fake, v["fake"])
        for failure in self.failures:
            print(failure)
        print(f"recomputed {self.masks} of {len(self.document['masks'])} fakes, {len(self.failures)} differ")
        return 1 if self.failures or self.masks < EXPECTED_MASKS else 0


if __name__ == "__main__":
    sys.exit(Vectors(json.loads((HERE / "vectors.json").read_text(encoding="utf-8"))).run())
