-- Panther, impossible travel log-in.
-- Window: the user's last log-in if it is at most 24 hours old. Condition: another address, more than 900 km/h; less
-- than 10 minutes and less than 50 km is only LOW, which the detail says. No time between counts as 0.0001 h; the
-- earth's radius is 6372.795 km.
-- Departures: log-ins from a VPN, a privacy relay or a satellite are neither stored nor, there, more than INFO; the
-- directory's table of sign-ins does not tell such networks, so here they count like others. The alerts of a user
-- are not folded.
-- The distance is the haversine of R. W. Sinnott (Virtues of the Haversine, Sky and Telescope 68, 1984).
-- The scope is the user.
WITH event AS MATERIALIZED (
    SELECT id, userId AS user, ipAddress AS ip,
           unixepoch(substr(createdDateTime, 1, 19)) * 1000000
               + CAST(substr(rtrim(substr(createdDateTime, 21), 'Z') || '000000', 1, 6) AS INTEGER) AS at,
           latitude, longitude
    FROM signin
    WHERE outcome = 'success' AND ipAddress IS NOT NULL AND userId IS NOT NULL AND latitude IS NOT NULL
          AND longitude IS NOT NULL
),
paired AS (
    SELECT *, lag(at) OVER mine AS wasAt, lag(ip) OVER mine AS wasIp, lag(latitude) OVER mine AS wasLatitude,
           lag(longitude) OVER mine AS wasLongitude
    FROM event
    WINDOW mine AS (PARTITION BY user ORDER BY at, id)
),
measured AS (
    SELECT *, 2 * 6372.795 * asin(min(1, sqrt(pow(sin(radians(latitude - wasLatitude) / 2), 2)
               + cos(radians(latitude)) * cos(radians(wasLatitude))
                 * pow(sin(radians(longitude - wasLongitude) / 2), 2)))) AS km,
           CASE at WHEN wasAt THEN 0.0001 ELSE (at - wasAt) / 3600e6 END AS hours
    FROM paired
    WHERE wasAt IS NOT NULL AND at - wasAt <= 86400000000 AND ip <> wasIp
)
SELECT user AS scope, user, at, id AS requestId,
       printf('%s: %.0f km in %.2f h, %.0f km/h',
              CASE WHEN km < 50 AND hours < 10 / 60.0 THEN 'low' ELSE 'high' END, km, hours, km / hours) AS detail
FROM measured
WHERE km / hours > 900
ORDER BY at, scope, requestId
