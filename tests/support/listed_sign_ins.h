// A directory in which every sign-in is a finding: all come from a listed address, one of each user.
#pragma once

#include "tests/support/ctl.h"

#include <QTest>

namespace riskdesk::test {

[[nodiscard]] inline QByteArray listedSignIns(int first, int count)
{
    QByteArray log;
    for (int n = first; n < first + count; ++n)
        log += signInLine(n, QString("user%1").arg(n), {}, "203.0.113.20");
    return log;
}

inline void makeListed(const Ctl &ctl, int count)
{
    QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
    QCOMPARE(
        ctl.run({"intel", "add", "anonymizer", ctl.write("tor.txt", "203.0.113.0/24\n"), "--kind", "tor"})
            .code,
        0);
    QCOMPARE(ctl.run({"import", ctl.write("log.json", listedSignIns(1, count))}).code, 0);
}

} // namespace riskdesk::test
