-- Splunk, many users failing from one address (azure_ad_multiple_users).
-- Window: 5 minutes. Condition, per address: more than 30 different users fail.
-- Departures: as published the five minutes are computed and then left out of the grouping, which counts the whole
-- range searched; here they are part of it, as its description has it. Wrong credentials by failure kind.
-- Also returned, with a user: who signed in from that scope within the window, once each, by the first such
-- sign-in. They are whom an analyst goes through after the alert; the rule itself does not name them.
WITH event AS MATERIALIZED (
    SELECT id, userId AS user, ipAddress AS ip,
           unixepoch(substr(createdDateTime, 1, 19)) * 1000000
               + CAST(substr(rtrim(substr(createdDateTime, 21), 'Z') || '000000', 1, 6) AS INTEGER) AS at,
           failureKind IN ('badPassword', 'unknownUser', 'locked') AS isWrong,
           outcome = 'success' AS isRight
    FROM signin
    WHERE ipAddress IS NOT NULL AND userId IS NOT NULL
),
bucket AS MATERIALIZED (
    SELECT ip, at / 300000000 AS bin, count(DISTINCT user) AS users, count(*) AS attempts, max(at) AS last
    FROM event
    WHERE isWrong
    GROUP BY 1, 2
),
raised AS (
    SELECT bucket.*
    FROM bucket
    WHERE users > 30
)
SELECT ip AS scope, NULL AS user, last AS at, NULL AS requestId,
       printf('%d users failing, %d attempts', users, attempts) AS detail
FROM raised
UNION ALL
SELECT ip, user, min(event.at), id, 'signed in from the address in the same 5 minutes'
FROM raised JOIN event USING (ip)
WHERE isRight AND event.at / 300000000 = bin
GROUP BY ip, bin, user
ORDER BY at, scope, user
