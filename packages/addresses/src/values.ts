/** Canonical values of single elements: numerals, units, aliases. */

import { classOf, fold, NUMERAL, NUMERALS, SPACE } from './characters.ts';
import type { Label } from './labels.ts';

/** Chinese numerals of an address as Arabic digits: 十二 → 12, 一百零八 → 108, 一〇三 → 103; undefined for anything else. */
export function numeralValue(text: string): number | undefined {
  if (text === '') return undefined;
  let total = 0;
  let digit = -1;
  let positional = 0;
  let powers = false;
  for (const char of text) {
    const value = NUMERALS[char];
    if (value === undefined) return undefined;
    if (value >= 10) {
      powers = true;
      total += (digit < 0 ? 1 : digit) * value;
      digit = -1;
    } else {
      positional = positional * 10 + value;
      digit = value === 0 ? -1 : value;
    }
  }
  if (!powers) return positional;
  return total + Math.max(digit, 0);
}

/** Digits for every run of numerals. */
function arabic(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; ) {
    let end = i;
    while (end < text.length && classOf(text.charCodeAt(end)) === NUMERAL) end++;
    if (end > i) {
      out += String(numeralValue(text.slice(i, end)));
      i = end;
    } else {
      out += text[i];
      i++;
    }
  }
  return out;
}

/** Units that stand for the same, and the one that is written. */
const UNITS: Partial<Record<Label, readonly [pattern: RegExp, unit: string]>> = {
  houseno: [/(?:号楼|号幢|号栋|号大楼|号公寓|#楼|#栋|#幢|幢楼|栋楼|楼座|幢|栋|座|楼|#|号)$/, '幢'],
  cellno: [/(?:单元门|单元|门洞|梯|号门|号)$/, '单元'],
  floorno: [/(?:楼层|层楼|层|楼|F)$/, '层'],
  roomno: [/(?:号商铺|号店铺|号店面|号档口|号摊位|号房间|号室|号房|号铺|号店|房号|房间|室|房|户|号|铺|档)$/, '室'],
  roadno: [/(?:号门牌|门牌号|号大院|号院|号门|号)$/, '号'],
  subroadno: [/(?:号门牌|门牌号|号大院|号院|号门|号)$/, '号'],
};

const LANE = /弄$/;

/**
 * The canonical value of an element: half width, upper case, no spaces; of numbered elements Arabic digits without leading zeros and one unit for
 * all that mean the same (拾贰栋 and 12号楼 → 12幢, 3F and 三楼 → 3层, 0301房 → 0301室). Names keep their numerals (文一路).
 */
export function elementValue(label: Label, text: string): string {
  let value = fold(text);
  let clean = '';
  for (const char of value) if (classOf(char.charCodeAt(0)) !== SPACE) clean += char;
  value = clean;
  const unit = UNITS[label];
  if (!unit) {
    if (label === 'road' || label === 'subroad') {
      // 三组 → 3组, 49弄 stays; 第九大道 and 文一路 are names.
      return /^[^\u4e00-\u9fff]*$|^[〇零一二三四五六七八九十百两]+(?:组|队|社|弄|巷)$/.test(value)
        ? arabic(value)
        : value;
    }
    return value;
  }
  // All of them: what is left must not begin with another (##).
  value = arabic(value.replace(/^[第#]+/, ''));
  if (label === 'floorno') value = value.replace(/^(?:地下|负)/, '-');
  if (LANE.test(value)) return trim(value);
  const stem = value.replace(unit[0], '');
  if (stem === '') return value;
  const written = trim(stem) + unit[1];
  // What is left may end as a number of its kind again (##, 12号#): it is read until nothing changes; it only gets shorter.
  return written !== value && unit[0].test(stem) ? elementValue(label, written) : written;
}

/** Without zeros before a number, except in room numbers of three digits and more, which are codes (0301). */
function trim(value: string): string {
  return value.replace(/^0+(?=\d)/, (zeros) => (value.replace(/\D.*$/, '').length > 3 ? zeros : ''));
}
