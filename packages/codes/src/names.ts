/**
 * Names of persons and addresses: the repairs that never change whom or what is meant (width, spaces, dots, brackets).
 */

import { CharMap, SPACES } from './characters.ts';
import type { Normalised } from './kind.ts';

const DOTS = '·•‧∙⋅・･᛫';

/** Full width → half width, dots of foreign names → ·, brackets → （）; spaces stay (they part Latin names). */
export const personNameMap: CharMap = new CharMap({
  map: {
    ...Object.fromEntries([...DOTS].map((dot) => [dot, '·'])),
    ...spaceMap(),
    '(': '（',
    ')': '）',
    '（': '（',
    '）': '）',
  },
});

/** Half width, no spaces, ASCII brackets and hyphen, upper-case letters of buildings and rooms (a座 → A座). */
export const addressMap: CharMap = new CharMap({
  upper: true,
  drop: SPACES,
  map: {
    '（': '(',
    '）': ')',
    '【': '(',
    '】': ')',
    '〔': '(',
    '〕': ')',
    '—': '-',
    '–': '-',
    '‐': '-',
    '―': '-',
    '－': '-',
    '、': '、',
  },
});

function spaceMap(): Record<string, string> {
  return Object.fromEntries([...SPACES].map((space) => [space, ' ']));
}

const HAN = '[\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{323af}]';
const SPACE_BY_HAN = new RegExp(`(?<=${HAN}) +| +(?=${HAN})`, 'gu');

function finish(mapped: Normalised, value: string): Normalised {
  if (value === mapped.value) return mapped;
  return { value, changes: [...mapped.changes, { kind: 'space', at: 1, from: mapped.value, to: value }] };
}

/**
 * Name of a person: ` 张　三 ` → `张三`, `阿卜杜拉•买买提` → `阿卜杜拉·买买提`, `JOHN  SMITH` → `JOHN SMITH`. Case is kept, since Latin names on
 * licences come in both.
 */
export function normalisePersonName(text: string): Normalised {
  const mapped = personNameMap.normalise(text);
  return finish(mapped, mapped.value.replace(SPACE_BY_HAN, '').replace(/ *· */g, '·').replace(/ {2,}/g, ' ').trim());
}

/** What a person's key leaves out: spaces and dots; brackets become （）, letters upper case. */
export const personKeyMap: CharMap = new CharMap({
  upper: true,
  drop: `${SPACES}${DOTS}.`,
  map: { '(': '（', ')': '）', '（': '（', '）': '）' },
});

/** A key under which spellings of one person's name are equal: half width, upper case, without dots, spaces and remarks in brackets. */
export function personNameKey(text: string): string {
  return personKeyMap.apply(text).replace(/（[^（）]*）/g, '');
}

/**
 * Address: full width → half width, spaces away, brackets and dashes of one kind, letters upper case:
 * `慈溪市　周巷镇 开发大道１８号ａ座` → `慈溪市周巷镇开发大道18号A座`.
 */
export function normaliseAddress(text: string): Normalised {
  return addressMap.normalise(text);
}
