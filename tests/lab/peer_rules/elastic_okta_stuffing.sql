-- Elastic, Okta credential stuffing from a single source.
-- Window: 15 minutes. Condition, per address: 25 or more attempts on 15 or more users, nobody more than twice (so the
-- published share of 80 % with at most two attempts always holds).
-- The rule looks back and runs every five minutes, so it is asked of every window that begins at a multiple of five
-- minutes; windows that overlap or touch are one alert, as of the last failure of the first of them.
-- Departures: wrong credentials by failure kind instead of Okta's words; the scope is the address alone.
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
hop(back) AS (VALUES (0), (1), (2)),
perUser AS (
    SELECT ip, at / 300000000 - back AS hop, user, count(*) AS n, min(at) AS first, max(at) AS last
    FROM event JOIN hop
    WHERE isWrong
    GROUP BY 1, 2, 3
),
firing AS (
    SELECT ip, hop * 300000000 AS start, count(*) AS users, sum(n) AS attempts, max(n) AS most,
           max(last) AS last
    FROM perUser
    GROUP BY ip, hop
    HAVING attempts >= 25 AND users >= 15 AND most <= 2 AND sum(n <= 2) >= 0.8 * users
),
marked AS (
    SELECT *, start - coalesce(lag(start) OVER (PARTITION BY ip ORDER BY start), 0) > 900000000 AS isNew
    FROM firing
),
numbered AS (
    SELECT *, sum(isNew) OVER (PARTITION BY ip ORDER BY start) AS number
    FROM marked
),
raised AS (
    SELECT ip, number, min(start) AS start, max(start) + 900000000 AS finish, max(users) AS users,
           max(attempts) AS attempts, max(most) AS most, min(last) AS last
    FROM numbered
    GROUP BY ip, number
)
SELECT ip AS scope, NULL AS user, last AS at, NULL AS requestId,
       printf('%d users failing, %d attempts, at most %d of one user', users, attempts, most) AS detail
FROM raised
UNION ALL
SELECT ip, user, min(event.at), id, 'signed in from the address within the alert'
FROM raised JOIN event USING (ip)
WHERE isRight AND event.at >= start AND event.at < finish
GROUP BY ip, number, user
ORDER BY at, scope, user
