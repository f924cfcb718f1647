/** Texts of the console: Chinese first, English beside it. Both languages hold the same keys; a test compares them. */
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import i18next from 'i18next';
import { useMemo } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';
import type { Bilingual } from '../api/client.ts';
import type { Language } from '../format/index.ts';
import { resources } from './resources.ts';

const key = 'jingwei.language';

function stored(): Language {
  return localStorage.getItem(key) === 'en' ? 'en' : 'zh';
}

/** Starts the translations; called once before the first render. */
export async function startI18n(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: stored(),
    fallbackLng: false,
    resources: { zh: { translation: resources.zh }, en: { translation: resources.en } },
    interpolation: { escapeValue: false },
    returnNull: false,
    showSupportNotice: false,
  });
  const mark = (language: string) => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    // Names of months and days in calendars.
    dayjs.locale(language === 'zh' ? 'zh-cn' : 'en');
  };
  mark(i18next.language);
  i18next.on('languageChanged', mark);
}

/** Changes the language and remembers it on this device. */
export function setLanguage(language: Language): void {
  localStorage.setItem(key, language);
  void i18next.changeLanguage(language);
}

/** What a page needs to speak: `t` for the console's own texts, `say` for texts that the hub sends in both languages. */
export function useSpeech() {
  const { t, i18n } = useTranslation();
  const language: Language = i18n.language === 'en' ? 'en' : 'zh';
  return useMemo(
    () => ({
      t,
      language,
      say: (text: Bilingual | null | undefined): string => (text ? text[language] || text.zh : ''),
    }),
    [t, language],
  );
}
