#!/usr/bin/env python3
"""Counts of character n-grams from a word model of SunPinyin's format, for `inkwash train --counts`.

usage: word_model_counts.py lm_sc.t3g pydict_sc.bin -o counts.tsv [--words 4.6e8]

lm_sc.t3g is a threaded back-off model of word trigrams, pydict_sc.bin the lexicon with its words (Debian's
package sunpinyin-data has both). The count of a word n-gram is its probability times --words, the words of the
model's corpus; those of a character n-gram are the sums over the words, pairs and triples of words that it
spans. Writes lines of n-gram and count, by n-gram. Needs numpy.
"""
import argparse
import collections
import struct
import sys

import numpy as np

FIRST_WORD = 70  # smaller ones are classes: unknown words, numbers, borders
LONGEST = 4


def read_model(path):
    """For each order the words and probability of its n-grams."""
    data = open(path, "rb").read()
    order, uses_logs = struct.unpack_from("<2I", data)
    if order != 3:
        sys.exit(f"{path}: a model of order 3 is needed, this is one of order {order}")
    sizes = struct.unpack_from("<4I", data, 8)
    at = 8 + 4 * 4
    values = np.frombuffer(data, "<f4", 1 << 16, at)
    if uses_logs:
        values = np.exp(-values)
    at += 4 * (1 << 16) + 4 * (1 << 14)
    parents, grams = None, []
    for level, size in enumerate(sizes):
        leaf = level == order
        fields = np.frombuffer(data, "<u4", size * (2 if leaf else 3), at).reshape(size, -1)
        at += fields.nbytes
        words = (fields[:-1, 0] & 0x3FFFF).astype(np.int64)  # the last one only ends the list
        if leaf:
            place = fields[:-1, 0] >> 18 | (fields[:-1, 1] >> 25 & 3) << 14
        else:
            place = fields[:-1, 1] & 0xFFFF
            children = ((fields[:, 2] >> 25) << 16 | fields[:, 1] >> 16).astype(np.int64)
        if level > 0:
            above = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
            context = grams[-1][0][above] if level > 1 else np.empty((len(words), 0), np.int64)
            probability = values[place].astype(float)
            joint = probability * (grams[-1][1][above] if level > 1 else 1)
            grams.append((np.column_stack([context, words]), joint))
        if not leaf:
            starts = np.maximum.accumulate(children)  # the last one of a level may lack it
    return grams


def read_lexicon(path):
    """Words by their number."""
    data = open(path, "rb").read()
    (start,) = struct.unpack_from("<I", data, 8)
    codepoints = np.frombuffer(data, "<u4", (len(data) - start) // 4, start)
    return codepoints.tobytes().decode("utf-32-le", "replace").split("\0")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("lexicon")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--words", type=float, default=4.6e8)
    arguments = parser.parse_args()
    lexicon = read_lexicon(arguments.lexicon)
    counts = collections.Counter()
    for n, (rows, joint) in enumerate(read_model(arguments.model), 1):
        for words, probability in zip(rows.tolist(), joint.tolist()):
            if min(words) < FIRST_WORD or max(words) >= len(lexicon):
                continue
            parts = [lexicon[word] for word in words]
            # Only what spans all the words: the rest is counted with fewer of them.
            middle = sum(map(len, parts[1:-1]))
            if not all(parts) or (n > 1 and middle + 2 > LONGEST):
                continue
            count = probability * arguments.words
            text = "".join(parts)
            if n == 1:
                spans = [(i, j) for i in range(len(text)) for j in range(i + 1, min(len(text), i + LONGEST) + 1)]
            else:
                left, right = len(parts[0]), len(text) - len(parts[-1])
                spans = [(i, j) for i in range(max(0, right + 1 - LONGEST), left)
                         for j in range(right + 1, min(len(text), i + LONGEST) + 1)]
            for i, j in spans:
                counts[text[i:j]] += count
    with open(arguments.output, "w", encoding="utf-8") as out:
        for ngram in sorted(counts):
            if "\t" not in ngram and "\n" not in ngram:
                out.write(f"{ngram}\t{counts[ngram]:.3f}\n")


if __name__ == "__main__":
    main()
