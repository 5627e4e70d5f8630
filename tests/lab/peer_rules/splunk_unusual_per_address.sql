-- Splunk, an unusual number of users failing from one address.
-- Window: 5 minutes. Condition, per address: more than 10 different users fail, and at least the mean plus three
-- standard deviations of that address's windows with failures.
-- Departures: the deviation is that of the population, not of a sample; wrong credentials by failure kind. An address
-- with few windows can never be three deviations off: of n windows, one is at most (n - 1) / sqrt(n) deviations from
-- their mean, so only addresses with one window (deviation 0) or with 11 and more are ever raised.
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
usual AS (
    SELECT ip, avg(users) AS mean, sqrt(max(0, avg(users * users) - avg(users) * avg(users))) AS deviation
    FROM bucket
    GROUP BY ip
),
raised AS (
    SELECT bucket.*
    FROM bucket JOIN usual USING (ip)
    WHERE users > 10 AND users >= mean + 3 * deviation
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
