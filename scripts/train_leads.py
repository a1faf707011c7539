#!/usr/bin/env python3
"""Count how articles begin: which n-grams open an article's first paragraph and which the others.

usage: train_leads.py FOLDER -o rules/leads.tsv [--least-weight 1.5] [--model rules/model/news.icm]

FOLDER holds *.txt of clean text: one paragraph a line, the headline first, a blank line between articles.
A file in which articles are fewer counts more, up to five times, so that no kind of newspaper is drowned.
Writes lines of place, n-gram and weight. The weight is log P(n-gram | first paragraph) - log P(n-gram |
another paragraph); the place is `opening` (up to four characters at the very beginning), `near` (a pair
within the first ten characters) or `early` (a mark within the first two hundred). Characters are written as
the coherence model reads them: one script, one digit, one letter. The same files give the same table.
"""
import argparse
import collections
import glob
import math
import os
import struct

LEAST_COUNT = 10
EARLY = ("影/", "（")  # who took the picture; a name or term in full


def character_map(model):
    """What the coherence model reads each codepoint as; 0: it is not read."""
    with open(model, "rb") as file:
        file.seek(32)
        return struct.unpack("<65536H", file.read(2 * 65536))


def places(paragraph):
    near = paragraph[:10]
    found = {("opening", near[:k]) for k in range(1, 5)}
    found |= {("near", near[i:i + 2]) for i in range(len(near) - 1)}
    return found | {("early", mark) for mark in EARLY if mark in paragraph[:200]}


def articles(path, to):
    with open(path, encoding="utf-8") as file:
        for article in file.read().split("\n\n"):
            lines = ["".join(chr(to[ord(c)]) for c in line if ord(c) < 0x10000 and to[ord(c)])
                     for line in article.splitlines()]
            lines = [line for line in lines if line]
            if len(lines) >= 4:
                yield lines[1:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--least-weight", type=float, default=1.5)
    parser.add_argument("--model", default=os.path.join(os.path.dirname(__file__), "../rules/model/news.icm"))
    arguments = parser.parse_args()
    to = character_map(arguments.model)
    files = [list(articles(path, to)) for path in sorted(glob.glob(os.path.join(arguments.folder, "*.txt")))]
    most = max(map(len, files))
    first, others = collections.Counter(), collections.Counter()
    count_first = count_others = 0.0
    for file in files:
        weight = min(5.0, most / max(1, len(file)))
        for paragraphs in file:
            for i, paragraph in enumerate(paragraphs):
                if i == 0 and len(paragraph) < 15:
                    continue  # a byline or a second headline
                counts = first if i == 0 else others
                for place in places(paragraph):
                    counts[place] += weight
                if i == 0:
                    count_first += weight
                else:
                    count_others += weight
    prior = 2.0
    prior_others = prior * count_others / count_first
    rows = []
    for place in set(first) | set(others):
        if first[place] + others[place] < LEAST_COUNT:
            continue
        weight = (math.log((first[place] + prior) / (count_first + 2 * prior))
                  - math.log((others[place] + prior_others) / (count_others + 2 * prior_others)))
        if abs(weight) >= arguments.least_weight or place[0] == "early":
            rows.append((*place, weight))
    rows.sort(key=lambda row: (row[0], -row[2], row[1]))
    with open(arguments.output, "w", encoding="utf-8") as out:
        out.write("# How articles begin: place, n-gram as the coherence model reads it, weight.\n"
                  "# Counted by scripts/train_leads.py; sources in README.md. Counts are facts.\n")
        for place, ngram, weight in rows:
            out.write(f"{place}\t{ngram}\t{weight:.2f}\n")


if __name__ == "__main__":
    main()
