/**
 * People and places of the city as they truly are: buildings with their dwellings, households with their head, who lives
 * where on both days, who moved, came, died, and who works where. All steps stand on those of city/people.ts and
 * city/enterprises.ts and change nothing of them.
 */
import type { Step } from '../engine.ts';
import { bentBy, geographySteps, placeSteps } from '../geography/index.ts';
import { hashOf, pickOf, saltOf, serial, text } from '../sql.ts';
import { cityCode, cityName, estates } from '../vocabulary/places.ts';

/** Every fifth house number of a division is residential. */
const residentialEvery = 5;

/** In ten thousand: what happens between the first day and the second. */
export const populationDayTwo = { moved: 60, arrived: 60, died: 20 };

/**
 * Steps that make pop_building, pop_dwelling, pop_household and pop_person. `today` is the ISO date of the first day;
 * columns that end in 1 and 2 tell the first and the second day.
 */
export function populationSteps(seed: number | string, enterprises: number, today: string): Step[] {
  const [sSite, sHome, sMan] = ['site', 'home', 'resident'].map((n) => saltOf(seed, `population ${n}`)) as [
    bigint,
    bigint,
    bigint,
  ];
  // Further blocks of a site stand behind the first.
  const where = bentBy(seed, 'gu + gdu * block', 'gv + gdv * block');
  const site = (c: number): string => hashOf('b', sSite, c);
  const home = (c: number): string => hashOf('h', sHome, c);
  const man = (c: number): string => hashOf('p', sMan, c);
  const share = (hash: string, ofTenThousand: number): string => `(${hash} % 10000 < ${ofTenThousand})`;
  return [
    ...geographySteps(seed),
    {
      name: 'house numbers',
      sql: `CREATE TABLE pop_site AS
        SELECT *, row_number() OVER (PARTITION BY d, residential ORDER BY b) AS k, count(*) OVER (PARTITION BY d, residential) AS n FROM (
          SELECT *, row_number() OVER (PARTITION BY d ORDER BY b) % ${residentialEvery} = 1 AS residential,
            CASE WHEN setting = '城镇' THEN 1 + (${site(1)} % 3)::INTEGER ELSE 1 END AS blocks, ${pickOf(estates, site(2))} AS estate
          FROM building QUALIFY row_number() OVER (PARTITION BY place ORDER BY b) = 1) ORDER BY b`,
    },
    {
      name: 'buildings',
      sql: `CREATE TABLE pop_building AS
        SELECT row_number() OVER (ORDER BY b, block)::INTEGER AS g, b, residential, block, division, division_name, road_name, no, floors,
          CASE WHEN residential AND setting = '城镇' THEN estate END AS estate,
          ${text(cityName)} || place || CASE WHEN residential AND setting = '城镇' THEN estate || block || '幢' ELSE '' END AS address,
          ${where.lon} AS lon, ${where.lat} AS lat, 1985 + (${site(3)} % 38)::INTEGER AS built,
          gg.code AS grid, gg.community,
          'LD' || ${serial('b * 4 + block', 8, sSite)} AS code, 'DZ' || ${serial('b * 4 + block', 9, sSite)} AS standard
        FROM (SELECT *, unnest(range(1, CASE WHEN residential THEN blocks ELSE 1 END + 1))::INTEGER AS block FROM pop_site) s
        LEFT JOIN geo_cell gc ON gc.x = floor(s.gu)::INTEGER AND gc.y = floor(s.gv)::INTEGER LEFT JOIN (SELECT grid AS cell_grid, code, community FROM geo_grid) gg ON gg.cell_grid = gc.grid ORDER BY g`,
    },
    {
      name: 'homes',
      sql: `CREATE TABLE pop_home AS
        SELECT h.h, g.g, row_number() OVER (PARTITION BY g.g ORDER BY h.h)::INTEGER AS j FROM household h
        JOIN division v ON v.code = h.division
        JOIN (SELECT d, any_value(n) AS n FROM pop_site WHERE residential GROUP BY d) c ON c.d = v.d
        JOIN pop_site s ON s.d = v.d AND s.residential AND s.k = 1 + (${hashOf('h.h', sHome, 1)} % c.n)::BIGINT
        JOIN pop_building g ON g.b = s.b AND g.block = 1 + (${hashOf('h.h', sHome, 2)} % s.blocks)::INTEGER ORDER BY h.h`,
    },
    {
      // One flat in about nine stands empty; people who moved live there.
      name: 'dwellings',
      sql: `CREATE TABLE pop_dwelling AS
        WITH flats AS (SELECT g, max(j) AS most FROM pop_home GROUP BY g),
        every AS (SELECT g, unnest(range(1, most + 1 + greatest(1, most // 8)))::INTEGER AS j FROM flats)
        SELECT row_number() OVER (ORDER BY e.g, e.j)::INTEGER AS w, e.g, e.j, h.h AS h0, e.j > f.most AS empty, (100 * (1 + (e.j - 1) // 4) + 1 + (e.j - 1) % 4) AS room,
          b.address || (100 * (1 + (e.j - 1) // 4) + 1 + (e.j - 1) % 4) || '室' AS address, 45 + (${hashOf('e.g * 1000 + e.j', sSite, 5)} % 120)::INTEGER AS area,
          'FW' || ${serial('e.g * 1000 + e.j', 10, sSite)} AS code, 'DZ1' || ${serial('e.g * 1000 + e.j', 10, sSite)} AS standard
        FROM every e JOIN flats f USING (g) JOIN pop_building b USING (g) LEFT JOIN pop_home h ON h.g = e.g AND h.j = e.j ORDER BY w`,
    },
    {
      name: 'empty dwellings',
      sql: `CREATE TABLE pop_empty AS SELECT row_number() OVER (ORDER BY ${hashOf('w', sSite, 6)}, w)::INTEGER AS k, w FROM pop_dwelling WHERE empty ORDER BY k`,
    },
    { name: 'empty dwellings', sql: 'SET VARIABLE empty_dwellings = (SELECT count(*) FROM pop_empty)' },
    {
      // Who moved lives elsewhere than where the household is registered (人户分离).
      name: 'households as they live',
      sql: `CREATE TABLE pop_household AS
        WITH x AS (SELECT h, ${share(home(3), 3000)} AS floating, ${share(home(4), 800)} AS moved, ${share(home(5), populationDayTwo.moved)} AS moves,
            ${share(home(6), populationDayTwo.arrived)} AND ${share(home(3), 3000)} AS arrives, ${text(cityCode)} || ${serial('h', 8, sHome)} AS number,
            1 + (${home(7)} % getvariable('empty_dwellings'))::BIGINT AS k1, 1 + (${home(8)} % getvariable('empty_dwellings'))::BIGINT AS k2 FROM household)
        SELECT x.h, x.floating, x.arrives, x.number, d.w AS registered, CASE WHEN moved AND NOT floating THEN e1.w ELSE d.w END AS lives1,
          CASE WHEN moves THEN e2.w WHEN moved AND NOT floating THEN e1.w ELSE d.w END AS lives2
        FROM x JOIN pop_dwelling d ON d.h0 = x.h JOIN pop_empty e1 ON e1.k = x.k1 JOIN pop_empty e2 ON e2.k = x.k2 ORDER BY x.h`,
    },
    {
      name: 'people as they live',
      sql: `CREATE TABLE pop_person AS
        WITH x AS (SELECT p.*, t.floating, t.arrives, t.number, t.registered, t.lives1, t.lives2,
            p.birth < DATE ${text(today)} - 22000 AND ${man(1)} % 1000 < 40 AS dead, p.birth < DATE ${text(today)} - 18000 AND ${share(man(2), populationDayTwo.died * 4)} AS dies,
            p.birth BETWEEN DATE ${text(today)} - 21900 AND DATE ${text(today)} - 7300 AND ${man(3)} % 100 < 62 AS works, 1 + (${man(4)} % ${enterprises})::INTEGER AS e
          FROM person p JOIN pop_household t USING (h))
        SELECT p, h, member, male, x.name, birth, phone, id, floating, arrives, number, registered, lives1, lives2,
          CASE WHEN member = 1 THEN '户主' WHEN member = 2 THEN '配偶' WHEN male THEN '子' ELSE '女' END AS relation,
          CASE WHEN dead AND NOT floating THEN DATE ${text(today)} - (30 + (${hashOf('p', sMan, 5)} % 2000)::INTEGER) END AS died1,
          CASE WHEN dead AND NOT floating THEN DATE ${text(today)} - (30 + (${hashOf('p', sMan, 5)} % 2000)::INTEGER) WHEN dies AND NOT floating THEN DATE ${text(today)} END AS died2,
          CASE WHEN works AND NOT coalesce(dead, false) AND n.status = '存续' THEN n.e END AS employer
        FROM x JOIN ent n ON n.e = x.e ORDER BY p`,
    },
    ...placeSteps(seed),
  ];
}
