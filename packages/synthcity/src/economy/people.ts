/** What departments write down of people in need and of dwellings that are let: classes of the population. */
import type { PopulationModel } from '../population/classes.ts';

const today = "getvariable('population_today')";
const present = (day: 1 | 2): string => (day === 1 ? 'NOT m.arrives' : 'true');

/** Classes that follow those of population/classes.ts. */
export const welfareClasses: readonly PopulationModel[] = [
  {
    id: 'gaj.rental-house',
    mode: 'snapshot',
    key: ['rent_no'],
    // Dwellings where people of the floating population live, most of them registered as let.
    rows: (day) =>
      `SELECT w.w AS rec, NULL::INTEGER AS p, NULL::INTEGER AS h, w.w, w.g, w.address, w.address AS before, g.division_name, g.division, w.standard, o.name AS owner, o.phone AS owner_phone, t.n
        FROM (SELECT lives${day} AS w, count(*) AS n FROM pop_person m WHERE floating AND ${present(day)} AND died${day} IS NULL GROUP BY 1) t
        JOIN pop_dwelling w ON w.w = t.w JOIN pop_building g ON g.g = w.g JOIN pop_person o ON o.h = w.h0 AND o.member = 1 WHERE hash(w.w * 53) % 100 < 85`,
    columns: {
      rent_no: "'CZ' || lpad(((rec * 7919 + 104729) % 1000000000)::VARCHAR, 9, '0')",
      addr: 'x_addr',
      addr_cd: 'CASE WHEN hash(rec * 3) % 10 < 7 THEN standard END',
      division: 'division',
      owner_nm: 'owner',
      owner_tel: 'owner_phone',
      rooms: '(1 + hash(rec * 59) % 4)::VARCHAR',
      tenants: 'n::VARCHAR',
      risk_level: "['一般', '一般', '一般', '关注', '重点'][1 + (hash(rec * 61) % 5)::INTEGER]",
      reg_dt: `(${today} - 1 - (hash(rec * 31 + 7) % 900)::INTEGER)::VARCHAR`,
    },
  },
  {
    id: 'mzj.social-assistance',
    mode: 'changes',
    key: ['aid_no'],
    // One household in thirty, its members named one by one; each day one in fifty of them leaves.
    rows: (day) =>
      `SELECT m.p AS rec, m.p, m.h, m.id, m.name, m.birth, m.male, m.phone, m.floating, m.relation, m.number, w.w, g.g, w.address, r.address AS before, g.division_name, g.division, m.died${day} IS NOT NULL AS over
        FROM pop_person m JOIN pop_dwelling w ON w.w = m.lives${day} JOIN pop_building g ON g.g = w.g JOIN pop_dwelling r ON r.w = m.registered
        WHERE NOT m.floating AND ${present(day)} AND hash(m.h * 67) % 30 = 0${day === 2 ? ' AND hash(m.h * 71) % 50 <> 1' : ''}`,
    columns: {
      aid_no: "'JZ' || lpad(((rec * 7919 + 104729) % 1000000000)::VARCHAR, 9, '0')",
      nm: 'x_name',
      id_no: 'x_id',
      birth_dt: 'x_birth',
      addr: 'x_addr',
      division: 'division',
      aid_kind:
        "CASE WHEN hash(h * 73) % 10 < 6 THEN '最低生活保障' WHEN hash(h * 73) % 10 < 8 THEN '低保边缘' WHEN hash(h * 73) % 10 < 9 THEN '特困供养' ELSE '支出型困难' END",
      month_amt: '(300 + hash(h * 79) % 900)::VARCHAR',
      from_dt: `(${today} - 30 - (hash(h * 83) % 1500)::INTEGER)::VARCHAR`,
      stat: "CASE WHEN over AND NOT k_status THEN '已停发' ELSE '享受中' END",
    },
  },
];
