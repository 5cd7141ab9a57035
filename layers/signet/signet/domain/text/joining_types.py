"""How letters of cursive scripts join their neighbours, as far as RFC 5892 asks for it (Joining_Type, Unicode 18.0).

Written out, since the domain takes nothing from outside the standard library, which does not have it; a test compares
it to the package `idna`. Unicode never takes such a property away from a letter.
"""

import unicodedata
from functools import cache

_JOINS_THE_NEXT = """
    0620 0626 0628 062A-062E 0633-063F 0641-0647 0649-064A 066E-066F 0678-0687 069A-06BF 06C1-06C2 06CC 06CE
    06D0-06D1 06FA-06FC 06FF 0712-0714 071A-071D 071F-0727 0729 072B 072D-072E 074E-0758 075C-076A 076D-0770 0772
    0775-0777 077A-077F 07CA-07EA 0841-0845 0848 084A-0853 0855 0860 0862-0865 0868 0886 0889-088D 088F 08A0-08A9
    08AF-08B0 08B3-08B8 08BA-08C8 1807 1820-1878 1887-18A8 18AA A840-A872 10AC0-10AC4 10ACD 10AD3-10ADC 10ADE-10AE0
    10AEB-10AEE 10B80 10B82 10B86-10B88 10B8A-10B8B 10B8D 10B90 10BAD-10BAE 10D00-10D21 10D23 10EC3-10EC4
    10EC6-10EC7 10ED9-10EEE 10F30-10F32 10F34-10F44 10F51-10F53 10F70-10F73 10F76-10F81 10FB0 10FB2-10FB3 10FB8
    10FBB-10FBC 10FBE-10FBF 10FC1 10FC4 10FCA-10FCB 1E900-1E943
"""
"""Dual_Joining and Left_Joining: code points and ranges, hexadecimal."""

_JOINS_THE_ONE_BEFORE = """
    0620 0622-063F 0641-064A 066E-066F 0671-0673 0675-06D3 06D5 06EE-06EF 06FA-06FC 06FF 0710 0712-072F 074D-077F
    07CA-07EA 0840-0858 0860 0862-0865 0867-086A 0870-0882 0886 0889-088F 08A0-08AC 08AE-08C8 1807 1820-1878
    1887-18A8 18AA A840-A871 10AC0-10AC5 10AC7 10AC9-10ACA 10ACE-10AD6 10AD8-10AE1 10AE4 10AEB-10AEF 10B80-10B91
    10BA9-10BAE 10D01-10D23 10EC2-10EC4 10EC6-10EC7 10F30-10F44 10F51-10F54 10F70-10F81 10FB0 10FB2-10FB6
    10FB8-10FBF 10FC1-10FC4 10FC9-10FCA 1E900-1E943
"""
"""Dual_Joining and Right_Joining."""

_PASSED_OVER = {"Mn", "Me"}
_ALSO_PASSED_OVER = "\U0001e94b"
"""The nasalisation mark of Adlam, a modifier letter. Format characters are transparent, too, but stand in no name."""


def joins_the_next(letter: str) -> bool:
    """Whether `letter` is joined to the one after it."""
    return ord(letter) in _code_points(_JOINS_THE_NEXT)


def joins_the_one_before(letter: str) -> bool:
    """Whether `letter` is joined to the one before it."""
    return ord(letter) in _code_points(_JOINS_THE_ONE_BEFORE)


def is_passed_over(letter: str) -> bool:
    """Whether joining goes on across `letter`, as it does across vowel signs (Transparent)."""
    return unicodedata.category(letter) in _PASSED_OVER or letter == _ALSO_PASSED_OVER


@cache
def _code_points(table: str) -> frozenset[int]:
    """The table read: only who writes in such a script pays for it."""
    found: set[int] = set()
    for entry in table.split():
        first, _, last = entry.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)
