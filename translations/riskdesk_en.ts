<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>Format</name>
    <message numerus="yes">
        <source>%Ln day(s)</source>
        <translation>
            <numerusform>%Ln day</numerusform>
            <numerusform>%Ln days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>History</name>
    <message numerus="yes">
        <source>%1, seen %Ln times, last %2</source>
        <translation>
            <numerusform>%1, seen %Ln time, last %2</numerusform>
            <numerusform>%1, seen %Ln times, last %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Reports</name>
    <message numerus="yes">
        <source>%1 and %Ln more</source>
        <translation>
            <numerusform>%1 and %Ln more</numerusform>
            <numerusform>%1 and %Ln more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Why</name>
    <message numerus="yes">
        <source>It was seen %Ln times, last on %1.</source>
        <translation>
            <numerusform>It was seen %Ln times, last on %1.</numerusform>
            <numerusform>It was seen %Ln times, last on %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln account(s) were tried from there; %1 are needed for an attack.</source>
        <translation>
            <numerusform>%Ln account was tried from there; %1 are needed for an attack.</numerusform>
            <numerusform>%Ln accounts were tried from there; %1 are needed for an attack.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln user(s) share the address; its bad name need not be this one&apos;s.</source>
        <translation>
            <numerusform>%Ln user shares the address; its bad name need not be this one&apos;s.</numerusform>
            <numerusform>%Ln users share the address; its bad name need not be this one&apos;s.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %Ln properties were never seen for this user.</source>
        <translation>
            <numerusform>%1 of %Ln property was never seen for this user.</numerusform>
            <numerusform>%1 of %Ln properties were never seen for this user.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %Ln properties were never seen for this user, %2 rare.</source>
        <translation>
            <numerusform>%1 of %Ln property was never seen for this user, %2 rare.</numerusform>
            <numerusform>%1 of %Ln properties were never seen for this user, %2 rare.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The user came through it %Ln time(s) before.</source>
        <translation>
            <numerusform>The user came through it %Ln time before.</numerusform>
            <numerusform>The user came through it %Ln times before.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>They were attempts on %Ln user(s).</source>
        <translation>
            <numerusform>They were attempts on %Ln user.</numerusform>
            <numerusform>They were attempts on %Ln users.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln users share the address.</source>
        <translation>
            <numerusform>%Ln user shares the address.</numerusform>
            <numerusform>%Ln users share the address.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln account(s) tried</source>
        <translation>
            <numerusform>%Ln account tried</numerusform>
            <numerusform>%Ln accounts tried</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln account(s) tried from %1</source>
        <translation>
            <numerusform>%Ln account tried from %1</numerusform>
            <numerusform>%Ln accounts tried from %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>This account was tried %Ln time(s) before.</source>
        <translation>
            <numerusform>This account was tried %Ln time before.</numerusform>
            <numerusform>This account was tried %Ln times before.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The passwords of %Ln other account(s) were right too.</source>
        <translation>
            <numerusform>The password of %Ln other account was right too.</numerusform>
            <numerusform>The passwords of %Ln other accounts were right too.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln detection(s)</source>
        <translation>
            <numerusform>%Ln detection</numerusform>
            <numerusform>%Ln detections</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln sign-in(s)</source>
        <translation>
            <numerusform>%Ln sign-in</numerusform>
            <numerusform>%Ln sign-ins</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln sign-in(s) taken out</source>
        <translation>
            <numerusform>%Ln sign-in taken out</numerusform>
            <numerusform>%Ln sign-ins taken out</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln sign-in(s) deleted</source>
        <translation>
            <numerusform>%Ln sign-in deleted</numerusform>
            <numerusform>%Ln sign-ins deleted</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln event(s) of the ledger</source>
        <translation>
            <numerusform>%Ln event of the ledger</numerusform>
            <numerusform>%Ln events of the ledger</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln detection(s) or sign-in(s) of %1</source>
        <comment>a user</comment>
        <translation>
            <numerusform>%Ln detection or sign-in of %1</numerusform>
            <numerusform>%Ln detections or sign-ins of %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::Console</name>
    <message numerus="yes">
        <source>Importing %Ln file(s)</source>
        <translation>
            <numerusform>Importing %Ln file</numerusform>
            <numerusform>Importing %Ln files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s)</source>
        <translation>
            <numerusform>%Ln file</numerusform>
            <numerusform>%Ln files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln new detection(s).</source>
        <translation>
            <numerusform>%Ln new detection.</numerusform>
            <numerusform>%Ln new detections.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln detection(s) withdrawn: what came now speaks against it.</source>
        <translation>
            <numerusform>%Ln detection withdrawn: what came now speaks against it.</numerusform>
            <numerusform>%Ln detections withdrawn: what came now speaks against them.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 sign-in(s) of %2 are taken out, with what was found in them. The others are examined again without them. To have them back, import the logs again.</source>
        <translation>
            <numerusform>%1 sign-in of %2 is taken out, with what was found in it. The others are examined again without it. To have it back, import the logs again.</numerusform>
            <numerusform>%1 sign-ins of %2 are taken out, with what was found in them. The others are examined again without them. To have them back, import the logs again.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 sign-in(s) taken out again.</source>
        <translation>
            <numerusform>%1 sign-in taken out again.</numerusform>
            <numerusform>%1 sign-ins taken out again.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln detection(s) withdrawn with them.</source>
        <translation>
            <numerusform>%Ln detection withdrawn with them.</numerusform>
            <numerusform>%Ln detections withdrawn with them.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::ConsoleConnections</name>
    <message numerus="yes">
        <source>%Ln request(s) failed</source>
        <translation>
            <numerusform>%Ln request failed</numerusform>
            <numerusform>%Ln requests failed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln request(s) on the way</source>
        <translation>
            <numerusform>%Ln request on the way</numerusform>
            <numerusform>%Ln requests on the way</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln record(s) are new.</source>
        <translation>
            <numerusform>%Ln record is new.</numerusform>
            <numerusform>%Ln records are new.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln request(s) held</source>
        <translation>
            <numerusform>%Ln request held</numerusform>
            <numerusform>%Ln requests held</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::ConsoleNotifications</name>
    <message numerus="yes">
        <source>%Ln user(s) at risk by older sign-ins</source>
        <translation>
            <numerusform>%Ln user at risk by older sign-ins</numerusform>
            <numerusform>%Ln users at risk by older sign-ins</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln user(s) are at high risk now</source>
        <translation>
            <numerusform>%Ln user is at high risk now</numerusform>
            <numerusform>%Ln users are at high risk now</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln user(s) are at medium or high risk now</source>
        <translation>
            <numerusform>%Ln user is at medium or high risk now</numerusform>
            <numerusform>%Ln users are at medium or high risk now</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln user(s) are at risk now</source>
        <translation>
            <numerusform>%Ln user is at risk now</numerusform>
            <numerusform>%Ln users are at risk now</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 and %Ln more</source>
        <comment>names</comment>
        <translation>
            <numerusform>%1 and %Ln more</numerusform>
            <numerusform>%1 and %Ln more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::ConsoleSettings</name>
    <message numerus="yes">
        <source>%Ln detection(s)</source>
        <translation>
            <numerusform>%Ln detection</numerusform>
            <numerusform>%Ln detections</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>By the %Ln stored sign-in(s), nothing would be found otherwise.</source>
        <translation>
            <numerusform>By the one stored sign-in, nothing would be found otherwise.</numerusform>
            <numerusform>By the %Ln stored sign-ins, nothing would be found otherwise.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>By the %Ln stored sign-in(s), %1 would appear and %2 go; %3 would rise and %4 fall in level.</source>
        <translation>
            <numerusform>By the one stored sign-in, %1 would appear and %2 go; %3 would rise and %4 fall in level.</numerusform>
            <numerusform>By the %Ln stored sign-ins, %1 would appear and %2 go; %3 would rise and %4 fall in level.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln user(s) would have another level.</source>
        <translation>
            <numerusform>%Ln user would have another level.</numerusform>
            <numerusform>%Ln users would have another level.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln that somebody decided on would stay.</source>
        <translation>
            <numerusform>%Ln that somebody decided on would stay.</numerusform>
            <numerusform>%Ln that somebody decided on would stay.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::ApiSheet</name>
    <message numerus="yes">
        <source>%Ln day(s)</source>
        <translation>
            <numerusform>%Ln day</numerusform>
            <numerusform>%Ln days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::AuditPage</name>
    <message numerus="yes">
        <source>%Ln record(s)</source>
        <translation>
            <numerusform>%Ln record</numerusform>
            <numerusform>%Ln records</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::Decisions</name>
    <message numerus="yes">
        <source>%Ln sign-in(s)</source>
        <translation>
            <numerusform>%Ln sign-in</numerusform>
            <numerusform>%Ln sign-ins</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln detection(s)</source>
        <translation>
            <numerusform>%Ln detection</numerusform>
            <numerusform>%Ln detections</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln user(s)</source>
        <translation>
            <numerusform>%Ln user</numerusform>
            <numerusform>%Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Risk dismissed for %Ln sign-in(s)</source>
        <translation>
            <numerusform>Risk dismissed for %Ln sign-in</numerusform>
            <numerusform>Risk dismissed for %Ln sign-ins</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln sign-in(s) confirmed safe</source>
        <translation>
            <numerusform>%Ln sign-in confirmed safe</numerusform>
            <numerusform>%Ln sign-ins confirmed safe</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln sign-in(s) confirmed compromised</source>
        <translation>
            <numerusform>%Ln sign-in confirmed compromised</numerusform>
            <numerusform>%Ln sign-ins confirmed compromised</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln detection(s) dismissed</source>
        <translation>
            <numerusform>%Ln detection dismissed</numerusform>
            <numerusform>%Ln detections dismissed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln detection(s) confirmed safe</source>
        <translation>
            <numerusform>%Ln detection confirmed safe</numerusform>
            <numerusform>%Ln detections confirmed safe</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln detection(s) confirmed compromised</source>
        <translation>
            <numerusform>%Ln detection confirmed compromised</numerusform>
            <numerusform>%Ln detections confirmed compromised</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Risk dismissed for %Ln user(s)</source>
        <translation>
            <numerusform>Risk dismissed for %Ln user</numerusform>
            <numerusform>Risk dismissed for %Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Confirmed safe: %Ln user(s)</source>
        <translation>
            <numerusform>Confirmed safe: %Ln user</numerusform>
            <numerusform>Confirmed safe: %Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Confirmed compromised: %Ln user(s)</source>
        <translation>
            <numerusform>Confirmed compromised: %Ln user</numerusform>
            <numerusform>Confirmed compromised: %Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Remediated elsewhere: %Ln user(s)</source>
        <translation>
            <numerusform>Remediated elsewhere: %Ln user</numerusform>
            <numerusform>Remediated elsewhere: %Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Password reset recorded here for %Ln user(s)</source>
        <translation>
            <numerusform>Password reset recorded here for %Ln user</numerusform>
            <numerusform>Password reset recorded here for %Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Block recorded here for %Ln user(s)</source>
        <translation>
            <numerusform>Block recorded here for %Ln user</numerusform>
            <numerusform>Block recorded here for %Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Unblock recorded here for %Ln user(s)</source>
        <translation>
            <numerusform>Unblock recorded here for %Ln user</numerusform>
            <numerusform>Unblock recorded here for %Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln not changed: %1</source>
        <translation>
            <numerusform>%Ln not changed: %1</numerusform>
            <numerusform>%Ln not changed: %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Confirms %Ln detection(s).</source>
        <translation>
            <numerusform>Confirms %Ln detection.</numerusform>
            <numerusform>Confirms %Ln detections.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Closes %Ln detection(s).</source>
        <translation>
            <numerusform>Closes %Ln detection.</numerusform>
            <numerusform>Closes %Ln detections.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln user(s) become what they were before. The history keeps both.</source>
        <translation>
            <numerusform>%Ln user becomes what it was before. The history keeps both.</numerusform>
            <numerusform>%Ln users become what they were before. The history keeps both.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>End of sessions recorded here for %Ln user(s)</source>
        <translation>
            <numerusform>End of sessions recorded here for %Ln user</numerusform>
            <numerusform>End of sessions recorded here for %Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Password reset on its way for %Ln user(s)</source>
        <translation>
            <numerusform>Password reset on its way for %Ln user</numerusform>
            <numerusform>Password reset on its way for %Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Block on its way for %Ln user(s)</source>
        <translation>
            <numerusform>Block on its way for %Ln user</numerusform>
            <numerusform>Block on its way for %Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Unblock on its way for %Ln user(s)</source>
        <translation>
            <numerusform>Unblock on its way for %Ln user</numerusform>
            <numerusform>Unblock on its way for %Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>End of sessions on its way for %Ln user(s)</source>
        <translation>
            <numerusform>End of sessions on its way for %Ln user</numerusform>
            <numerusform>End of sessions on its way for %Ln users</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::DetectionsPage</name>
    <message numerus="yes">
        <source>%Ln detection(s)</source>
        <translation>
            <numerusform>%Ln detection</numerusform>
            <numerusform>%Ln detections</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::OverviewPage</name>
    <message numerus="yes">
        <source>%Ln user(s)</source>
        <translation>
            <numerusform>%Ln user</numerusform>
            <numerusform>%Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln record(s) of the last import were rejected.</source>
        <translation>
            <numerusform>%Ln record of the last import was rejected.</numerusform>
            <numerusform>%Ln records of the last import were rejected.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln user(s) still being learnt</source>
        <translation>
            <numerusform>%Ln user still being learnt</numerusform>
            <numerusform>%Ln users still being learnt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1%2 in %Ln day(s)</source>
        <comment>sign, number</comment>
        <translation>
            <numerusform>%1%2 in %Ln day</numerusform>
            <numerusform>%1%2 in %Ln days</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln resolved</source>
        <translation>
            <numerusform>%Ln resolved</numerusform>
            <numerusform>%Ln resolved</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>of %Ln closed</source>
        <translation>
            <numerusform>of %Ln closed</numerusform>
            <numerusform>of %Ln closed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Where from? %Ln countries</source>
        <translation>
            <numerusform>Where from? %Ln country</numerusform>
            <numerusform>Where from? %Ln countries</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::RejectsPage</name>
    <message numerus="yes">
        <source>%Ln record(s) that are wrong in the same way</source>
        <translation>
            <numerusform>%Ln record that is wrong in the same way</numerusform>
            <numerusform>%Ln records that are wrong in the same way</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s)</source>
        <translation>
            <numerusform>%Ln row</numerusform>
            <numerusform>%Ln rows</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::ReportPage</name>
    <message numerus="yes">
        <source>Copied %Ln row(s)</source>
        <translation>
            <numerusform>Copied %Ln row</numerusform>
            <numerusform>Copied %Ln rows</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The risk of %Ln user(s) last changed before %1 and is still open.</source>
        <translation>
            <numerusform>The risk of %Ln user last changed before %1 and is still open.</numerusform>
            <numerusform>The risk of %Ln users last changed before %1 and is still open.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln ticked row(s) only</source>
        <translation>
            <numerusform>%Ln ticked row only</numerusform>
            <numerusform>%Ln ticked rows only</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::RiskyUsersPage</name>
    <message numerus="yes">
        <source>%Ln user(s)</source>
        <translation>
            <numerusform>%Ln user</numerusform>
            <numerusform>%Ln users</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Show all %Ln detection(s)</source>
        <translation>
            <numerusform>Show all %Ln detection</numerusform>
            <numerusform>Show all %Ln detections</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Sign-ins from %Ln place(s)</source>
        <translation>
            <numerusform>Sign-ins from %Ln place</numerusform>
            <numerusform>Sign-ins from %Ln places</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln resolved</source>
        <translation>
            <numerusform>%Ln resolved</numerusform>
            <numerusform>%Ln resolved</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 new in %Ln day(s)</source>
        <comment>number of users</comment>
        <translation>
            <numerusform>%1 new in %Ln day</numerusform>
            <numerusform>%1 new in %Ln days</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 fewer in %Ln day(s)</source>
        <comment>number of users</comment>
        <translation>
            <numerusform>%1 fewer in %Ln day</numerusform>
            <numerusform>%1 fewer in %Ln days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>riskdesk::pages::SignInsPage</name>
    <message numerus="yes">
        <source>%Ln sign-in(s)</source>
        <translation>
            <numerusform>%Ln sign-in</numerusform>
            <numerusform>%Ln sign-ins</numerusform>
        </translation>
    </message>
</context>
</TS>
