// Rows of tables: prices, scores, the weather. What puts lines in another order or takes white space out must know
// them, since a table's cells look like columns of text to it, and its rows like lines of them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "inkwash/document.h"

namespace inkwash::stages {

/// For each line whether it is a row of a table: of at least three lines one after another with as many short cells,
/// of which at least half but for the first are figures (nearly all, where no wide gaps are between them); the head
/// above them is one, too. Empty: there is none, as in most texts. Safe to call from any thread; takes time linear in
/// the text.
[[nodiscard]] std::vector<bool> find_table_rows(std::string_view text, std::span<const Line> lines);

/// Where some of [first, last) are rows, and `rows` is what find_table_rows() gave.
[[nodiscard]] bool any_table_row(const std::vector<bool>& rows, std::size_t first, std::size_t last);

}  // namespace inkwash::stages
