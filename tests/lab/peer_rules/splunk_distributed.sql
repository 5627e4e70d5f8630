-- Splunk, distributed password spray against one directory.
-- Window: 5 minutes. Condition: more than 20 users, more than 20 addresses and more than 20 pairs of both fail, with
-- exactly one user agent among them.
-- Departures: wrong credentials by failure kind; the scope is the whole directory.
-- Also returned, with a user: who signed in within the same window from an address that took part, once each, by the
-- first such sign-in. They are whom an analyst goes through after the alert; the rule itself does not name them.
WITH event AS MATERIALIZED (
    SELECT id, userId AS user, ipAddress AS ip, coalesce(userAgent, '') AS agent,
           unixepoch(substr(createdDateTime, 1, 19)) * 1000000
               + CAST(substr(rtrim(substr(createdDateTime, 21), 'Z') || '000000', 1, 6) AS INTEGER) AS at,
           failureKind IN ('badPassword', 'unknownUser', 'locked') AS isWrong,
           outcome = 'success' AS isRight
    FROM signin
    WHERE ipAddress IS NOT NULL AND userId IS NOT NULL
),
raised AS (
    SELECT at / 300000000 AS bin, count(*) AS attempts, count(DISTINCT user) AS users,
           count(DISTINCT ip) AS addresses, max(at) AS last,
           count(DISTINCT user || ' ' || ip) AS pairs, count(DISTINCT agent) AS agents
    FROM event
    WHERE isWrong
    GROUP BY 1
    HAVING users > 20 AND addresses > 20 AND pairs > 20 AND agents = 1
),
source AS (
    SELECT DISTINCT ip, at / 300000000 AS bin
    FROM event
    WHERE isWrong AND at / 300000000 IN (SELECT bin FROM raised)
)
SELECT 'directory' AS scope, NULL AS user, last AS at, NULL AS requestId,
       printf('%d users failing from %d addresses, %d attempts', users, addresses, attempts) AS detail
FROM raised
UNION ALL
SELECT 'directory', user, min(event.at), id, 'signed in from ' || ip || ', which took part'
FROM source JOIN event USING (ip)
WHERE isRight AND event.at / 300000000 = bin
GROUP BY bin, user
ORDER BY at, scope, user
