/** Validation whose messages are in both languages. */
import { z } from 'zod';
import type { Bilingual } from './index.ts';

const zh = z.locales.zhCN().localeError;
const en = z.locales.en().localeError;
const SPLIT = '\u0000';

const sentence = (answer: ReturnType<typeof zh>): string =>
  typeof answer === 'string' ? answer : (answer?.message ?? '');

/** A schema's own message in both languages: `z.string().regex(/…/, message('小写字母', 'lower case letters'))`. */
export const message = (chinese: string, english: string): string => chinese + SPLIT + english;

/** Parses; the messages of the issues are in both languages (see `sentences`). */
export function parseBilingual<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  return schema.safeParse(value, { error: (issue) => message(sentence(zh(issue)), sentence(en(issue))) });
}

/** Both sentences of an issue's message; a message in one language only stands for both. */
export function sentences(issue: { message: string }): Bilingual {
  const [a = '', b = a] = issue.message.split(SPLIT);
  return { zh: a, en: b };
}
