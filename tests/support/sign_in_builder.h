// Enrichment made fluently, for tests of the detectors.
//
//     SignInWorld world;
//     const auto home = world.signIn("ann").ip("192.0.2.7").place("Lisbon", "PT", 38.72, -9.14).asn(64500)
//                            .agent("Chrome 122", "Windows 10").device("laptop");
//     engine.examine(SignInBuilder(home).at("2026-03-01T08:00:00Z").build());
//
// The world owns every text, place and list entry a signIn points to, and is the Names behind the ids. Its
// ids begin at `firstId` and go in steps of `idStep`, so a test can show that numbers of ids change nothing.
#pragma once

#include "core/detect/enriched_sign_in.h"

#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace riskdesk::test {

class SignInWorld;

class SignInBuilder
{
public:
    SignInBuilder(SignInWorld &world, std::string_view user);

    SignInBuilder &at(std::string_view iso); // a wrong text is a mistake of the test: aborts
    SignInBuilder &at(Timestamp t);
    SignInBuilder &ip(std::string_view text);
    SignInBuilder &place(std::string_view city, std::string_view country, double latitude, double longitude,
                         double radiusKm = 0);
    SignInBuilder &place(const Place &place);
    SignInBuilder &asn(std::uint32_t number, std::string_view organisation = {});
    SignInBuilder &agent(std::string_view browser, std::string_view system,
                         detect::DeviceClass deviceClass = detect::DeviceClass::Desktop);
    SignInBuilder &userAgent(std::string_view text);
    SignInBuilder &device(std::string_view id);
    SignInBuilder &application(std::string_view name);
    SignInBuilder &network(NetworkClass networkClass);
    SignInBuilder &anonymizer(NetworkClass kind, std::string_view provider = {}, std::string_view from = {},
                              std::string_view until = {});
    SignInBuilder &malware(std::string_view family, int confidence = -1, std::string_view from = {},
                           std::string_view until = {});
    SignInBuilder &threat(std::string_view label, int confidence = -1, std::string_view from = {},
                          std::string_view until = {});
    SignInBuilder &threatAgent(std::string_view label, int confidence = -1);
    SignInBuilder &trusted(std::string_view name);
    SignInBuilder &failure(FailureKind kind = FailureKind::BadPassword);
    SignInBuilder &interrupted();
    SignInBuilder &nonInteractive();
    SignInBuilder &automated();
    SignInBuilder &social();
    SignInBuilder &eventKey(const EventKey &key); // otherwise the next of the world

    [[nodiscard]] detect::EnrichedSignIn build() const;

private:
    ListEntry entry(std::string_view name, int confidence, std::string_view from,
                    std::string_view until) const;

    SignInWorld *m_world;
    detect::EnrichedSignIn m_signIn;
    Place m_place;
    AddressFacts m_facts;
    bool m_ownKey = false;
};

class SignInWorld final : public detect::Names
{
public:
    explicit SignInWorld(std::uint32_t firstId = 1, std::uint32_t idStep = 1);

    [[nodiscard]] SignInBuilder signIn(std::string_view user) { return {*this, user}; }
    [[nodiscard]] std::uint32_t userId(std::string_view user);
    [[nodiscard]] std::uint32_t id(Dictionary dictionary, std::string_view text); // 0 for ""

    [[nodiscard]] std::string text(Dictionary dictionary, std::uint32_t id) const override;
    [[nodiscard]] IpAddress address(std::uint32_t id) const override;
    [[nodiscard]] std::string userName(std::uint32_t user) const override;
    [[nodiscard]] std::string userKey(std::uint32_t user) const override;

    // Used by the builder; the references stay valid as long as the world.
    const Place &keep(const Place &place) { return m_places.emplace_back(place); }
    const AddressFacts &keep(const AddressFacts &facts);
    ListMatch keep(const ListEntry &entry, ListKind kind);
    EventKey nextKey();

private:
    struct Texts
    {
        std::map<std::string, std::uint32_t, std::less<>> ids;
        std::map<std::uint32_t, std::string> texts;
    };
    std::uint32_t idOf(Texts &texts, std::string_view text);

    std::uint32_t m_nextId, m_idStep;
    std::uint64_t m_nextKey = 0;
    std::map<Dictionary, Texts> m_dictionaries;
    Texts m_users;
    std::deque<Place> m_places;
    std::deque<AddressFacts> m_facts;
    std::deque<ListEntry> m_entries;
    std::map<ListKind, IntelligenceList> m_lists;
};

} // namespace riskdesk::test
