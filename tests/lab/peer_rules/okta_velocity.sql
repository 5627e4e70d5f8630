-- Okta, behaviour "velocity".
-- Window: the user's last sign-in, however long ago. Condition: faster than 805 km/h, its default, at any distance.
-- Departures: the formula of the distance is not published, here a sphere of 6371.0088 km; two places at the same
-- moment are faster than any limit.
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
    SELECT *, lag(at) OVER mine AS wasAt, lag(latitude) OVER mine AS wasLatitude,
           lag(longitude) OVER mine AS wasLongitude
    FROM event
    WINDOW mine AS (PARTITION BY user ORDER BY at, id)
),
measured AS (
    SELECT *, 2 * 6371.0088 * asin(min(1, sqrt(pow(sin(radians(latitude - wasLatitude) / 2), 2)
               + cos(radians(latitude)) * cos(radians(wasLatitude))
                 * pow(sin(radians(longitude - wasLongitude) / 2), 2)))) AS km, (at - wasAt) / 3600e6 AS hours
    FROM paired
    WHERE wasAt IS NOT NULL
)
SELECT user AS scope, user, at, id AS requestId, printf('%.0f km in %.2f h', km, hours) AS detail
FROM measured
WHERE km > 805 * hours
ORDER BY at, scope, requestId
