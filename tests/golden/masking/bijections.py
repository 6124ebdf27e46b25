"""FF1 of NIST SP 800-38G, the permutation of small ranges, and how both become bijections without fixpoints:
docs/FORMATS.md, "Bijections"."""
import math
import string

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

FF1_DOMAIN_MIN = 1_000_000
RANGE_LIMIT = 9 * 10**18
DERANGE_MIN = 100

LOWER = string.ascii_lowercase
ALPHABETS = {"digits": (string.digits, ""), "alpha": ("", LOWER), "alnum": (string.digits, LOWER), "hex": ("0123456789abcdef", "")}


def aes(key: bytes, block: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(block)


def cbc_mac(key: bytes, message: bytes) -> bytes:
    state = bytes(16)
    for at in range(0, len(message), 16):
        state = aes(key, bytes(a ^ b for a, b in zip(state, message[at : at + 16])))
    return state


def number(numerals: list, radix: int) -> int:
    value = 0
    for numeral in numerals:
        value = value * radix + numeral
    return value


def numerals(value: int, radix: int, count: int) -> list:
    out = []
    for _ in range(count):
        value, last = divmod(value, radix)
        out.insert(0, last)
    return out


def ff1(key: bytes, radix: int, tweak: bytes, plain: list) -> list:
    """SP 800-38G, algorithm 7."""
    n = len(plain)
    u, v = n // 2, n - n // 2
    a, b = plain[:u], plain[u:]
    size = ((radix**v - 1).bit_length() + 7) // 8
    d = 4 * math.ceil(size / 4) + 4
    p = bytes([1, 2, 1]) + radix.to_bytes(3, "big") + bytes([10, u % 256]) + n.to_bytes(4, "big") + len(tweak).to_bytes(4, "big")
    for i in range(10):
        q = tweak + bytes((-len(tweak) - size - 1) % 16) + bytes([i]) + number(b, radix).to_bytes(size, "big")
        r = cbc_mac(key, p + q)
        s = r
        for j in range(1, math.ceil(d / 16)):
            s += aes(key, bytes(x ^ y for x, y in zip(r, j.to_bytes(16, "big"))))
        m = u if i % 2 == 0 else v
        c = (number(a, radix) + int.from_bytes(s[:d], "big")) % radix**m
        a, b = b, numerals(c, radix, m)
    return a + b


def permute_range(key: bytes, value: int, size: int, tweak: bytes) -> int:
    if size == 1:
        return 0
    half = (max((size - 1).bit_length(), 2) + 1) // 2
    mask = 2**half - 1
    head = size.to_bytes(8, "little") + len(tweak).to_bytes(8, "little") + tweak
    seed = cbc_mac(key, head + bytes(-len(head) % 16))
    while True:
        left, right = value >> half, value & mask
        for i in range(10):
            block = bytearray(seed)
            block[0] ^= i
            for k, byte in enumerate(right.to_bytes(4, "little")):
                block[8 + k] ^= byte
            left, right = right, (left ^ int.from_bytes(aes(key, bytes(block))[:8], "big")) & mask
        value = left << half | right
        if value < size:
            return value


def derange(permute, value: int, size: int) -> int:
    """`permute` of 0..size-1 without its fixpoints, from 100 values on."""
    if size < DERANGE_MIN:
        return permute(value)
    if permute(value) == value:
        return permute((value + 1) % size)
    start = value
    while permute((start - 1) % size) == (start - 1) % size:
        start = (start - 1) % size
    return permute(value) if start == value else start


class Permutation:
    def __init__(self, key: bytes, with_ff1: bool):
        self.key, self.with_ff1 = key, with_ff1

    def string(self, plain: list, radix: int, tweak: bytes) -> list:
        size = radix ** len(plain)
        if len(plain) < 2 or size < (FF1_DOMAIN_MIN if self.with_ff1 else RANGE_LIMIT):
            return numerals(permute_range(self.key, number(plain, radix), size, tweak), radix, len(plain))
        longest = 2 * math.floor(119.9 / math.log2(radix))
        if len(plain) <= longest:
            return ff1(self.key, radix, tweak, plain)
        pieces, out = math.ceil(len(plain) / longest), []
        for piece in range(pieces):
            begin, end = len(plain) * piece // pieces, len(plain) * (piece + 1) // pieces
            out += ff1(self.key, radix, tweak + bytes(out), plain[begin:end])
        return out

    def text(self, text: str, alphabet: str):
        """None when no character of the text belongs to the alphabet."""
        parts = ALPHABETS.get(alphabet, (alphabet, ""))
        letters_fold = alphabet in ("alpha", "alnum", "hex")
        place = [next(((part, parts[part].index(d)) for d in [c.lower() if letters_fold and c.isascii() else c]
                       for part in (0, 1) if d in parts[part]), None) for c in text]
        values = [[at[1] for at in place if at and at[0] == part] for part in (0, 1)]
        sizes = [len(parts[part]) ** len(values[part]) if values[part] else 0 for part in (0, 1)]
        if sizes == [0, 0]:
            return None
        larger = 1 if sizes[1] > sizes[0] else 0
        for part in (1 - larger, larger):
            radix, tweak = len(parts[part]), bytes(values[1 - part])
            if not values[part]:
                continue
            count = len(values[part])

            def permute(value: int) -> int:
                return number(self.string(numerals(value, radix, count), radix, tweak), radix)

            value = number(values[part], radix)
            image = derange(permute, value, sizes[part]) if part == larger else permute(value)
            values[part] = numerals(image, radix, count)
        out = ""
        for c, at in zip(text, place):
            if at:
                image = parts[at[0]][values[at[0]].pop(0)]
                upper = alphabet in ("alpha", "alnum") and at[0] == 1 and c.isupper()
                c = image.upper() if upper else image
            out += c
        return out

    def integer(self, value: int, low: int, high: int) -> int:
        size, length = high - low + 1, len(str(high))

        def permute(place: int) -> int:
            if not self.with_ff1 or size < FF1_DOMAIN_MIN or length > 18:
                return permute_range(self.key, place, size, b"")
            walked = place + low
            while True:
                walked = number(ff1(self.key, 10, b"", numerals(walked, 10, length)), 10)
                if low <= walked <= high:
                    return walked - low

        return low + derange(permute, value - low, size)

    def same_length(self, value: int, largest: int) -> int:
        """Among the numbers of the same length and sign."""
        negative, magnitude = value < 0, abs(value)
        length = len(str(magnitude))
        low = (1 if negative else 0) if length == 1 else 10 ** (length - 1)
        image = self.integer(magnitude, low, min(largest + negative, 10**length - 1))
        return -image if negative else image


# NIST, "Block Cipher Modes of Operation: FF1 Method for Format-Preserving Encryption", samples 1 to 9:
# key, radix, tweak, plaintext, ciphertext.
KEY = "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94"
TWEAKS = ("", "39383736353433323130", "3737373770717273373737")
PLAIN = (("0123456789", 10), ("0123456789", 10), ("0123456789abcdefghi", 36))
NIST = {
    128: ("2433477484", "6124200773", "a9tv40mll9kdu509eum"),
    192: ("2830668132", "2496655549", "xbj3kv35jrawxv32ysr"),
    256: ("6657667009", "1001623463", "xs8a0azh2avyalyzuwd"),
}


def nist_samples():
    """(name, computed, published) of all nine."""
    for bits, published in NIST.items():
        # The 192-bit key of the samples is the first 24 bytes of the 256-bit one.
        key = bytes.fromhex(KEY)[: bits // 8]
        for tweak, (plain, radix), expected in zip(TWEAKS, PLAIN, published):
            image = ff1(key, radix, bytes.fromhex(tweak), [int(c, 36) for c in plain])
            yield f"AES-{bits} {plain}", "".join("0123456789abcdefghijklmnopqrstuvwxyz"[i] for i in image), expected
