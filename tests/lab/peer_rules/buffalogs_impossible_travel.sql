-- BuffaLogs, "Imp Travel".
-- Window: the user's latest log-in, however long ago. Condition: the address is new to the user, more than 100 km away
-- at more than 300 km/h; no time between counts as 0.001 h. Left out by its defaults: the same country as before, and
-- mobile devices.
-- Departures: a sphere of 6371.0088 km instead of the WGS-84 ellipsoid (at most 0.6 % off); "mobile" is an operating
-- system named Android or iOS; sign-ins in order of time, so no speed is negative; without their filter by the user's
-- risk, which at its default lets no first alert pass.
-- The distance is the haversine of R. W. Sinnott (Virtues of the Haversine, Sky and Telescope 68, 1984).
-- The scope is the user.
WITH event AS MATERIALIZED (
    SELECT id, userId AS user, ipAddress AS ip, countryOrRegion AS country, coalesce(operatingSystem, '') AS os,
           unixepoch(substr(createdDateTime, 1, 19)) * 1000000
               + CAST(substr(rtrim(substr(createdDateTime, 21), 'Z') || '000000', 1, 6) AS INTEGER) AS at,
           latitude, longitude
    FROM signin
    WHERE outcome = 'success' AND ipAddress IS NOT NULL AND userId IS NOT NULL AND latitude IS NOT NULL
          AND longitude IS NOT NULL
),
paired AS (
    SELECT *, row_number() OVER (PARTITION BY user, ip ORDER BY at, id) AS timesHere,
           lag(at) OVER mine AS wasAt, lag(latitude) OVER mine AS wasLatitude,
           lag(longitude) OVER mine AS wasLongitude, lag(country) OVER mine AS wasCountry
    FROM event
    WINDOW mine AS (PARTITION BY user ORDER BY at, id)
),
measured AS (
    SELECT *, 2 * 6371.0088 * asin(min(1, sqrt(pow(sin(radians(latitude - wasLatitude) / 2), 2)
               + cos(radians(latitude)) * cos(radians(wasLatitude))
                 * pow(sin(radians(longitude - wasLongitude) / 2), 2)))) AS km,
           CASE at WHEN wasAt THEN 0.001 ELSE (at - wasAt) / 3600e6 END AS hours
    FROM paired
    WHERE wasAt IS NOT NULL AND timesHere = 1 AND country IS NOT wasCountry
          AND os NOT LIKE 'android%' AND os NOT LIKE 'ios%'
)
SELECT user AS scope, user, at, id AS requestId, printf('%.0f km in %.2f h, %.0f km/h', km, hours, km / hours) AS detail
FROM measured
WHERE km > 100 AND km / hours > 300
ORDER BY at, scope, requestId
