#!/usr/bin/env python3
"""Count which characters recognition reads for which, from pairs of recognised and true text.

usage: count_confusions.py -o rules/confusables.tsv [--marks rules/confusable_marks.tsv] FILE...

A FILE of two or three tab-separated columns holds a pair a line, the recognised text next to last and
the true one last. A FILE named X.raw.txt is compared whole with X.gold.txt beside it. Writes lines of:
recognised, true, how often; most frequent first, then by codepoint. The same files give the same table.
With --marks the same is counted of marks between ideographs in the files X.raw.txt: also of those read rightly, and of
those that stand for nothing (the true one is empty).
"""
import argparse
import collections
import difflib
import unicodedata
import zlib


def read_pairs(path):
    """Pairs of a recognised and a true sentence, of lines that have them last."""
    with open(path, encoding="utf-8") as file:
        return [tuple(line.split("\t")[-2:]) for line in file.read().splitlines() if "\t" in line]


def read_counts(path):
    """A table that write() has written."""
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return collections.Counter({(read, true): int(n) for read, true, n in rows})


def fold_of(true, folds):
    """A true sentence is in one fold with all that was read for it: it says what is right in each."""
    return zlib.crc32(true.encode()) % folds


def is_han(c):
    return "\u4e00" <= c <= "\u9fff" or "\u3400" <= c <= "\u4dbf" or c == "〇"


def count_pair(read, true, counts):
    if len(read) == len(true):
        for r, t in zip(read, true):
            if r != t and is_han(r) and is_han(t):
                counts[r, t] += 1
        return
    matcher = difflib.SequenceMatcher(None, read, true, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        # Longer replacements are rather text that is not the same than characters misread.
        if tag == "replace" and b - a == d - c and b - a <= 2:
            for r, t in zip(read[a:b], true[c:d]):
                if r != t and is_han(r) and is_han(t):
                    counts[r, t] += 1


def is_mark(c):
    return unicodedata.category(c)[0] in "PS"


def count_marks(read, true, counts):
    """Of marks that were read between ideographs."""
    matcher = difflib.SequenceMatcher(None, read, true, autojunk=False)
    between = lambda i: is_mark(read[i]) and 0 < i < len(read) - 1 and is_han(read[i - 1]) and is_han(read[i + 1])
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "delete" and b - a == 1 and between(a):
            counts[read[a], ""] += 1
        elif tag != "insert" and b - a == d - c and (tag == "equal" or b - a <= 2):
            for i, t in zip(range(a, b), true[c:d]):
                if between(i) and is_mark(t):
                    counts[read[i], t] += 1


def write(counts, path, of=""):
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"# What recognition reads for what{of}: recognised, true, how often.\n"
                  "# Counted by scripts/count_confusions.py; sources in README.md. Counts are facts.\n")
        for (read, true), n in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            out.write(f"{read}\t{true}\t{n}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--marks")
    arguments = parser.parse_args()
    counts, marks = collections.Counter(), collections.Counter()
    for path in arguments.files:
        if path.endswith(".raw.txt"):
            gold = open(path[:-len(".raw.txt")] + ".gold.txt", encoding="utf-8").read()
            raw = open(path, encoding="utf-8").read()
            count_pair("".join(raw.split()), "".join(gold.split()), counts)
            if arguments.marks:
                count_marks("".join(raw.split()), "".join(gold.split()), marks)
            continue
        for read, true in read_pairs(path):
            count_pair(read, true, counts)
    write(counts, arguments.output)
    if arguments.marks:
        write(marks, arguments.marks, " of marks")


if __name__ == "__main__":
    main()
