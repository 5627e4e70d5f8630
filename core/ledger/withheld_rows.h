// WithheldRows: sign-ins that the detectors are kept from learning while their finding is open, what was decided of
// them since (table withheld), and what decisions have taught (table taught). One thread, inside the caller's
// transaction.
#pragma once

#include "core/domain/sign_in.h"
#include "core/store/statement.h"

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace riskdesk::ledger {

// `gone`: there was none, or is none. A row with an empty key is of the user, not of a sign-in.
struct WithheldImage
{
    EventKey key{};
    bool gone = false;
    int verdict = 0; // 0 waiting, 1 teach at the next run, 2 never
    int restart = 0; // 1: the learning counters begin again
};

class WithheldRows
{
public:
    explicit WithheldRows(store::Connection &connection);

    // A row that is there already stays as it is.
    [[nodiscard]] Status keep(const SignInRow &row);
    // Those after a time that nobody judged and that are not among these any more. A pass over the table.
    [[nodiscard]] Status dropOthers(std::int64_t after, const std::set<EventKey> &kept);
    [[nodiscard]] Result<std::vector<WithheldImage>> of(std::uint32_t user);
    [[nodiscard]] Status judge(std::uint32_t user, const WithheldImage &image);
    // What a decision had changed, as far as it still waits: a row that is there gets its verdict back, and the
    // user's own.
    [[nodiscard]] Status restore(std::uint32_t user, const WithheldImage &image);

    // What a command's decision about a user has taught since, as it was before. Asked before it is taken back.
    [[nodiscard]] Result<std::vector<WithheldImage>> lessonsOf(std::int64_t command, std::uint32_t user);
    // They wait again as they did, and the directory is left unsettled from their time on: the next import, or
    // settle, puts the detectors' memory back to before it and examines what follows anew. After the risk was put
    // back: a sign-in that is harmless all the same stays learnt. Code::StoreBusy while an import runs, whose
    // memory knows them.
    // Returns those that are so.
    [[nodiscard]] Result<std::vector<WithheldImage>> unteach(std::uint32_t user,
                                                             const std::vector<WithheldImage> &lessons);

    // What is to be taught at the next run, by user and sign-in; the row is empty where it was of another
    // build.
    struct ToTeach
    {
        std::uint32_t user = 0;
        EventKey key{};
        bool restart = false;
        std::optional<SignInRow> row;
    };
    [[nodiscard]] static Result<std::vector<ToTeach>> toTeach(store::Connection &connection);
    // It waits no longer and is kept as taught behind that sign-in (table taught, core/examine/taught.h), unless it
    // was judged anew meanwhile.
    [[nodiscard]] Status taught(const ToTeach &one, std::int64_t at, const EventKey &behind);
    struct Place // in the order of sign-ins
    {
        std::int64_t at;
        EventKey key;
    };
    // The sign-ins among them that were taught behind an earlier one than `place`, and than `kept` where the kept
    // beginning does not know them.
    [[nodiscard]] Status dropTaught(const Place &place, const Place &kept);
    [[nodiscard]] Status markKept(std::uint32_t user, const EventKey &key); // the kept beginning knows it

private:
    struct Lesson
    {
        std::int64_t at = 0; // from when on the memory may know it
        std::optional<SignInRow> row;
        bool isHarmless = false; // by somebody's word
    };
    [[nodiscard]] Result<std::optional<Lesson>> lesson(std::uint32_t user, const EventKey &key);
    [[nodiscard]] Result<bool> unteach(std::uint32_t user, const WithheldImage &image);

    store::Connection &m_connection;
    store::Statement m_unjudged, m_keep, m_of, m_judge, m_restore, m_drop, m_taught, m_keepTaught,
        m_dropTaught, m_markKept, m_lessons, m_lesson, m_signIn, m_forget, m_unsettle;
};

} // namespace riskdesk::ledger
