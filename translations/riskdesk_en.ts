<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>Format</name>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Reports</name>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation>
            <numerusform>%1 and %n more</numerusform>
            <numerusform>%1 and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Why</name>
    <message numerus="yes">
        <source>%1 of %n properties were never seen for this user.</source>
        <translation>
            <numerusform>%1 of %n property was never seen for this user.</numerusform>
            <numerusform>%1 of %n properties were never seen for this user.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more are rare.</source>
        <translation>
            <numerusform>%n more is rare.</numerusform>
            <numerusform>%n more are rare.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The user came through it %n time(s) before.</source>
        <translation>
            <numerusform>The user came through it %n time before.</numerusform>
            <numerusform>The user came through it %n times before.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n users share the address.</source>
        <translation>
            <numerusform>%n user shares the address.</numerusform>
            <numerusform>%n users share the address.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n account(s) tried</source>
        <translation>
            <numerusform>%n account tried</numerusform>
            <numerusform>%n accounts tried</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n account(s) tried from %1</source>
        <translation>
            <numerusform>%n account tried from %1</numerusform>
            <numerusform>%n accounts tried from %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>This account was tried %n time(s) before.</source>
        <translation>
            <numerusform>This account was tried %n time before.</numerusform>
            <numerusform>This account was tried %n times before.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The passwords of %n other account(s) were right too.</source>
        <translation>
            <numerusform>The password of %n other account was right too.</numerusform>
            <numerusform>The passwords of %n other accounts were right too.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It was seen %n times, last on %1.</source>
        <translation>
            <numerusform>It was seen %n times, last on %1.</numerusform>
            <numerusform>It was seen %n times, last on %1.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::Console</name>
    <message numerus="yes">
        <source>Importing %n file(s)</source>
        <translation>
            <numerusform>Importing %n file</numerusform>
            <numerusform>Importing %n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new detection(s).</source>
        <translation>
            <numerusform>%n new detection.</numerusform>
            <numerusform>%n new detections.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::Decisions</name>
    <message numerus="yes">
        <source>%n sign-in(s)</source>
        <translation>
            <numerusform>%n sign-in</numerusform>
            <numerusform>%n sign-ins</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n detection(s)</source>
        <translation>
            <numerusform>%n detection</numerusform>
            <numerusform>%n detections</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n user(s)</source>
        <translation>
            <numerusform>%n user</numerusform>
            <numerusform>%n users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Risk dismissed for %n sign-in(s)</source>
        <translation>
            <numerusform>Risk dismissed for %n sign-in</numerusform>
            <numerusform>Risk dismissed for %n sign-ins</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n sign-in(s) confirmed safe</source>
        <translation>
            <numerusform>%n sign-in confirmed safe</numerusform>
            <numerusform>%n sign-ins confirmed safe</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n sign-in(s) confirmed compromised</source>
        <translation>
            <numerusform>%n sign-in confirmed compromised</numerusform>
            <numerusform>%n sign-ins confirmed compromised</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n detection(s) dismissed</source>
        <translation>
            <numerusform>%n detection dismissed</numerusform>
            <numerusform>%n detections dismissed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n detection(s) confirmed safe</source>
        <translation>
            <numerusform>%n detection confirmed safe</numerusform>
            <numerusform>%n detections confirmed safe</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n detection(s) confirmed compromised</source>
        <translation>
            <numerusform>%n detection confirmed compromised</numerusform>
            <numerusform>%n detections confirmed compromised</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Risk dismissed for %n user(s)</source>
        <translation>
            <numerusform>Risk dismissed for %n user</numerusform>
            <numerusform>Risk dismissed for %n users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Confirmed safe: %n user(s)</source>
        <translation>
            <numerusform>Confirmed safe: %n user</numerusform>
            <numerusform>Confirmed safe: %n users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Confirmed compromised: %n user(s)</source>
        <translation>
            <numerusform>Confirmed compromised: %n user</numerusform>
            <numerusform>Confirmed compromised: %n users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Remediated elsewhere: %n user(s)</source>
        <translation>
            <numerusform>Remediated elsewhere: %n user</numerusform>
            <numerusform>Remediated elsewhere: %n users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Password reset recorded here for %n user(s)</source>
        <translation>
            <numerusform>Password reset recorded here for %n user</numerusform>
            <numerusform>Password reset recorded here for %n users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Block recorded here for %n user(s)</source>
        <translation>
            <numerusform>Block recorded here for %n user</numerusform>
            <numerusform>Block recorded here for %n users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Unblock recorded here for %n user(s)</source>
        <translation>
            <numerusform>Unblock recorded here for %n user</numerusform>
            <numerusform>Unblock recorded here for %n users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n not changed: %1</source>
        <translation>
            <numerusform>%n not changed: %1</numerusform>
            <numerusform>%n not changed: %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Confirms %n detection(s).</source>
        <translation>
            <numerusform>Confirms %n detection.</numerusform>
            <numerusform>Confirms %n detections.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Closes %n detection(s).</source>
        <translation>
            <numerusform>Closes %n detection.</numerusform>
            <numerusform>Closes %n detections.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::DetectionsPage</name>
    <message numerus="yes">
        <source>%n detection(s)</source>
        <translation>
            <numerusform>%n detection</numerusform>
            <numerusform>%n detections</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::OverviewPage</name>
    <message numerus="yes">
        <source>%n user(s)</source>
        <translation>
            <numerusform>%n user</numerusform>
            <numerusform>%n users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n record(s) of the last import were rejected.</source>
        <translation>
            <numerusform>%n record of the last import was rejected.</numerusform>
            <numerusform>%n records of the last import were rejected.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n user(s) still being learnt</source>
        <translation>
            <numerusform>%n user still being learnt</numerusform>
            <numerusform>%n users still being learnt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1%2 in %n day(s)</source>
        <comment>sign, number</comment>
        <translation>
            <numerusform>%1%2 in %n day</numerusform>
            <numerusform>%1%2 in %n days</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n resolved</source>
        <translation>
            <numerusform>%n resolved</numerusform>
            <numerusform>%n resolved</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>of %n closed</source>
        <translation>
            <numerusform>of %n closed</numerusform>
            <numerusform>of %n closed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Where from? %n countries</source>
        <translation>
            <numerusform>Where from? %n country</numerusform>
            <numerusform>Where from? %n countries</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::ReportPage</name>
    <message numerus="yes">
        <source>%n more user(s) are still at risk but last changed before %1.</source>
        <translation>
            <numerusform>%n more user are still at risk but last changed before %1.</numerusform>
            <numerusform>%n more users are still at risk but last changed before %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Copied %n row(s)</source>
        <translation>
            <numerusform>Copied %n row</numerusform>
            <numerusform>Copied %n rows</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::RiskyUsersPage</name>
    <message numerus="yes">
        <source>%n user(s)</source>
        <translation>
            <numerusform>%n user</numerusform>
            <numerusform>%n users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Show all %n detection(s)</source>
        <translation>
            <numerusform>Show all %n detection</numerusform>
            <numerusform>Show all %n detections</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Sign-ins from %n place(s)</source>
        <translation>
            <numerusform>Sign-ins from %n place</numerusform>
            <numerusform>Sign-ins from %n places</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n resolved</source>
        <translation>
            <numerusform>%n resolved</numerusform>
            <numerusform>%n resolved</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::SignInsPage</name>
    <message numerus="yes">
        <source>%n sign-in(s)</source>
        <translation>
            <numerusform>%n sign-in</numerusform>
            <numerusform>%n sign-ins</numerusform>
        </translation>
    </message>
</context>
</TS>
