SELECT town, max(loans) AS loans
FROM lones
GROUP BY town
