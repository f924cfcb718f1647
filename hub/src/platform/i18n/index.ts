/** Texts in Chinese with English beside them, and the choice between the two. */

/** A text in Chinese with English beside it. */
export interface Bilingual {
  zh: string;
  en: string;
}

/** The languages that the hub speaks; Chinese first. */
export type Language = keyof Bilingual;

/** Makes a bilingual text. */
export const text = (zh: string, en: string): Bilingual => ({ zh, en });

/** The text in one language. */
export const say = (t: Bilingual, language: Language): string => t[language];

/** Both languages on one line, for consoles and logs: `中文 / English`. */
export const both = (t: Bilingual): string => `${t.zh} / ${t.en}`;

/**
 * The language that an Accept-Language header (RFC 9110, 12.5.4) asks for. Of the languages named, the one with the
 * greatest weight that the hub speaks wins, the earlier one among equals; Chinese when none is named.
 */
export function languageOf(acceptLanguage: string | undefined): Language {
  let best: { language: Language; weight: number } | undefined;
  for (const part of (acceptLanguage ?? '').split(',')) {
    const [range = '', ...params] = part.trim().toLowerCase().split(';');
    const q = params.map((p) => p.trim()).find((p) => p.startsWith('q='));
    const weight = q === undefined ? 1 : Number(q.slice(2));
    const primary = range.split('-')[0];
    const language = primary === 'zh' || primary === '*' ? 'zh' : primary === 'en' ? 'en' : undefined;
    if (language && weight > 0 && weight <= 1 && (!best || weight > best.weight)) best = { language, weight };
  }
  return best?.language ?? 'zh';
}

export { message, parseBilingual, sentences } from './validation.ts';
