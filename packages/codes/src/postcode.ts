/** Postcode 邮政编码: six digits; the first two tell the province (postal, not GB/T 2260), the first four the sorting district. */

import { digitLike, digitsAt } from './characters.ts';
import { type CodeKind, type Outcome, outcome, type Reason, reason } from './kind.ts';
import { letters, pick, randomOf } from './random.ts';

/** The parts of a postcode. `province` is the two-digit code of GB/T 2260, undefined where the postal zone is not assigned. */
export interface Postcode {
  code: string;
  province: string | undefined;
  district: string;
}

/** First two digits of the postcode → province of GB/T 2260. */
const ZONES: Readonly<Record<string, string>> = {
  '01': '15',
  '02': '15',
  '03': '14',
  '04': '14',
  '05': '13',
  '06': '13',
  '07': '13',
  '10': '11',
  '11': '21',
  '12': '21',
  '13': '22',
  '15': '23',
  '16': '23',
  '20': '31',
  '21': '32',
  '22': '32',
  '23': '34',
  '24': '34',
  '25': '37',
  '26': '37',
  '27': '37',
  '30': '12',
  '31': '33',
  '32': '33',
  '33': '36',
  '34': '36',
  '35': '35',
  '36': '35',
  '40': '50',
  '41': '43',
  '42': '43',
  '43': '42',
  '44': '42',
  '45': '41',
  '46': '41',
  '47': '41',
  '51': '44',
  '52': '44',
  '53': '45',
  '54': '45',
  '55': '52',
  '56': '52',
  '57': '46',
  '61': '51',
  '62': '51',
  '63': '51',
  '64': '51',
  '65': '53',
  '66': '53',
  '67': '53',
  '71': '61',
  '72': '61',
  '73': '62',
  '74': '62',
  '75': '64',
  '81': '63',
  '83': '65',
  '84': '65',
  '85': '54',
  '86': '54',
};

function check(text: string): boolean {
  return text.length === 6 && digitsAt(text, 0, 6) && text !== '000000';
}

function explain(text: string): Reason[] {
  if (text === '') return [reason('codes.empty')];
  if (text.length !== 6) return [reason('codes.length', { part: 'length', expected: '6', got: String(text.length) })];
  const reasons: Reason[] = [];
  for (let i = 0; i < 6; i++) {
    const got = text[i] as string;
    if (!(got >= '0' && got <= '9')) reasons.push(reason('codes.character', { at: i + 1, expected: '0-9', got }));
  }
  if (reasons.length > 0) return reasons;
  if (text === '000000') return [reason('codes.form', { got: text, expected: { zh: '邮政编码', en: 'postcode' } })];
  const zone = text.slice(0, 2);
  if (!ZONES[zone]) reasons.push(reason('codes.province', { part: 'zone', at: 1, got: zone, severity: 'warning' }));
  return reasons;
}

/** Postcode. Errors: length, digits, all zero. Warning: a postal zone that is not assigned. */
export const postcode: CodeKind<Postcode, { zone?: string }> = {
  name: 'postcode',
  title: { zh: '邮政编码', en: 'postcode' },
  check,
  explain,
  parse(text): Outcome<Postcode> {
    return outcome(explain(text), () => ({
      code: text,
      province: ZONES[text.slice(0, 2)],
      district: text.slice(0, 4),
    }));
  },
  normalise: (text) => digitLike.normalise(text),
  format: (value) => value.code,
  generate(seed, wishes = {}) {
    const random = randomOf(seed);
    return (wishes.zone ?? pick(random, ['31', '32'])) + letters(random, '0123456789', 4);
  },
};
