#!/usr/bin/env python3
"""Make rules/words-chinese.txt of a dictionary that lists a word first on each line.

usage: chinese_words.py DICTIONARY -o words.txt

Of its words those of two to four ideographs, sorted by codepoint, each once. The dictionary is Simplified, as the
coherence model reads both scripts. The header of the list names the source and is written by hand: it is kept where
the output exists.
"""
import argparse
import os

LENGTHS = range(2, 5)


def is_han(c):
    return "\u4e00" <= c <= "\u9fff"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dictionary")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    header = []
    if os.path.exists(arguments.output):
        header = [line for line in open(arguments.output, encoding="utf-8") if line.startswith("#")]
    with open(arguments.dictionary, encoding="utf-8") as file:
        words = {line.split()[0] for line in file if line.strip()}
    words = sorted(word for word in words if len(word) in LENGTHS and all(map(is_han, word)))
    with open(arguments.output, "w", encoding="utf-8") as file:
        file.writelines(header)
        file.writelines(word + "\n" for word in words)


if __name__ == "__main__":
    main()
