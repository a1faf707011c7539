#!/usr/bin/python3
"""Typesets newspaper pages from clean articles and reads them back with the tools that scrapers use.

usage: typeset_pages.py -o CASES [--hans FILE] [--hant FILE] [--english FILE] [--classes wrap,ocr] [--pages 40]
                        [--first 0] [--seed 1] [--keep DIR]

The files hold articles apart by blank lines: a headline, then a paragraph on each line. Pages are typeset by
Chromium (columns, justified), printed to PDF and read by pdftotext or, as images, by tesseract; nothing but the
page is made up, except where the table below says so. Writes CASES/CLASS/NAME.raw.txt and NAME.gold.txt and a
list HOW.tsv of how each page was read. The same seed gives the same pages; figures on pages of articles that the
coherence model was trained on are worth nothing, so take articles that it has not seen.

class     what is done to the page
wrap      one to three columns, several articles, read by pdftotext
spaced    narrow justified columns, so letter-spaced lines, read by pdftotext
layout    pdftotext -layout: columns stand side by side
rawmix    pdftotext -raw of a page written row by row: columns joined by a space
dwrap     as wrap, but one to three rows were written across the columns
seams     as wrap, but rows at some places were read twice (made up)
shards    areas of text out of order, some of them cut or overlapping (made up)
ocr       page image, blurred, with noise, read by tesseract
ocrmix    the same, columns read across
heads     kickers, headlines of several rows, sub-headlines, bylines
page      articles with jump lines, captions, page numbers and marks
latin     paragraphs with many digits and Latin words in narrow columns
mixed     articles of both scripts on one page
encoding  wrap in GB18030, Big5, UTF-16 and UTF-8 with a mark
web       an article as copied from an e-paper site, with its navigation (made up)
vertical  lines from top to bottom, read by pdftotext -raw: a character a line
english   English articles in one to three columns, hyphenated

Needs Debian's chromium, poppler-utils, tesseract-ocr-chi-sim, tesseract-ocr-chi-tra, fonts-noto-cjk,
fonts-arphic-uming, fonts-wqy-zenhei, python3-numpy, python3-pil, python3-pyphen and hyphen-en-us.
"""
import argparse
import html
import os
import random
import re
import subprocess
import sys
import tempfile

CLASSES = ("wrap spaced layout rawmix dwrap seams shards ocr ocrmix heads page latin mixed encoding web vertical "
           "english").split()

FONTS = {
    "hans": ["AR PL UMing CN", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "AR PL UKai CN", "Noto Serif CJK SC"],
    "hant": ["AR PL UMing TW", "AR PL UMing TW", "WenQuanYi Zen Hei", "AR PL UKai TW", "Noto Serif CJK TC"],
    "english": ["Liberation Serif", "DejaVu Serif"],
}
SECTIONS = {
    "hans": ["要闻", "综合", "时政", "国际", "经济", "社会", "文化", "体育"],
    "hant": ["要聞", "綜合", "社會", "國際", "財經", "地方", "文教"],
    "english": ["WORLD", "NATION", "BUSINESS", "LOCAL NEWS", "CULTURE"],
}
FAMILY = {"hans": "王李张刘陈杨黄周吴徐孙马朱胡郭林何高罗郑", "hant": "王李張劉陳楊黃周吳徐孫馬朱胡郭林何高羅鄭"}
GIVEN = {"hans": "文 志强 丽华 建国 晓明 海燕 雨桐 立新 国平 思远 嘉怡 宏伟 静 磊".split(),
         "hant": "文 志強 麗華 建國 曉明 海燕 雨桐 立新 國平 思遠 嘉怡 宏偉 靜 磊".split()}
PLACES = {"hans": "北京 上海 广州 成都 西安 武汉 沈阳 昆明 日内瓦 东京 伦敦 哈尔滨 呼和浩特".split(),
          "hant": "台北 高雄 台中 台南 花蓮 香港 東京 倫敦".split()}
KICKERS = {"hans": ["新时代 新征程 新伟业", "深入贯彻落实会议精神", "高质量发展调研行", "权威发布", "各地新年见闻"],
           "hant": ["愛心專欄", "地方特寫", "本報專題", "人間有情"]}
CAPTIONS = {
    "hans": ["图为工人在生产线上检查零件。", "图为孩子们在新落成的图书馆里看书。", "图为游客在湖边散步。",
             "图为村民在晾晒刚收下的玉米。", "图为抢修人员在高处更换线路。"],
    "hant": ["圖為居民在活動中心整理捐來的衣物。", "圖為學生在操場上練習接力。", "圖為攤商在清晨擺出當季水果。",
             "圖為志工替長者量血壓。"],
}

SCRIPT = r"""
<script>
// The lines of a block as they were laid out, in the order of their text: words, place, style.
function linesOf(block) {
  const lines = [];
  for (const p of block.querySelectorAll('p,h1,h2,h3')) {
    const walker = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
    let line = null;
    for (let node; (node = walker.nextNode());) {
      for (let i = 0; i < node.length; ++i) {
        const range = document.createRange();
        range.setStart(node, i); range.setEnd(node, i + 1);
        const rects = range.getClientRects();
        const c = node.data[i];
        if (rects.length === 0) { if (line) line.text += c; continue; }
        const r = rects[rects.length - 1];
        if (!line || Math.abs(r.top - line.top) > 4 || r.left < line.right - 30) {
          line = {text: '', top: r.top, left: r.left, right: r.right, height: r.height, p: p};
          lines.push(line);
        }
        line.text += c; line.right = Math.max(line.right, r.right);
      }
    }
  }
  for (const l of lines) {
    const shy = l.text.endsWith('\u00ad');
    l.text = l.text.replace(/\u00ad/g, '').trimEnd() + (shy ? '-' : '');
    l.text = l.text.trimStart();
  }
  return lines.filter(l => l.text);
}
// Writes the lines of a block one by one in another order.
function rewrite(block, mode, seed) {
  const lines = linesOf(block);
  const box = block.getBoundingClientRect();
  const count = +block.dataset.columns, gap = +block.dataset.gap;
  const width = (box.width - gap * (count - 1)) / count;
  for (const l of lines) {
    l.column = Math.min(count - 1, Math.max(0, Math.floor((l.left - box.left + gap / 2) / (width + gap))));
    l.edge = box.left + l.column * (width + gap) + width;
  }
  const rows = new Map();
  for (const l of lines) {
    const key = [...rows.keys()].find(k => Math.abs(k - l.top) < 5) ?? l.top;
    if (!rows.has(key)) rows.set(key, []);
    rows.get(key).push(l);
  }
  let order = lines;
  if (mode === 'rows') {
    order = [...rows.keys()].sort((a, b) => a - b).flatMap(k => rows.get(k).sort((a, b) => a.left - b.left));
  } else if (mode === 'cross') {
    const full = [...rows.values()].filter(r => r.length === count && count > 1);
    const taken = new Set();
    for (let i = 0; i < 1 + seed % 3 && full.length > 3; ++i) taken.add(full[(seed * (7 + 6 * i)) % full.length]);
    const across = new Map();
    for (const r of taken) { const s = r.sort((a, b) => a.left - b.left); across.set(s[0], s.slice(1)); }
    const moved = new Set([...across.values()].flat());
    order = lines.filter(l => !moved.has(l)).flatMap(l => across.has(l) ? [l, ...across.get(l)] : [l]);
  }
  const page = block.closest('section').getBoundingClientRect();
  const holder = document.createElement('div');
  holder.style.cssText = `height:${box.height}px`;
  for (const l of order) {
    const d = document.createElement('div'), s = getComputedStyle(l.p);
    d.textContent = l.text;
    const full = l.right > l.edge - 2 && l.text.length > 4;
    d.style.cssText = `position:absolute;white-space:nowrap;font:${s.font};letter-spacing:${s.letterSpacing};` +
      `text-autospace:${s.textAutospace};text-spacing-trim:${s.textSpacingTrim};left:${l.left - page.left}px;top:${l.top - page.top}px;line-height:${l.height}px;` +
      (full ? `width:${l.edge - l.left}px;text-align:justify;text-align-last:justify` : '');
    holder.append(d);
  }
  block.replaceWith(holder);
}
const sheet = document.createElement('style');
document.fonts.ready.then(() => {
  let rules = '';
  for (const s of document.querySelectorAll('section')) {
    for (const v of s.querySelectorAll('.vertical')) v.style.width = s.style.width = Math.ceil(v.getBoundingClientRect().width) + 'px';
    for (const b of s.querySelectorAll('.columns[data-fill]')) {
      const h = b.getBoundingClientRect().height;
      b.style.height = Math.ceil(h * +b.dataset.fill) + 'px'; b.style.columnFill = 'auto';
    }
    for (const b of s.querySelectorAll('.columns[data-mode]')) rewrite(b, b.dataset.mode, +b.dataset.seed);
    const r = s.getBoundingClientRect();
    rules += `@page ${s.id}{size:${Math.ceil(Math.max(r.width, s.scrollWidth)) + 4}px ${Math.ceil(r.height) + 4}px;margin:0}`;
  }
  sheet.textContent = rules; document.head.append(sheet);
});
</script>
"""


class Article:
    """A headline in parts, further lines, and paragraphs with `## ` before sub-headlines."""

    def __init__(self, script, headline, paragraphs):
        self.script = script
        self.kicker = self.subhead = self.byline = self.jump = self.caption = None
        self.headline = headline
        self.paragraphs = paragraphs

    def gold(self):
        lines = [self.kicker, self.headline, self.subhead, self.byline and self.byline.lstrip("□ "), *self.paragraphs,
                 self.caption and self.caption.lstrip("▲")]
        return [line for line in lines if line]

    def first(self):
        return next((p for p in self.paragraphs if len(p) > 25), self.paragraphs[0])


def read_articles(path, script):
    text = open(path, encoding="utf-8").read()
    parts = [part.strip("\n").split("\n") for part in re.split(r"\n\s*\n", text) if part.strip()]
    return [(script, part[0], part[1:]) for part in parts if len(part) > 1]


def is_subhead(paragraph, script):
    if script == "english":
        return False
    return len(paragraph) <= 22 and not re.search(r"[。！？；”」）]$", paragraph) and "╱" not in paragraph


def name_of(rng, script):
    return rng.choice(FAMILY[script]) + rng.choice(GIVEN[script])


class Maker:
    def __init__(self, rng, pool):
        self.rng = rng
        self.pool = pool

    def article(self, script, longest=1500, kind=None):
        """An article not longer than `longest` characters, cut after a whole paragraph."""
        rng = self.rng
        choices = [a for a in self.pool[script] if kind is None or kind(a)]
        _, headline, body = rng.choice(choices)
        paragraphs, size = [], 0
        for paragraph in body:
            if paragraphs and size + len(paragraph) > longest:
                break
            paragraphs.append(paragraph)
            size += len(paragraph)
        while len(paragraphs) > 1 and is_subhead(paragraphs[-1], script):
            paragraphs.pop()
        return Article(script, headline, paragraphs)


def element(tag, text, style="", cls=""):
    return f'<{tag} class="{cls}" style="{style}">{html.escape(text, quote=False)}</{tag}>'


def hyphenated(text, dictionary):
    return re.sub(r"[A-Za-z]{6,}", lambda m: dictionary.inserted(m.group(), "\u00ad"), text)


class Page:
    """How one page looks; `html()` is its section, `gold(raw)` its truth."""

    def __init__(self, rng, cls, number, articles, script):
        self.rng, self.cls, self.number, self.articles, self.script = rng, cls, number, articles, script
        self.columns, self.measure, self.size = 2, 20, 12
        self.lead = rng.choice([1.4, 1.5, 1.6, 1.75])
        self.gap = rng.choice([18, 22, 26, 32])
        self.font = rng.choice(FONTS[script])
        self.autospace = rng.random() < 0.45
        self.trim = rng.random() < 0.1  # marks that take half their width: few newspapers have them
        self.header = rng.random() < 0.45
        self.footer = False
        self.mode = None
        self.fill = None if rng.random() < 0.6 else round(rng.uniform(1.02, 1.25), 2)
        self.spread = rng.random() < 0.2
        self.place = rng.choice(["top"] * 5 + ["column", "last", "side"])
        self.flow = rng.random() < 0.3
        self.dictionary = None

    def header_text(self):
        rng = self.rng
        day = f"{rng.choice([2008, 2016, 2019, 2024])}", rng.randint(1, 12), rng.randint(1, 28)
        if self.script == "english":
            month = "January February March April May June July August September October November December".split()
            return [rng.choice(SECTIONS["english"]), f"{rng.choice(['Monday', 'Friday', 'Sunday'])}, "
                    f"{month[day[1] - 1]} {day[2]}, {day[0]}", f"Page {rng.randint(2, 16)}"]
        date = "{}年{}月{}日 星期{}".format(*day, rng.choice("一二三四五六日"))
        return [rng.choice(SECTIONS[self.script]), date, f"第{rng.randint(2, 16)}版"]

    def text(self, text, article):
        return hyphenated(text, self.dictionary) if self.dictionary and article.script == "english" else text

    def head(self, a):
        s, rng = self.size, self.rng
        spread = f"letter-spacing:{rng.choice([0.5, 0.8, 1])}em;" if self.spread else ""
        out = []
        if a.kicker:
            out.append(element("h3", a.kicker, f"font-size:{s * 1.1}px;"))
        big = rng.choice([1.7, 2, 2.3]) if self.cls not in ("heads",) else rng.choice([2.2, 2.6, 3])
        if self.place in ("column", "side"):
            big = 1.5
        out.append(element("h1", a.headline, f"font-size:{s * big:.1f}px;{spread}"))
        if a.subhead:
            out.append(element("h3", a.subhead, f"font-size:{s * 1.2}px;"))
        if a.byline:
            out.append(element("h3", a.byline, f"font-size:{s}px;font-weight:normal;"))
        return "".join(out)

    def body(self, a):
        out = []
        for i, p in enumerate(a.paragraphs):
            if is_subhead(p, a.script):
                style = self.subhead_style
                out.append(element("h2", p, style))
            else:
                out.append(element("p", self.text(p, a)))
        if a.jump:
            out.append(element("p", a.jump, "text-align:right;text-indent:0;"))
        if a.caption:
            at = self.rng.randint(1, len(out))
            out.insert(at, element("p", a.caption, f"text-indent:0;font-size:{self.size * 0.85}px;"))
        return "".join(out)

    def block(self, content, columns, width):
        data = f'data-columns="{columns}" data-gap="{self.gap}" data-seed="{self.number}"'
        if self.mode and columns >= 1:
            data += f' data-mode="{self.mode}"'
        if self.fill and columns > 1:
            data += f' data-fill="{self.fill}"'
        return f'<div class="columns" {data} style="column-count:{columns};column-gap:{self.gap}px;width:{width}px">{content}</div>'

    def html(self):
        rng = self.rng
        em = 0.5 if self.script == "english" else 1
        width = round((self.measure * self.size * em + self.gap) * self.columns - self.gap)
        self.subhead_style = rng.choice(["text-indent:2em;", "text-align:center;", "text-indent:0;"]) + "font-size:inherit;margin:0;"
        parts = []
        if self.header:
            bits = self.header_text()
            parts.append(f'<div class="furniture" style="display:flex;justify-content:space-between;font-size:{self.size}px;margin-bottom:8px">' +
                         "".join(f"<span>{b}</span>" for b in bits) + "</div>")
        lists = [[a] for a in self.articles]
        if self.flow and len(self.articles) > 1 and self.place in ("top", "column"):
            lists = [self.articles]
        if self.cls == "vertical":
            height = round(self.measure * self.size)
            head = "".join(self.head(a) + self.body(a) for a in self.articles)
            parts.append(f'<div class="vertical" style="writing-mode:vertical-rl;height:{height}px;width:max-content;overflow:hidden;display:inline-block;'
                         f'text-orientation:mixed">{head}</div>')
            lists = []
        for group in lists:
            if len(group) > 1:
                content = "".join((self.head(a) if i or self.place == "column" else "") + self.body(a) for i, a in enumerate(group))
            else:
                content = (self.head(group[0]) if self.place == "column" else "") + self.body(group[0])
            head = self.head(group[0])
            if self.place == "side":
                side = round(self.size * rng.choice([6, 8, 10]))
                parts.append(f'<div style="display:grid;grid-template-columns:{side}px 1fr;column-gap:{self.gap}px;margin-bottom:16px">'
                             f"<div>{head}</div>{self.block(content, self.columns, width)}</div>")
                width_all = width + side + self.gap
            elif self.place == "last":
                parts.append(f'<div style="display:flex;flex-direction:column-reverse;margin-bottom:16px">'
                             f"{self.block(content, self.columns, width)}<div>{head}</div></div>")
            elif self.place == "column":
                parts.append(f'<div style="margin-bottom:16px">{self.block(content, self.columns, width)}</div>')
            else:
                parts.append(f'<div style="margin-bottom:16px"><div style="width:{width}px">{head}</div>{self.block(content, self.columns, width)}</div>')
        if self.footer:
            parts.append(f'<div class="furniture" style="text-align:center;margin-top:16px;font-size:{self.size}px">{rng.choice(["— {} —", "{}", "第 {} 页" if self.script == "hans" else "- {} -"]).format(rng.randint(1, 24))}</div>')
        extra = width_all - width if self.place == "side" and lists else 0
        wide = "max-content" if self.cls == "vertical" else f"{width + extra}px"
        lang = {"hans": "zh-Hans", "hant": "zh-Hant", "english": "en"}[self.script]
        return (f'<section id="p{self.number}" lang="{lang}" style="page:p{self.number};width:{wide};padding:24px;'
                f"font-family:'{self.font}','Noto Serif CJK SC';font-size:{self.size}px;line-height:{self.lead};"
                f'text-autospace:{"normal" if self.autospace else "no-autospace"};'
                f'text-spacing-trim:{"normal" if self.trim else "space-all"}">' + "".join(parts) + "</section>")

    def gold(self, raw):
        """Articles in the order in which their first paragraph begins in what was read."""
        plain = re.sub(r"\s", "", raw)

        def at(article):
            text = re.sub(r"\s", "", article.first())
            for size in (12, 8, 5):
                for start in (0, 6, 12, 24):
                    place = plain.find(text[start:start + size])
                    if place >= 0:
                        return place
            return len(plain)
        order = sorted(self.articles, key=at) if len(self.articles) > 1 else self.articles
        return "\n".join(line for a in order for line in a.gold()) + "\n"


STYLE = """<!doctype html><meta charset="utf-8"><style>
body{margin:0} section{break-after:page;position:relative;box-sizing:content-box}
h1,h2,h3{margin:0 0 6px;line-height:1.3;break-inside:avoid;break-after:avoid} p{margin:0;text-align:justify;text-indent:2em;orphans:1;widows:1}
section[lang=en] p{text-indent:1em}
h1,h2,h3,.furniture{position:relative} /* so that they are painted in turn with the lines that a script places */
</style>"""


def print_pdf(pages, folder):
    """One PDF with a page for each of `pages`."""
    source, target = os.path.join(folder, "pages.html"), os.path.join(folder, "pages.pdf")
    with open(source, "w", encoding="utf-8") as file:
        file.write(STYLE + "".join(p.html() for p in pages) + SCRIPT)
    subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                    "--virtual-time-budget=60000", f"--print-to-pdf={target}", source], check=True, stderr=subprocess.DEVNULL)
    count = int(re.search(r"Pages:\s+(\d+)", subprocess.run(["pdfinfo", target], capture_output=True, text=True, check=True).stdout)[1])
    if count != len(pages):
        sys.exit(f"{count} pages were printed of {len(pages)}: a page doesn't fit its sheet")
    return target


def pdftotext(pdf, number, *options):
    return subprocess.run(["pdftotext", *options, "-f", str(number), "-l", str(number), pdf, "-"],
                          capture_output=True, text=True, check=True).stdout


def tesseract(pdf, number, rng, script, mode, dpi, folder):
    """What tesseract reads on the page's image, blurred and with noise as scans are."""
    import numpy as np
    from PIL import Image, ImageFilter
    base = os.path.join(folder, "scan")
    subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", "-png", "-singlefile", "-f", str(number), "-l", str(number), pdf, base], check=True)
    image = Image.open(base + ".png").convert("L").filter(ImageFilter.GaussianBlur(rng.choice([0.5, 0.7, 0.9])))
    noise = np.random.default_rng(rng.randrange(1 << 30)).normal(0, rng.choice([8, 14, 20]), (image.height, image.width))
    Image.fromarray(np.clip(np.asarray(image, float) * 0.92 + noise, 0, 255).astype("uint8")).save(base + ".png", dpi=(dpi, dpi))
    model = {"hans": "chi_sim", "hant": "chi_tra", "english": "eng"}[script]
    return subprocess.run(["tesseract", base + ".png", "-", "-l", model, "--psm", str(mode)], capture_output=True, text=True,
                          check=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"}).stdout


def make_page(cls, number, rng, pool):
    script = "hant" if rng.random() < 0.45 and pool.get("hant") or not pool.get("hans") else "hans"
    if cls == "english":
        script = "english"
    maker = Maker(rng, pool)
    count = rng.choice([1, 1, 1, 1, 1, 2, 2, 3])
    if cls in ("ocr", "ocrmix", "shards", "web", "vertical"):
        count = 1
    longest = {1: rng.choice([500, 900, 1500]), 2: rng.choice([300, 500, 700]), 3: 350}[count]
    kind = None
    if cls == "latin":
        kind = lambda a: sum(len(re.findall(r"[A-Za-z]+|\d+", p)) for p in a[2]) > 0.03 * sum(map(len, a[2]))
    if cls == "english":
        longest *= 3
    articles = []
    while len(articles) < count:
        a = maker.article(script, longest, kind)
        if all(a.headline != b.headline and a.paragraphs[0] != b.paragraphs[0] for b in articles):
            articles.append(a)
    if cls == "mixed":
        other = "hans" if script == "hant" else "hant"
        articles = [maker.article(script, 400), maker.article(other, 400)]
    page = Page(rng, cls, number, articles, script)
    page.columns, page.measure = rng.choice([(1, 24), (2, 18), (2, 22), (2, 26), (3, 16), (3, 18), (4, 14)])
    if cls == "spaced":
        page.columns, page.measure = rng.choice([(2, 12), (2, 13), (3, 11), (3, 12), (3, 14), (4, 11), (4, 13)])
    elif cls == "layout":
        page.columns, page.measure = rng.choice([(2, 22), (2, 25), (3, 20), (3, 23), (3, 18)])
        page.gap = rng.choice([22, 28, 36])
    elif cls in ("rawmix", "dwrap", "ocrmix"):
        page.columns, page.measure = rng.choice([(2, 16), (2, 18), (2, 20), (2, 24), (3, 16)])
        if cls == "ocrmix":
            page.columns = 2
    elif cls == "latin":
        page.columns, page.measure = rng.choice([(2, 12), (2, 14), (3, 12), (3, 15)])
    elif cls == "english":
        page.columns, page.measure = rng.choice([(1, 50), (2, 34), (2, 42), (3, 30), (3, 38)])
    if cls in ("rawmix", "ocrmix", "dwrap"):
        page.place = rng.choice(["top", "top", "top", "column"])
        page.flow = page.flow or cls == "ocrmix"
    page.mode = {"rawmix": "rows", "dwrap": "cross", "english": "columns"}.get(cls)
    if cls == "english":
        from pyphen import Pyphen
        page.dictionary = Pyphen(lang="en_US")
        page.place, page.spread, page.autospace = rng.choice(["top", "top", "column"]), False, False
    for a in page.articles:
        decorate(a, cls, rng)
    if cls == "vertical":
        page.measure = rng.choice([16, 20, 25, 32])
    page.footer = cls in ("page", "english") and rng.random() < 0.7
    page.header = page.header or cls == "page"
    return page


def decorate(a, cls, rng):
    """Adds what newspapers print around an article."""
    s = a.script
    if s == "english":
        if rng.random() < 0.6:
            a.byline = "By " + rng.choice(["Anna Whitfield", "Thomas Okafor", "J. R. Mendes", "Mary-Ann Clarke"])
        return
    if not re.match(r"本报|新华社|本報|（?記者", a.paragraphs[0]) and s == "hans" and rng.random() < 0.3:
        place, who = rng.choice(PLACES[s]), "记者" + " ".join(name_of(rng, s) for _ in range(rng.choice([1, 1, 2])))
        a.paragraphs[0] = rng.choice([f"新华社{place}{rng.randint(1, 12)}月{rng.randint(1, 28)}日电 ",
                                      f"本报{place}{rng.randint(1, 12)}月{rng.randint(1, 28)}日电（{who}）",
                                      f"本报讯（{who}）"]) + a.paragraphs[0]
    if cls in ("heads", "page"):
        if rng.random() < 0.5:
            a.kicker = rng.choice(KICKERS[s])
        if rng.random() < 0.5:
            words = a.first()
            clause = re.split(r"[，。：；、]", words)
            clause = [c for c in clause if 8 <= len(c) <= 20 and not re.search(r"[「『“（]|\d", c)]
            if clause:
                a.subhead = "——" + rng.choice(clause)
        if rng.random() < 0.6:
            names = " ".join(name_of(rng, s) for _ in range(rng.choice([1, 2])))
            a.byline = rng.choice(["", "□ "]) + ("本报记者 " if s == "hans" else "本報記者 ") + names
    if cls == "page":
        if rng.random() < 0.4:
            a.jump = {"hans": "（下转第{}版）", "hant": "（下轉第{}版）"}[s].format(rng.choice("二三四56"))
        if rng.random() < 0.5:
            who = name_of(rng, s)
            a.caption = rng.choice(["▲", ""]) + rng.choice(CAPTIONS[s]) + (f"{who}摄" if s == "hans" else f"{who}攝")


def shards(page, rng):
    """Areas of an article's text as an e-paper's image map cuts them: some cut short, overlapping or out of order."""
    a = page.articles[0]
    areas = [a.headline]
    for p in a.paragraphs:
        rest = p
        while len(rest) > 30 and rng.random() < 0.4:
            cut = rng.randint(6, len(rest) - 6)
            areas.append(rest[:cut])
            rest = rest[max(0, cut - rng.randint(8, 45)):] if rng.random() < 0.25 else rest[cut:]
        areas.append(rest)
    if rng.random() < 0.15 and len(a.paragraphs) > 2 and len(areas[1]) < 30:
        cut = len(areas[1]) // 2
        areas[1:2] = [areas[1][:cut], areas[1][cut:]]
    for _ in range(rng.choice([0, 1, 1, 2, 3, 4])):
        taken = areas.pop(rng.randrange(len(areas)))
        areas.insert(rng.randrange(len(areas) + 1), taken)
    if rng.random() < 0.3:
        areas.remove(a.headline)
        areas.insert(rng.choice([len(areas), len(areas) // 2]), a.headline)
    return "\n\n".join(areas) + "\n"


def twice(raw, rng):
    """Reads one to three pairs of lines twice, as overlapping areas do."""
    lines = raw.split("\n")
    for _ in range(rng.randint(1, 3)):
        places = [i for i in range(2, len(lines) - 2) if len(lines[i]) > 8 and len(lines[i - 1]) > 8]
        if not places:
            break
        i = rng.choice(places)
        size = rng.choice([1, 1, 2])
        lines[i + 1:i + 1] = ([""] if rng.random() < 0.5 else []) + lines[i + 1 - size:i + 1]
    return "\n".join(lines)


def web(page, rng):
    """An article as it is copied from an e-paper's site, paragraphs whole or broken at some width."""
    a = page.articles[0]
    s = page.script
    hans = s == "hans"
    date = f"{rng.choice([2019, 2023, 2024])}年{rng.randint(1, 12):02}月{rng.randint(1, 28):02}日"
    number = rng.randint(1, 16)
    section = rng.choice(SECTIONS[s])
    before = rng.choice([
        [f"{date} 星期{rng.choice('一二三四五六日')}", f"第{number:02}版：{section}"],
        [f"第{number:02}版：{section}", "上一版 下一版" if hans else "上一版 下一版", f"{date}", "放大 缩小 默认" if hans else "放大 縮小 默認"],
        [f"{section} {date} 第{number}版"],
        [],
    ])
    after = rng.choice([
        ["上一篇 下一篇"], [], ["版权所有 未经书面授权禁止转载" if hans else "版權所有 未經書面授權禁止轉載"], ["责任编辑：" + name_of(rng, s) if hans else "責任編輯：" + name_of(rng, s)],
    ])
    kept = [line for line in after if "编辑" in line or "編輯" in line]
    width = rng.choice([0, 0, 18, 30, 38])
    body = []
    for p in a.paragraphs:
        p = "　　" + p
        body += [p] if not width else [p[i:i + width] for i in range(0, len(p), width)]
        if rng.random() < 0.5 and not width:
            body.append("")
    raw = "\n".join([*before, a.headline, *body, *after]) + "\n"
    return raw, "\n".join(a.gold() + kept) + "\n"


def encode(raw, rng, script):
    """Bytes of `raw` in an encoding that can hold it, and its name."""
    names = {"hans": ["gb18030", "gbk", "utf-16", "utf-16-le-bare", "utf-16-be-bare", "utf-8-sig"],
             "hant": ["big5hkscs", "cp950", "utf-16", "utf-16-le-bare", "utf-16-be-bare", "gb18030", "utf-8-sig"]}[script]
    while True:
        name = rng.choice(names)
        try:
            return raw.encode(name.replace("-bare", "")), name
        except UnicodeEncodeError:
            continue


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hans", help="Simplified articles")
    parser.add_argument("--hant", help="Traditional articles")
    parser.add_argument("--english", help="English articles")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--classes", default=",".join(CLASSES))
    parser.add_argument("--pages", type=int, default=40, help="pages of each class")
    parser.add_argument("--first", type=int, default=0, help="the number of the first page")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="keep the pages and their PDF in this folder")
    o = parser.parse_args()
    pool = {script: read_articles(path, script) for script in ("hans", "hant", "english") if (path := getattr(o, script))}
    for cls in o.classes.split(","):
        if cls not in CLASSES:
            sys.exit(f"{cls}: no such class; there are {', '.join(CLASSES)}")
        if not (pool.keys() & ({"english"} if cls == "english" else {"hans", "hant"})):
            print(f"{cls}: no articles, left out")
            continue
        folder = os.path.join(o.output, cls)
        os.makedirs(folder, exist_ok=True)
        rngs = [random.Random(f"{o.seed}/{cls}/{i}") for i in range(o.first, o.first + o.pages)]
        pages = [make_page(cls, i, rng, pool) for i, rng in zip(range(o.first, o.first + o.pages), rngs)]
        with tempfile.TemporaryDirectory() as scratch:
            keep = scratch
            if o.keep:
                keep = os.path.join(o.keep, cls)
                os.makedirs(keep, exist_ok=True)
            pdf = print_pdf(pages, keep) if cls not in ("shards", "web") else None
            how = []
            for at, (page, rng) in enumerate(zip(pages, rngs), 1):
                raw, gold, read = read_page(page, rng, pdf, at, scratch)
                several = f"-x{len(page.articles)}" if len(page.articles) > 1 else ""
                name = f"{page.number:03}-{page.script}{several}"
                with open(os.path.join(folder, name + ".raw.txt"), "wb") as file:
                    file.write(raw if isinstance(raw, bytes) else raw.encode())
                with open(os.path.join(folder, name + ".gold.txt"), "w", encoding="utf-8") as file:
                    file.write(gold)
                how.append(f"{name}\t{read}\n")
        with open(os.path.join(folder, "HOW.tsv"), "a", encoding="utf-8") as file:
            file.writelines(how)
        print(f"{cls}: {len(pages)} pages", flush=True)


def read_page(page, rng, pdf, at, scratch):
    """What was read of the page, its truth, and how it was read."""
    cls = page.cls
    if cls == "shards":
        raw = shards(page, rng)
        return raw, page.gold(raw), "areas (made up)"
    if cls == "web":
        return *web(page, rng), "site (made up)"
    if cls in ("ocr", "ocrmix"):
        dpi = rng.choice([130, 150, 200])
        mode = 3 if cls == "ocr" else 6
        raw = tesseract(pdf, at, rng, page.script, mode, dpi, scratch)
        return raw, page.gold(raw), f"tesseract psm {mode} at {dpi} dpi"
    option = [[], [], ["-raw"]][rng.randrange(3)]
    if cls == "layout" or cls == "english" and rng.random() < 0.25:
        option = ["-layout"]
    if cls in ("rawmix", "dwrap", "seams", "vertical"):
        option = ["-raw"]
    raw = pdftotext(pdf, at, *option)
    if cls == "seams":
        raw = twice(raw, rng)
    gold = page.gold(raw)
    read = " ".join(["pdftotext", *option])
    if cls == "encoding":
        raw, name = encode(raw, rng, page.script)
        read += " " + name
    return raw, gold, read


if __name__ == "__main__":
    main()
