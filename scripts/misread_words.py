#!/usr/bin/env python3
"""List what words of two characters are read as where that is no word: 间题 for 问题, 曰本 for 日本.

usage: misread_words.py CORPUS.txt [CORPUS.txt ...] --counts COUNTS.tsv=WEIGHT -o rules/misread_words.tsv

The words are those of rules/words-chinese.txt that the corpora have LEAST times or more; --counts adds a table of n-grams
and counts, as word_model_counts.py writes it, each counting so much. What each of their characters is read as
rules/confusables.tsv and rules/shapes.tsv say, and the list below. Kept is what the corpora have RATIO
times as seldom as the word at least (of the most frequent words FREQUENT_RATIO times, for texts misspell them, too), and
of that the most probable MOST. Writes a line for each: what was read, the word. Counts are facts. Needs numpy.
"""
import argparse
import collections
import itertools
import math
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fit_ocr import Model

RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rules")
LEAST, RATIO = 60, 300
FREQUENT, FREQUENT_RATIO = 20000, 50
MOST = 17000
# How often what looks alike by ocr.toml, so that people misread it, too, counts as misread.
ALIKE_COUNT = 20
FARTHEST = 35  # of shapes, as -10 log Q
LEAST_COUNT = 2  # of what looks otherwise: what was read once may be any mistake


def lines_of(name):
    return [line for line in text_of(name).splitlines() if line.strip() and not line.startswith("#")]


def text_of(name):
    with open(os.path.join(RULES, name), encoding="utf-8") as file:
        return file.read()


def number_of(key):
    return float(re.search(rf"^{key} *= *(\S+)", text_of("ocr.toml"), re.M)[1])


def alike_sets():
    """Characters that look so much alike that people misread them, too."""
    return re.findall(r"'(.*?)'", re.search(r"^alike = \[(.*?)\]", text_of("ocr.toml"), re.M | re.S)[1])


def surnames():
    return set(re.search(r'^single = """(.*?)"""', text_of("names.toml"), re.M | re.S)[1])


def misreadings():
    """Of each true character those that it is read as, and how often, as far as counts and shapes tell."""
    counts, shapes = collections.defaultdict(dict), collections.defaultdict(dict)
    back, strength = number_of("back"), number_of("strength")
    for line in lines_of("confusables.tsv"):
        read, true, count = line.split("\t")
        counts[true][read] = counts[true].get(read, 0) + int(count)
        counts[read][true] = counts[read].get(true, 0) + back * int(count)
    for line in lines_of("shapes.tsv"):
        read, alike = line.split("\t")
        for true, tenths in re.findall(r"(.)(\d\d)", alike):
            if int(tenths) <= FARTHEST:
                shapes[true][read] = math.exp(-int(tenths) / 10)
    kept = re.search(r"^kept *= *'(.*)'", text_of("ocr.toml"), re.M)[1]
    found = {true: {read: counts[true].get(read, 0) + strength * shapes[true].get(read, 0)
                    for read in counts[true].keys() | shapes[true].keys()
                    if read not in kept and (read in shapes[true] or counts[true][read] >= LEAST_COUNT)}
             for true in (counts.keys() | shapes.keys()) - set(kept)}
    for alike in alike_sets():
        for true, read in itertools.permutations(alike, 2):
            found.setdefault(true, {})[read] = found.get(true, {}).get(read, 0) + ALIKE_COUNT
    return found


def count_pairs(paths, tables):
    counts = collections.Counter()
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for line in file:
                counts.update(map("".join, zip(line, line[1:])))
    for table in tables:
        path, weight = table.rsplit("=", 1)
        with open(path, encoding="utf-8") as file:
            for line in file:
                ngram, count = line.rstrip("\n").split("\t")
                if len(ngram) == 2:
                    counts[ngram] += float(weight) * float(count)
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", metavar="CORPUS.txt")
    parser.add_argument("--counts", action="append", default=[], metavar="COUNTS.tsv=WEIGHT")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    counts, read_as = count_pairs(arguments.corpora, arguments.counts), misreadings()
    characters = collections.Counter()
    for pair, count in counts.items():
        characters[pair[0]] += count
    found = []
    words, alike_all, names = set(lines_of("words-chinese.txt")), alike_sets(), surnames()
    model = Model(os.path.join(RULES, "model", "news.icm"))  # which reads both scripts as one
    for word in words:
        often = counts[word]
        if len(word) != 2 or often < LEAST:
            continue
        ratio = FREQUENT_RATIO if often >= FREQUENT else RATIO
        for at, true in enumerate(word):
            share = often / max(often, characters[true])  # of the character's places
            for read, misread_so_often in read_as.get(true, {}).items():
                if model.read(read) != ord(read):
                    continue
                misread = word[:at] + read + word[at + 1:]
                is_alike = any(read in alike and true in alike for alike in alike_all)
                is_word = misread in words and counts[misread] >= 1
                is_name = misread[0] in names or word[0] in names and at == 1
                if counts[misread] * ratio < often and (is_alike or not is_word and not is_name):
                    found.append((share * misread_so_often, misread, word))
    found = sorted(sorted(found, reverse=True)[:MOST], key=lambda one: one[1:])
    with open(arguments.output, "w", encoding="utf-8") as file:
        file.write("# What words are read as where that is no word: what was read, the word.\n"
                   "# Listed by scripts/misread_words.py; sources in README.md. Counts are facts.\n")
        for _, misread, word in found:
            file.write(f"{misread}\t{word}\n")


if __name__ == "__main__":
    main()
