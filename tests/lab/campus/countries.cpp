#include "tests/lab/campus/world.h"

#include <array>

namespace riskdesk::lab {
namespace {

constexpr auto si = std::to_array<CampusCity>({{"Ljubljana", "Ljubljana", 46.056, 14.506},
                                               {"Maribor", "Maribor", 46.555, 15.646},
                                               {"Celje", "Celje", 46.231, 15.260},
                                               {"Kranj", "Kranj", 46.239, 14.356},
                                               {"Koper", "Koper", 45.548, 13.730},
                                               {"Novo Mesto", "Novo Mesto", 45.803, 15.169}});
constexpr auto at = std::to_array<CampusCity>({{"Vienna", "Vienna", 48.208, 16.373},
                                               {"Graz", "Styria", 47.070, 15.440},
                                               {"Klagenfurt", "Carinthia", 46.624, 14.305}});
constexpr auto it = std::to_array<CampusCity>({{"Milan", "Lombardy", 45.464, 9.190},
                                               {"Rome", "Lazio", 41.903, 12.496},
                                               {"Trieste", "Friuli", 45.650, 13.777}});
constexpr auto hr = std::to_array<CampusCity>({{"Zagreb", "Zagreb", 45.815, 15.982},
                                               {"Rijeka", "Primorje", 45.327, 14.442},
                                               {"Split", "Dalmatia", 43.508, 16.440}});
constexpr auto hu = std::to_array<CampusCity>(
    {{"Budapest", "Budapest", 47.498, 19.040}, {"Szombathely", "Vas", 47.231, 16.622}});
constexpr auto de = std::to_array<CampusCity>({{"Frankfurt", "Hesse", 50.110, 8.682},
                                               {"Munich", "Bavaria", 48.137, 11.575},
                                               {"Berlin", "Berlin", 52.520, 13.405}});
constexpr auto ke = std::to_array<CampusCity>({{"Nairobi", "Nairobi", -1.286, 36.817},
                                               {"Mombasa", "Mombasa", -4.043, 39.668},
                                               {"Kisumu", "Kisumu", -0.102, 34.762},
                                               {"Nakuru", "Nakuru", -0.303, 36.080}});
constexpr auto ng = std::to_array<CampusCity>({{"Lagos", "Lagos", 6.455, 3.394},
                                               {"Abuja", "Abuja", 9.076, 7.399},
                                               {"Kano", "Kano", 12.000, 8.517},
                                               {"Ibadan", "Oyo", 7.378, 3.947}});
constexpr auto in = std::to_array<CampusCity>({{"Mumbai", "Maharashtra", 19.076, 72.878},
                                               {"Delhi", "Delhi", 28.614, 77.209},
                                               {"Bengaluru", "Karnataka", 12.972, 77.594},
                                               {"Kolkata", "West Bengal", 22.573, 88.364},
                                               {"Chennai", "Tamil Nadu", 13.083, 80.271}});
constexpr auto ph = std::to_array<CampusCity>({{"Manila", "Manila", 14.600, 120.984},
                                               {"Cebu", "Cebu", 10.316, 123.886},
                                               {"Davao", "Davao", 7.191, 125.455}});
constexpr auto es = std::to_array<CampusCity>({{"Madrid", "Madrid", 40.417, -3.704},
                                               {"Barcelona", "Catalonia", 41.385, 2.173},
                                               {"Las Palmas", "Canary Islands", 28.124, -15.430}});
constexpr auto gr =
    std::to_array<CampusCity>({{"Athens", "Attica", 37.984, 23.728}, {"Heraklion", "Crete", 35.339, 25.144}});
constexpr auto tr = std::to_array<CampusCity>(
    {{"Istanbul", "Istanbul", 41.008, 28.978}, {"Antalya", "Antalya", 36.897, 30.713}});
constexpr auto th =
    std::to_array<CampusCity>({{"Bangkok", "Bangkok", 13.756, 100.502}, {"Phuket", "Phuket", 7.880, 98.392}});
constexpr auto pt =
    std::to_array<CampusCity>({{"Lisbon", "Lisbon", 38.722, -9.139}, {"Porto", "Porto", 41.150, -8.610}});
constexpr auto us = std::to_array<CampusCity>({{"Ashburn", "Virginia", 39.044, -77.488},
                                               {"Chicago", "Illinois", 41.878, -87.630},
                                               {"Seattle", "Washington", 47.606, -122.332}});
constexpr auto ru =
    std::to_array<CampusCity>({{"Moscow", "Moscow", 55.756, 37.617}, {"Kazan", "Tatarstan", 55.796, 49.109}});
constexpr auto vn =
    std::to_array<CampusCity>({{"Hanoi", "Hanoi", 21.028, 105.834}, {"Da Nang", "Da Nang", 16.054, 108.202}});
constexpr auto br = std::to_array<CampusCity>(
    {{"Sao Paulo", "Sao Paulo", -23.551, -46.633}, {"Recife", "Pernambuco", -8.048, -34.877}});

constexpr unsigned siNear[] = {1, 2, 3, 4}, atNear[] = {0, 2, 4, 5}, itNear[] = {0, 1}, hrNear[] = {0, 4},
                   huNear[] = {0, 1, 3}, deNear[] = {1};

} // namespace

std::span<const CampusCountry> campusCountries()
{
    static const CampusCountry all[] = {
        {"SI", 1, false, si, siNear}, {"AT", 1, false, at, atNear}, {"IT", 1, false, it, itNear},
        {"HR", 1, false, hr, hrNear}, {"HU", 1, false, hu, huNear}, {"DE", 1, false, de, deNear},
        {"KE", 3, true, ke, {}},      {"NG", 1, true, ng, {}},      {"IN", 5, true, in, {}},
        {"PH", 8, true, ph, {}},      {"ES", 1, false, es, {}},     {"GR", 2, false, gr, {}},
        {"TR", 3, false, tr, {}},     {"TH", 7, false, th, {}},     {"PT", 0, false, pt, {}},
        {"US", -5, false, us, {}},    {"RU", 3, false, ru, {}},     {"VN", 7, false, vn, {}},
        {"BR", -3, false, br, {}},
    };
    return all;
}

} // namespace riskdesk::lab
