"""Just enough of C++'s text for scripts/tidy.py: blank out comments and literals, find function bodies."""
import re

_TOKEN = re.compile(
    r"""(?P<comment>//(?:[^\n\\]|\\.|\\\n)*|/\*.*?\*/)
      | (?P<raw>\b(?:u8|u|U|L)?R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)")
      | (?P<text>"(?:[^"\\\n]|\\.)*")
      | (?P<number>\b[0-9][0-9a-zA-Z.']*)
      | (?P<char>'(?:[^'\\\n]|\\.)+')""",
    re.DOTALL | re.VERBOSE,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE | re.DOTALL)
_SCOPE = re.compile(r"^(?:export\s+|inline\s+|template\s*<.*>\s*)*(?:namespace|class|struct|union|enum|extern)\b", re.DOTALL)
_AFTER_PARAMETERS = re.compile(r"\)\s*(?:const|noexcept|override|final|mutable|&+|->.*|requires.*|try)*\s*$", re.DOTALL)
_MEMBER_INITIALIZERS = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)")
# What may stand before a definition without a semicolon: access labels, macros that declare something.
_PREAMBLE = re.compile(r"^(?:\s*(?:public|private|protected)\s*:(?!:)|\s*[A-Z][A-Z0-9_]+\s*\([^()]*\)(?=\s*[\w\[:~]))+")


def _blank(match: re.Match) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def without_comments(text: str) -> str:
    """Comments become blanks; lines keep their numbers."""
    return _TOKEN.sub(lambda m: _blank(m) if m["comment"] else m.group(), text)


def without_text(text: str) -> str:
    """Comments and literals become blanks; lines keep their numbers."""
    return _TOKEN.sub(lambda m: m.group() if m["number"] else _blank(m), text)


def _kind(head: str) -> str:
    head = _PREAMBLE.sub("", head).strip()
    if not head or head.endswith(("=", "(", ",", "return")):
        return "value"
    if _MEMBER_INITIALIZERS.search(head) and re.search(r"[\w>]$", head):
        return "member"  # a{1} of a constructor: its body is still to come
    if _SCOPE.match(head) and not _AFTER_PARAMETERS.search(head):
        return "scope"
    return "function" if ")" in head else "value"


def _name(head: str) -> str:
    head = re.sub(r"\s+", " ", _PREAMBLE.sub("", head).strip())
    match = re.search(r"([\w:~]+|operator\s*\S+)\s*\(", head)
    name = match.group(1) if match else head[:40]
    case = re.match(r"(TEST(?:_[FP])?)\s*\(\s*(\w+)\s*,\s*(\w+)", head)
    return f"{case[2]}.{case[3]}" if case else name


def functions(code: str) -> list[tuple[str, int]]:
    """(name, lines from the opening to the closing brace) of each outermost function; code is without_text."""
    code = _DIRECTIVE.sub(_blank, code)
    found, head, stack = [], "", []
    line = 1
    for character in code:
        if character == "\n":
            line += 1
        inside = bool(stack) and stack[-1][0] != "scope"
        if character == "{":
            kind = "inner" if inside else _kind(head)
            stack.append((kind, head, line))
            if kind != "member" and not inside:
                head = ""
        elif character == "}" and stack:
            kind, opened_head, opened_line = stack.pop()
            if kind == "function":
                found.append((_name(opened_head), line - opened_line + 1))
            head = opened_head + "}" if kind == "member" else head if kind == "inner" else ""
        elif not inside:
            head = "" if character == ";" else head + character
    return found
