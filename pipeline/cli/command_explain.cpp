// inkwash explain: what each stage did to one text, and why.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "chain_flags.h"
#include "console.h"
#include "inkwash/chain.h"
#include "inkwash/log.h"
#include "inkwash/unicode.h"
#include "inputs.h"
#include "outputs.h"
#include "visible.h"

namespace inkwash::cli {
namespace {

constexpr Flag flags[] = {
    {"stage", 0, "NAME", true, "only what this stage did (may be repeated)"},
    {"rule", 0, "ID", true, "only what this rule did, like wraps.join (may be repeated)"},
    {"format", 'f', "NAME", false, "text (default) or json: a record a change, one a line"},
    {"color", 0, "WHEN", false, "auto (default: on a terminal), always or never"},
    chain_flag,
    stages_flag,
    script_flag,
    ocr_flag,
    punctuation_flag,
    encoding_flag,
    rules_flag,
    model_flag,
    {"help", 'h', "", false, "print this"},
};

constexpr std::string_view notes =
    "Cleans FILE (a text, perhaps compressed; -: standard input) and writes nothing but what was done to it, stage by stage: the line of\n"
    "the source, the rule, what it took out [-so-] and put in {+so+} with a few characters around. ⏎ is a\n"
    "line's end, ␣ a space. A change that was not wholly sure has its confidence.\n"
    "\n"
    "Exit codes: 0 done; 1 the file can't be cleaned; 2 wrong usage or configuration.";

struct Colours {
  std::string_view stage, rule, line, removed, added, end;
};
constexpr Colours plain{"", "", "", "[-", "{+", ""};
constexpr Colours coloured{"\x1b[1m", "\x1b[36m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[0m"};

/// The first and last characters of a long text.
std::string shortened(std::string_view text) {
  constexpr std::size_t most = 120, end = 60;
  if (text.size() <= most) return visible(text, true);
  const std::size_t first = valid_utf8_floor(text, end), last = valid_utf8_ceiling(text, text.size() - end);
  return visible(text.substr(0, first), true) + "…" + visible(text.substr(last), true);
}

std::size_t back(std::string_view text, std::size_t at, std::size_t floor, int characters) {
  for (; characters > 0 && at > floor; --characters) do
      --at;
    while (at > floor && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  return at;
}

std::size_t forth(std::string_view text, std::size_t at, std::size_t ceiling, int characters) {
  for (; characters > 0 && at < ceiling; --characters) do
      ++at;
    while (at < ceiling && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  return at;
}

class Explainer {
 public:
  Explainer(const Document& document, const Arguments& arguments, bool colour)
      : document_(document),
        stages_(arguments.all("stage")),
        rules_(arguments.all("rule")),
        json_(arguments.value("format", "text") == "json"),
        colours_(colour ? coloured : plain),
        colour_(colour) {}

  /// `before` is the text before the step.
  void explain(const AppliedStep& step, std::string_view before) {
    if (!wanted(stages_, step.stage->name)) return;
    std::string lines;
    std::size_t changes = 0;
    bool transcoded = false;
    for (std::size_t i = 0; i < step.edits.size();) {
      // Bytes of another encoding can't be shown, and the whole text need not be.
      if (!json_ && step.stage->rules[step.edits[i].rule].id == transcoding) {
        if (!std::exchange(transcoded, true) && wanted(rules_, transcoding)) {
          ++changes;
          lines += head(step.edits[i].source, transcoding, 100) + fmt::format("the text is {}\n", document_.encoding());
        }
        ++i;
        continue;
      }
      // Changes close to each other by one rule are shown together.
      std::size_t end = i + 1;
      while (!json_ && end < step.edits.size() && step.edits[end].rule == step.edits[i].rule &&
             step.edits[end].confidence == step.edits[i].confidence &&
             forth(before, step.edits[end - 1].range.end, step.edits[end].range.begin, close) ==
                 step.edits[end].range.begin)
        ++end;
      if (wanted(rules_, step.stage->rules[step.edits[i].rule].id)) {
        changes += end - i;
        json_ ? add_record(step, step.edits[i]) : add_line(step, {&step.edits[i], end - i}, before, lines);
      }
      i = end;
    }
    const std::string_view move_rule = step.order.empty() ? "" : step.stage->rules[step.order_rule].id;
    if (!step.order.empty() && wanted(rules_, move_rule))
      for (std::size_t i = 1; i < step.order.size(); ++i) {
        const auto& [range, source] = step.order[i];
        if (is_blank_text(range.of(before))) continue;
        ++changes;
        if (json_)
          out_ += nlohmann::ordered_json{{"stage", step.stage->name},
                                         {"rule", move_rule},
                                         {"confidence", step.order_confidence},
                                         {"line", document_.source_line(source.begin)},
                                         {"source", {source.begin, source.end}},
                                         {"moved", range.of(before)}}
                      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
                  "\n";
        else
          lines += head(source, move_rule, step.order_confidence) +
                   fmt::format("now stands below line {}: {}\n", document_.source_line(step.order[i - 1].source.begin),
                               shortened(range.of(before)));
      }
    if (changes > 0 && !json_)
      out_ += fmt::format("{}{}{}: {} ({} changes)\n{}\n", colours_.stage, step.stage->name, colours_.end,
                          step.stage->summary, changes, lines);
  }

  void explain(const Diagnostic& diagnostic) {
    if (!wanted(stages_, diagnostic.stage) || !wanted(rules_, diagnostic.rule)) return;
    const std::string_view severity = diagnostic.severity == Severity::note ? "note" : "warning";
    if (json_)
      out_ += nlohmann::ordered_json{{"stage", diagnostic.stage},
                                     {"rule", diagnostic.rule},
                                     {"line", document_.source_line(diagnostic.where.begin)},
                                     {"source", {diagnostic.where.begin, diagnostic.where.end}},
                                     {severity, diagnostic.message}}
                  .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
              "\n";
    else
      out_ += head(diagnostic.where, diagnostic.rule, 100) + fmt::format("{}: {}\n", severity, diagnostic.message);
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  static constexpr std::string_view transcoding = "decode.transcode";
  static constexpr int close = 8;    // characters between changes that are shown together
  static constexpr int around = 10;  // characters shown before and after a change

  static bool wanted(std::span<const std::string> names, std::string_view name) {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  }
  static bool is_blank_text(std::string_view text) {
    return text.find_first_not_of(" \n\t\r") == std::string_view::npos;
  }

  std::string head(SourceRange source, std::string_view rule, unsigned confidence) const {
    return fmt::format("{}{:>6}{}  {}{:<24}{}{}", colours_.line, document_.source_line(source.begin), colours_.end,
                       colours_.rule, rule, colours_.end, confidence < 100 ? fmt::format(" {}% ", confidence) : " ");
  }

  void add_line(const AppliedStep& step, std::span<const AppliedEdit> edits, std::string_view before,
                std::string& lines) const {
    lines += head(edits.front().source, step.stage->rules[edits.front().rule].id, edits.front().confidence);
    std::size_t at = back(before, edits.front().range.begin, 0, around);
    for (const AppliedEdit& edit : edits) {
      lines += visible(before.substr(at, edit.range.begin - at), true);
      if (!edit.range.empty())
        lines += fmt::format("{}{}{}", colours_.removed, shortened(step.before(edit)), colour_ ? colours_.end : "-]");
      if (edit.after_size > 0)
        lines += fmt::format("{}{}{}", colours_.added, shortened(step.after(edit)), colour_ ? colours_.end : "+}");
      at = edit.range.end;
    }
    lines += visible(before.substr(at, forth(before, at, before.size(), around) - at), true) + "\n";
  }

  void add_record(const AppliedStep& step, const AppliedEdit& edit) {
    out_ += nlohmann::ordered_json{{"stage", step.stage->name},
                                   {"rule", step.stage->rules[edit.rule].id},
                                   {"confidence", edit.confidence},
                                   {"line", document_.source_line(edit.source.begin)},
                                   {"source", {edit.source.begin, edit.source.end}},
                                   {"before", step.before(edit)},
                                   {"after", step.after(edit)}}
                .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
            "\n";
  }

  const Document& document_;
  std::span<const std::string> stages_, rules_;
  bool json_;
  const Colours& colours_;
  bool colour_;
  std::string out_;
};

/// What is wrong with the flags.
std::vector<std::string> mistakes(const Arguments& arguments) {
  std::vector<std::string> errors;
  if (arguments.inputs.size() != 1) errors.emplace_back("explain takes one file, or - for standard input");
  const std::string_view format = arguments.value("format", "text");
  if (format != "text" && format != "json") errors.push_back(fmt::format("--format is text or json, not '{}'", format));
  const std::string_view colour = arguments.value("color", "auto");
  if (colour != "auto" && colour != "always" && colour != "never")
    errors.push_back(fmt::format("--color is auto, always or never, not '{}'", colour));
  std::vector<std::string_view> stages, rules;
  for (const StageEntry& entry : builtin_stages().entries()) {
    stages.push_back(entry.info->name);
    for (const RuleInfo& rule : entry.info->rules) rules.push_back(rule.id);
  }
  const auto check = [&](std::string_view flag, std::span<const std::string_view> known) {
    for (const std::string& name : arguments.all(flag)) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const std::string_view near = nearest(name, known);
      errors.push_back(fmt::format("there is no {} '{}'{}; `inkwash stages` lists them", flag, name,
                                   near.empty() ? std::string() : fmt::format(" (did you mean {}?)", near)));
    }
  };
  check("stage", stages);
  check("rule", rules);
  return errors;
}

int run(const Arguments& arguments) {
  std::vector<std::string> errors = mistakes(arguments);
  const Rules rules = chain_rules(arguments, errors);
  const auto spec = chain_spec(arguments, rules);
  const auto chain = spec ? Chain::make(*spec, builtin_stages(), rules) : unexpected(spec.error());
  if (!chain)
    for (const ConfigError& error : chain.error()) errors.push_back(fmt::format("{}: {}", error.where, error.message));
  if (!errors.empty()) {
    for (const std::string& error : errors) tell("inkwash: {}\n", error);
    tell("inkwash: `inkwash explain --help` explains the flags\n");
    return exit_usage;
  }
  const std::string& name = arguments.inputs.front();
  const auto fail = [&](std::string_view reason) {
    tell("inkwash: {}: {}\n", printable(name), reason);
    return exit_failures;
  };
  auto bytes = read_all(name, max_document_bytes);
  if (!bytes) return fail(bytes.error());
  if (container_of_bytes(*bytes) == Container::compressed)
    bytes = decompress({{}, std::move(*bytes)}, max_document_bytes);
  if (!bytes) return fail(bytes.error());
  if (container_of_bytes(*bytes) == Container::archive)
    return fail("it is an archive; unpack it and name one of its texts");
  if (container_of(name) == Container::json_lines)
    return fail("it holds records, not a text; give one of their texts: jq -r .text FILE | inkwash explain -");
  auto document = Document::from_bytes(std::move(*bytes), Account::edits);
  if (!document) return fail(document.error().message);
  if (const auto done = chain->run(*document); !done)
    return fail(fmt::format("byte {}: {}", done.error().byte_offset, done.error().message));
  // The log knows the way back to what each stage was shown.
  const auto log = Log::parse(write_log(*document, {}));
  if (!log) return fail(log.error().message);
  const auto versions = log->versions(document->text());
  if (!versions) return fail(versions.error().message);

  const std::string_view colour = arguments.value("color", "auto");
  Explainer explainer(*document, arguments, colour == "always" || (colour == "auto" && ::isatty(STDOUT_FILENO) != 0));
  for (std::size_t i = 0; i < document->steps().size(); ++i) explainer.explain(document->steps()[i], (*versions)[i]);
  for (const Diagnostic& diagnostic : document->diagnostics()) explainer.explain(diagnostic);
  return print(explainer.take());
}

}  // namespace

const Command explain_command{"explain", "[flags] FILE", "show what each stage does to a text, and why",
                              flags,     notes,          run};

}  // namespace inkwash::cli
