#include "core/demo/world.h"

#include <array>

namespace riskdesk::demo {
namespace {

using namespace std::string_view_literals;

// clang-format off
constexpr City cityTable[] = {
    {"Lisbon", "Lisboa", "PT", 38.7167, -9.1333, 0, 9}, {"Porto", "Porto", "PT", 41.1496, -8.6110, 0, 5},
    {"Braga", "Braga", "PT", 41.5503, -8.4201, 0, 2}, {"Madrid", "Madrid", "ES", 40.4165, -3.7026, 60, 6},
    {"Barcelona", "Cataluna", "ES", 41.3888, 2.1590, 60, 5}, {"Seville", "Andalucia", "ES", 37.3828, -5.9732, 60, 2},
    {"Paris", "Ile-de-France", "FR", 48.8534, 2.3488, 60, 5}, {"Lyon", "Auvergne-Rhone-Alpes", "FR", 45.7485, 4.8467, 60, 2},
    {"Berlin", "Berlin", "DE", 52.5244, 13.4105, 60, 5}, {"Hamburg", "Hamburg", "DE", 53.5753, 10.0153, 60, 2},
    {"Munich", "Bavaria", "DE", 48.1374, 11.5755, 60, 3}, {"London", "England", "GB", 51.5085, -0.1257, 0, 7},
    {"Manchester", "England", "GB", 53.4809, -2.2374, 0, 2}, {"Dublin", "Leinster", "IE", 53.3331, -6.2489, 0, 2},
    {"Amsterdam", "North Holland", "NL", 52.3740, 4.8897, 60, 3}, {"Brussels", "Brussels", "BE", 50.8505, 4.3488, 60, 2},
    {"Milan", "Lombardy", "IT", 45.4643, 9.1895, 60, 3}, {"Rome", "Lazio", "IT", 41.8919, 12.5113, 60, 3},
    {"Zurich", "Zurich", "CH", 47.3667, 8.5500, 60, 1}, {"Vienna", "Vienna", "AT", 48.2085, 16.3721, 60, 1},
    {"Copenhagen", "Capital Region", "DK", 55.6759, 12.5655, 60, 1}, {"Stockholm", "Stockholm", "SE", 59.3326, 18.0649, 60, 2},
    {"Oslo", "Oslo", "NO", 59.9127, 10.7461, 60, 1}, {"Helsinki", "Uusimaa", "FI", 60.1695, 24.9354, 120, 1},
    {"Warsaw", "Mazovia", "PL", 52.2298, 21.0118, 60, 2}, {"Prague", "Prague", "CZ", 50.0880, 14.4208, 60, 1},
    {"Bucharest", "Bucuresti", "RO", 44.4323, 26.1063, 120, 1}, {"Athens", "Attica", "GR", 37.9838, 23.7278, 120, 1},
    {"Istanbul", "Istanbul", "TR", 41.0138, 28.9497, 180, 2}, {"Kyiv", "Kyiv City", "UA", 50.4547, 30.5238, 120, 1},
    {"New York", "New York", "US", 40.7143, -74.0060, -300, 5}, {"Chicago", "Illinois", "US", 41.8500, -87.6500, -360, 2},
    {"Houston", "Texas", "US", 29.7633, -95.3633, -360, 2}, {"San Francisco", "California", "US", 37.7749, -122.4194, -480, 3},
    {"Toronto", "Ontario", "CA", 43.7001, -79.4163, -300, 2}, {"Mexico City", "Mexico City", "MX", 19.4285, -99.1277, -360, 2},
    {"Bogota", "Bogota D.C.", "CO", 4.6097, -74.0818, -300, 1}, {"Lima", "Lima", "PE", -12.0432, -77.0282, -300, 1},
    {"Sao Paulo", "Sao Paulo", "BR", -23.5475, -46.6361, -180, 7}, {"Rio de Janeiro", "Rio de Janeiro", "BR", -22.9028, -43.2075, -180, 4},
    {"Recife", "Pernambuco", "BR", -8.0539, -34.8811, -180, 2}, {"Buenos Aires", "Buenos Aires", "AR", -34.6131, -58.3772, -180, 2},
    {"Santiago", "Santiago Metropolitan", "CL", -33.4569, -70.6483, -180, 1}, {"Casablanca", "Casablanca-Settat", "MA", 33.5883, -7.6114, 60, 1},
    {"Lagos", "Lagos", "NG", 6.4541, 3.3947, 60, 1}, {"Luanda", "Luanda", "AO", -8.8368, 13.2343, 60, 2},
    {"Maputo", "Maputo City", "MZ", -25.9655, 32.5832, 120, 1}, {"Nairobi", "Nairobi", "KE", -1.2833, 36.8167, 180, 1},
    {"Cape Town", "Western Cape", "ZA", -33.9258, 18.4232, 120, 1}, {"Dubai", "Dubai", "AE", 25.0772, 55.3093, 240, 1},
    {"Mumbai", "Maharashtra", "IN", 19.0728, 72.8826, 330, 2}, {"Bengaluru", "Karnataka", "IN", 12.9719, 77.5937, 330, 2},
    {"Singapore", "Singapore", "SG", 1.2897, 103.8501, 480, 1}, {"Jakarta", "Jakarta", "ID", -6.2146, 106.8451, 420, 1},
    {"Ho Chi Minh City", "Ho Chi Minh City", "VN", 10.8230, 106.6296, 420, 0.3}, {"Bangkok", "Bangkok", "TH", 13.7540, 100.5014, 420, 1},
    {"Hong Kong", "Hong Kong", "HK", 22.2783, 114.1747, 480, 1}, {"Tokyo", "Tokyo", "JP", 35.6895, 139.6917, 540, 2},
    {"Seoul", "Seoul", "KR", 37.5660, 126.9784, 540, 1}, {"Sydney", "New South Wales", "AU", -33.8679, 151.2073, 600, 2},
    {"Auckland", "Auckland", "NZ", -36.8485, 174.7635, 720, 1},
};
constexpr Client clientTable[] = {
    {"Windows10", "Chrome", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36", false, 20},
    {"Windows10", "Edge", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36 Edg/{}.0.0.0", false, 9},
    {"Windows10", "Firefox", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{}.0) Gecko/20100101 Firefox/{}.0", false, 4},
    {"MacOs", "Safari", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.0 Safari/605.1.15", false, 6},
    {"MacOs", "Chrome", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36", false, 5},
    {"Linux", "Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:{}.0) Gecko/20100101 Firefox/{}.0", false, 1},
    {"Android 14", "Chrome Mobile", "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Mobile Safari/537.36", true, 28},
    {"Android 12", "Chrome Mobile", "Mozilla/5.0 (Linux; Android 12; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Mobile Safari/537.36", true, 8},
    {"Android 13", "Samsung Browser", "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/{}.0 Chrome/115.0.0.0 Mobile Safari/537.36", true, 5},
    {"Ios 17", "Mobile Safari", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.0 Mobile/15E148 Safari/604.1", true, 20},
    {"Ipados 17", "Mobile Safari", "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.0 Mobile/15E148 Safari/604.1", true, 3},
    {"ChromeOs", "Chrome", "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36", false, 3},
};
constexpr std::array firstTable = {
    "Mariana"sv, "Thabo"sv, "Mei"sv, "Omar"sv, "Daniel"sv, "Ivan"sv, "Sofia"sv, "Lucas"sv, "Amara"sv, "Noah"sv, "Emma"sv, "Liam"sv,
    "Olivia"sv, "Mateo"sv, "Camila"sv, "Hugo"sv, "Chloe"sv, "Jonas"sv, "Lena"sv, "Felix"sv, "Clara"sv, "Anton"sv, "Ines"sv, "Tiago"sv,
    "Beatriz"sv, "Rafael"sv, "Larissa"sv, "Pedro"sv, "Ana"sv, "Joana"sv, "Diogo"sv, "Marta"sv, "Pablo"sv, "Lucia"sv, "Carmen"sv, "Javier"sv,
    "Giulia"sv, "Marco"sv, "Elena"sv, "Paolo"sv, "Sanne"sv, "Daan"sv, "Freya"sv, "Erik"sv, "Astrid"sv, "Lars"sv, "Kasia"sv, "Piotr"sv,
    "Aylin"sv, "Emre"sv, "Priya"sv, "Arjun"sv, "Rohan"sv, "Ananya"sv, "Wei"sv, "Jun"sv, "Yuki"sv, "Haruto"sv, "Minh"sv, "Linh"sv,
    "Siti"sv, "Budi"sv, "Kwame"sv, "Zola"sv, "Ngozi"sv, "Chidi"sv, "Fatima"sv, "Youssef"sv, "Layla"sv, "Samir"sv, "Grace"sv, "Jack"sv,
    "Ruby"sv, "Ethan"sv, "Zoe"sv, "Caleb"sv, "Maya"sv, "Leo"sv, "Nina"sv, "Oscar"sv};
constexpr std::array lastTable = {
    "Duarte"sv, "Castro"sv, "Almeida"sv, "Okafor"sv, "Larsen"sv, "Costa"sv, "Petrov"sv, "Silva"sv, "Santos"sv, "Ferreira"sv, "Oliveira"sv,
    "Sousa"sv, "Rodrigues"sv, "Garcia"sv, "Martinez"sv, "Lopez"sv, "Fernandez"sv, "Moreau"sv, "Laurent"sv, "Bernard"sv, "Weber"sv, "Schmidt"sv,
    "Fischer"sv, "Wagner"sv, "Becker"sv, "Smith"sv, "Jones"sv, "Taylor"sv, "Brown"sv, "Wilson"sv, "Murphy"sv, "Byrne"sv, "de Vries"sv,
    "Jansen"sv, "Bakker"sv, "Rossi"sv, "Ferrari"sv, "Bianchi"sv, "Romano"sv, "Andersson"sv, "Nilsson"sv, "Hansen"sv, "Nowak"sv, "Kowalski"sv,
    "Novak"sv, "Popescu"sv, "Papadopoulos"sv, "Yilmaz"sv, "Kaya"sv, "Shevchenko"sv, "Miller"sv, "Davis"sv, "Johnson"sv, "Nguyen"sv, "Tran"sv,
    "Hernandez"sv, "Rojas"sv, "Quispe"sv, "Mensah"sv, "Adeyemi"sv, "Mwangi"sv, "Botha"sv, "Dlamini"sv, "Haddad"sv, "Khan"sv, "Sharma"sv,
    "Patel"sv, "Reddy"sv, "Tan"sv, "Lim"sv, "Wijaya"sv, "Santoso"sv, "Tanaka"sv, "Sato"sv, "Suzuki"sv, "Kim"sv, "Park"sv, "Chen"sv, "Wong"sv,
    "Cooper"sv, "Walker"sv, "Evans"sv, "Ibrahim"sv, "Cohen"sv, "Lindqvist"sv, "Virtanen"sv};
constexpr std::array domainTable = {"mailbox.example"sv, "webmail.example"sv, "post.example"sv, "inbox.example"sv, "mail.example"sv};
constexpr std::array applicationTable = {"Storefront"sv, "Storefront app"sv, "Loyalty"sv, "Support portal"sv, "Partner portal"sv};
// clang-format on

} // namespace

std::span<const City> cities()
{
    return cityTable;
}
std::span<const Client> clients()
{
    return clientTable;
}
std::span<const std::string_view> firstNames()
{
    return firstTable;
}
std::span<const std::string_view> lastNames()
{
    return lastTable;
}
std::span<const std::string_view> mailDomains()
{
    return domainTable;
}
std::span<const std::string_view> applications()
{
    return applicationTable;
}

} // namespace riskdesk::demo
