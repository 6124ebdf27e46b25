#!/usr/bin/env python3
"""Recomputes every golden vector of the masks from docs/FORMATS.md (Masking) and the word lists alone: hmac, hashlib, and
AES of the cryptography package.

It shares no line with the C++ that it checks. Exits 1 on a difference, and when a strategy or a vector is left out.
"""
import datetime
import json
import math
import pathlib
import re
import sys

import texts
from bijections import Permutation, nist_samples
from draws import FIRST, LAST, PLACE, Draw, canonical, domain_key, fold, lines
from people import REDRAWS, code, from_list, full_name, linked_full_name, person, place

HERE = pathlib.Path(__file__).resolve().parent
# sql is the one strategy without a formula: DuckDB evaluates it.
STRATEGIES = {"keep", "null", "constant", "dictionary", "template", "digits", "fpe", "permutation", "token", "date_shift",
              "noise", "json", "redact"}
LARGEST = 2**63 - 1


class Vectors:
    def __init__(self, document: dict):
        self.document = document
        self.master = document["master"].encode()
        self.reference_day = datetime.date.fromisoformat(document["reference_day"])
        self.failures = []

    def expect(self, what: str, actual, expected) -> None:
        if actual != expected or type(actual) is not type(expected):
            self.failures.append(f"{what}: {actual!r}, the vectors say {expected!r}")

    def fake(self, v: dict):
        """One vector: {mask, type, value, id?, shape?} to its fake."""
        value, strategy = v["value"], v["mask"]["strategy"]
        if value is None or value == "":
            return value
        if strategy in ("keep", "null", "constant"):
            return {"keep": value, "null": None, "constant": v["mask"].get("argument")}[strategy]
        if v["type"] == "array":
            inner = {**v, "type": "text"}
            return texts.rewrite_array(value, lambda element: self.fake({**inner, "value": element}))
        labels = v.get("shape", {}).get("labels")
        if labels and strategy != "permutation" and v["mask"].get("argument") != "gender":
            draw = self.draw(v, v["mask"].get("argument") or "label", "folded")
            return labels[draw.pick(0, len(labels))]
        return getattr(self, strategy)(v)

    def draw(self, v: dict, domain: str, form: str, counter: int = 0, by_value: bool = False, text=None) -> Draw:
        mask = v["mask"]
        domain = mask.get("domain", domain)
        if mask.get("subject") and v.get("id") is not None and not by_value:
            return Draw(self.master, f"{domain}@{mask['subject']}", mask.get("version", 1), str(v["id"]).strip(), counter)
        text = canonical(v["value"], v["type"], form) if text is None else text
        return Draw(self.master, domain, mask.get("version", 1), text, counter)

    def redrawn(self, original, make):
        """make(counter) until it is not the original."""
        for counter in range(REDRAWS + 1):
            fake = make(counter)
            if fake != original:
                break
        return fake

    def dictionary(self, v: dict):
        mask, kind, version = v["mask"], v["mask"]["argument"], v["mask"].get("version", 1)
        value, subject = fold(str(v["value"])), mask.get("subject") if v.get("id") is not None else None
        if kind in ("race", "ethnicity", "lunch_status"):
            return code(kind, self.draw(v, kind, "folded").pick(0, len(lines(kind))), v["value"])
        if subject and kind in ("first_name", "last_name", "full_name", "gender"):
            return self.of_person(kind, v, subject, value)
        if kind == "gender":
            return code(kind, 0 if self.draw(v, kind, "folded").coin() else 1, v["value"])
        if kind == "full_name":
            return full_name(self.master, version, v["value"])
        if subject and kind in ("city", "state", "zip"):
            known = {"city": {"city": value}, "zip": {"zip_code": value}}.get(kind, {})
            entry = place(self.master, f"{mask.get('domain', 'place')}@{subject}", version, str(v["id"]), **known)
            return entry[("city", "state", "zip").index(kind)]
        if kind == "state":
            return PLACE[self.draw(v, kind, "folded").pick(0, len(PLACE))][1]
        if kind == "zip":
            return self.zip_code(v, value)
        if kind == "street":
            names = lines("street")
            return self.redrawn(None, lambda counter: "{} {}".format(
                1 + self.draw(v, kind, "folded", counter).pick(1, 9999), names[self.draw(v, kind, "folded", counter).pick(0, len(names))]))
        names = {"first_name": [n for n, _ in FIRST], "last_name": LAST, "city": [p[0] for p in PLACE]}.get(kind) or lines(kind)
        return from_list(self.master, mask.get("domain", kind), version, names, value)

    def zip_code(self, v: dict, value: str):
        def make(counter: int) -> str:
            draw = self.draw(v, "zip", "folded", counter)
            return PLACE[draw.pick(0, len(PLACE))][2] + ("-" + draw.digits(4) if re.fullmatch(r".{5}-.{4}", value) else "")

        fake = self.redrawn(value, make)
        return int(fake) if v["type"] == "integer" else fake

    def of_person(self, kind: str, v: dict, subject: str, value: str):
        version, identity = v["mask"].get("version", 1), str(v["id"]).strip()
        if kind == "full_name":
            return linked_full_name(self.master, subject, version, identity, v["value"])
        if kind == "gender":
            return code(kind, 0 if person(self.master, subject, version, identity)[2] else 1, v["value"])
        first = kind == "first_name"
        known = {"first": value} if first else {"last": value}
        return person(self.master, subject, version, identity, **known)[0 if first else 1]

    def template(self, v: dict):
        kind, value = v["mask"]["argument"], v["value"]
        if kind in ("phone", "ssn", "card"):
            return self.number_kind(v, kind, str(value))
        if kind == "ip":
            return self.address(v)
        if kind == "mac":
            return self.mac(v)
        patterns = {"email": ["{first}.{last}.{hash}@example.org", "{hash}@example.org"],
                    "login": ["{first}.{last}.{hash}", "{hash}"],
                    "url": ["https://example.org/{hash}", "example.org/{hash}"]}.get(kind, [kind])
        lower = kind in ("email", "login", "url") or "@" in kind
        limit = v.get("shape", {}).get("max_length", 0)
        around = {"email": "@example.org", "url": "example.org/"}.get(kind, "")
        if limit and limit - len(around) < 16:
            patterns[-1] = patterns[-1].replace("{hash}", f"{{hash:{limit - len(around)}}}")
        draw = self.draw(v, kind if kind in ("email", "login", "url") else "template",
                         "folded" if lower and kind != "url" else "text", by_value=True)
        names = {"first": FIRST[draw.pick(3, len(FIRST))][0], "last": LAST[draw.pick(4, len(LAST))]}
        if v["mask"].get("subject") and v.get("id") is not None:
            names["first"], names["last"], _ = person(self.master, v["mask"]["subject"], v["mask"].get("version", 1), str(v["id"]))
        for pattern in patterns:
            fake = re.sub(r"\{(\w+)(?::(\d+))?\}", lambda field: self.placeholder(field, draw, names, lower), pattern)
            if not limit or len(fake) <= limit:
                break
        return fake

    @staticmethod
    def placeholder(field, draw: Draw, names: dict, lower: bool) -> str:
        name, count = field.groups()
        if name == "hash":
            return draw.hash(int(count or 16))
        if name == "digits":
            return draw.digits(int(count or 6))
        return re.sub(r"[^a-z0-9]", "", names[name].lower()) if lower else names[name]

    def number_kind(self, v: dict, kind: str, value: str):
        form = "phone" if kind == "phone" else "digits"
        own = canonical(value, "text", form)
        count = len(own) if own.isdigit() else 0

        def make(counter: int) -> str:
            draw = self.draw(v, kind, form, counter)
            if kind == "phone":
                area = [c for c in range(200, 1000) if c // 10 % 10 != 9 and c % 100 != 11]
                return ("" if count == 7 else str(area[draw.pick(0, len(area))])) + f"55501{draw.pick(1, 100):02d}"
            if kind == "ssn":
                fake = "9" + draw.digits(count - 1 if 1 <= count < 9 else 8)
                return fake[:3] + str(int(fake[3]) // 2) + fake[4:] if len(fake) > 3 else fake
            fake = "9999" + draw.digits((count if 12 <= count <= 19 else 16) - 5)
            return next(fake + str(check) for check in range(10) if texts.luhn(fake + str(check)))

        fake = self.redrawn(own, make)
        if v["type"] == "integer":
            return int(fake)
        if v["type"] == "decimal":
            return fake
        return self.dress(kind, value, fake)

    @staticmethod
    def dress(kind: str, value: str, fake: str) -> str:
        """The fake in the punctuation of the original, or in the plain form."""
        letters = re.search(r"[^\W\d_]", value)
        form = value
        if letters:
            form = value[: letters.start()]
            if kind != "phone" or len(re.sub(r"\D", "", form)) < 7:
                form = ""
        form = re.sub(r"\D+$", "", form)
        places = len(re.sub(r"\D", "", form))
        country = "1" if kind == "phone" and places == 11 and len(fake) == 10 else ""
        if places != len(country + fake):
            plain = {"phone": "ddd-ddd-dddd", "ssn": "ddd-dd-dddd", "card": "d" * 16}[kind]
            if len(fake) != plain.count("d"):
                return fake
            form = plain.replace("d", "0")
        digits = iter(country + fake)
        return re.sub(r"\d", lambda _: next(digits), form)

    def address(self, v: dict):
        own = canonical(v["value"], "text", "address")
        suffix = own.partition("/")[2]

        def make(counter: int) -> str:
            draw = self.draw(v, "ip", "address", counter)
            if ":" in own:
                groups = ":".join(f"{0x1000 + draw.pick(i, 0xF000):x}" for i in range(6))
                return f"2001:db8:{groups}" + (f"/{min(max(int(suffix), 32), 128)}" if suffix else "")
            network = ("192.0.2.", "198.51.100.", "203.0.113.")[draw.pick(0, 3)]
            return network + str(1 + draw.pick(1, 254)) + (f"/{min(max(int(suffix), 24), 32)}" if suffix else "")

        return self.redrawn(own, make)

    def mac(self, v: dict):
        draw, value = self.draw(v, "mac", "address"), v["value"]
        if len(re.findall(r"[0-9a-fA-F]", value)) not in (12, 16):
            value = "00:00:00:00:00:00"
        nibbles = iter("02" + draw.mac[1:8].hex())
        fake = re.sub(r"[0-9a-fA-F]", lambda _: next(nibbles), value)
        return fake.upper() if re.search(r"[A-F]", value) else fake

    def digits(self, v: dict):
        original = str(v["value"])
        places = len(re.findall(r"[0-9]", original))

        def make(counter: int) -> str:
            draw = self.draw(v, "digits", "text", counter)
            if places == 0:
                letters = iter(draw.mac * 8)
                return re.sub(r"[^\W\d_]", lambda c: chr((65 if "A" <= c.group() <= "Z" else 97) + next(letters) % 26), original)
            drawn = draw.digits(places)
            if drawn[0] == "0" and re.search(r"[0-9]", original).group() != "0":
                drawn = str(1 + int(drawn[-1]) % 9) + drawn[1:]
            figures = iter(drawn)
            return re.sub(r"[0-9]", lambda _: next(figures), original)

        fake = self.redrawn(original, make)
        return int(fake) if v["type"] == "integer" else fake

    def permutation(self, v: dict):
        mask, value = v["mask"], v["value"]
        ff1 = mask["strategy"] == "fpe"
        key = domain_key(self.master, mask.get("domain", mask["strategy"]), mask.get("version", 1), "fpe")
        permutation = Permutation(key, ff1)
        labels = v.get("shape", {}).get("labels")
        if labels:
            return labels[permutation.integer(labels.index(value), 0, len(labels) - 1)]
        if v["type"] == "integer":
            if mask.get("maximum", 0) > mask.get("minimum", 0):
                return mask["minimum"] + permutation.integer(value - mask["minimum"], 0, mask["maximum"] - mask["minimum"])
            return permutation.same_length(value, LARGEST)
        alphabet = "hex" if v["type"] == "uuid" else mask.get("alphabet") or "digits"
        fake = permutation.text(value, alphabet)
        return permutation.text(value, "alnum") if fake is None and alphabet in ("digits", "alpha") else fake

    fpe = permutation

    def token(self, v: dict):
        draw = self.draw(v, "token", "text")
        if v["type"] == "integer":
            return int.from_bytes(draw.mac[:8], "big") % LARGEST + 1
        if v["type"] == "uuid":
            mac = bytearray(draw.mac)
            mac[6] = mac[6] & 0x0F | 0x80
            mac[8] = mac[8] & 0x3F | 0x80
            return re.sub(r"(.{8})(.{4})(.{4})(.{4})(.{12})", r"\1-\2-\3-\4-\5", bytes(mac[:16]).hex())
        return draw.mac.hex()[: v["mask"].get("length", 32)]

    def date_shift(self, v: dict):
        value, separator, rest = v["value"], "-", ""
        if v["type"] == "text":
            found = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})", value) or re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})", value)
            if not found:
                return "1900-01-01" if value != "1900-01-01" else "1900-01-02"
            separator = "/" if "/" in found.group() else "-"
            y, m, d = found.groups() if separator == "-" else (found.group(3), found.group(1), found.group(2))
            day, rest = datetime.date(int(y), int(m), int(d)), value[found.end() :]
            draw = self.draw(v, "date_shift", "text", text=day.isoformat())
        else:
            day, rest = datetime.date.fromisoformat(value[:10]), value[10:]
            draw = self.draw(v, "date_shift", "text")
        days = v["mask"].get("range_days", 365)
        choice = draw.pick(0, 2 * days)
        shifted = self.in_band(v["mask"], day, choice - days if choice < days else choice - days + 1)
        return (shifted.strftime("%m/%d/%Y") if separator == "/" else shifted.isoformat()) + rest

    def in_band(self, mask: dict, day: datetime.date, offset: int) -> datetime.date:
        one = datetime.timedelta(days=1)
        shifted = day + offset * one
        if "age_years" not in mask:
            return shifted
        low, high = mask["age_years"]
        first = self.reference_day.replace(year=self.reference_day.year - high - 1) + one
        last = self.reference_day.replace(year=self.reference_day.year - low)
        if not first <= day <= last or first <= shifted <= last:
            return shifted
        if first <= day - offset * one <= last:
            return day - offset * one
        wrapped = first + ((shifted - first).days % ((last - first).days + 1)) * one
        return wrapped if wrapped != day else first if wrapped == last else wrapped + one

    def noise(self, v: dict):
        draw, value = self.draw(v, "noise", "text"), v["value"]
        fraction = (draw.word(0) + 1) / 2**32 * (v["mask"].get("percent", 10) / 100) * (1 if draw.coin() else -1)
        low, high = v["mask"].get("minimum", 0), v["mask"].get("maximum", 0)
        if not low < high:
            low, high = -math.inf, math.inf
        if v["type"] == "floating":
            moved = min(max(value * (1 + fraction), low), high)
            return moved if moved != value else min(max(value * (1 - fraction), low), high)
        if v["type"] == "integer":
            delta = math.trunc(value * fraction) or (-1 if fraction < 0 < value else 1)
            tried = (int(min(max(value + d, low), high)) for d in (delta, -delta, 1, -1))
            return next(moved for moved in tried if moved != value and (value < 0 or moved >= 0))
        if not re.fullmatch(r"-?[0-9.]+", value):
            return value
        scale = len(value.partition(".")[2])
        figures = re.sub(r"\D", "", value).lstrip("0") or "0"
        head = int(figures[:15])
        delta = math.trunc(head * fraction) or (-1 if fraction < 0 and head > 1 else 1)
        moved = self.clamped(head, delta, (low, high), scale, value[0] == "-")
        moved = str(moved) + draw.digits(max(len(figures) - 15, 0))
        moved = moved.rjust(scale + 1, "0")
        return ("-" if value[0] == "-" else "") + (moved[:-scale] + "." + moved[-scale:] if scale else moved)

    @staticmethod
    def clamped(head: int, delta: int, bounds: tuple, scale: int, negative: bool) -> int:
        """A decimal's digits without their point, inside the bounds."""
        moved = head + delta
        if bounds[0] > -math.inf:
            low, high = sorted(bound * 10**scale * (-1 if negative else 1) for bound in bounds)
            moved = min(max(moved, max(0, math.ceil(low))), max(0, math.floor(high)))
            moved = moved if moved != head else head - delta if head >= delta else head
        return max(moved, 0)

    def redact(self, v: dict):
        if v["type"] == "json":
            return self.json(v)
        if v["mask"].get("argument") == "whole":
            return "redacted-" + self.draw(v, "redact", "text", by_value=True).hash(16)

        def found(kind: str, text: str) -> str:
            strategy = {"date": "date_shift", "identifier": "digits", "first_name": "dictionary", "last_name": "dictionary"}
            mask = {"strategy": strategy.get(kind, "template"), "argument": kind, "version": v["mask"].get("version", 1)}
            return self.fake({"mask": mask, "type": "text", "value": text})

        return texts.scan(v["value"], found)

    def json(self, v: dict):
        mask = v["mask"]
        form = "scan" if "scan" in (mask.get("otherwise"), mask.get("argument")) else "whole"

        def leaf(place_in: list, text):
            at = next((inner for path, inner in mask.get("paths", {}).items() if texts.json_matches(path, place_in)), None)
            if at is None and (mask.get("otherwise") == "keep" or not isinstance(text, str)):
                return None
            inner = at or {"strategy": "redact", "argument": form, "version": mask.get("version", 1)}
            if at and "subject" in mask and at["strategy"] not in ("fpe", "permutation"):
                inner = {"subject": mask["subject"], **inner}
            kind = "text" if isinstance(text, str) else "integer"
            return self.fake({**v, "mask": inner, "type": kind, "value": text})

        return texts.rewrite_json(v["value"], leaf)

    def compare(self) -> list:
        """What differs."""
        for name, computed, published in nist_samples():
            self.expect(f"NIST FF1 {name}", computed, published)
        for key in self.document["keys"]:
            self.expect(key["domain"], domain_key(self.master, key["domain"], key["version"]).hex(), key["key"])
        for d in self.document["draws"]:
            self.expect(d["domain"], Draw(self.master, d["domain"], d["version"], d["canonical"], d["counter"]).mac.hex(), d["mac"])
        for form in self.document["canonical"]:
            self.expect(form["value"], canonical(form["value"], form["type"], form["canon"]), form["canonical"])
        for v in self.document["masks"]:
            self.expect(json.dumps(v["mask"]) + " of " + repr(v["value"]), self.fake(v), v["fake"])
        left_out = STRATEGIES - {v["mask"]["strategy"] for v in self.document["masks"]}
        if left_out:
            self.failures.append(f"no vector of: {', '.join(sorted(left_out))}")
        return self.failures


def main() -> int:
    document = json.loads((HERE / "vectors.json").read_text(encoding="utf-8"))
    failures = Vectors(document).compare()
    for failure in failures:
        print(failure)
    print(f"recomputed {len(document['masks'])} fakes, {len(failures)} differ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
