import { expect, test } from 'vitest';
import { z } from 'zod';
import { both, languageOf, message, parseBilingual, say, sentences, text } from './index.ts';

test.each([
  [undefined, 'zh'],
  ['', 'zh'],
  ['en', 'en'],
  ['en-US,en;q=0.9', 'en'],
  ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
  ['fr, en;q=0.4, zh;q=0.2', 'en'],
  ['en;q=0.2, zh-Hans;q=0.8', 'zh'],
  ['fr', 'zh'],
  ['*', 'zh'],
  ['en;q=0', 'zh'],
  ['en;q=x', 'zh'],
])('Accept-Language %s asks for %s', (header, language) => {
  expect(languageOf(header)).toBe(language);
});

test('a text is said in one language or in both', () => {
  const t = text('经纬', 'Jingwei');
  expect([say(t, 'zh'), say(t, 'en'), both(t)]).toEqual(['经纬', 'Jingwei', '经纬 / Jingwei']);
});

test('validation speaks both languages, a custom message as well', () => {
  const schema = z.object({ n: z.number(), s: z.string().regex(/^a/, message('应以 a 开头', 'must start with a')) });
  const result = parseBilingual(schema, { n: 'x', s: 'b' });
  const said = result.success ? [] : result.error.issues.map(sentences);
  expect(said[0]!.zh).toContain('无效输入');
  expect(said[0]!.en).toContain('expected number');
  expect(said[1]).toEqual({ zh: '应以 a 开头', en: 'must start with a' });
});
