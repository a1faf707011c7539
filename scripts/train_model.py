#!/usr/bin/env python3
"""Train the coherence model of inkwash from a folder of clean UTF-8 text.

usage: train_model.py FOLDER -o rules/model/news.icm [--min-count 2]

FOLDER holds *.txt files with one paragraph a line. The same files give the same model, byte for
byte. Needs numpy, and the dictionary TSCharacters of OpenCC (opencc_dict) to read both scripts as one.

The model is a character 4-gram model with interpolated modified Kneser-Ney smoothing (Chen and
Goodman 1998); 4-grams seen fewer than --min-count times are left out and their mass
goes to the lower order. The file's format is described in stages/coherence.h.
"""
import argparse
import glob
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np

ORDER = 4
START = 1  # stands before and after a paragraph
UNKNOWN = 2
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def traditional_to_simplified():
    """Pairs of codepoints from OpenCC's TSCharacters, the first of several readings."""
    for folder in ("/usr/share/opencc", "/usr/local/share/opencc"):
        path = os.path.join(folder, "TSCharacters.ocd2")
        if os.path.exists(path):
            break
    else:
        sys.exit("OpenCC's TSCharacters.ocd2 is not installed (package libopencc-data)")
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(tmp, "ts.txt")
        subprocess.run(["opencc_dict", "-i", path, "-f", "ocd2", "-o", out, "-t", "text"], check=True,
                       stdout=subprocess.DEVNULL)
        pairs = {}
        for line in open(out, encoding="utf-8"):
            source, _, targets = line.rstrip("\n").partition("\t")
            target = targets.split(" ")[0]
            if len(source) == 1 and len(target) == 1 and source != target:
                if ord(source) < 0x10000 and ord(target) < 0x10000:
                    pairs[ord(source)] = ord(target)
        return pairs


def character_map():
    """What each codepoint is read as: one script, one digit, one letter, one kind of each mark."""
    to = np.arange(0x10000, dtype=np.uint16)
    for source, target in traditional_to_simplified().items():
        to[source] = target
    for digit in range(10):
        to[0x30 + digit] = to[0xFF10 + digit] = 0x30
    for first in (0x41, 0x61, 0xFF21, 0xFF41):
        to[first:first + 26] = 0x61
    to[0xC0:0x250] = 0x61
    for marks, one in (("，,", "，"), ("。.．｡", "。"), ("！!", "！"), ("？?", "？"), ("：:", "："), ("；;", "；"),
                       ("“「『‘", "“"), ("”」』’", "”"), ("（(", "（"), ("）)", "）"), ("·•‧・．", "·"),
                       ("—–－-", "—"), ("／/╱", "/"), ("、､", "、")):
        for mark in marks:
            to[ord(mark)] = ord(one)
    to[0:0x21] = 0  # white space is not read
    to[0xA0] = to[0x3000] = 0
    return to


def read(folder, to):
    tokens = [np.array([START], np.uint16)]
    files = sorted(glob.glob(os.path.join(folder, "*.txt")))
    if not files:
        sys.exit(f"{folder} holds no *.txt")
    for path in files:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                points = np.frombuffer(line.encode("utf-32-le"), np.uint32)
                read_as = np.where(points < 0x10000, to[np.minimum(points, 0xFFFF)], UNKNOWN).astype(np.uint16)
                read_as = read_as[read_as != 0]
                if read_as.size:
                    tokens += [read_as, np.array([START], np.uint16)]
    return np.concatenate(tokens), files


def ngrams(tokens, order):
    """Keys of all n-grams that do not run over a paragraph's end but may touch it."""
    count = tokens.size - order + 1
    key = np.zeros(count, np.uint64)
    inside = np.ones(count, bool)
    for i in range(order):
        key = (key << np.uint64(16)) | tokens[i:i + count].astype(np.uint64)
        if 0 < i < order - 1:
            inside &= tokens[i:i + count] != START
    return key[inside]


def discounts(counts):
    n1, n2, n3, n4 = (float(np.count_nonzero(counts == k)) for k in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2)
    return [0.0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]


def mix(keys):
    h = keys.astype(np.uint64) * MULTIPLIER
    h ^= h >> np.uint64(32)
    h *= MULTIPLIER
    return h ^ (h >> np.uint64(29))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--min-count", type=int, default=2)
    arguments = parser.parse_args()
    to = character_map()
    tokens, files = read(arguments.folder, to)

    keys, counts = [None] * (ORDER + 1), [None] * (ORDER + 1)
    for order in range(ORDER, 0, -1):
        raw_keys, raw_counts = np.unique(ngrams(tokens, order), return_counts=True)
        if order == ORDER:
            keys[order], counts[order] = raw_keys, raw_counts.astype(np.float64)
            continue
        # Kneser-Ney: a lower order counts in how many contexts its n-gram was seen.
        suffix = keys[order + 1] & np.uint64((1 << (16 * order)) - 1)
        if order + 1 != ORDER:
            suffix = full_keys & np.uint64((1 << (16 * order)) - 1)
        seen, kinds = np.unique(suffix, return_counts=True)
        keys[order] = raw_keys
        counts[order] = raw_counts.astype(np.float64)
        at = np.searchsorted(seen, raw_keys)
        at[at == seen.size] = 0
        found = seen[at] == raw_keys
        counts[order] = np.where(found, kinds[at], np.minimum(counts[order], 1.0)).astype(np.float64)
        full_keys = raw_keys
    # Unigrams.
    total = counts[1].sum()
    discount = 0.5
    vocabulary = keys[1].size
    probability = [None] * (ORDER + 1)
    backoff = [None] * (ORDER + 1)
    probability[1] = np.maximum(counts[1] - discount, 0) / total + discount / total
    unknown = discount / total / 20
    for order in range(2, ORDER + 1):
        least = arguments.min_count if order == ORDER else 1
        d = np.array(discounts(counts[order]))
        taken = d[np.minimum(counts[order], 3).astype(int)]
        context = keys[order] >> np.uint64(16)
        contexts, which = np.unique(context, return_inverse=True)
        sums = np.bincount(which, counts[order])
        keep = counts[order] >= least
        if order < ORDER:  # what a kept higher n-gram continues must stay
            high = keys[order + 1][counts[order + 1] >= arguments.min_count]
            needed = np.unique(high >> np.uint64(16))
            keep |= np.isin(keys[order], needed)
        mass = np.bincount(which[keep], (counts[order] - taken)[keep], minlength=contexts.size)
        gamma = 1 - mass / sums
        lower_key = keys[order] & np.uint64((1 << (16 * (order - 1))) - 1)
        lower = np.full(keys[order].size, unknown)
        at = np.searchsorted(keys[order - 1], lower_key)
        at[at == keys[order - 1].size] = 0
        found = keys[order - 1][at] == lower_key
        lower = np.where(found, probability[order - 1][at], unknown)
        value = np.maximum(counts[order] - taken, 0) / sums[which] + gamma[which] * lower
        # The weight of the lower order belongs to the context.
        weight = np.ones(keys[order - 1].size)
        at = np.searchsorted(contexts, keys[order - 1])
        at[at == contexts.size] = 0
        found = contexts[at] == keys[order - 1]
        weight[found] = gamma[at[found]]
        backoff[order - 1] = weight
        keys[order], counts[order] = keys[order][keep], counts[order][keep]
        probability[order] = value[keep]
    backoff[ORDER] = np.ones(keys[ORDER].size)

    out = [b"INKWASH-COHERENCE-1\n".ljust(32, b"\0")]
    out.append(to.astype("<u2").tobytes())
    logs = np.full(0x10000, np.log(unknown), np.float32)
    weights = np.zeros(0x10000, np.float32)
    logs[keys[1].astype(int)] = np.log(probability[1])
    weights[keys[1].astype(int)] = np.log(np.maximum(backoff[1], 1e-4))
    out += [logs.astype("<f4").tobytes(), weights.astype("<f4").tobytes()]
    for order in range(2, ORDER + 1):
        size = int(keys[order].size / 0.6)  # room enough that a search for what is not there is short
        table = np.zeros(size, np.uint32)
        h = mix(keys[order])
        p = np.clip(np.round(-np.log(probability[order]) * 14), 0, 255).astype(np.uint32)
        b = np.clip(np.round(-np.log(np.maximum(backoff[order], 1e-4)) * 27), 0, 255).astype(np.uint32)
        entry = ((h >> np.uint64(48)).astype(np.uint32) << 16) | (p << 8) | b
        entry |= np.uint32(0x10000) * (entry >> 16 == 0)  # 0 marks a free place
        slots = (h % np.uint64(size)).astype(np.int64)
        taken = table  # open addressing, linear probing, in the order of the keys
        for slot, value in zip(slots.tolist(), entry.tolist()):
            while taken[slot]:
                slot += 1
                if slot == size:
                    slot = 0
            taken[slot] = value
        out += [struct.pack("<Q", size), table.astype("<u4").tobytes()]
        print(f"order {order}: {keys[order].size} n-grams", file=sys.stderr)
    data = b"".join(out)
    os.makedirs(os.path.dirname(arguments.output) or ".", exist_ok=True)
    with open(arguments.output, "wb") as file:
        file.write(data)
    print(f"{len(files)} files, {tokens.size} characters, {vocabulary} kinds; {len(data)} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
