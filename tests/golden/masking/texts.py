"""Texts, documents and arrays: what is found in them, and how the fakes are put back. docs/FORMATS.md, "The formulas in
full"."""
import json
import re

from draws import FIRST, LAST, fold

TITLES = ("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "coach", "principal", "teacher", "nurse", "senora", "sr")
# In the order in which they are tried at each place.
FOUND = [
    ("url", r"(?i:https?://|ftp://|www\.)[^\s<>\"'`)\]}|\\]*[^\s<>\"'`)\]}|\\.,;:!?]"),
    ("email", r"[\w.%+\-'&!#]+@[\w.\-]*\w\.\w{2,}"),
    ("date", r"\d{4}-\d\d-\d\d\b|\d\d?/\d\d?/\d{4}\b"),
    ("ip", r"\d{1,3}(?:\.\d{1,3}){3}\b"),
    ("card", r"\d(?:[ \-]?\d){12,18}\b"),
    ("ssn", r"\d{3}([\- ]?)\d\d\1\d{4}\b"),
    ("phone", r"(?:\+?1[\-. ]?)?(?:\(\d{3}\)|\d{3})[\-. ]?\d{3}[\-. ]?\d{4}\b|\d{3}[\-.]\d{4}\b"),
    ("identifier", r"\d{6,}"),
    ("number", r"\d+"),
    ("word", r"[^\W\d_]+(?:'[^\W\d_]+)*"),
]


def luhn(number: str) -> bool:
    total = 0
    for i, digit in enumerate(reversed(re.sub(r"\D", "", number))):
        n = int(digit) * (2 if i % 2 else 1)
        total += n - 9 if n > 9 else n
    return total % 10 == 0


def name_kind(word: str, after_name: bool):
    first, last = {fold(n) for n, _ in FIRST}, {fold(n) for n in LAST}
    if not (word[0].isupper() or not word[0].isascii()):
        return None
    folded = fold(word)
    if not after_name and folded in first:
        return "first_name"
    if folded in last:
        return "last_name"
    if folded in first:
        return "first_name"
    return "last_name" if after_name and len(word) > 1 and word.lower() not in TITLES else None


def scan(text: str, mask) -> str:
    """`mask(kind, found)` gives the fake of what is found."""
    out, at, after_name = "", 0, False
    while at < len(text):
        for kind, pattern in FOUND:
            match = re.compile(pattern).match(text, at)
            if match and kind == "card" and not luhn(match.group()):
                continue
            if match:
                break
        else:
            if text[at] not in " .":
                after_name = False
            out += text[at]
            at += 1
            continue
        found = match.group()
        if kind == "word":
            if found[-2:].lower() == "'s" and len(found) > 2:
                found = found[:-2]
            kind = name_kind(found, after_name)
            after_name = kind == "first_name" or found.lower() in TITLES and kind is None
        else:
            after_name = False
            kind = None if kind == "number" else kind
        out += mask(kind, found) if kind else found
        at += len(found)
    return out


def json_steps(path: str) -> list:
    return re.findall(r"(\.\.|\.)([^.\[]+)|\[(\*|\d+)\]", path)


def json_matches(path: str, place: list) -> bool:
    """`place`: keys (text) and indexes (numbers) from the root."""
    pattern = "^"
    for dots, name, index in json_steps(path):
        pattern += "(?:/[^/]*)*" if dots == ".." else ""
        pattern += "/" + (re.escape("k" + name) if name else r"i\d+" if index == "*" else f"i{index}")
    return re.match(pattern + "$", "".join("/" + ("i" if isinstance(step, int) else "k") + str(step) for step in place)) is not None


def rewrite_json(text: str, leaf) -> str:
    """Every string and whole number that is a value becomes leaf(place, value), or stays as it is written where that gives
    None, as everything else does."""
    out, at, place, expect_key = "", 0, [], False
    open_in = []  # "{" or "["
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^"{}\[\],:]+', text):
        raw = token.group()
        if raw[0] == '"' and expect_key:
            place[-1], expect_key = json.loads(raw), False
        elif raw[0] == '"':
            fake = leaf(list(place), json.loads(raw))
            raw = raw if fake is None else json.dumps(fake, ensure_ascii=False)
        elif re.fullmatch(r"\s*-?\d+\s*", raw):
            fake = leaf(list(place), int(raw))
            raw = raw if fake is None else re.sub(r"-?\d+", str(fake), raw)
        elif raw in "{[":
            open_in.append(raw)
            place.append(0 if raw == "[" else "")
            expect_key = raw == "{"
        elif raw in "}]":
            open_in.pop()
            place.pop()
            expect_key = False
        elif raw == ",":
            expect_key = open_in[-1] == "{"
            if not expect_key:
                place[-1] += 1
        out += raw
    return out


def rewrite_array(text: str, element) -> str:
    out = ""
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[{},]|[^"{},]+', text):
        raw = token.group()
        if raw in "{},":
            out += raw
        elif raw == "NULL":
            out += raw
        else:
            fake = element(re.sub(r"\\(.)", r"\1", raw[1:-1] if raw[0] == '"' else raw))
            quoted = fake == "" or fake.lower() == "null" or re.search(r'[{}",\\\s]', fake)
            out += '"' + re.sub(r'(["\\])', r"\\\1", fake) + '"' if quoted else fake
    return out
