#!/usr/bin/env python3
"""Fit the weights by which `ocr` judges a candidate, from pairs of recognised and true sentences.

usage: fit_ocr.py PAIRS.tsv [--model rules/model/news.icm] [--folds 5]

PAIRS has a pair a line, the recognised sentence next to last and the true one last, tab-separated. Every candidate of
rules/shapes.tsv and of the confusions counted in the other folds is an example, right or wrong; what is said of it is
what stages/ocr.cpp asks, in the order of `weights` in rules/ocr.toml. Prints the weights of a logistic regression.
Needs numpy; takes a few minutes.
"""
import argparse
import functools
import math
import os
import re
import struct
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import count_confusions

RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rules")
REACH = 3
BORDER, UNKNOWN = 1, 2
MASK = (1 << 64) - 1


class Model:
    """The coherence model, as stages/coherence.h describes its file."""

    def __init__(self, path):
        data = open(path, "rb").read()
        at, codepoints = 32, 1 << 16
        self.map = struct.unpack_from(f"<{codepoints}H", data, at)
        at += 2 * codepoints
        self.unigrams = np.frombuffer(data, "<f4", codepoints, at).tolist()
        at += 4 * codepoints
        self.backoffs = np.frombuffer(data, "<f4", codepoints, at).tolist()
        at += 4 * codepoints
        self.tables = {}
        for n in (2, 3, 4):
            size, = struct.unpack_from("<Q", data, at)
            self.tables[n] = size, memoryview(data)[at + 8:at + 8 + 4 * size].cast("I")
            at += 8 + 4 * size

    def read(self, c):
        return self.map[ord(c)] if ord(c) < 0x10000 else UNKNOWN

    @functools.lru_cache(1 << 20)
    def find(self, ngram):
        key = 0
        for symbol in ngram:
            key = key << 16 | symbol
        h = key * 0x9E3779B97F4A7C15 & MASK
        h ^= h >> 32
        h = h * 0x9E3779B97F4A7C15 & MASK
        h ^= h >> 29
        size, places = self.tables[len(ngram)]
        mark, place = max(1, h >> 48), h % size
        while places[place]:
            if places[place] >> 16 == mark:
                return -(places[place] >> 8 & 0xFF) / 14, -(places[place] & 0xFF) / 27
            place = (place + 1) % size
        return None

    def probability(self, context, symbol):
        result, seen = self.unigrams[symbol], True
        for n in range(len(context)):
            longer = context[len(context) - 1 - n:]
            if seen:
                whole = self.find(longer + (symbol,))
                seen = whole is not None
                if seen:
                    result = whole[0]
            if not seen:
                if n == 0:
                    result += self.backoffs[context[-1]]
                else:
                    known = self.find(longer)
                    if known is None:
                        break
                    result += known[1]
        return result

    def around(self, symbols, i):
        """log P of the one at `i`, and of it and those right of it together."""
        logs = [self.probability(tuple(symbols[max(0, k - REACH):k]), symbols[k])
                for k in range(i, min(len(symbols), i + 1 + REACH))]
        return logs[0], sum(logs)

    def longest_seen(self, symbols, i):
        for n in (4, 3, 2):
            for begin in range(max(0, i + 1 - n), min(i, len(symbols) - n) + 1):
                if self.find(tuple(symbols[begin:begin + n])) is not None:
                    return n
        return 1


def read_shapes():
    shapes = {}
    for line in open(os.path.join(RULES, "shapes.tsv"), encoding="utf-8"):
        if not line.startswith("#"):
            read, like = line.rstrip("\n").split("\t")
            shapes[read] = {like[k]: math.exp(-int(like[k + 1:k + 3]) / 10) for k in range(0, len(like), 3)}
    return shapes


def examples(model, pairs, counts, shapes, back, strength):
    """Rows of what is said of each candidate, and whether it is right."""
    total, by_read = {}, {}
    for (read, true), n in counts.items():
        total[true] = total.get(true, 0) + n
        by_read.setdefault(read, {})[true] = by_read.get(read, {}).get(true, 0) + n
        by_read.setdefault(true, {})[read] = by_read.get(true, {}).get(read, 0) + back * n
    for read, true in pairs:
        if len(read) != len(true):
            continue
        places = [i for i, c in enumerate(read) if model.read(c)]
        symbols = [BORDER] + [model.read(read[i]) for i in places] + [BORDER]
        for at, i in enumerate(places, 1):
            counted, alike = by_read.get(read[i], {}), shapes.get(read[i], {})
            if not counted and not alike:
                continue
            was = symbols[at]
            here, all_here = model.around(symbols, at)
            longest = model.longest_seen(symbols, at)
            for candidate in counted.keys() | alike.keys():
                symbol = model.read(candidate)
                if symbol <= UNKNOWN or symbol == was or symbol != ord(candidate):
                    continue
                symbols[at] = symbol
                gain = model.around(symbols, at)[1] - all_here
                if gain > 0:
                    channel = math.log((counted.get(candidate, 0) + strength * alike.get(candidate, 0)) /
                                       (total.get(candidate, 0) + strength))
                    would_be = model.longest_seen(symbols, at)
                    yield ([1, gain, channel, here, model.unigrams[was], model.unigrams[symbol], would_be - longest,
                            would_be], true[i] == candidate)
                symbols[at] = was


def logistic_regression(x, y, rounds=30):
    """Newton's method, with a ridge that only keeps it from running away."""
    weights = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (y - p) - 1e-3 * weights
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(len(weights)), gradient)
        weights += step
        if np.abs(step).max() < 1e-6:
            break
    return weights


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs")
    parser.add_argument("--model", default=os.path.join(RULES, "model", "news.icm"))
    parser.add_argument("--folds", type=int, default=5)
    arguments = parser.parse_args()
    pairs = [line.split("\t")[-2:] for line in open(arguments.pairs, encoding="utf-8").read().splitlines() if "\t" in line]
    settings = open(os.path.join(RULES, "ocr.toml"), encoding="utf-8").read()
    back, strength = (float(re.search(rf"^{name} *= *(\S+)", settings, re.M)[1]) for name in ("back", "strength"))
    model, shapes = Model(arguments.model), read_shapes()
    rows, right = [], []
    for fold in range(arguments.folds):
        counts = count_confusions.collections.Counter()
        for i, (read, true) in enumerate(pairs):
            if i % arguments.folds != fold:
                count_confusions.count_pair(read, true, counts)
        for row, is_right in examples(model, pairs[fold::arguments.folds], counts, shapes, back, strength):
            rows.append(row)
            right.append(is_right)
    weights = logistic_regression(np.array(rows), np.array(right, float))
    print(f"{len(rows)} candidates, {sum(right)} of them right")
    print("weights = [" + ", ".join(f"{w:.4f}" for w in weights) + "]")


if __name__ == "__main__":
    main()
