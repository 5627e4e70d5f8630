// map: how logs are read that nobody knows; made, proposed, listed and removed.

#include "core/directory/directory.h"
#include "core/ingest/map_proposal.h"
#include "core/maps/field_maps.h"
#include "core/query/json_object.h"

#include "app/ctl/commands.h"

#include <fmt/format.h>

#include <memory>

namespace riskdesk::ctl {
namespace {

std::string textsJson(const std::vector<std::string> &texts)
{
    std::string list;
    for (const auto &text : texts)
        list += (list.empty() ? "" : ",") + jsonString(text);
    return '[' + list + ']';
}

// The parts under the names of their options, and null where the log does not say it.
query::JsonObject mapJson(const ingest::FieldMap &map)
{
    query::JsonObject json;
    json.text("name", map.name);
    for (const auto part : ingest::mapParts())
        json.raw(ingest::infoOf(part).key, map[part].empty() ? "null" : jsonString(map[part]));
    json.raw("success", textsJson(map.success)).raw("failure", textsJson(map.failure));
    return json;
}

std::string keptJson(const run::KeptMap &kept)
{
    return mapJson(kept.map).time("createdDateTime", kept.createdAt).text("createdBy", kept.createdBy).done();
}

int mapAdd(const Common &common, const ingest::FieldMap &map, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto kept = run::addFieldMap(directory->connection(), common.clock, common.who, map);
    if (!kept)
        return report(kept.error());
    if (format == Format::Json)
        fmt::print("{}\n", keptJson(*kept));
    else
        fmt::print("Made the map \"{}\"; \"import FILE --map\" with its name reads by it.\n", kept->map.name);
    return 0;
}

int mapList(const Common &common, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto maps = run::fieldMaps(directory->connection());
    if (!maps)
        return report(maps.error());
    if (format == Format::Json || format == Format::Ndjson) {
        JsonWriter writer(format);
        for (const auto &kept : *maps)
            writer.add(keptJson(kept));
        return 0;
    }
    Table table{{"Map", "Time", "User", "User id", "Outcome", "Created", "By"}, {}};
    for (const auto &[id, map, createdAt, createdBy] : *maps)
        table.rows.push_back({map.name, map[ingest::MapPart::Time], map[ingest::MapPart::User],
                              map[ingest::MapPart::UserId], map[ingest::MapPart::Outcome], createdAt.toIso(),
                              createdBy});
    printTable(table, format);
    return 0;
}

int mapShow(const Common &common, const std::string &name, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto kept = run::fieldMap(directory->connection(), name);
    if (!kept)
        return report(kept.error());
    if (format == Format::Json)
        fmt::print("{}\n", keptJson(*kept));
    else
        fmt::print("map add {}\n", ingest::argumentsOf(kept->map));
    return 0;
}

int mapRemove(const Common &common, const std::string &name, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto kept = run::removeFieldMap(directory->connection(), common.clock, common.who, name);
    if (!kept)
        return report(kept.error());
    if (format == Format::Json)
        fmt::print("{}\n", keptJson(*kept));
    else
        fmt::print("Removed the map \"{}\"; what was imported by it stays.\n", kept->map.name);
    return 0;
}

struct ProposeMap
{
    std::string file, name;
};

int mapPropose(const ProposeMap &options, Format format)
{
    const std::filesystem::path file(options.file);
    // "vpn.log.gz" is the log "vpn".
    const auto stem = file.filename().string();
    const auto name = options.name.empty() ? stem.substr(0, stem.find('.', 1)) : options.name;
    const auto proposal = ingest::proposeMap(file, name);
    if (!proposal)
        return report(proposal.error());
    const auto &map = proposal->map;
    if (format == Format::Json) {
        fmt::print("{}\n", mapJson(map)
                               .flag("complete", proposal->complete())
                               .raw("unsure", textsJson(proposal->unsure))
                               .done());
        return 0;
    }
    auto command = "map add " + ingest::argumentsOf(map);
    if (map[ingest::MapPart::Time].empty())
        command += " --time FIELD";
    if (map[ingest::MapPart::User].empty() && map[ingest::MapPart::UserId].empty())
        command += " --user FIELD";
    if (map[ingest::MapPart::Outcome].empty())
        command += " --outcome FIELD";
    for (const auto &sentence : proposal->unsure)
        fmt::print(stderr, "{}\n", sentence);
    fmt::print("{}\n", command);
    return 0;
}

} // namespace

void addMap(CommandLine &line)
{
    auto *maps = line.add("map", "how logs are read that nobody knows", {});
    maps->require_subcommand(1);
    const auto made = std::make_shared<ingest::FieldMap>();
    auto *command = line.add(
        "add", "keep a map; a FIELD is a column or the way to a text in JSON: actor.email",
        [made](const Common &common, Format format) { return mapAdd(common, *made, format); }, maps);
    command->add_option("name", made->name, "what it is called here")->required();
    for (const auto part : ingest::mapParts()) {
        const auto &info = ingest::infoOf(part);
        auto *option =
            command->add_option("--" + std::string(info.key), (*made)[part], std::string(info.help))
                ->type_name("FIELD");
        if (part == ingest::MapPart::Time || part == ingest::MapPart::Outcome)
            option->required();
    }
    std::string usual;
    for (const auto word : ingest::usualSuccess())
        usual += (usual.empty() ? "" : ", ") + std::string(word);
    command
        ->add_option("--success", made->success,
                     "an outcome with which somebody got in; unless named: " + usual)
        ->type_name("VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command
        ->add_option("--failure", made->failure, "an outcome that is a failure; all others are then rejected")
        ->type_name("VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    line.addJson(command);

    command = line.add("list", "the maps that are kept", mapList, maps);
    line.needs(command, action::Permission::Read);
    line.addFormat(command);

    const auto name = std::make_shared<std::string>();
    command = line.add(
        "show", "a map, as \"map add\" would make it again",
        [name](const Common &common, Format format) { return mapShow(common, *name, format); }, maps);
    command->add_option("name", *name, "as \"map list\" shows it")->required();
    line.needs(command, action::Permission::Read);
    line.addJson(command);
    command = line.add(
        "remove", "forget a map; what was imported by it stays",
        [name](const Common &common, Format format) { return mapRemove(common, *name, format); }, maps);
    command->add_option("name", *name, "as \"map list\" shows it")->required();
    line.addJson(command);

    const auto proposed = std::make_shared<ProposeMap>();
    command = line.add(
        "propose", "look at a log and print the \"map add\" that may fit",
        [proposed](const Common &, Format format) { return mapPropose(*proposed, format); }, maps);
    command->add_option("file", proposed->file, "the log")->type_name("FILE")->required();
    command->add_option("--name", proposed->name, "what the map is to be called; else as the file");
    line.addJson(command);
    line.withoutDirectory(command);
}

} // namespace riskdesk::ctl
