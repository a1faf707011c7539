#!/usr/bin/env python3
"""How kinds of words follow each other in English prose: the table goes_on of rules/latin.toml.

usage: count_word_kinds.py TEXT... [--rules rules/latin.toml]

Reads paragraphs apart by blank lines, those that look like prose, and prints for each kind of end and of beginning
log P(beginning | end) - log P(beginning), smoothed. The kinds are those of the lists of --rules. What follows a hyphen
and the rests of words are not to be seen in running text; they are estimated.
"""
import argparse
import collections
import math
import re
import sys
import tomllib

KINDS = ["determiner", "preposition", "conjunction", "auxiliary", "pronoun"]
LISTS = ["determiners", "prepositions", "conjunctions", "auxiliaries", "pronouns"]
ENDS = ["stop", "colon", "comma", *KINDS, "word", "capital", "digit"]
BEGINNINGS = [*KINDS, "word", "capital", "starter", "quote", "digit"]
MARKS = {".": "stop", "!": "stop", "?": "stop", ":": "colon", ";": "colon", ",": "comma"}
SMOOTHING = 20  # pairs that are thought to be seen after each end


def end_of(token, kinds):
    token = token.rstrip("\"'”’)")
    if not token:
        return None
    if token[-1] in MARKS:
        return MARKS[token[-1]]
    word = token.strip("\"'“‘(")
    if word.lower() in kinds:
        return kinds[word.lower()]
    if token[0].isdigit():
        return "digit"
    if token[0].isupper():
        return "capital"
    return "word" if token[-1].isalpha() else None


def beginning_of(token, kinds):
    if token[0] in "\"“‘":
        return "quote"
    word = token.strip("(\"'”’.,;:!?)-")
    if token[0].isdigit() or token[0] == "$":
        return "digit"
    if token[0].isupper():
        return "pronoun" if word == "I" else "starter" if word.lower() in kinds else "capital"
    return kinds.get(word.lower(), "word") if word[:1].isalpha() else None


def is_prose(text):
    letters = sum(c.isalpha() or c in " ,.'\"-;:()" for c in text)
    return len(text) >= 120 and letters >= 0.975 * len(text) and text[-1] in ".!?" and "  " not in text.replace(".  ", ". ")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", nargs="+")
    parser.add_argument("--rules", default="rules/latin.toml")
    arguments = parser.parse_args()
    with open(arguments.rules, "rb") as file:
        words = tomllib.load(file)["words"]
    kinds = {word: kind for kind, name in zip(KINDS, LISTS) for word in words[name]}
    pairs, characters = collections.Counter(), 0
    for path in arguments.texts:
        for paragraph in re.split(r"\n\s*\n", open(path, encoding="utf-8", errors="ignore").read()):
            text = " ".join(line.strip() for line in paragraph.split("\n")).strip()
            if not text or not is_prose(text):
                continue
            characters += len(text)
            tokens = text.split()
            for left, right in zip(tokens, tokens[1:]):
                pairs[end_of(left, kinds), beginning_of(right, kinds)] += 1
    total = sum(pairs[e, b] for e in ENDS for b in BEGINNINGS)
    print(f"{total} pairs of words in {characters} characters", file=sys.stderr)
    share = {b: sum(pairs[e, b] for e in ENDS) / total for b in BEGINNINGS}
    for e in ENDS:
        count = sum(pairs[e, b] for b in BEGINNINGS)
        row = [math.log((pairs[e, b] + SMOOTHING * share[b]) / (count + SMOOTHING) / share[b]) for b in BEGINNINGS]
        print(f"{e:<11} = [{', '.join(f'{value:.2f}' for value in row)}]")


if __name__ == "__main__":
    main()
