#!/usr/bin/env python3
"""Fit the weights by which `ocr` judges a candidate, from pairs of recognised and true sentences.

usage: fit_ocr.py PAIRS.tsv [--model rules/model/news.icm] [--inkwash build/release/inkwash] [--folds 5]
       fit_ocr.py --pages FOLDER=MODEL [FOLDER=MODEL ...] --counts TABLE

PAIRS has a pair a line, the recognised sentence next to last and the true one last, tab-separated; those of one true
sentence are in one fold. Of every place, the candidates of rules/shapes.tsv and of the confusions counted in the other
folds are chosen from, or what was read is kept, as it is wherever it is true, and in the true sentences as well: a
conditional logit model (McFadden 1974), whose weights are those of greatest likelihood. What is said of a candidate is
what stages/ocr.cpp asks, in the order of rules/ocr.toml, the model of captions being trained on the other folds. Prints `weights_full` and `weights_captions`.

A FOLDER has pages NAME.raw.txt and NAME.gold.txt, whose articles its MODEL has not read and whose confusions are not
in TABLE. They are read in the order in which they stand there, so the pages must have been read column by column. What
the language alone proposes are candidates, too. Prints `weights` and `weights_safe`.
Needs numpy; takes a few minutes.
"""
import argparse
import difflib
import functools
import glob
import math
import os
import re
import struct
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import count_confusions
from measure_ocr import divide, train_captions

RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rules")
REACH = 3
BORDER, UNKNOWN = 1, 2
MASK = (1 << 64) - 1


class Model:
    """The coherence model, as stages/coherence.h describes its file."""

    def __init__(self, path):
        data = open(path, "rb").read()
        at, codepoints = 40, 1 << 16
        sizes = struct.unpack_from("<3Q", data, at)
        at += 24
        self.map = struct.unpack_from(f"<{codepoints}H", data, at)
        at += 2 * codepoints
        self.unigrams = np.frombuffer(data, "<f4", codepoints, at).tolist()
        at += 4 * codepoints
        self.backoffs = np.frombuffer(data, "<f4", codepoints, at).tolist()
        at += 4 * codepoints
        self.tables = {}
        for n, size in zip((2, 3, 4), sizes):
            self.tables[n] = size, memoryview(data)[at:at + 64 * size].cast("H")
            at += 64 * size

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
        size, buckets = self.tables[len(ngram)]
        mark, bucket = max(1, h >> 48), (h & 0xFFFFFFFF) * size >> 32
        while True:
            marks = buckets[32 * bucket:32 * bucket + 16].tolist()
            if mark in marks:
                entry = buckets[32 * bucket + 16 + marks.index(mark)]
                return -(entry >> 8) / 14, -(entry & 0xFF) / 27
            if marks[-1] == 0:
                return None
            bucket = (bucket + 1) % size

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
        """log P of the one at `i`, and of each right of it whose context holds it."""
        return [self.probability(tuple(symbols[max(0, k - REACH):k]), symbols[k])
                for k in range(i, min(len(symbols), i + 1 + REACH))]

    def longest_seen(self, symbols, i):
        for n in (4, 3, 2):
            for begin in range(max(0, i + 1 - n), min(i, len(symbols) - n) + 1):
                if self.find(tuple(symbols[begin:begin + n])) is not None:
                    return n
        return 1


class Words:
    """rules/words-chinese.txt, as stages/words.h reads it."""

    MOST = 4

    def __init__(self, model):
        with open(os.path.join(RULES, "words-chinese.txt"), encoding="utf-8") as file:
            self.words = {tuple(map(model.read, line.rstrip("\n"))) for line in file if not line.startswith("#")}

    def longest_with(self, symbols, i):
        for n in range(self.MOST, 1, -1):
            for begin in range(max(0, i + 1 - n), min(i, len(symbols) - n) + 1):
                if tuple(symbols[begin:begin + n]) in self.words:
                    return n
        return 1


def read_shapes():
    shapes = {}
    for line in open(os.path.join(RULES, "shapes.tsv"), encoding="utf-8"):
        if not line.startswith("#"):
            read, like = line.rstrip("\n").split("\t")
            shapes[read] = {like[k]: math.exp(-int(like[k + 1:k + 3]) / 10) for k in range(0, len(like), 3)}
    return shapes


def candidates(read, by_read, shapes, model):
    was = model.read(read)
    for candidate in sorted(by_read.get(read, {}).keys() | shapes.get(read, {}).keys()):
        symbol = model.read(candidate)
        if symbol > UNKNOWN and symbol != was and symbol == ord(candidate):
            yield candidate, symbol


def either(news, captions):
    """Of symbols that either of two models may be right about: the logarithms of the sums of what both say."""
    return [max(a, b) + math.log1p(math.exp(-abs(a - b))) for a, b in zip(news, captions)]


def examples(news, captions, pairs, counts, shapes, back, strength, unlisted, numbers, expected, reach, rarest=-13):
    """What is said of each candidate that goes on better by one of the models: a row of [whether it is right, whether
    no number is concerned, features...]; a list of rows for each place."""
    errors, by_read = {}, {}
    for (read, true), n in counts.items():
        errors[true] = errors.get(true, 0) + n
        by_read.setdefault(read, {})[true] = by_read.get(read, {}).get(true, 0) + n
        by_read.setdefault(true, {})[read] = by_read.get(true, {}).get(read, 0) + back * n
    words = Words(news)
    corpus = [symbol for symbol in range(0x4E00, 0xA000)
              if news.read(chr(symbol)) == symbol and news.unigrams[symbol] > rarest]
    has = lambda model, left, right: model.find((left, right)) is not None
    for read, true in pairs:
        if len(read) != len(true):
            continue
        places = [i for i, c in enumerate(read) if news.read(c)]
        symbols = [BORDER] + [news.read(read[i]) for i in places] + [BORDER]
        said = None
        for at, i in enumerate(places, 1):
            if not count_confusions.is_han(read[i]):
                continue
            counted, alike = by_read.get(read[i], {}), shapes.get(read[i], {})
            was = symbols[at]
            left, right = symbols[at - 1], symbols[at + 1]
            around = news.around(symbols, at)
            here = around[0]
            if here > expected and news.probability(tuple(symbols[max(0, at - 2):at + 1]), right) > expected:
                continue
            if said is None:
                said = either(*([model.around(symbols, k)[0] for k in range(1, len(symbols) - 1)]
                                for model in (news, captions)))
            near = said[max(0, at - 1 - reach):at + reach]
            nearby = sum(near) / len(near)
            captions_around = captions.around(symbols, at)
            either_around = either(around, captions_around)
            longest = word = None
            rows = []
            fits = lambda symbol: any(has(model, *pair) for model in (news, captions)
                                      for pair in ((left, symbol), (symbol, right)))
            of = dict(candidates(read[i], by_read, shapes, news))
            listed = set(of.values())
            of = {candidate: symbol for candidate, symbol in of.items() if fits(symbol)}
            if not fits(was):
                of.update((chr(symbol), symbol) for symbol in corpus if symbol != was and symbol not in listed and
                          has(news, left, symbol) and has(news, symbol, right))
            for candidate, symbol in of.items():
                if longest is None:
                    longest, word = news.longest_seen(symbols, at), words.longest_with(symbols, at)
                symbols[at] = symbol
                with_it, captions_with_it = news.around(symbols, at), captions.around(symbols, at)
                either_with_it = either(with_it, captions_with_it)
                gain, captions_gain = sum(with_it) - sum(around), sum(captions_with_it) - sum(captions_around)
                if gain > 0 or captions_gain > 0:
                    known = errors.get(candidate, 0)
                    q = alike.get(candidate, 0) if symbol in listed else math.exp(unlisted)
                    channel = math.log((counted.get(candidate, 0) + strength * q) / (known + strength))
                    would_be = news.longest_seen(symbols, at)
                    rows.append([true[i] == candidate, read[i] not in numbers and candidate not in numbers,
                                 1, gain, channel, here, news.unigrams[was], news.unigrams[symbol], would_be - longest,
                                 would_be, math.log1p(known), words.longest_with(symbols, at) - word,
                                 symbol not in listed, captions_gain,
                                 captions.unigrams[symbol] - captions.unigrams[was],
                                 sum(either_with_it) - sum(either_around), sum(either_with_it) / len(either_with_it),
                                 counted.get(candidate, 0) >= 1, nearby])
                symbols[at] = was
            if rows:
                yield rows


def align(read, true):
    """Of the places of `read` those of which it is known what stands there."""
    known = {}
    matcher = difflib.SequenceMatcher(None, read, true, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal" or tag == "replace" and b - a == d - c and b - a <= 6:
            known.update(zip(range(a, b), true[c:d]))
    return known


class Page:
    """The characters of a page as the model reads them."""

    MOST = 4  # what counts of a pair

    def __init__(self, model, read):
        self.places = [i for i, c in enumerate(read) if model.read(c)]
        self.symbols = [BORDER] + [model.read(read[i]) for i in self.places] + [BORDER]
        self.traditional = 20 * sum(model.read(c) != ord(c) for c in read if count_confusions.is_han(c)) > len(read)
        self.pairs = count_confusions.collections.Counter(zip(self.symbols, self.symbols[1:]))

    def beside(self, at, symbol):
        return (min(self.pairs[self.symbols[at - 1], symbol], self.MOST) +
                min(self.pairs[symbol, self.symbols[at + 1]], self.MOST))


def examples_of_pages(model, folder, counts, shapes, back, strength, unlisted, kept, expected=-8, rarest=-13):
    """As examples(), of pages: rows of [whether it is right, features...]."""
    errors, by_read = {}, {}
    for (read, true), n in counts.items():
        errors[true] = errors.get(true, 0) + n
        by_read.setdefault(read, {})[true] = by_read.get(read, {}).get(true, 0) + n
        by_read.setdefault(true, {})[read] = by_read.get(true, {}).get(read, 0) + back * n
    forms = {}
    for codepoint in range(0x4E00, 0xA000):
        forms.setdefault(model.read(chr(codepoint)), []).append(chr(codepoint))
    corpus = [symbol for symbol in forms if symbol > UNKNOWN and model.unigrams[symbol] > rarest]
    has = lambda left, right: model.find((left, right)) is not None
    words = Words(model)
    for path in sorted(glob.glob(os.path.join(folder, "*.raw.txt"))):
        read = "".join(open(path, encoding="utf-8").read().split())
        known = align(read, "".join(open(path[:-len(".raw.txt")] + ".gold.txt", encoding="utf-8").read().split()))
        page = Page(model, read)
        is_of = lambda c: page.traditional or model.read(c) == ord(c)
        symbols = page.symbols
        for at, i in enumerate(page.places, 1):
            if i not in known or not count_confusions.is_han(read[i]) or read[i] in kept:
                continue
            was, left, right = symbols[at], symbols[at - 1], symbols[at + 1]
            around = model.around(symbols, at)
            here = around[0]
            after = symbols[at - 2:at + 1] if at > 1 else symbols[:at + 1]
            if here > expected and model.probability(tuple(after), right) > expected:
                continue
            counted, alike = by_read.get(read[i], {}), shapes.get(read[i], {})
            of = {c: model.read(c) for c in counted.keys() | alike.keys() if is_of(c)}
            listed = set(of.values())
            if not has(left, was) and not has(was, right):
                for symbol in corpus:
                    if symbol not in listed and has(left, symbol) and has(symbol, right):
                        written = [c for c in forms[symbol] if is_of(c)]
                        if len(written) == 1:
                            of[written[0]] = symbol
            longest, word, rows = model.longest_seen(symbols, at), words.longest_with(symbols, at), []
            for candidate, symbol in sorted(of.items()):
                if symbol <= UNKNOWN or symbol == was or candidate in kept or not (has(left, symbol) or has(symbol, right)):
                    continue
                symbols[at] = symbol
                gain = sum(model.around(symbols, at)) - sum(around)
                if gain > 0:
                    errs = errors.get(candidate, 0)
                    q = alike.get(candidate, 0) if symbol in listed else math.exp(unlisted)
                    channel = math.log((counted.get(candidate, 0) + strength * q) / (errs + strength))
                    would_be = model.longest_seen(symbols, at)
                    rows.append([known[i] == candidate, 1, gain, channel, here, model.unigrams[was],
                                 model.unigrams[symbol], would_be - longest, would_be, math.log1p(errs),
                                 words.longest_with(symbols, at) - word, symbol not in listed, page.beside(at, symbol), page.beside(at, was) - 2])
                symbols[at] = was
            if rows:
                yield rows


def fit_pages(arguments, back, strength, unlisted, settings):
    kept = re.search(r"^kept *= *'(.*)'", settings, re.M)[1]
    counts, shapes = count_confusions.read_counts(arguments.counts), read_shapes()
    rows, place = [], []
    for word in arguments.pages:
        folder, model = word.rsplit("=", 1)
        for of_place in examples_of_pages(Model(model), folder, counts, shapes, back, strength, unlisted, kept):
            place += [place[-1] + 1 if place else 0] * len(of_place)
            rows += of_place
    rows = np.array(rows, float)
    print(f"{len(rows)} candidates, {rows[:, 0].sum():.0f} of them right")
    weights = conditional_logit(rows[:, 1:], rows[:, 0], np.array(place))
    print("weights =", said(weights[:11]))
    print("weights_safe =", said(weights[11:]))


def fit_pairs(inkwash, news, pairs, folds, settings):
    """The weights of the best guess, and of what the model of captions says for it."""
    number = lambda name: number_of(settings, name)
    numbers = re.search(r"^kept_full *= *'(.*)'", settings, re.M)[1]
    shapes, rows, place = read_shapes(), [], []
    for fold in range(folds):
        test, train = divide(pairs, fold, folds)
        counts = count_confusions.collections.Counter()
        for read, true in train:
            count_confusions.count_pair(read, true, counts)
        with tempfile.NamedTemporaryFile(suffix=".icm") as file:
            train_captions(inkwash, train, file.name)
            captions = Model(file.name)
        # Where nothing is misread, nothing is to be changed.
        as_true = [(true, true) for _, true in test]
        for of_place in examples(news, captions, test + as_true, counts, shapes, number("back"), number("strength"),
                                 number("unlisted"), numbers, number("expected_full"), int(number("nearby"))):
            place += [place[-1] + 1 if place else 0] * len(of_place)
            rows += of_place
    rows, place = np.array(rows, float), np.array(place)
    right, no_number, x = rows[:, 0], rows[:, 1] > 0, rows[:, 2:]
    print(f"{len(rows)} candidates, {right.sum():.0f} of them right", file=sys.stderr)
    weights = conditional_logit(x[no_number], right[no_number], place[no_number])
    return weights[:11], weights[11:]


def number_of(settings, name):
    return float(re.search(rf"^{name} *= *(\S+)", settings, re.M)[1])


def said(weights):
    return "[" + ", ".join(f"{w:.4f}" for w in weights) + "]"


def conditional_logit(x, right, place, rounds=40):
    """Newton's method, with a ridge that only keeps it from running away; what was read has odds of 1."""
    scale = np.maximum(x.std(0), 1e-9)
    scale[0] = 1  # the bias
    x = x / scale
    weights = np.zeros(x.shape[1])
    _, place = np.unique(place, return_inverse=True)
    for _ in range(rounds):
        odds = np.exp(np.minimum(x @ weights, 50))
        p = odds / (1 + np.bincount(place, odds)[place])
        mean = np.zeros((place.max() + 1, x.shape[1]))
        np.add.at(mean, place, p[:, None] * x)
        gradient = x.T @ (right - p) - 1e-1 * weights
        hessian = (x * p[:, None]).T @ x - mean.T @ mean + 1e-1 * np.eye(len(weights))
        step = np.linalg.solve(hessian, gradient)
        weights += step / max(1, np.abs(step).max())
        if np.abs(step).max() < 1e-6:
            break
    return weights / scale


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", nargs="?")
    parser.add_argument("--pages", nargs="+", metavar="FOLDER=MODEL")
    parser.add_argument("--counts")
    parser.add_argument("--model", default=os.path.join(RULES, "model", "news.icm"))
    parser.add_argument("--inkwash", default="build/release/inkwash")
    parser.add_argument("--folds", type=int, default=5)
    arguments = parser.parse_args()
    if bool(arguments.pairs) == bool(arguments.pages) or bool(arguments.pages) != bool(arguments.counts):
        parser.error("give pairs, or pages and counts")
    settings = open(os.path.join(RULES, "ocr.toml"), encoding="utf-8").read()
    if arguments.pages:
        fit_pages(arguments, *(number_of(settings, name) for name in ("back", "strength", "unlisted")), settings)
        return
    pairs = count_confusions.read_pairs(arguments.pairs)
    weights, of_captions = fit_pairs(arguments.inkwash, Model(arguments.model), pairs, arguments.folds, settings)
    print("weights_full =", said(weights))
    print("weights_captions =", said(of_captions))


if __name__ == "__main__":
    main()
