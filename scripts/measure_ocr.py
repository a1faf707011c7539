#!/usr/bin/env python3
"""Measure --ocr on text with a known truth, and draw precision against recall as the margin moves.

usage: measure_ocr.py PAIRS.tsv [--fit] [--pages FOLDER]... [--inkwash build/release/inkwash] [--folds 5] [--chart chart.svg]

PAIRS has a pair a line, the recognised sentence next to last and the true one last, tab-separated: for level full.
The pairs are divided into folds, those of one true sentence together; each is corrected with confusions counted (by
count_confusions.py) and a model of captions trained on the others alone. The true sentences are given as input, too:
whatever changes there is false.

sentences   precision: of the sentences that were changed, those that came out wholly right; recall: of the
            sentences with errors, the same ones
detection   the same, but right is whatever changes the wrong places and no others
characters  precision: of the characters changed, those changed to the right one; recall: of the wrong ones
false       true sentences given as input of which something was changed, of all
mixed       precision of sentences where half of them have no error
With --fit the weights and the margin are fitted on the other folds as well, in folds of their own: what is said so was
seen by nothing that is measured. Takes a quarter of an hour more.
Marks are compared without regard to their width, which the truth of captions does not keep; --widths regards it.

A FOLDER has pages NAME.raw.txt and NAME.gold.txt: for level safe, in the default chain, with the confusions of the
pairs, or of --page-counts, a table that was counted without those pages. A correction is right where the aligned truth says so, and false where it was right before. Needs
rapidfuzz. The chart has a point for each margin; those of rules/ocr.toml are marked.
"""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import count_confusions

RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rules")


def train_captions(inkwash, pairs, path):
    """A coherence model of the true sentences."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("".join(true + "\n" for true in sorted({true for _, true in pairs})))
        file.flush()
        subprocess.run([inkwash, "train", file.name, "-o", path, "--overwrite"], check=True, stderr=subprocess.DEVNULL)


def correct(inkwash, rules, sentences):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for sentence in sentences:
            file.write(json.dumps({"text": sentence}, ensure_ascii=False) + "\n")
        file.flush()
        done = subprocess.run([inkwash, "clean", "-q", "--rules", rules, "-s", "ocr:level=full", "-f", "jsonl", file.name],
                              check=True, capture_output=True, text=True)
    return [json.loads(line)["text"].strip("\n") for line in done.stdout.splitlines()]


def ratio(a, b):
    return a / b if b else 0.0


def f1(p, r):
    return 2 * p * r / (p + r) if p + r else 0.0


ASCII_MARKS = str.maketrans("“”″‘’〈〉—，。！？：；（）", "\"\"\"''()-,.!?:;()")


def count(read, true, got):
    """Counts over sentences: [changed, right, right places, wrong input], then the same of characters."""
    changed = got != read
    wrong = read != true
    sentence = [changed, changed and got == true, False, wrong]
    characters = [0, 0, 0, 0]
    if len(read) == len(true) == len(got):
        places = [i for i in range(len(read)) if read[i] != true[i]]
        touched = [i for i in range(len(read)) if read[i] != got[i]]
        sentence[2] = changed and places == touched
        characters = [len(touched), sum(got[i] == true[i] for i in touched), len(set(places) & set(touched)), len(places)]
    return sentence, characters


def nothing():
    return [0] * 4, [0] * 4, 0


def add(a, b):
    return [x + y for x, y in zip(a[0], b[0])], [x + y for x, y in zip(a[1], b[1])], a[2] + b[2]


def divide(pairs, fold, folds):
    """The pairs of a fold, and the others."""
    is_test = [count_confusions.fold_of(true, folds) == fold for _, true in pairs]
    return ([pair for pair, tested in zip(pairs, is_test) if tested],
            [pair for pair, tested in zip(pairs, is_test) if not tested])


def measure_pairs(inkwash, test, train, settings, margins, widths):
    """For each margin counts of sentences, of characters, and of true sentences that were changed."""
    counts = count_confusions.collections.Counter()
    for read, true in train:
        count_confusions.count_pair(read, true, counts)
    found, marks = {}, {} if widths else ASCII_MARKS
    with tempfile.TemporaryDirectory() as rules:
        count_confusions.write(counts, os.path.join(rules, "confusables.tsv"))
        os.mkdir(os.path.join(rules, "model"))
        train_captions(inkwash, train, os.path.join(rules, "model", "captions.icm"))
        with open(os.path.join(rules, "misread_words.tsv"), "w", encoding="utf-8") as file:
            file.write("# None: the list goes by the confusions of all pairs.\n")
        for margin in margins:
            with open(os.path.join(rules, "ocr.toml"), "w", encoding="utf-8") as file:
                file.write(re.sub(r"^margin_full *=.*$", f"margin_full = {margin}", settings, flags=re.M))
            got = correct(inkwash, rules, [read for read, _ in test] + [true for _, true in test])
            got = [sentence.translate(marks) for sentence in got]
            total = nothing()
            for (read, true), text, of_true in zip(test, got, got[len(test):]):
                read, true = read.translate(marks), true.translate(marks)
                total = add(total, (*count(read, true, text), of_true != true))
            found[margin] = total
    return found


WANTED = 0.75  # precision of sentences
CHOICES = [n / 5 for n in range(21)]  # margins


def choose(totals):
    """The lowest margin with the wanted precision, or else that of the greatest. Of one margin alone the precision is much
    chance, so it is that of all up to two steps away."""

    def precision(n):
        changed, right = (sum(totals[m][0][k] for m in CHOICES[max(0, n - 2):n + 3]) for k in (0, 1))
        return ratio(right, changed)

    return CHOICES[max(range(len(CHOICES)), key=lambda n: (min(precision(n), WANTED), -n))]


def fit(arguments, pairs, settings):
    """The rules with weights fitted on pairs, and the margin chosen on them, in folds of their own."""
    import fit_ocr
    news = fit_ocr.Model(os.path.join(RULES, "model", "news.icm"))
    for name, weights in zip(("weights_full", "weights_captions"),
                             fit_ocr.fit_pairs(arguments.inkwash, news, pairs, arguments.folds, settings)):
        settings = re.sub(rf"^{name} *=.*$", f"{name} = {fit_ocr.said(weights)}", settings, flags=re.M)
    totals = {}
    for fold in range(arguments.folds):
        test, train = divide(pairs, fold, arguments.folds)
        for margin, of_fold in measure_pairs(arguments.inkwash, test, train, settings, CHOICES, arguments.widths).items():
            totals[margin] = add(totals.get(margin, nothing()), of_fold)
    return settings, choose(totals)


def show(name, total, pairs, remark):
    s, c, false = total
    p, r = ratio(s[1], s[0]), ratio(s[1], s[3])
    dp, dr = ratio(s[2], s[0]), ratio(s[2], s[3])
    cp, cr = ratio(c[1], c[0]), ratio(c[1], c[3])
    mixed = ratio(s[1], s[0] + false)
    print(f"{name} {p:11.3f} {r:.3f} {f1(p, r):.3f} {dp:15.3f} {dr:.3f} {f1(dp, dr):.3f} {cp:16.3f} {cr:.3f} "
          f"{f1(cp, cr):.3f} {ratio(false, pairs):8.4f} {mixed:8.3f}{remark}", flush=True)
    return p, r, cp, cr, mixed


def align(a, b):
    """Of the places of `a` those that stand for one of `b`."""
    from rapidfuzz.distance import Levenshtein
    places = {}
    for op in Levenshtein.opcodes(a, b):
        if op.tag in ("equal", "replace"):
            for k in range(op.src_end - op.src_start):
                places[op.src_start + k] = op.dest_start + k
    return places


def clean_pages(inkwash, rules, pages, model):
    with tempfile.TemporaryDirectory() as folder:
        for n, page in enumerate(pages):
            os.makedirs(os.path.join(folder, "in"), exist_ok=True)
            os.symlink(os.path.abspath(page), os.path.join(folder, "in", f"{n}.txt"))
        flags = ["--model", model] if model else []
        subprocess.run([inkwash, "clean", "-q", "--rules", rules, *flags, os.path.join(folder, "in"), "-o",
                        os.path.join(folder, "out")], check=True, stderr=subprocess.DEVNULL)
        return [squeezed(os.path.join(folder, "out", f"{n}.txt")) for n in range(len(pages))]


def squeezed(path):
    return "".join(line.strip() for line in open(path, encoding="utf-8"))


def measure_pages(inkwash, folder, settings, counts, margins, model):
    """For each margin (right, false, wrong before)."""
    pages = sorted(glob.glob(os.path.join(folder, "*.raw.txt")))
    truths = [squeezed(page[:-len(".raw.txt")] + ".gold.txt") for page in pages]
    is_han = count_confusions.is_han
    found = {}
    with tempfile.TemporaryDirectory() as rules:
        count_confusions.write(counts, os.path.join(rules, "confusables.tsv"))

        def run(margin):
            with open(os.path.join(rules, "ocr.toml"), "w", encoding="utf-8") as file:
                file.write(re.sub(r"^margin *=.*$", f"margin = {margin}", settings, count=1, flags=re.M))
            return clean_pages(inkwash, rules, pages, model)

        unmended = run(100)
        aligned = [align(text, truth) for text, truth in zip(unmended, truths)]
        wrong = sum(is_han(text[i]) and is_han(truth[k]) and text[i] != truth[k]
                    for text, truth, places in zip(unmended, truths, aligned) for i, k in places.items())
        for margin in margins:
            right = false = 0
            for before, after, truth, places in zip(unmended, run(margin), truths, aligned):
                for i, k in align(before, after).items():
                    if before[i] != after[k] and is_han(before[i]) and i in places:
                        right += truth[places[i]] == after[k]
                        false += truth[places[i]] == before[i]
            found[margin] = right, false, wrong
    return found


def chart(points, defaults, path):
    """points: (margin, name of curve) -> (recall, precision); defaults: of each curve the margin that is marked."""
    width, height, left, top = 640, 440, 60, 20
    across = lambda r: left + (width - left - 20) * r / 0.6
    down = lambda p: top + (height - top - 50) * (1 - p)
    palette = ["#1f5fa8", "#2a8a4a", "#a8541f", "#7a3fa0", "#b0283a", "#4a4a4a"]
    colours = dict(zip(dict.fromkeys(of for _, of in points), palette))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="white"/>']
    for tick in range(0, 11, 2):
        p = tick / 10
        out.append(f'<path d="M{left} {down(p):.1f}H{width - 20}" stroke="#ddd"/>'
                   f'<text x="{left - 8}" y="{down(p) + 4:.1f}" text-anchor="end">{p:.1f}</text>')
    for tick in range(0, 7):
        r = tick / 10
        out.append(f'<path d="M{across(r):.1f} {top}V{height - 50}" stroke="#ddd"/>'
                   f'<text x="{across(r):.1f}" y="{height - 34}" text-anchor="middle">{r:.1f}</text>')
    out.append(f'<text x="{(left + width) / 2}" y="{height - 14}" text-anchor="middle">recall</text>'
               f'<text x="14" y="{top + 150}" transform="rotate(-90 14 {top + 150})" text-anchor="middle">precision</text>')
    for n, (name, colour) in enumerate(colours.items()):
        curve = sorted((margin, at) for (margin, of), at in points.items() if of == name)
        line = " ".join(f"{across(r):.1f},{down(p):.1f}" for _, (r, p) in curve)
        out.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for margin, (r, p) in curve:
            marked = abs(margin - defaults[name]) < 1e-6
            out.append(f'<circle cx="{across(r):.1f}" cy="{down(p):.1f}" r="{6 if marked else 2.5}" fill="{colour}">'
                       f'<title>{name}, margin {margin}: precision {p:.3f}, recall {r:.3f}</title></circle>')
        out.append(f'<text x="{left + 12}" y="{height - 70 - 16 * n}" fill="{colour}">{name}</text>')
    out.append("</svg>\n")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs")
    parser.add_argument("--inkwash", default="build/release/inkwash")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--chart")
    parser.add_argument("--margins", default="-2,-1,-0.5,0,0.5,1,1.5,2,3,4")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--widths", action="store_true")
    parser.add_argument("--pages", action="append", default=[])
    parser.add_argument("--page-margins", default="1,2,2.5,3,4,5,6")
    parser.add_argument("--page-counts")
    parser.add_argument("--page-model", help="a coherence model that has not read the pages' articles")
    arguments = parser.parse_args()
    pairs = count_confusions.read_pairs(arguments.pairs)
    settings = open(os.path.join(RULES, "ocr.toml"), encoding="utf-8").read()
    default = float(re.search(r"^margin_full *= *(\S+)", settings, re.M)[1])
    margins = sorted({float(m) for m in arguments.margins.split(",")} | {default})
    totals, fitted, chosen = {}, nothing(), []
    for fold in range(arguments.folds):
        test, train = divide(pairs, fold, arguments.folds)
        for margin, of_fold in measure_pairs(arguments.inkwash, test, train, settings, margins, arguments.widths).items():
            totals[margin] = add(totals.get(margin, nothing()), of_fold)
        if arguments.fit:
            own, margin = fit(arguments, train, settings)
            chosen.append(margin)
            fitted = add(fitted, measure_pairs(arguments.inkwash, test, train, own, [margin], arguments.widths)[margin])
    points = {}
    print("margin  sentences P     R     F1    detection P     R     F1    characters P     R     F1    false  mixed P")
    for margin, total in totals.items():
        p, r, cp, cr, mixed = show(f"{margin:6.2f}", total, len(pairs), "  default" if margin == default else "")
        points[margin, "full: sentences"] = r, p
        points[margin, "full: sentences, half of them without error"] = r, mixed
        points[margin, "full: characters"] = cr, cp
    if arguments.fit:
        show("fitted", fitted, len(pairs), f"  at margins {', '.join(map(str, chosen))}")
    defaults = {of: default for _, of in points}
    counts = count_confusions.collections.Counter()
    for read, true in pairs:
        count_confusions.count_pair(read, true, counts)
    if arguments.page_counts:
        counts = count_confusions.read_counts(arguments.page_counts)
    safe = float(re.search(r"^margin *= *(\S+)", settings, re.M)[1])
    margins = sorted({float(m) for m in arguments.page_margins.split(",")} | {safe})
    everywhere = {margin: (0, 0, 0) for margin in margins}
    for folder in arguments.pages:
        print(f"{folder}\nmargin  right  false  precision  recall")
        for margin, sums in measure_pages(arguments.inkwash, folder, settings, counts, margins,
                                          arguments.page_model).items():
            everywhere[margin] = tuple(a + b for a, b in zip(everywhere[margin], sums))
            right, false, wrong = sums
            print(f"{margin:6.2f} {right:6d} {false:6d} {ratio(right, right + false):10.3f} {ratio(right, wrong):7.3f}"
                  f"{'  default' if margin == safe else ''}")
    if arguments.pages:
        for margin, (right, false, wrong) in everywhere.items():
            points[margin, "safe: characters of pages"] = ratio(right, wrong), ratio(right, right + false)
        defaults["safe: characters of pages"] = safe
    if arguments.chart:
        chart(points, defaults, arguments.chart)


if __name__ == "__main__":
    main()
