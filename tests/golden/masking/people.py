"""Persons, names and places: docs/FORMATS.md, "Fakes" and "The formulas in full"."""
from draws import FIRST, LAST, PLACE, Draw, fold, lines

TITLES = {"mr": "Mr.", "mrs": "Mrs.", "ms": "Ms.", "dr": "Dr.", "miss": "Miss", "mx": "Mx.", "prof": "Prof.", "rev": "Rev."}
SUFFIXES = {"jr": "Jr.", "sr": "Sr.", "ii": "II", "iii": "III", "iv": "IV", "phd": "PhD", "md": "MD"}
PARTICLES = {"de", "la", "del", "las", "los", "van", "von", "der", "den", "di", "da", "dos", "el", "al", "bin", "ibn", "ter", "le"}
REDRAWS = 24


def from_list(master: bytes, domain: str, version: int, names: list, original: str) -> str:
    """The entry that the first draw names which is not the original."""
    for counter in range(REDRAWS + 1):
        name = names[Draw(master, domain, version, original, counter).pick(0, len(names))]
        if name.lower() != original:
            break
    return name


def person(master: bytes, subject: str, version: int, identity: str, first: str = "", last: str = "") -> tuple:
    draw = Draw(master, f"person@{subject}", version, identity)
    female = draw.coin()
    names = [name for name, gender in FIRST if gender in ("n", "f" if female else "m")]
    chosen = [names[draw.pick(3, len(names))], LAST[draw.pick(4, len(LAST))]]
    for counter in range(1, REDRAWS + 1):
        again = [chosen[0].lower() == first, chosen[1].lower() == last]
        if not any(again):
            break
        draw = Draw(master, f"person@{subject}", version, identity, counter)
        if again[0]:
            chosen[0] = names[draw.pick(3, len(names))]
        if again[1]:
            chosen[1] = LAST[draw.pick(4, len(LAST))]
    return chosen[0], chosen[1], female


def take_apart(name: str) -> dict:
    """A folded full name: title, given, family, suffix, and whether the family stands first."""
    parts = {"title": "", "suffix": "", "given": name, "family": "", "family_first": False}
    if "," in name:
        before, _, after = name.partition(",")
        parts["suffix"] = SUFFIXES.get(after.strip().rstrip("."), "")
        if not parts["suffix"]:
            return {**parts, "family": before, "given": after.strip(), "family_first": True}
        name = before
    words = name.split(" ")
    if len(words) > 1 and words[0].rstrip(".") in TITLES:
        parts["title"] = TITLES[words.pop(0).rstrip(".")]
    if len(words) > 1 and not parts["suffix"] and words[-1].rstrip(".") in SUFFIXES:
        parts["suffix"] = SUFFIXES[words.pop().rstrip(".")]
    split = len(words) - 1
    while split > 1 and words[split - 1] in PARTICLES:
        split -= 1
    if split < 1:
        return {**parts, "given": words[0]}
    return {**parts, "given": " ".join(words[:split]), "family": " ".join(words[split:])}


def put_together(parts: dict, given: str, family: str) -> str:
    name = f"{family}, {given}" if parts["family_first"] else f"{given} {family}".strip()
    return " ".join(part for part in (parts["title"], name, parts["suffix"]) if part)


def full_name(master: bytes, version: int, value: str) -> str:
    parts = take_apart(fold(value))
    given = []
    for word in parts["given"].split(" "):
        name = from_list(master, "first_name", version, [name for name, _ in FIRST], word)
        if len(word.rstrip(".")) == 1 and len(word) <= 2:
            initial = name[0] if name[0].lower() != word[0] else "A" if name[0] == "Z" else "Z"
            name = initial + word[1:]
        given.append(name)
    family = from_list(master, "last_name", version, LAST, parts["family"]) if parts["family"] else ""
    return put_together(parts, " ".join(given), family)


def linked_full_name(master: bytes, subject: str, version: int, identity: str, value: str) -> str:
    parts = take_apart(fold(value))
    first, last, _ = person(master, subject, version, identity, parts["given"].split(" ")[0], parts["family"])
    return put_together(parts, first, last)


def place(master: bytes, domain: str, version: int, identity: str, city: str = "", zip_code: str = "") -> list:
    """A linked entry of `place`; gives way to the next one of its state while it shows the original."""
    start = Draw(master, domain, version, identity).pick(0, len(PLACE))

    def clashes(entry: list) -> bool:
        return entry[0].lower() == city or entry[2] == zip_code

    if not clashes(PLACE[start]):
        return PLACE[start]
    around = PLACE[start + 1 :] + PLACE[:start]
    same_state = [entry for entry in around if entry[1] == PLACE[start][1] and not clashes(entry)]
    return (same_state + [entry for entry in around if not clashes(entry)])[0]


def code(kind: str, index: int, value: str) -> str:
    """An entry of a code list in the form of the original: code or word, its case."""
    entry = lines(kind)[index].split(",")
    fake = entry[0] if len(value.encode()) <= 2 else entry[1]
    return fake.lower() if value == fold(value) else fake
