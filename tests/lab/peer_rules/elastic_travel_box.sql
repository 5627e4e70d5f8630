-- Elastic, impossible travel (Entra; Google's differs in the window), by the box around regions.
-- Window: 90 minutes. Condition, per user: 2 to 5 regions; the corners of the box around the regions' centres are 500
-- km or more apart, and that distance takes 800 km/h or more between the first and the last sign-in.
-- The rule looks back and runs every five minutes; it is asked of every window that begins at a multiple of five
-- minutes. Windows of one user that begin within 30 minutes of the one before are one alert, for the published
-- suppression.
-- Departures: a region is country and state; 0.0001 h at least between first and last; a sphere of 6371.0088 km.
-- Only windows are looked at in which the user changes region; the others cannot fire.
-- The distance is the haversine of R. W. Sinnott (Virtues of the Haversine, Sky and Telescope 68, 1984).
-- The scope is the user; the sign-in named is the last of the first window.
WITH event AS MATERIALIZED (
    SELECT id, userId AS user, ipAddress AS ip, coalesce(countryOrRegion, '') || '/' || coalesce(state, '') AS region,
           unixepoch(substr(createdDateTime, 1, 19)) * 1000000
               + CAST(substr(rtrim(substr(createdDateTime, 21), 'Z') || '000000', 1, 6) AS INTEGER) AS at,
           latitude, longitude
    FROM signin
    WHERE outcome = 'success' AND ipAddress IS NOT NULL AND userId IS NOT NULL AND latitude IS NOT NULL
          AND longitude IS NOT NULL
),
changed AS MATERIALIZED (
    SELECT user, at, wasAt
    FROM (
        SELECT user, at, region, lag(at) OVER mine AS wasAt, lag(region) OVER mine AS wasRegion
        FROM event
        WINDOW mine AS (PARTITION BY user ORDER BY at, id)
    )
    WHERE region <> wasRegion AND at - wasAt < 5400000000
),
hop(back) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15), (16), (17)),
candidate AS MATERIALIZED (
    SELECT DISTINCT user, at / 300000000 - back AS hop
    FROM changed JOIN hop
    WHERE (at / 300000000 - back) * 300000000 <= wasAt
),
perRegion AS (
    SELECT user, hop, region, avg(latitude) AS latitude, avg(longitude) AS longitude, min(at) AS first,
           max(at) AS last, max(printf('%020d', at) || id) AS lastId
    FROM candidate JOIN event USING (user)
    WHERE at >= hop * 300000000 AND at < hop * 300000000 + 5400000000
    GROUP BY 1, 2, 3
),
box AS (
    SELECT user, hop * 300000000 AS start, count(*) AS regions, min(first) AS first, max(last) AS last,
           substr(max(lastId), 21) AS lastId, min(latitude) AS latitude, max(latitude) AS wasLatitude,
           min(longitude) AS longitude, max(longitude) AS wasLongitude
    FROM perRegion
    GROUP BY user, hop
    HAVING regions BETWEEN 2 AND 5
),
measured AS (
    SELECT *, 2 * 6371.0088 * asin(min(1, sqrt(pow(sin(radians(latitude - wasLatitude) / 2), 2)
               + cos(radians(latitude)) * cos(radians(wasLatitude))
                 * pow(sin(radians(longitude - wasLongitude) / 2), 2)))) AS km,
           max((last - first) / 3600e6, 0.0001) AS hours
    FROM box
),
marked AS (
    SELECT *, start - coalesce(lag(start) OVER (PARTITION BY user ORDER BY start), 0) > 1800000000 AS isNew
    FROM measured
    WHERE km >= 500 AND km / hours >= 800
)
SELECT user AS scope, user, last AS at, lastId AS requestId,
       printf('%d regions, %.0f km in %.2f h, %.0f km/h', regions, km, hours, km / hours) AS detail
FROM marked
WHERE isNew
ORDER BY at, scope
