/**
 * Rows of the sandbox: made up from the kinds and formats of the items by a seed, so that a client can be built and tried before it may see
 * anything. No received row is read; names say that they are examples; nothing identifies anybody but by chance of a random number.
 */
import { citizenId, mobile, orgcode, type Random, randomOf, regno, uscc } from '@jingwei/codes';
import type { ServiceItem } from './items.ts';

/** Rows of a sandbox. */
export const SANDBOX_ROWS = 200;

const pick = <T>(random: Random, of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
const digits = (random: Random, n: number): string =>
  Array.from({ length: n }, () => Math.floor(random() * 10)).join('');
const day = (random: Random): string =>
  new Date(Date.UTC(2020, 0, 1) + Math.floor(random() * 2190) * 86_400_000).toISOString().slice(0, 10);

/** A value of a format, as its text; undefined: nothing is known of the format. */
const formats: Readonly<Record<string, (random: Random, n: number) => string>> = {
  uscc: (r) => uscc.generate(r),
  orgcode: (r) => orgcode.generate(r),
  regno: (r) => regno.generate(r),
  'citizen-id': (r) => citizenId.generate(r),
  phone: (r) => mobile.generate(r),
  'person-name': (r) => `${pick(r, ['赵', '钱', '孙', '李', '周', '吴'])}示例`,
  'company-name': (_r, n) => `沙箱示例第${n + 1}有限公司`,
  address: (r, n) => `示例市示例区示例路${n + 1}号${1 + Math.floor(r() * 20)}室`,
  postcode: (r) => `3${digits(r, 5)}`,
  email: (_r, n) => `example${n + 1}@example.invalid`,
  url: (_r, n) => `https://example.invalid/${n + 1}`,
  division: () => '330000',
  industry: (r) => pick(r, ['C1311', 'F5211', 'I6510']),
  account: (r) => digits(r, 19),
  'document-number': (r, n) => `示例〔2026〕${n + 1}-${digits(r, 3)}`,
};

/** The text of an item in the n-th row. */
function sampleOf(item: ServiceItem, random: Random, n: number): string | null {
  // Now and then a value is missing, as in real rows; never of a key.
  if (!item.key && random() < 0.05) return null;
  if (item.type === 'date') return day(random);
  if (item.type === 'datetime') return `${day(random)} 08:${digits(random, 1)}0:00`;
  if (item.type === 'integer') return String(Math.floor(random() * 1000));
  if (item.type === 'decimal') return (random() * 100_000).toFixed(2);
  if (item.type === 'boolean') return random() < 0.5 ? 'true' : 'false';
  const made = item.format === null ? undefined : formats[item.format]?.(random, n);
  return made ?? (item.key ? `EX${String(n + 1).padStart(6, '0')}` : `示例${item.title.zh}${n + 1}`);
}

/** All rows, the same for the same seed. */
export function sandboxRows(items: readonly ServiceItem[], seed: string): (string | null)[][] {
  const random = randomOf(seed);
  return Array.from({ length: SANDBOX_ROWS }, (_, n) => items.map((item) => sampleOf(item, random, n)));
}
