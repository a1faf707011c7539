#!/usr/bin/env python3
"""Measure which characters look alike: draw them and compare the pictures.

usage: shape_similarity.py MODEL -o rules/shapes.tsv

The characters are those that the coherence model MODEL (rules/model/news.icm) has seen. Each is drawn with two
fonts (Debian's fonts-noto-cjk), blurred and shrunk to 24 x 24 points; the similarity s of two is the correlation of
their points, the mean of both fonts. How probable it is by its shape that a character b is read as a is
Q(a | b) = exp(12 (s(a, b) - 1)) / (1 + the sum of this over all a that are like b). Writes a line for each a: the
character, then each b with -10 log Q(a | b) in two digits, the most probable first. Needs numpy and Pillow. The same
fonts give the same table.
"""
import argparse
import struct

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = ["/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
         "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"]
SIMPLIFIED_CHINESE = 2  # of the faces in these files
DRAWN, COMPARED, BLUR = 40, 24, 1.3
MOST, LEAST = 30, 0.5
STEEPNESS = 12
RAREST = -14.5  # log probability: rarer ones were hardly seen


def characters(path):
    data = open(path, "rb").read()
    header, codepoints = 32, 1 << 16
    symbols = struct.unpack_from(f"<{codepoints}H", data, header)
    unigrams = np.frombuffer(data, "<f4", codepoints, header + 2 * codepoints)
    return [chr(c) for c in range(0x3400, 0xA000) if symbols[c] > 2 and unigrams[symbols[c]] > RAREST]


def pictures(chars, path):
    font = ImageFont.truetype(path, DRAWN, index=SIMPLIFIED_CHINESE)
    rows = np.zeros((len(chars), COMPARED * COMPARED), np.float32)
    for row, c in zip(rows, chars):
        image = Image.new("L", (DRAWN + 8, DRAWN + 8), 0)
        ImageDraw.Draw(image).text((4, -4), c, font=font, fill=255)
        image = image.filter(ImageFilter.GaussianBlur(BLUR)).resize((COMPARED, COMPARED), Image.BILINEAR)
        row[:] = np.asarray(image, np.float32).ravel()
    rows -= rows.mean(1, keepdims=True)
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    chars = characters(arguments.model)
    similarity = sum(p @ p.T for p in (pictures(chars, path) for path in FONTS)) / len(FONTS)
    np.fill_diagonal(similarity, 0)
    like = {}  # of each character read, the true ones and the weight of each
    for c, row in zip(chars, similarity):
        like[c] = [(chars[i], np.exp(STEEPNESS * (float(row[i]) - 1)))
                   for i in np.argsort(-row, kind="stable")[:MOST] if row[i] >= LEAST]
    total = dict.fromkeys(chars, 1.0)
    for pairs in like.values():
        for true, weight in pairs:
            total[true] += weight
    with open(arguments.output, "w", encoding="utf-8") as out:
        out.write("# What looks like what: a character read, then true ones with -10 log Q(read | true).\n"
                  "# Measured by scripts/shape_similarity.py on drawings; see README.md.\n")
        for c, pairs in like.items():
            tenths = sorted((min(99, round(-10 * np.log(weight / total[true]))), true) for true, weight in pairs)
            if tenths:
                out.write(c + "\t" + "".join(f"{true}{n:02d}" for n, true in tenths) + "\n")


if __name__ == "__main__":
    main()
