import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { displayWidth, Output } from './output.ts';

function capture(options: { json?: boolean; language?: string }) {
  const out = new PassThrough();
  const err = new PassThrough();
  const output = new Output(options, out, err);
  return { output, out: () => String(out.read() ?? ''), err: () => String(err.read() ?? '') };
}

test('a table lines up with Chinese cells', () => {
  const { output, out } = capture({});
  output.table(
    [
      ['慈溪', 1],
      ['x', 22],
    ],
    ['name', 'n'],
  );
  expect(out()).toBe('name  n\n慈溪  1\nx     22\n');
});

test('in JSON mode only the answer is printed', () => {
  const { output, out, err } = capture({ json: true });
  output.say('hello');
  output.progress(1, 2, 'half');
  output.answer({ rows: 3 }, () => output.say('three'));
  expect(JSON.parse(out())).toEqual({ rows: 3 });
  expect(err()).toBe('');
});

test('a problem names its place and everything that it collects, in the chosen language', () => {
  const { output, err } = capture({ language: 'zh_CN.UTF-8' });
  output.problem({
    code: 'source.invalid',
    title: { zh: '声明有误', en: 'invalid' },
    place: { file: 'a/source.yaml', line: 3 },
    details: [
      {
        code: 'source.field',
        title: { zh: '字段', en: 'field' },
        place: { file: 'a/source.yaml', line: 9, field: 'x' },
      },
    ],
  });
  expect(err()).toBe('source.invalid: 声明有误 (a/source.yaml:3)\n  - source.field: 字段 (a/source.yaml:9, field x)\n');
});

test('wide characters count as two cells', () => {
  expect(displayWidth('经纬a，')).toBe(7);
});
