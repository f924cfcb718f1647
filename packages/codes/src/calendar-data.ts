/**
 * Public holidays and make-up working days as arranged by the General Office of the State Council (国务院办公厅关于部分节假日安排的
 * 通知), one notice a year. A day that no notice names is a working day from Monday to Friday.
 */

/** The arrangement of one year. Days are `MM-DD` of that year, or full ISO dates where a holiday reaches into another year. */
export interface YearArrangement {
  year: number;
  /** The notice's number. */
  source: string;
  /** Days off, first and last day inclusive. */
  holidays: readonly { zh: string; en: string; from: string; to: string }[];
  /** Saturdays and Sundays that are worked to make up for days off. */
  worked: readonly string[];
}

const NEW_YEAR = { zh: '元旦', en: 'New Year' };
const SPRING = { zh: '春节', en: 'Spring Festival' };
const QINGMING = { zh: '清明节', en: 'Qingming' };
const LABOUR = { zh: '劳动节', en: 'Labour Day' };
const DRAGON_BOAT = { zh: '端午节', en: 'Dragon Boat Festival' };
const MID_AUTUMN = { zh: '中秋节', en: 'Mid-Autumn Festival' };
const NATIONAL = { zh: '国庆节', en: 'National Day' };
const NATIONAL_MID_AUTUMN = { zh: '国庆节、中秋节', en: 'National Day and Mid-Autumn Festival' };

/** The years that are covered; add the next one when its notice is published (usually in November). */
export const STATE_COUNCIL_CALENDAR: readonly YearArrangement[] = [
  {
    year: 2020,
    source: '国办发明电〔2019〕16号、〔2020〕1号',
    holidays: [
      { ...NEW_YEAR, from: '01-01', to: '01-01' },
      { ...SPRING, from: '01-24', to: '02-02' },
      { ...QINGMING, from: '04-04', to: '04-06' },
      { ...LABOUR, from: '05-01', to: '05-05' },
      { ...DRAGON_BOAT, from: '06-25', to: '06-27' },
      { ...NATIONAL_MID_AUTUMN, from: '10-01', to: '10-08' },
    ],
    worked: ['01-19', '04-26', '05-09', '06-28', '09-27', '10-10'],
  },
  {
    year: 2021,
    source: '国办发明电〔2020〕27号',
    holidays: [
      { ...NEW_YEAR, from: '01-01', to: '01-03' },
      { ...SPRING, from: '02-11', to: '02-17' },
      { ...QINGMING, from: '04-03', to: '04-05' },
      { ...LABOUR, from: '05-01', to: '05-05' },
      { ...DRAGON_BOAT, from: '06-12', to: '06-14' },
      { ...MID_AUTUMN, from: '09-19', to: '09-21' },
      { ...NATIONAL, from: '10-01', to: '10-07' },
    ],
    worked: ['02-07', '02-20', '04-25', '05-08', '09-18', '09-26', '10-09'],
  },
  {
    year: 2022,
    source: '国办发明电〔2021〕11号',
    holidays: [
      { ...NEW_YEAR, from: '01-01', to: '01-03' },
      { ...SPRING, from: '01-31', to: '02-06' },
      { ...QINGMING, from: '04-03', to: '04-05' },
      { ...LABOUR, from: '04-30', to: '05-04' },
      { ...DRAGON_BOAT, from: '06-03', to: '06-05' },
      { ...MID_AUTUMN, from: '09-10', to: '09-12' },
      { ...NATIONAL, from: '10-01', to: '10-07' },
    ],
    worked: ['01-29', '01-30', '04-02', '04-24', '05-07', '10-08', '10-09'],
  },
  {
    year: 2023,
    source: '国办发明电〔2022〕16号',
    holidays: [
      { ...NEW_YEAR, from: '2022-12-31', to: '01-02' },
      { ...SPRING, from: '01-21', to: '01-27' },
      { ...QINGMING, from: '04-05', to: '04-05' },
      { ...LABOUR, from: '04-29', to: '05-03' },
      { ...DRAGON_BOAT, from: '06-22', to: '06-24' },
      { ...NATIONAL_MID_AUTUMN, from: '09-29', to: '10-06' },
    ],
    worked: ['01-28', '01-29', '04-23', '05-06', '06-25', '10-07', '10-08'],
  },
  {
    year: 2024,
    source: '国办发明电〔2023〕7号',
    holidays: [
      { ...NEW_YEAR, from: '01-01', to: '01-01' },
      { ...SPRING, from: '02-10', to: '02-17' },
      { ...QINGMING, from: '04-04', to: '04-06' },
      { ...LABOUR, from: '05-01', to: '05-05' },
      { ...DRAGON_BOAT, from: '06-10', to: '06-10' },
      { ...MID_AUTUMN, from: '09-15', to: '09-17' },
      { ...NATIONAL, from: '10-01', to: '10-07' },
    ],
    worked: ['02-04', '02-18', '04-07', '04-28', '05-11', '09-14', '09-29', '10-12'],
  },
  {
    year: 2025,
    source: '国办发明电〔2024〕12号',
    holidays: [
      { ...NEW_YEAR, from: '01-01', to: '01-01' },
      { ...SPRING, from: '01-28', to: '02-04' },
      { ...QINGMING, from: '04-04', to: '04-06' },
      { ...LABOUR, from: '05-01', to: '05-05' },
      { ...DRAGON_BOAT, from: '05-31', to: '06-02' },
      { ...NATIONAL_MID_AUTUMN, from: '10-01', to: '10-08' },
    ],
    worked: ['01-26', '02-08', '04-27', '09-28', '10-11'],
  },
  {
    year: 2026,
    source: '国办发明电〔2025〕7号',
    holidays: [
      { ...NEW_YEAR, from: '01-01', to: '01-03' },
      { ...SPRING, from: '02-15', to: '02-23' },
      { ...QINGMING, from: '04-04', to: '04-06' },
      { ...LABOUR, from: '05-01', to: '05-05' },
      { ...DRAGON_BOAT, from: '06-19', to: '06-21' },
      { ...MID_AUTUMN, from: '09-25', to: '09-27' },
      { ...NATIONAL, from: '10-01', to: '10-07' },
    ],
    worked: ['01-04', '02-14', '02-28', '05-09', '09-20', '10-10'],
  },
];
