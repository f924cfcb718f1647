/** What departments deliver of the economy: statistics, parks, land and the year's taxes. Figures in the units that they use. */
import type { EconomyModel } from './model.ts';

const today = "getvariable('economy_today')";
const money = (sql: string): string => `round(${sql}, 2)::DECIMAL(18,2)`;
/** 万元 as 千元, the unit of the statistical reports. */
const thousand = (sql: string): string => `round((${sql}) * 10, 0)::BIGINT`;
const ym = '(m // 12 * 100 + m % 12 + 1)::VARCHAR';
/** On the second day the last months of some enterprises are restated. */
const restated = (day: 1 | 2): string =>
  day === 2
    ? `CASE WHEN hash(q.e * 13) % 100 < 6 AND q.m >= (SELECT max(m) - 2 FROM eco_month) THEN 0.9 + (hash(q.e * 17 + q.m) % 20) / 100.0 ELSE 1 END`
    : '1';

/** Classes of the economy, in the order of their folders. */
export const economyClasses: readonly EconomyModel[] = [
  {
    id: 'jxj.park',
    mode: 'snapshot',
    key: ['park_cd'],
    rows: () => 'SELECT k AS rec, NULL::INTEGER AS e, NULL::VARCHAR AS uscc, * FROM eco_park',
    columns: {
      park_cd: 'code',
      park_nm: 'name',
      park_level: 'level',
      division: 'division',
      land_area: 'area',
      set_year: 'since',
      manager: "name || '管理委员会'",
      upd_dt: `(${today} - (hash(rec * 31) % 300)::INTEGER)`,
    },
    figures: [],
  },
  {
    id: 'jxj.park-address',
    mode: 'snapshot',
    key: ['place_no'],
    rows: () => 'SELECT n AS rec, NULL::INTEGER AS e, NULL::VARCHAR AS uscc, * FROM eco_place',
    columns: {
      place_no: "code || lpad(rec::VARCHAR, 6, '0')",
      park_cd: 'code',
      addr: "'慈溪市' || place",
      division: 'division',
      upd_dt: `(${today} - (hash(rec * 31) % 300)::INTEGER)`,
    },
    figures: [],
  },
  {
    id: 'jxj.park-enterprise',
    mode: 'changes',
    key: ['list_no'],
    rows: (day) =>
      `SELECT e::BIGINT * 100 + k AS rec, * FROM eco_tenant WHERE draw < ${day === 1 ? 70 : 72}${day === 2 ? ' AND e % 97 <> 5' : ''}`,
    columns: {
      list_no: "'RY' || lpad(rec::VARCHAR, 9, '0')",
      park_cd: 'code',
      comp_nm: 'name',
      uni_social_crd_cd: 'x_uscc',
      enter_dt: `least(${today} - 1, established + (hash(rec * 7) % 400)::INTEGER)`,
      stat: "'在园'",
    },
    figures: [],
  },
  {
    id: 'sw.tax-yearly',
    mode: 'snapshot',
    key: ['tax_payer_no', 'tax_year'],
    // One figure in sixteen differs from what the statistics know by more than rounding: another scope of consolidation.
    rows: () => `SELECT q.e::BIGINT * 10 + q.y % 10 AS rec, q.e, x.uscc, x.name, q.y, x.stat_no, q.taxed,
        q.sales * CASE WHEN hash(q.e * 29 + q.y) % 16 = 0 THEN 1.12 + (hash(q.e * 31) % 20) / 100.0 ELSE 1 END AS declared, q.sales
      FROM eco_year q JOIN eco_ent x USING (e) WHERE x.above OR hash(q.e * 37) % 10 < 5`,
    columns: {
      tax_payer_no: "'NS' || substr(stat_no, 3)",
      tax_year: 'y',
      uni_social_crd_cd: 'x_uscc',
      comp_nm: 'name',
      sale_amt: `(${money('declared * 10000')} * x_factor)::DECIMAL(18,2)`,
      tax_amt: `(${money('sales * taxed * 10000')} * x_factor * x_sign)::DECIMAL(18,2)`,
      sum_dt: 'make_date(y::INTEGER + 1, 2, 10)',
    },
    figures: ['sale_amt', 'tax_amt'],
  },
  {
    id: 'tjj.enterprise-monthly',
    mode: 'changes',
    key: ['stat_no', 'stat_month'],
    rows: (
      day,
    ) => `SELECT q.e::BIGINT * 100000 + q.m AS rec, q.e, x.uscc, x.name, x.stat_no, q.m, q.staff, x.made, x.energy, q.sales * ${restated(day)} AS sales
      FROM eco_month q JOIN eco_ent x USING (e)`,
    columns: {
      stat_no: 'stat_no',
      stat_month: ym,
      uni_social_crd_cd: 'x_uscc',
      comp_nm: 'name',
      gross_output: `(${thousand('sales * made')} * x_factor * x_sign)::BIGINT`,
      revenue: `(${thousand('sales')} * x_factor)::BIGINT`,
      avg_staff: 'staff',
      energy_tce: 'round(sales * made * energy, 2)::DECIMAL(18,2)',
      report_dt: 'make_date(((m + 1) // 12)::INTEGER, ((m + 1) % 12 + 1)::INTEGER, 8)',
    },
    figures: ['gross_output', 'revenue'],
  },
  {
    id: 'tjj.enterprise-yearly',
    mode: 'snapshot',
    key: ['stat_no', 'stat_year'],
    rows: () => `SELECT q.e::BIGINT * 10 + q.y % 10 AS rec, q.e, x.uscc, x.name, x.stat_no, q.y, q.sales, x.made, x.added, x.research, x.invested, x.staff, x.wage
      FROM eco_year q JOIN eco_ent x USING (e) WHERE x.above`,
    columns: {
      stat_no: 'stat_no',
      stat_year: 'y',
      uni_social_crd_cd: 'x_uscc',
      comp_nm: 'name',
      revenue: `(${thousand('sales')} * x_factor)::BIGINT`,
      gross_output: `(${thousand('sales * made')} * x_factor)::BIGINT`,
      value_added: `(${thousand('sales * made * added')} * x_factor)::BIGINT`,
      rd_expense: `(${thousand('sales * research')} * x_factor * x_sign)::BIGINT`,
      fixed_invest: `(${thousand('sales * invested')} * x_factor)::BIGINT`,
      payroll: `(${thousand('staff * wage')} * x_factor)::BIGINT`,
      staff: 'staff',
      report_dt: 'make_date(y::INTEGER + 1, 3, 15)',
    },
    figures: ['revenue', 'gross_output', 'value_added', 'rd_expense', 'fixed_invest', 'payroll'],
  },
  {
    id: 'zrzy.industrial-land',
    mode: 'snapshot',
    file: 'xlsx',
    key: ['survey_no'],
    rows: () => `SELECT x.e::BIGINT * 10 + y.y % 10 AS rec, x.e, x.uscc, x.name, x.address, x.land, y.y, hash(x.e * 41) % 100 < 30 AS rents
      FROM eco_ent x, (SELECT DISTINCT y FROM eco_year) y WHERE x.land IS NOT NULL`,
    columns: {
      survey_no: "'YD' || lpad(rec::VARCHAR, 9, '0')",
      survey_year: 'y',
      comp_nm: 'name',
      uni_social_crd_cd: 'x_uscc',
      land_addr: 'address',
      own_area: '(CASE WHEN rents THEN round(land * 0.4, 2) ELSE land END)::DECIMAL(18,2)',
      rent_area: '(CASE WHEN rents THEN land - round(land * 0.4, 2) ELSE 0 END)::DECIMAL(18,2)',
      use_area: 'land::DECIMAL(18,2)',
      survey_dt: 'make_date(y::INTEGER + 1, 4, 20)',
    },
    figures: [],
  },
];
