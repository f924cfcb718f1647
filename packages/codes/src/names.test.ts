import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseAddress, normalisePersonName, personNameKey } from './names.ts';

describe('names of persons and addresses', () => {
  it.each([
    [' 张　三 ', '张三'],
    ['阿卜杜拉 • 买买提', '阿卜杜拉·买买提'],
    ['JOHN  SMITH', 'JOHN SMITH'],
    ['Ｊｏｈｎ Smith', 'John Smith'],
    ['王 小 明(大)', '王小明（大）'],
  ])('normalises the person %j to %j', (text, expected) => {
    expect(normalisePersonName(text).value).toBe(expected);
  });

  it('has one key for the spellings of one person', () => {
    expect(personNameKey('阿卜杜拉•买买提')).toBe(personNameKey('阿卜杜拉买买提'));
    expect(personNameKey('John Smith')).toBe(personNameKey('JOHN  SMITH'));
    expect(personNameKey('张三')).not.toBe(personNameKey('张三丰'));
  });

  it('normalises addresses', () => {
    expect(normaliseAddress('慈溪市　周巷镇 开发大道１８号ａ座（东）').value).toBe('慈溪市周巷镇开发大道18号A座(东)');
    expect(normaliseAddress('中山路11－3号').value).toBe('中山路11-3号');
  });

  it('comes to a fixed point and says whether anything changed', () => {
    const unit = fc.constantFrom('张', '三', ' ', '\u3000', '·', '•', 'ａ', 'B', '（', ')', '1', '-', '—', '𠮷');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        for (const normalise of [normalisePersonName, normaliseAddress]) {
          const once = normalise(text);
          expect(normalise(once.value)).toEqual({ value: once.value, changes: [] });
          expect(once.changes.length > 0).toBe(once.value !== text);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
