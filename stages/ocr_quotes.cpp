#include "stages/ocr_quotes.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "stages/ocr_marks.h"
#include "stages/ocr_rules.h"

namespace inkwash::stages::ocr {
namespace {

bool ends_sentence(std::string_view words) {
  return words.ends_with("。") || words.ends_with("！") || words.ends_with("？");
}

/// Whether Chinese text goes on in a line, and not by closing something.
bool goes_on(std::string_view rest) {
  for (std::size_t at = 0; at < rest.size();) {
    const auto [codepoint, length] = valid_utf8_next(rest, at);
    const CharClass c = class_of(codepoint);
    if (c != CharClass::space) return is_cjk(c) && c != CharClass::close;
    at += length;
  }
  return false;
}

CharClass class_before(std::string_view text, std::size_t at) {
  return at == 0 ? CharClass::newline : class_of(valid_utf8_previous(text, at).codepoint);
}
CharClass class_after(std::string_view text, std::size_t at) {
  return at == text.size() ? CharClass::newline : class_of(valid_utf8_next(text, at).codepoint);
}

/// Whether the quotation mark at `at` stands as its other half would: “ before a mark or at the end of a line that is
/// not full, ” at the line's beginning or after a mark, and before words.
bool is_backward(std::string_view ink, std::size_t at, std::size_t length, bool opens, bool is_full) {
  const CharClass left = class_before(ink, at), right = class_after(ink, at + length);
  const bool is_before_mark = right == CharClass::pause || right == CharClass::stop || right == CharClass::close;
  if (opens)
    return left != CharClass::newline && left != CharClass::pause &&
           (is_before_mark || (right == CharClass::newline && !is_full));
  return (left == CharClass::newline || left == CharClass::pause || left == CharClass::stop) &&
         (is_ideographic(right) || is_alphanumeric(right));
}

ByteOffset alphanumeric_end(std::string_view text, ByteOffset at, ByteOffset end) {
  while (at < end) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    if (!is_alphanumeric(class_of(codepoint))) break;
    at += length;
  }
  return at;
}

}  // namespace

struct Quotes::Token {
  TextRange range;
  enum Is : std::uint8_t { opening, closing, suspect, border } is;
  bool edited = false;                       ///< it is what an edit makes of it
  bool may_open = false, may_close = false;  ///< of a suspect
};

Quotes::Quotes(Settings& settings)
    : least_turned_(settings.count("quotes.least")),
      evidence_(settings.count("quotes.evidence")),
      least_marks_(settings.count("quotes.least_marks")),
      longest_(static_cast<ByteOffset>(std::string_view("字").size() * settings.count("quotes.longest"))),
      opening_(settings.characters("quotes.opening")),
      closing_(settings.characters("quotes.closing")),
      opening_brackets_(settings.characters("quotes.opening_brackets")),
      closing_brackets_(settings.characters("quotes.closing_brackets")),
      opening_letters_(settings.strings("quotes.opening_letters")),
      closing_letters_(settings.strings("quotes.closing_letters")) {
  for (const std::string& marks : settings.strings("quotes.kinds")) {
    std::vector<std::string> kind;
    for (std::size_t at = 0; at < marks.size();) {
      const std::size_t length = valid_utf8_next(marks, at).length;
      kind.push_back(marks.substr(at, length));
      at += length;
    }
    if (kind.size() == 2)
      kinds_.push_back({kind[0], kind[1], {}, {}});
    else if (kind.size() == 4)
      kinds_.push_back({kind[0], kind[1], kind[2], kind[3]});
    else
      settings.error("ocr.toml", "quotation marks are two, or four with those within them, not '" + marks + "'");
  }
}

Quotes::Misread Quotes::misread_in(const Document& document) const {
  struct Quote {
    ByteOffset at;
    bool opens, begins, ends;  ///< the latter: a line, a full one
    bool after_sentence;       ///< in mid-line, and Chinese text goes on
    bool is_backward;
  };
  std::vector<Quote> quotes;
  constexpr std::string_view first_bytes = "\xE2\x80", opening = "“", closing = "”";
  const std::span<const Line> lines = document.lines();
  for (std::size_t n = 0; n < lines.size(); ++n) {
    const std::string_view ink = lines[n].ink.of(document.text());
    for (std::size_t at = ink.find(first_bytes); at != std::string_view::npos; at = ink.find(first_bytes, at + 1)) {
      const std::string_view rest = ink.substr(at);
      if (rest.starts_with(opening) || rest.starts_with(closing))
        quotes.push_back({lines[n].ink.begin + static_cast<ByteOffset>(at), rest.starts_with(opening),
                          at == 0 && n > 0 && lines[n].blanks_before == 0,
                          rest.size() == opening.size() && Marks::is_full(lines, n),
                          ends_sentence(ink.substr(0, at)) && goes_on(ink.substr(at + opening.size())),
                          is_backward(ink, at, opening.size(), rest.starts_with(opening), Marks::is_full(lines, n))});
    }
  }
  // ”港口“，: halves that both stand as the other would, where none is open.
  std::vector<ByteOffset> swapped;
  bool is_open = false;
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    const Quote& first = quotes[i];
    if (first.opens || is_open) {
      is_open = first.opens;
      continue;
    }
    if (i + 1 == quotes.size()) break;
    const Quote& second = quotes[i + 1];
    if (!second.opens || !first.is_backward || !second.is_backward || second.at - first.at > longest_) continue;
    swapped.push_back(first.at);
    swapped.push_back(second.at);
    ++i;
  }
  if (swapped.size() / 2 < least_turned_) swapped.clear();
  for (Quote& quote : quotes)
    if (std::binary_search(swapped.begin(), swapped.end(), quote.at)) {
      quote.opens = !quote.opens;
      quote.begins = quote.ends = quote.after_sentence = false;
    }
  std::vector<ByteOffset> lone;
  const Quote* open = nullptr;
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    const Quote& quote = quotes[i];
    if (quote.opens) {
      if (open != nullptr && open->ends) lone.push_back(open->at);
      open = &quote;
    } else if (open == nullptr || (quote.begins && i + 1 < quotes.size() && !quotes[i + 1].opens)) {
      if (quote.begins || quote.ends) lone.push_back(quote.at);
    } else {
      open = nullptr;
    }
  }
  if (open != nullptr && open->ends) lone.push_back(open->at);
  std::sort(lone.begin(), lone.end());
  std::vector<ByteOffset> turned;
  for (std::size_t i = 1; i + 1 < quotes.size(); ++i) {
    Quote& here = quotes[i];
    if (!here.opens || !here.after_sentence || !quotes[i - 1].opens || !quotes[i + 1].opens) continue;
    if (std::binary_search(lone.begin(), lone.end(), here.at)) continue;
    turned.push_back(here.at);
    here.opens = false;
  }
  if (turned.size() < least_turned_) turned.clear();
  return {std::move(lone), std::move(turned), std::move(swapped)};
}

bool Quotes::is_paired(std::string_view rest, bool backward) const {
  const std::u32string_view own = backward ? closing_brackets_ : opening_brackets_;
  const std::u32string_view other = backward ? opening_brackets_ : closing_brackets_;
  for (std::size_t left = rest.size(); left > 0;) {
    const auto [codepoint, length] =
        backward ? valid_utf8_previous(rest, left) : valid_utf8_next(rest, rest.size() - left);
    if (contains(other, codepoint)) return true;
    if (contains(own, codepoint)) return false;
    left -= length;
  }
  return false;
}

bool Quotes::may_open(std::string_view text, TextRange range) const {
  const std::string_view words = range.of(text);
  const Codepoint read = valid_utf8_next(words, 0).codepoint;
  const bool is_letter = std::ranges::find(opening_letters_, words) != opening_letters_.end();
  if ((!is_letter && !contains(opening_, read)) || range.end == text.size()) return false;
  const CharClass left = class_before(text, range.begin), right = class_after(text, range.end);
  if (!is_ideographic(right) && (is_letter || (right != CharClass::digit && right != CharClass::open))) return false;
  const bool after_mark = left == CharClass::pause || left == CharClass::ascii_mark;
  if (is_letter) return after_mark;
  if (class_of(read) != CharClass::ascii_open) return after_mark || left == CharClass::newline;
  return !is_alphanumeric(left) && !is_paired(text.substr(range.end, longest_), false);
}

bool Quotes::may_close(std::string_view text, TextRange range) const {
  const std::string_view words = range.of(text);
  const Codepoint read = valid_utf8_next(words, 0).codepoint;
  const bool is_letter = std::ranges::find(closing_letters_, words) != closing_letters_.end();
  if (!is_letter && !contains(closing_, read)) return false;
  const CharClass left = class_before(text, range.begin), right = class_after(text, range.end);
  if (is_letter) return left == CharClass::stop && (right == CharClass::newline || is_cjk(right));
  if (is_alphanumeric(right)) return false;
  // In mid-sentence other marks are commas, too.
  if (class_of(read) != CharClass::ascii_close) return left == CharClass::stop;
  if (!is_ideographic(left) && left != CharClass::stop) return false;
  const ByteOffset begin =
      static_cast<ByteOffset>(valid_utf8_ceiling(text, range.begin - std::min<ByteOffset>(range.begin, longest_)));
  return !is_paired(text.substr(begin, range.begin - begin), true);
}

std::vector<Quotes::Token> Quotes::tokens_of(const Document& document, const Kind& kind, const Misread& misread,
                                             const Proposal& proposal) const {
  const std::string_view text = document.text();
  std::vector<const Edit*> edits;
  for (const Edit& edit : proposal.edits()) edits.push_back(&edit);
  const auto begin_of = [](const Edit* edit) { return edit->range.begin; };
  std::ranges::sort(edits, {}, begin_of);
  std::vector<Token> tokens;
  for (const Line& line : document.lines()) {
    if (line.blanks_before > 0) tokens.push_back({{line.ink.begin, line.ink.begin}, Token::border});
    for (ByteOffset at = line.ink.begin; at < line.ink.end;) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      TextRange range{at, at + length};
      const CharClass c = class_of(codepoint);
      if (is_alphanumeric(c)) range.end = alphanumeric_end(text, range.end, line.ink.end);
      at = range.end;
      if (is_ideographic(c) || std::ranges::binary_search(misread.lone, range.begin)) continue;
      const auto behind = std::ranges::lower_bound(edits, range.end, {}, begin_of);
      const bool edited = behind != edits.begin() && (*std::prev(behind))->range.end > range.begin;
      const std::string_view words = edited ? proposal.text_of(**std::prev(behind)) : range.of(text);
      if (words == kind.opening || words == kind.closing) {
        tokens.push_back({range, words == kind.opening ? Token::opening : Token::closing, edited});
      } else if (const bool opens = !edited && may_open(text, range), closes = !edited && may_close(text, range);
                 opens || closes) {
        tokens.push_back({range, Token::suspect, false, opens, closes});
      }
    }
  }
  const ByteOffset end = static_cast<ByteOffset>(text.size());
  tokens.push_back({{end, end}, Token::border});
  return tokens;
}

void Quotes::mend(const Document& document, const Misread& misread, Proposal& proposal) const {
  if (proposal.edits().size() < evidence_) return;
  const auto has = [&](const std::string& mark) { return document.text().find(mark) != std::string_view::npos; };
  for (const Kind& kind : kinds_) {
    if (!has(kind.opening) && !has(kind.closing)) continue;
    const std::vector<Token> tokens = tokens_of(document, kind, misread, proposal);
    const auto is_mark = [](const Token& token) { return token.is == Token::opening || token.is == Token::closing; };
    if (static_cast<std::size_t>(std::ranges::count_if(tokens, is_mark)) < least_marks_) continue;
    mend_halves(tokens, kind, proposal);
    if (!kind.inner_opening.empty()) mend_nested(tokens, kind, proposal);
  }
}

void Quotes::mend_halves(std::span<const Token> tokens, const Kind& kind, Proposal& proposal) const {
  const Token* last = nullptr;                 // of the marks since the last border
  std::vector<const Token*> opening, closing;  // what may be one, since then
  const auto mend = [&](std::span<const Token* const> found, std::string_view half, ByteOffset begin, ByteOffset end) {
    if (found.size() == 1 && end - begin <= longest_) proposal.replace(found[0]->range, half, other_half, 90);
  };
  for (const Token& token : tokens) {
    if (token.is == Token::suspect) {
      if (token.may_open) opening.push_back(&token);
      if (token.may_close) closing.push_back(&token);
      continue;
    }
    const bool is_open = last != nullptr && last->is == Token::opening;
    if (token.is != Token::closing && is_open && !closing.empty())
      mend(closing, kind.closing, last->range.end, closing.front()->range.begin);
    if (token.is == Token::closing && !is_open && !opening.empty())
      mend(opening, kind.opening, opening.front()->range.end, token.range.begin);
    last = token.is == Token::border ? nullptr : &token;
    opening.clear();
    closing.clear();
  }
}

void Quotes::mend_nested(std::span<const Token> tokens, const Kind& kind, Proposal& proposal) const {
  std::vector<const Token*> marks;  // of the outermost quotation that is open
  std::size_t depth = 0, deepest = 0;
  for (const Token& token : tokens) {
    if (token.is == Token::suspect) continue;
    if (token.is == Token::border || (depth == 0 && token.is == Token::closing) ||
        (depth > 0 && token.range.begin - marks.front()->range.end > longest_)) {
      marks.clear();
      depth = deepest = 0;
      if (token.is != Token::opening) continue;
    }
    marks.push_back(&token);
    depth = token.is == Token::opening ? depth + 1 : depth - 1;
    deepest = std::max(deepest, depth);
    if (depth > 0) continue;
    if (deepest == 2 && std::ranges::none_of(marks, &Token::edited))
      for (std::size_t i = 1; i + 1 < marks.size(); ++i)
        proposal.replace(marks[i]->range, marks[i]->is == Token::opening ? kind.inner_opening : kind.inner_closing,
                         nested, 90);
    marks.clear();
    deepest = 0;
  }
}

}  // namespace inkwash::stages::ocr
