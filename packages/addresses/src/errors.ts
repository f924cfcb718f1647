/** Errors of this package: a stable code, a sentence in Chinese and in English, the place. */

const SENTENCES = {
  'addresses.not-text': ['地址必须是文本', 'an address must be text'],
  'addresses.id-missing': ['第{at}条标准地址没有编号', 'standard address {at} has no id'],
  'addresses.id-twice': ['标准地址编号“{got}”重复', 'the id "{got}" of a standard address is given twice'],
  'addresses.no-content': ['标准地址“{got}”既无文本也无要素', 'standard address "{got}" has neither text nor elements'],
  'addresses.coordinates': [
    '标准地址“{got}”的坐标不是经度（-180至180）和纬度（-90至90）',
    'the coordinates of standard address "{got}" are not a longitude (-180 to 180) and a latitude (-90 to 90)',
  ],
  'addresses.elements': ['要素的范围重叠或超出顺序', 'elements overlap or are out of order'],
} as const;

/** Every code of an {@link AddressError}. */
export type AddressErrorCode = keyof typeof SENTENCES;

/** Something that cannot be worked with. `message` is English, `zh` Chinese; `at` counts from 1. */
export class AddressError extends Error {
  readonly code: AddressErrorCode;
  readonly zh: string;
  readonly at: number | undefined;

  constructor(code: AddressErrorCode, detail: { at?: number; got?: string } = {}) {
    const fill = (text: string): string =>
      text.replace('{at}', String(detail.at ?? '')).replace('{got}', detail.got ?? '');
    const [zh, en] = SENTENCES[code];
    super(`${code}: ${fill(en)}`);
    this.name = 'AddressError';
    this.code = code;
    this.zh = fill(zh);
    this.at = detail.at;
  }
}
