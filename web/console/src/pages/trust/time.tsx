/** Instants and algorithms of a signature as they are told to people: Beijing time to the second, with its words. */
import type { TimeAccount } from '@jingwei/keyless';
import { useCallback } from 'react';
import { useSpeech } from '../../i18n/index.ts';

/** `2026年11月21日 17:30:05（北京时间）`; in English `2026-11-21 17:30:05 (Beijing time, UTC+8)`; a second that no calendar names as its number. */
export function timeText(time: TimeAccount, language: 'zh' | 'en'): string {
  if (time.beijing === null) return time.unix;
  const [date = '', clock = ''] = time.beijing.split(' ');
  if (language === 'en') return `${date} ${clock} (Beijing time, UTC+8)`;
  const [year, month, day] = date.split('-');
  return `${year}年${Number(month)}月${Number(day)}日 ${clock}（北京时间）`;
}

/** {@link timeText} in the language of the page. */
export function useTimeText(): (time: TimeAccount) => string {
  const { language } = useSpeech();
  return useCallback((time) => timeText(time, language), [language]);
}

/** The usual spelling of an algorithm that the format names `sha256`: SHA-256, SM3, SHA3-256. */
export const algorithmText = (name: string): string => name.toUpperCase().replace(/^SHA(?=\d{2})(?!3-)/, 'SHA-');
