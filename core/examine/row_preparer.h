// RowPreparer: what can be made of parsed sign-ins without knowing what came before them, on the thread that
// parsed them: keys, hashes, rows that lack only their dictionary ids and users. The Encoder gives those.
//
// Texts that repeat are numbered by each preparer for itself (core/examine/text_numbers.h). A row carries the
// number in the place of the id; the batch carries the texts numbered since the batch before. Texts that
// rarely repeat (devices, addresses), and what finds no room among the numbers, travel as they are with their
// hashes.
#pragma once

#include "core/base/hash.h"
#include "core/domain/sign_in.h"
#include "core/examine/text_numbers.h"
#include "core/examine/user_book.h"
#include "core/ingest/reader.h"

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace riskdesk::run {

// A column of a row that holds the id of a text.
struct TextColumn
{
    Dictionary kind;
    std::uint32_t SignInRow::*id;
    bool repeats;
};
inline constexpr std::array<TextColumn, 14> textColumns = {{
    {Dictionary::UserAgent, &SignInRow::userAgent, true},
    {Dictionary::Browser, &SignInRow::browser, true},
    {Dictionary::OperatingSystem, &SignInRow::operatingSystem, true},
    {Dictionary::ClientApp, &SignInRow::clientApp, true},
    {Dictionary::Application, &SignInRow::application, true},
    {Dictionary::Resource, &SignInRow::resource, true},
    {Dictionary::FailureReason, &SignInRow::failureReason, true},
    {Dictionary::AuthenticationMethod, &SignInRow::authenticationMethod, true},
    {Dictionary::ProviderRisk, &SignInRow::providerRisk, true},
    {Dictionary::Place, &SignInRow::place, true},
    {Dictionary::Device, &SignInRow::device, false},
    {Dictionary::Address, &SignInRow::ip, false},
    {Dictionary::Session, &SignInRow::session, false},
    {Dictionary::EventId, &SignInRow::eventIdText, false},
}};

// The ids of a preparer's numbers, by column and number; belongs to whoever encodes.
struct GivenIds
{
    std::array<std::vector<std::uint32_t>, textColumns.size()> byNumber;
};

struct PreparedRows
{
    struct Column
    {
        std::vector<HashedText> numbered;   // the texts of the next numbers
        std::vector<HashedText> unnumbered; // texts of single rows
        std::vector<std::uint32_t> rows;    // and which rows these are
    };

    std::vector<SignInRow> rows;
    std::vector<SignInNames> names;          // by row
    std::vector<std::uint64_t> fingerprints; // by row, of the event key
    std::array<Column, textColumns.size()> columns;
    std::shared_ptr<GivenIds> given; // of the preparer

    // What the texts point into, beside the batch's owner.
    std::vector<SignIn> signIns;
    std::deque<std::string> composed;
    std::shared_ptr<const void> numbers;
};

class RowPreparer final : public ingest::BatchPreparer
{
public:
    RowPreparer();
    // Takes the sign-ins; `prepared` becomes PreparedRows.
    void prepare(ingest::ParsedBatch &batch) override;

private:
    struct Numbers;
    void prepare(const SignIn &signIn, PreparedRows &out);
    void putText(std::size_t column, std::string_view text, PreparedRows &out);
    void putPlace(const SignIn &signIn, PreparedRows &out);
    void putProviderRisk(const SignIn &signIn, PreparedRows &out);

    std::shared_ptr<Numbers> m_numbers;
    std::shared_ptr<GivenIds> m_given;
    std::string m_buffer;
};

} // namespace riskdesk::run
