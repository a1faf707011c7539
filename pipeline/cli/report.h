// The HTML report: an index of the batch and a page for each document, each complete in itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "inkwash/expected.h"
#include "inkwash/quality.h"
#include "inkwash/stage.h"

namespace inkwash::cli {

class Report {
 public:
  /// What the index says of one document.
  struct Entry {
    std::string name;
    std::filesystem::path page;  ///< below the report's folder
    double quality = 0;
    std::uint64_t characters = 0, changes = 0, notes = 0;
    std::vector<RuleCount> counts;
    std::vector<std::pair<std::string_view, std::string>> messages;  ///< rule and message of its diagnostics
  };

  /// Reads the templates of rules/report/. Error: what is wrong with them or the folder, or that it has a report and
  /// `replace` is false.
  [[nodiscard]] static expected<std::unique_ptr<Report>, std::string> open(const std::filesystem::path& folder,
                                                                           const Rules& rules, bool replace);
  ~Report();

  /// Writes the page of a document that was made with Account::edits, at `relative`.html below pages/.
  /// Thread-safe. Error: why it can't be written.
  [[nodiscard]] expected<Entry, std::string> write_page(const Document& document, const std::string& name,
                                                        const std::filesystem::path& relative,
                                                        const Quality& quality) const;
  /// One at a time.
  void add(Entry entry);
  /// Writes index.html. Error: why not.
  [[nodiscard]] expected<void, std::string> write_index();

 private:
  explicit Report(std::filesystem::path folder) : folder_(std::move(folder)) {}

  struct Kind {
    std::uint64_t count = 0;
    std::string message;  ///< the first
  };

  std::filesystem::path folder_;
  std::string page_template_, index_template_;  // names in the template cache
  std::uint64_t files_ = 0, characters_ = 0, changes_ = 0, notes_ = 0;
  std::array<std::uint64_t, 10> bins_{};  // files by quality
  std::map<std::string, std::uint64_t, std::less<>> counts_;
  std::map<std::string, Kind, std::less<>> kinds_;
  std::vector<Entry> worst_;  // a heap, the best of them first
};

}  // namespace inkwash::cli
