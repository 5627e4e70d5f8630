-- Microsoft Sentinel, analytics rule SigninPasswordSpray.
-- Window: bins of 20 minutes. Condition: 5 or more different users fail from one address in one application, and
-- more users fail from the address than have a right password. Wrong: 50053, 50126, 50055.
-- Departures: failures by kind, so that logs without these codes count too; "right" is a success, an interrupt, or a
-- disabled or expired account, for the codes listed there; the last three days are not cut off, so the whole
-- directory is judged; no exception for addresses seen with the user before.
-- Also returned, with a user: who signed in from that scope within the window, once each, by the first such
-- sign-in. They are whom an analyst goes through after the alert; the rule itself does not name them.
WITH event AS MATERIALIZED (
    SELECT id, userId AS user, ipAddress AS ip, coalesce(appDisplayName, '') AS app,
           unixepoch(substr(createdDateTime, 1, 19)) * 1000000
               + CAST(substr(rtrim(substr(createdDateTime, 21), 'Z') || '000000', 1, 6) AS INTEGER) AS at,
           failureKind IN ('badPassword', 'locked', 'expired') AS isWrong,
           (outcome IN ('success', 'interrupted')
            OR failureKind IN ('expired', 'disabled')) AS isRight, outcome = 'success' AS isSuccess
    FROM signin
    WHERE ipAddress IS NOT NULL AND userId IS NOT NULL
),
address AS (
    SELECT ip, at / 1200000000 AS bin, count(DISTINCT CASE WHEN isWrong THEN user END) AS wrong,
           count(DISTINCT CASE WHEN isRight THEN user END) AS right
    FROM event
    GROUP BY 1, 2
    HAVING wrong >= 5 AND wrong > right
),
raised AS (
    SELECT ip, bin, max(users) AS users, max(last) AS last, address.right AS others
    FROM (
        SELECT ip, at / 1200000000 AS bin, app, count(DISTINCT user) AS users, max(at) AS last
        FROM event
        WHERE isWrong
        GROUP BY 1, 2, 3
        HAVING users >= 5
    ) JOIN address USING (ip, bin)
    GROUP BY 1, 2
)
SELECT ip AS scope, NULL AS user, last AS at, NULL AS requestId,
       printf('%d users failing in one application, %d right', users, others) AS detail
FROM raised
UNION ALL
SELECT ip, user, min(event.at), id, 'signed in from the address in the same 20 minutes'
FROM raised JOIN event USING (ip)
WHERE isSuccess AND event.at / 1200000000 = bin
GROUP BY ip, bin, user
ORDER BY at, scope, user
