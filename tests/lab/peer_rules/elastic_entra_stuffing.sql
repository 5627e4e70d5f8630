-- Elastic, Entra sign-in brute force, the branch that names credential stuffing.
-- Window: buckets of 15 minutes, over the whole tenant. Condition: 10 or more users, 30 or more events, 5 or more
-- addresses, more users than addresses, at most 10 minutes from first to last.
-- Departures: wrong credentials by failure kind instead of a list of codes.
-- Also returned, with a user: who signed in within the same window from an address that took part, once each, by the
-- first such sign-in. They are whom an analyst goes through after the alert; the rule itself does not name them.
WITH event AS MATERIALIZED (
    SELECT id, userId AS user, ipAddress AS ip,
           unixepoch(substr(createdDateTime, 1, 19)) * 1000000
               + CAST(substr(rtrim(substr(createdDateTime, 21), 'Z') || '000000', 1, 6) AS INTEGER) AS at,
           failureKind IN ('badPassword', 'unknownUser', 'locked') AS isWrong,
           outcome = 'success' AS isRight
    FROM signin
    WHERE ipAddress IS NOT NULL AND userId IS NOT NULL
),
raised AS (
    SELECT at / 900000000 AS bin, count(*) AS attempts, count(DISTINCT user) AS users,
           count(DISTINCT ip) AS addresses, max(at) AS last
    FROM event
    WHERE isWrong
    GROUP BY 1
    HAVING users >= 10 AND attempts >= 30 AND addresses >= 5 AND users > addresses AND max(at) - min(at) <= 600000000
),
source AS (
    SELECT DISTINCT ip, at / 900000000 AS bin
    FROM event
    WHERE isWrong AND at / 900000000 IN (SELECT bin FROM raised)
)
SELECT 'tenant' AS scope, NULL AS user, last AS at, NULL AS requestId,
       printf('%d users failing from %d addresses, %d attempts', users, addresses, attempts) AS detail
FROM raised
UNION ALL
SELECT 'tenant', user, min(event.at), id, 'signed in from ' || ip || ', which took part'
FROM source JOIN event USING (ip)
WHERE isRight AND event.at / 900000000 = bin
GROUP BY bin, user
ORDER BY at, scope, user
